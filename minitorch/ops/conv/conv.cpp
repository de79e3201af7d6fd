// SPDX-License-Identifier: MIT
#include "minitorch/ops/conv/conv.h"

#include <algorithm>

#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/conv/conv_kernels.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

[[noreturn]] void refuse(const char* op, const Tensor& x, const Tensor& w, const std::string& why,
                         const char* hint = "") {
  throw ShapeError(format("[%s] x %s, weight %s: %s", op, to_string(x.shape()).c_str(),
                          to_string(w.shape()).c_str(), why.c_str()),
                   hint);
}

void check_operands(const char* op, const Tensor& x, const Tensor& w, const Tensor& bias,
                    int64_t out_channels) {
  check_same_device(op, x, w);
  if (x.dims() != 4 || w.dims() != 4)
    refuse(op, x, w, "expected (N, C, H, W) and four axes of weights",
           "a single picture needs unsqueeze(0) for its batch axis");
  if (bias.defined() && !(bias.shape() == Shape{out_channels}))
    refuse(op, x, w,
           format("bias %s, expected (%lld)", to_string(bias.shape()).c_str(),
                  static_cast<long long>(out_channels)));
}

void check_numbers(const char* op, Size2 stride, Size2 dilation, int64_t groups, int64_t least_padding) {
  if (stride.h < 1 || stride.w < 1 || dilation.h < 1 || dilation.w < 1 || groups < 1 || least_padding < 0)
    throw ValueError(format("[%s] stride, dilation and groups must be 1 or more and padding 0 or more", op));
}

Conv2dShape conv_shape(const Tensor& x, const Tensor& w, const Tensor& bias, const ConvOptions& o) {
  check_numbers(
      "conv2d", o.stride, o.dilation, o.groups,
      std::min(std::min(o.padding.top, o.padding.left), std::min(o.padding.bottom, o.padding.right)));
  check_operands("conv2d", x, w, bias, w.dims() > 0 ? w.shape()[0] : 0);
  Conv2dShape s{.n = x.size(0),
                .ci = x.size(1),
                .h = x.size(2),
                .w = x.size(3),
                .co = w.size(0),
                .kh = w.size(2),
                .kw = w.size(3)};
  s.stride_h = o.stride.h, s.stride_w = o.stride.w, s.dilation_h = o.dilation.h, s.dilation_w = o.dilation.w,
  s.groups = o.groups;
  s.top = o.padding.top, s.left = o.padding.left, s.bottom = o.padding.bottom, s.right = o.padding.right;
  if (s.ci % s.groups || s.co % s.groups || w.size(1) * s.groups != s.ci)
    refuse(
        "conv2d", x, w,
        format(
            "%lld input channels in %lld groups need weights (O, %lld, kh, kw), O a multiple of the groups",
            static_cast<long long>(s.ci), static_cast<long long>(s.groups),
            static_cast<long long>(s.ci / s.groups)));
  if (s.out_h() < 1 || s.out_w() < 1)
    refuse("conv2d", x, w, "the kernel is larger than the padded picture",
           "use a smaller kernel, more padding or larger pictures");
  return s;
}

Tensor empty_out(const Conv2dShape& s, const Tensor& like) {
  return empty({s.n, s.co, s.out_h(), s.out_w()}, like.options());
}
Shape input_shape(const Conv2dShape& s) { return {s.n, s.ci, s.h, s.w}; }
Shape weight_shape(const Conv2dShape& s) { return {s.co, s.ci / s.groups, s.kh, s.kw}; }

// Both directions and all three kernels do the same multiplications, on the same three arrays.
Work work_of(const Conv2dShape& s) {
  const double weights = static_cast<double>(s.co * (s.ci / s.groups) * s.kh * s.kw),
               places = static_cast<double>(s.n * s.out_h() * s.out_w());
  return {.flops = 2 * weights * places,
          .bytes = 4 * (static_cast<double>(s.n * s.ci * s.h * s.w) + weights +
                        places * static_cast<double>(s.co))};
}

// Whether the kernels for tensor cores are asked: they know what this device has.
bool is_mixed(const Tensor& x) { return x.dtype() != kFloat32 || (allow_tf32() && !x.device().is_cpu()); }

