// SPDX-License-Identifier: MIT
// The layers, with PyTorch's arguments, defaults, names and initial weights. Layers with options in braces
// have a handle of their own: Conv2d(3, 64, 7, {.stride = 2, .padding = 3}).
#pragma once
#include <optional>

#include "minitorch/nn/module.h"
#include "minitorch/ops/conv/conv.h"
#include "minitorch/ops/norm/norm.h"
#include "minitorch/ops/pool/pool.h"

namespace minitorch::nn {

/// y = x weight^T + bias: x (..., in), weight (out, in). Starts as U(+-1 / sqrt(in)).
class LinearModule : public Module {
 public:
  LinearModule(int64_t in_features, int64_t out_features, bool bias = true);
  Tensor forward(const Tensor& x) override;
  std::string details() const override;
  Tensor weight, bias;
};
using Linear = Handle<LinearModule>;

struct Conv2dOptions {
  Size2 stride = 1;
  Padding padding = 0;
  Size2 dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  bool same = false;  ///< pad so that the output is ceil(size / stride), as TensorFlow does
};
/// Convolution with weight (out, in / groups, k, k). Starts as U(+-1 / sqrt(in / groups k k)).
class Conv2dModule : public Module {
 public:
  Conv2dModule(int64_t in_channels, int64_t out_channels, Size2 kernel_size, Conv2dOptions options = {});
  Tensor forward(const Tensor& x) override;
  std::string details() const override;
  Tensor weight, bias;

 private:
  Conv2dOptions options_;
};
struct Conv2d : Handle<Conv2dModule> {
  Conv2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size, Conv2dOptions options = {});
};

struct ConvTranspose2dOptions {
  Size2 stride = 1, padding = 0, output_padding = 0, dilation = 1;
  int64_t groups = 1;
  bool bias = true;
};
/// Transposed convolution with weight (in, out / groups, k, k).
class ConvTranspose2dModule : public Module {
 public:
  ConvTranspose2dModule(int64_t in_channels, int64_t out_channels, Size2 kernel_size,
                        ConvTranspose2dOptions options = {});
  Tensor forward(const Tensor& x) override;
  std::string details() const override;
  Tensor weight, bias;

 private:
  ConvTranspose2dOptions options_;
};
struct ConvTranspose2d : Handle<ConvTranspose2dModule> {
  ConvTranspose2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size,
                  ConvTranspose2dOptions options = {});
};

struct NormOptions {
  double eps = 1e-5, momentum = 0.1;
  bool affine = true;
  Activation activation = Activation::none;  ///< fused: a ReLU that needs no pass of its own
};
/// Batch norm over (N, C) or (N, C, L).
class BatchNorm1dModule : public Module {
 public:
  explicit BatchNorm1dModule(int64_t features, NormOptions options = {});
  Tensor forward(const Tensor& x) override;
  std::string details() const override;
  Tensor weight, bias, running_mean, running_var, num_batches_tracked;

 protected:
  Tensor normalize(const Tensor& x);
  NormOptions options_;
};
struct BatchNorm1d : Handle<BatchNorm1dModule> {
  explicit BatchNorm1d(int64_t features, NormOptions options = {});
};
/// Batch norm over (N, C, H, W).
class BatchNorm2dModule : public BatchNorm1dModule {
 public:
  using BatchNorm1dModule::BatchNorm1dModule;
  Tensor forward(const Tensor& x) override;
};
struct BatchNorm2d : Handle<BatchNorm2dModule> {
  explicit BatchNorm2d(int64_t features, NormOptions options = {});
};

/// Normalises over the last axes.
class LayerNormModule : public Module {
 public:
  explicit LayerNormModule(int64_t features, double eps = 1e-5);
  explicit LayerNormModule(const Shape& shape, double eps = 1e-5);
  Tensor forward(const Tensor& x) override;
  std::string details() const override;
  Tensor weight, bias;

 private:
  double eps_;
};
using LayerNorm = Handle<LayerNormModule>;

/// Normalises groups of channels of each item.
class GroupNormModule : public Module {
 public:
  GroupNormModule(int64_t groups, int64_t channels, double eps = 1e-5);
  Tensor forward(const Tensor& x) override;
  std::string details() const override;
  Tensor weight, bias;

 private:
  int64_t groups_;
  double eps_;
};
using GroupNorm = Handle<GroupNormModule>;

/// Joins the axes first to last: (N, C, H, W) becomes (N, C H W).
class FlattenModule : public Module {
 public:
  explicit FlattenModule(int64_t first = 1, int64_t last = -1) : first_(first), last_(last) {}
  Tensor forward(const Tensor& x) override;
  std::string details() const override;

 private:
  int64_t first_, last_;
};
using Flatten = Handle<FlattenModule>;

class MaxPool2dModule : public Module {
 public:
  explicit MaxPool2dModule(Size2 kernel, PoolOptions options = {}) : kernel_(kernel), options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string details() const override;

 private:
  Size2 kernel_;
  PoolOptions options_;
};
struct MaxPool2d : Handle<MaxPool2dModule> {
  explicit MaxPool2d(Size2 kernel, PoolOptions options = {});
};

class AvgPool2dModule : public Module {
 public:
  explicit AvgPool2dModule(Size2 kernel, PoolOptions options = {}) : kernel_(kernel), options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string details() const override;

 private:
  Size2 kernel_;
  PoolOptions options_;
};
struct AvgPool2d : Handle<AvgPool2dModule> {
  explicit AvgPool2d(Size2 kernel, PoolOptions options = {});
};

class AdaptiveAvgPool2dModule : public Module {
 public:
  explicit AdaptiveAvgPool2dModule(Size2 output) : output_(output) {}
  Tensor forward(const Tensor& x) override;
  std::string details() const override;

 private:
  Size2 output_;
};
using AdaptiveAvgPool2d = Handle<AdaptiveAvgPool2dModule>;

class AdaptiveMaxPool2dModule : public Module {
 public:
  explicit AdaptiveMaxPool2dModule(Size2 output) : output_(output) {}
  Tensor forward(const Tensor& x) override;
  std::string details() const override;

 private:
  Size2 output_;
};
using AdaptiveMaxPool2d = Handle<AdaptiveMaxPool2dModule>;

}  // namespace minitorch::nn
