// SPDX-License-Identifier: MIT
#include "minitorch/nn/layers.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/digits.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::nn {
namespace {

void check_positive(const char* layer, std::initializer_list<int64_t> sizes) {
  for (int64_t n : sizes)
    if (n < 1)
      throw ValueError(format("[%s] a size of %lld: expected 1 or more", layer, static_cast<long long>(n)));
}

std::string pair(Size2 s) {
  return format("(%lld, %lld)", static_cast<long long>(s.h), static_cast<long long>(s.w));
}
std::string single(Size2 s) { return s.h == s.w ? std::to_string(s.h) : pair(s); }

std::string padding_text(const Padding& p) {
  if (p.top == p.bottom && p.left == p.right) return pair({p.top, p.left});
  return format("(%lld, %lld, %lld, %lld)", static_cast<long long>(p.top), static_cast<long long>(p.left),
                static_cast<long long>(p.bottom), static_cast<long long>(p.right));
}

std::string pool_details(Size2 kernel, const PoolOptions& o) {
  const Size2 stride{o.stride.h ? o.stride.h : kernel.h, o.stride.w ? o.stride.w : kernel.w};
  return "kernel_size=" + single(kernel) + ", stride=" + single(stride) + ", padding=" + single(o.padding);
}

}  // namespace

LinearModule::LinearModule(int64_t in, int64_t out, bool with_bias) {
  check_positive("Linear", {in, out});
  weight = add_parameter("weight", init::layer_start({out, in}, in));
  if (with_bias) bias = add_parameter("bias", init::layer_start({out}, in));
}
Tensor LinearModule::forward(const Tensor& x) { return linear(x, weight, bias); }
std::string LinearModule::details() const {
  return format("in_features=%lld, out_features=%lld, bias=%s", static_cast<long long>(weight.size(1)),
                static_cast<long long>(weight.size(0)), bias.defined() ? "True" : "False");
}

Conv2dModule::Conv2dModule(int64_t in, int64_t out, Size2 kernel, Conv2dOptions options) : options_(options) {
  check_positive("Conv2d", {in, out, kernel.h, kernel.w, options.groups});
  if (in % options.groups || out % options.groups)
    throw ValueError(format(
        "[Conv2d] %lld input and %lld output channels in %lld groups: both must be multiples",
        static_cast<long long>(in), static_cast<long long>(out), static_cast<long long>(options.groups)));
  const int64_t fan = in / options.groups * kernel.h * kernel.w;
  weight = add_parameter("weight", init::layer_start({out, in / options.groups, kernel.h, kernel.w}, fan));
  if (options.bias) bias = add_parameter("bias", init::layer_start({out}, fan));
}
Tensor Conv2dModule::forward(const Tensor& x) {
  Padding padding = options_.padding;
  if (options_.same && x.dims() == 4)
    padding = same_padding({x.size(2), x.size(3)}, {weight.size(2), weight.size(3)}, options_.stride,
                           options_.dilation);
  return conv2d(x, weight, bias,
                {.stride = options_.stride,
                 .padding = padding,
                 .dilation = options_.dilation,
                 .groups = options_.groups});
}
std::string Conv2dModule::details() const {
  std::string text = format("%lld, %lld, ", static_cast<long long>(weight.size(1) * options_.groups),
                            static_cast<long long>(weight.size(0))) +
                     "kernel_size=" + pair({weight.size(2), weight.size(3)}) +
                     ", stride=" + pair(options_.stride);
  if (options_.same) text += ", padding=same";
  else if (options_.padding.top || options_.padding.left || options_.padding.bottom || options_.padding.right)
    text += ", padding=" + padding_text(options_.padding);
  if (options_.dilation.h != 1 || options_.dilation.w != 1) text += ", dilation=" + pair(options_.dilation);
  if (options_.groups != 1) text += ", groups=" + std::to_string(options_.groups);
  return bias.defined() ? text : text + ", bias=False";
}

ConvTranspose2dModule::ConvTranspose2dModule(int64_t in, int64_t out, Size2 kernel,
                                             ConvTranspose2dOptions options)
    : options_(options) {
  check_positive("ConvTranspose2d", {in, out, kernel.h, kernel.w, options.groups});
  const int64_t fan = out / options.groups * kernel.h * kernel.w;
  weight = add_parameter("weight", init::layer_start({in, out / options.groups, kernel.h, kernel.w}, fan));
  if (options.bias) bias = add_parameter("bias", init::layer_start({out}, fan));
}
Tensor ConvTranspose2dModule::forward(const Tensor& x) {
  return conv_transpose2d(x, weight, bias,
                          {.stride = options_.stride,
                           .padding = options_.padding,
                           .output_padding = options_.output_padding,
                           .dilation = options_.dilation,
                           .groups = options_.groups});
}
std::string ConvTranspose2dModule::details() const {
  std::string text = format("%lld, %lld, ", static_cast<long long>(weight.size(0)),
                            static_cast<long long>(weight.size(1) * options_.groups)) +
                     "kernel_size=" + pair({weight.size(2), weight.size(3)}) +
                     ", stride=" + pair(options_.stride);
  if (options_.padding.h || options_.padding.w) text += ", padding=" + pair(options_.padding);
  if (options_.dilation.h != 1 || options_.dilation.w != 1) text += ", dilation=" + pair(options_.dilation);
  if (options_.output_padding.h || options_.output_padding.w)
    text += ", output_padding=" + pair(options_.output_padding);
  if (options_.groups != 1) text += ", groups=" + std::to_string(options_.groups);
  return bias.defined() ? text : text + ", bias=False";
}

