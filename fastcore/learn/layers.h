// SPDX-License-Identifier: MIT
// Layers that several applications share, with fastai's names, order and initial weights.
#pragma once
#include <functional>

#include "minitorch/nn/activations.h"
#include "minitorch/nn/attention.h"
#include "minitorch/nn/containers.h"
#include "minitorch/nn/layers.h"

namespace fastcore {

class Fields;

/// sigmoid(x) (high - low) + low: a number squeezed into (low, high).
minitorch::Tensor sigmoid_range(const minitorch::Tensor& x, double low, double high);

/// Bounds of an output: {0.5, 5.5}; low = high: none.
struct YRange {
  double low = 0, high = 0;
  bool given() const { return low != high; }
};

/// The setting y_range of a model that is written down: a list of two numbers, or of none.
void range_field(Fields& f, YRange& range);

/// sigmoid_range as a layer.
class SigmoidRangeModule : public minitorch::nn::Module {
 public:
  /// @throws ValueError unless low < high
  SigmoidRangeModule(double low, double high);
  minitorch::Tensor forward(const minitorch::Tensor& x) override { return sigmoid_range(x, low_, high_); }
  std::string details() const override;

 private:
  double low_, high_;
};
using SigmoidRange = minitorch::nn::Handle<SigmoidRangeModule>;

/// A table of vectors that starts small: N(0, 1) folded into (-2, 2), times `std`.
class EmbeddingModule : public minitorch::nn::EmbeddingModule {
 public:
  EmbeddingModule(int64_t count, int64_t dim, double std = 0.01);
};
using Embedding = minitorch::nn::Handle<EmbeddingModule>;

/// How a norm starts: scaling by 1, or by 0 so that the branch it ends adds nothing at first.
enum class NormStart { one, zero };

/// nn::BatchNorm1d with bias 0.001.
struct BatchNorm1d : minitorch::nn::BatchNorm1d {
  explicit BatchNorm1d(int64_t features, minitorch::nn::NormOptions options = {},
                       NormStart start = NormStart::one);
};
/// nn::BatchNorm2d with bias 0.001.
struct BatchNorm2d : minitorch::nn::BatchNorm2d {
  explicit BatchNorm2d(int64_t features, minitorch::nn::NormOptions options = {},
                       NormStart start = NormStart::one);
};

/// The functions that may follow a layer.
enum class Act { none, relu, relu6, leaky_relu, sigmoid, tanh, gelu, silu, mish };
/// The function as a module; empty for Act::none.
minitorch::nn::ModulePtr activation(Act act);
/// Its name as the setting act of a model that is written down.
void act_field(Fields& f, Act& act);

struct LinBnDropOptions {
  bool bn = true;
  double p = 0;  ///< dropout
  Act act = Act::none;
  bool lin_first = false;  ///< linear and its activation before norm and dropout
};
/// Batch norm, dropout and a linear layer (without bias beside a norm), or the linear layer first:
/// (N, n_in) -> (N, n_out). Children are numbered in the order they run.
class LinBnDropModule : public minitorch::nn::SequentialModule {
 public:
  LinBnDropModule(int64_t n_in, int64_t n_out, LinBnDropOptions options = {});
};
struct LinBnDrop : minitorch::nn::Handle<LinBnDropModule> {
  LinBnDrop(int64_t n_in, int64_t n_out, LinBnDropOptions options = {});
};

/// Whether a module normalises: its weights neither decay nor freeze.
bool is_norm(const minitorch::nn::Module& module);

using Init = std::function<minitorch::Tensor(const minitorch::Tensor&)>;
/// N(0, sqrt(2 / inputs)): the start that fastai gives heads.
minitorch::Tensor kaiming_normal(const minitorch::Tensor& weight);
/// Calls init on the weight of `module` and sets its bias to 0.
void init_default(minitorch::nn::Module& module, const Init& init = kaiming_normal);
/// init_default on every module below that is no norm, those whose parameters are frozen excepted.
void apply_init(minitorch::nn::Module& module, const Init& init = kaiming_normal);

}  // namespace fastcore