Tensor forward(const Conv2dShape& s, const Tensor& x, const Tensor& w, const Tensor& bias) {
  Tensor y = empty_out(s, x);
  note_work(work_of(s));
  const float* b = bias.defined() ? bias.data<float>() : nullptr;
  if (is_mixed(x))
    MT_DISPATCH(x.device(), conv2d_mixed_forward, s, x.dtype(), x.raw_data(), w.raw_data(), b, y.raw_data());
  else MT_DISPATCH(x.device(), conv2d_forward, s, x.data<float>(), w.data<float>(), b, y.data<float>());
  return y;
}
Tensor backward_data(const Conv2dShape& s, const Tensor& dy, const Tensor& w) {
  Tensor dx = empty(input_shape(s), dy.options());
  note_work(work_of(s));
  if (is_mixed(dy))
    MT_DISPATCH(dy.device(), conv2d_mixed_backward_data, s, dy.dtype(), dy.raw_data(), w.raw_data(),
                dx.raw_data());
  else MT_DISPATCH(dy.device(), conv2d_backward_data, s, dy.data<float>(), w.data<float>(), dx.data<float>());
  return dx;
}
Tensor backward_weights(const Conv2dShape& s, const Tensor& x, const Tensor& dy) {
  Tensor dw = empty(weight_shape(s), dy.options());
  note_work(work_of(s));
  if (is_mixed(dy))
    MT_DISPATCH(dy.device(), conv2d_mixed_backward_weights, s, dy.dtype(), x.raw_data(), dy.raw_data(),
                dw.raw_data());
  else
    MT_DISPATCH(dy.device(), conv2d_backward_weights, s, x.data<float>(), dy.data<float>(), dw.data<float>());
  return dw;
}

Tensor plain(const Tensor& x) { return x.defined() ? contiguous(x.detach()) : x; }
Tensor plain_bias(const Tensor& bias) { return bias.defined() ? plain(to(bias.detach(), kFloat32)) : bias; }

// The gradient of a bias, summed in float32.
Tensor bias_gradient(const Tensor& dy, Dtype type) { return to(sum(to(dy, kFloat32), {0, 2, 3}), type); }
Dtype type_of(const Tensor& bias) { return bias.defined() ? bias.dtype() : kFloat32; }

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, ConvOptions options) {
  const Conv2dShape s = conv_shape(x, weight, bias, options);
  const Dtype type = product_dtype(x, weight);
  if (!is_floating(type)) return to(conv2d(to(x, kFloat32), to(weight, kFloat32), bias, options), type);
  if (x.dtype() != type || weight.dtype() != type)
    return conv2d(to(x, type), to(weight, type), bias, options);
  const Tensor in = plain(x), w = plain(weight);
  Tensor y = forward(s, in, w, plain_bias(bias));
  if (!needs_graph(x, weight, bias)) return y;
  return with_gradients(y, "conv2d",
                        together(
                            [s, in = Saved(in), w = Saved(w), bias_type = type_of(bias)](
                                const Tensor& gradient, const std::array<bool, 3>& needed) {
                              const Tensor dy = contiguous(to(gradient, w().dtype()));
                              std::array<Tensor, 3> d;
                              if (needed[0]) d[0] = backward_data(s, dy, w());
                              if (needed[1]) d[1] = backward_weights(s, in(), dy);
                              if (needed[2]) d[2] = bias_gradient(dy, bias_type);
                              return d;
                            },
                            x, weight, bias));
}

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, Conv1dOptions o) {
  if (x.dims() != 3 || weight.dims() != 3)
    throw ShapeError(format("[conv1d] x %s, weight %s: expected (N, C, L) and (O, C / groups, k)",
                            to_string(x.shape()).c_str(), to_string(weight.shape()).c_str()));
  const ConvOptions two{
      .stride = {1, o.stride}, .padding = {0, o.padding}, .dilation = {1, o.dilation}, .groups = o.groups};
  return squeeze(conv2d(unsqueeze(x, 2), unsqueeze(weight, 2), bias, two), 2);
}