BatchNorm1dModule::BatchNorm1dModule(int64_t features, NormOptions options) : options_(options) {
  check_positive("BatchNorm", {features});
  if (options.affine) {
    weight = add_parameter("weight", ones({features}));
    bias = add_parameter("bias", zeros({features}));
  }
  running_mean = add_buffer("running_mean", zeros({features}));
  running_var = add_buffer("running_var", ones({features}));
  num_batches_tracked = add_buffer("num_batches_tracked", tensor(0));
}
Tensor BatchNorm1dModule::normalize(const Tensor& x) {
  if (is_training()) num_batches_tracked.add_(1);
  return batch_norm(x, weight, bias, running_mean, running_var,
                    {.training = is_training(),
                     .momentum = options_.momentum,
                     .eps = options_.eps,
                     .activation = options_.activation});
}
Tensor BatchNorm1dModule::forward(const Tensor& x) {
  if (x.dims() != 2 && x.dims() != 3)
    throw ShapeError("[BatchNorm1d] x of shape " + to_string(x.shape()) + ": expected (N, C) or (N, C, L)");
  return normalize(x);
}
Tensor BatchNorm2dModule::forward(const Tensor& x) {
  if (x.dims() != 4)
    throw ShapeError("[BatchNorm2d] x of shape " + to_string(x.shape()) + ": expected (N, C, H, W)");
  return normalize(x);
}
std::string BatchNorm1dModule::details() const {
  const char* fused = options_.activation == Activation::relu    ? ", activation=relu"
                      : options_.activation == Activation::relu6 ? ", activation=relu6"
                                                                 : "";
  const char* affine = options_.affine ? ", affine=True, bias=True" : ", affine=False, bias=False";
  return std::to_string(running_mean.numel()) + ", eps=" + python_float(options_.eps) +
         ", momentum=" + python_float(options_.momentum) + affine + ", track_running_stats=True" + fused;
}

LayerNormModule::LayerNormModule(int64_t features, double eps) : LayerNormModule(Shape{features}, eps) {}
LayerNormModule::LayerNormModule(const Shape& shape, double eps) : eps_(eps) {
  weight = add_parameter("weight", ones(shape));
  bias = add_parameter("bias", zeros(shape));
}
Tensor LayerNormModule::forward(const Tensor& x) { return layer_norm(x, weight, bias, eps_); }
std::string LayerNormModule::details() const {
  std::string shape = to_string(weight.shape());
  if (weight.dims() == 1) shape.insert(shape.size() - 1, ",");  // Python's tuple of one
  return shape + ", eps=" + python_float(eps_) + ", elementwise_affine=True, bias=True";
}

GroupNormModule::GroupNormModule(int64_t groups, int64_t channels, double eps) : groups_(groups), eps_(eps) {
  weight = add_parameter("weight", ones({channels}));
  bias = add_parameter("bias", zeros({channels}));
}
Tensor GroupNormModule::forward(const Tensor& x) { return group_norm(x, groups_, weight, bias, eps_); }
std::string GroupNormModule::details() const {
  return std::to_string(groups_) + ", " + std::to_string(weight.numel()) + ", eps=" + python_float(eps_) +
         ", affine=True, bias=True";
}

Tensor FlattenModule::forward(const Tensor& x) { return flatten(x, first_, last_); }
std::string FlattenModule::details() const {
  return format("start_dim=%lld, end_dim=%lld", static_cast<long long>(first_),
                static_cast<long long>(last_));
}

Tensor MaxPool2dModule::forward(const Tensor& x) { return max_pool2d(x, kernel_, options_); }
std::string MaxPool2dModule::details() const {
  return pool_details(kernel_, options_) +
         ", dilation=1, ceil_mode=" + (options_.ceil_mode ? "True" : "False");
}
Tensor AvgPool2dModule::forward(const Tensor& x) { return avg_pool2d(x, kernel_, options_); }
std::string AvgPool2dModule::details() const {
  return pool_details(kernel_, options_) + (options_.ceil_mode ? ", ceil_mode=True" : "") +
         (options_.count_include_pad ? "" : ", count_include_pad=False");
}
Tensor AdaptiveAvgPool2dModule::forward(const Tensor& x) { return adaptive_avg_pool2d(x, output_); }
std::string AdaptiveAvgPool2dModule::details() const { return "output_size=" + single(output_); }
Tensor AdaptiveMaxPool2dModule::forward(const Tensor& x) { return adaptive_max_pool2d(x, output_); }
std::string AdaptiveMaxPool2dModule::details() const { return "output_size=" + single(output_); }

Conv2d::Conv2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size, Conv2dOptions options)
    : Handle(std::make_shared<Conv2dModule>(in_channels, out_channels, kernel_size, options)) {}
ConvTranspose2d::ConvTranspose2d(int64_t in_channels, int64_t out_channels, Size2 kernel_size,
                                 ConvTranspose2dOptions options)
    : Handle(std::make_shared<ConvTranspose2dModule>(in_channels, out_channels, kernel_size, options)) {}
BatchNorm1d::BatchNorm1d(int64_t features, NormOptions options)
    : Handle(std::make_shared<BatchNorm1dModule>(features, options)) {}
BatchNorm2d::BatchNorm2d(int64_t features, NormOptions options)
    : Handle(std::make_shared<BatchNorm2dModule>(features, options)) {}
MaxPool2d::MaxPool2d(Size2 kernel, PoolOptions options)
    : Handle(std::make_shared<MaxPool2dModule>(kernel, options)) {}
AvgPool2d::AvgPool2d(Size2 kernel, PoolOptions options)
    : Handle(std::make_shared<AvgPool2dModule>(kernel, options)) {}

}  // namespace minitorch::nn