// Everything is conv2d's with the roles of x and y exchanged: `s` is the convolution whose input gradient
// this is.
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias, ConvTransposeOptions o) {
  check_numbers(
      "conv_transpose2d", o.stride, o.dilation, o.groups,
      std::min(std::min(o.padding.h, o.padding.w), std::min(o.output_padding.h, o.output_padding.w)));
  check_operands("conv_transpose2d", x, weight, bias, weight.dims() > 1 ? weight.shape()[1] * o.groups : 0);
  if (x.size(1) != weight.size(0) || x.size(1) % o.groups)
    refuse("conv_transpose2d", x, weight,
           "the first size of the weight must be x's channels, a multiple of the groups");
  if (o.output_padding.h >= std::max(o.stride.h, o.dilation.h) ||
      o.output_padding.w >= std::max(o.stride.w, o.dilation.w))
    throw ValueError("[conv_transpose2d] output_padding must be smaller than stride or dilation");
  const Dtype type = product_dtype(x, weight);
  if (!is_floating(type)) return to(conv_transpose2d(to(x, kFloat32), to(weight, kFloat32), bias, o), type);
  if (x.dtype() != type || weight.dtype() != type)
    return conv_transpose2d(to(x, type), to(weight, type), bias, o);
  Conv2dShape s{.n = x.size(0),
                .ci = weight.size(1) * o.groups,
                .h = 0,
                .w = 0,
                .co = x.size(1),
                .kh = weight.size(2),
                .kw = weight.size(3)};
  s.stride_h = o.stride.h, s.stride_w = o.stride.w, s.dilation_h = o.dilation.h, s.dilation_w = o.dilation.w,
  s.groups = o.groups;
  // The convolution of y must end where x does: whole strides of output_padding are padding that y lacks.
  s.top = o.padding.h, s.bottom = o.padding.h - o.output_padding.h / o.stride.h * o.stride.h;
  s.left = o.padding.w, s.right = o.padding.w - o.output_padding.w / o.stride.w * o.stride.w;
  if (s.bottom < 0 || s.right < 0)
    throw ValueError("[conv_transpose2d] output_padding of a stride or more needs as much padding",
                     "pad the result instead: pad()");
  s.h = (x.size(2) - 1) * o.stride.h - 2 * o.padding.h + o.dilation.h * (s.kh - 1) + o.output_padding.h + 1;
  s.w = (x.size(3) - 1) * o.stride.w - 2 * o.padding.w + o.dilation.w * (s.kw - 1) + o.output_padding.w + 1;
  if (s.h < 1 || s.w < 1) refuse("conv_transpose2d", x, weight, "the padding leaves nothing of the output");
  const Tensor in = plain(x), w = plain(weight);
  Tensor y = backward_data(s, in, w);
  if (bias.defined()) y.add_(reshape(bias.detach(), {1, -1, 1, 1}));
  if (!needs_graph(x, weight, bias)) return y;
  return with_gradients(y, "conv_transpose2d",
                        together(
                            [s, in = Saved(in), w = Saved(w), bias_type = type_of(bias)](
                                const Tensor& gradient, const std::array<bool, 3>& needed) {
                              const Tensor dy = contiguous(to(gradient, w().dtype()));
                              std::array<Tensor, 3> d;
                              if (needed[0]) d[0] = forward(s, dy, w(), {});
                              if (needed[1]) d[1] = backward_weights(s, dy, in());
                              if (needed[2]) d[2] = bias_gradient(dy, bias_type);
                              return d;
                            },
                            x, weight, bias));
}

Padding same_padding(Size2 input, Size2 kernel, Size2 stride, Size2 dilation) {
  auto total = [](int64_t n, int64_t k, int64_t s, int64_t d) {
    return std::max<int64_t>((((n + s - 1) / s) - 1) * s + (k - 1) * d + 1 - n, 0);
  };
  const int64_t h = total(input.h, kernel.h, stride.h, dilation.h),
                w = total(input.w, kernel.w, stride.w, dilation.w);
  return {h / 2, w / 2, h - h / 2, w - w / 2};
}

}  // namespace minitorch
