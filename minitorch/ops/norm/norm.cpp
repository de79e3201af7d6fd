// SPDX-License-Identifier: MIT
#include "minitorch/ops/norm/norm.h"

#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/norm/norm_kernels.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {
namespace {

// Weights and statistics are computed with in float32, whatever the module holds.
bool is_float32(const Tensor& x) { return !x.defined() || x.dtype() == kFloat32; }
Tensor in_float32(const Tensor& x) { return x.defined() ? to(x, kFloat32) : x; }
const float* data_of(const Tensor& x) { return x.defined() ? x.data<float>() : nullptr; }
Tensor plain(const Tensor& x) { return x.defined() ? contiguous(x.detach()) : x; }

// The work of a kernel that passes over `count` arrays of x's size.
Work arrays_like(const Tensor& x, int count) {
  return {.bytes = 4.0 * count * static_cast<double>(x.numel())};
}

ClampRange clamp_range(Activation a) {
  switch (a) {
    case Activation::relu: return {true, 0, __builtin_inff()};
    case Activation::relu6: return {true, 0, 6};
    case Activation::none: break;
  }
  return {false, 0, 0};
}

void check_per_channel(const char* op, const Tensor& x, const Tensor& v, const char* what) {
  if (!v.defined()) return;
  check_same_device(op, x, v);
  if (!(v.shape() == Shape{x.shape()[1]}))
    throw ShapeError(format("[%s] %s of shape %s for x %s: expected (%lld), one for each channel", op, what,
                            to_string(v.shape()).c_str(), to_string(x.shape()).c_str(),
                            static_cast<long long>(x.shape()[1])));
}

// A running statistic while a kernel moves it: its own memory where that is float32 in order, otherwise a
// copy.
class Moving {
 public:
  explicit Moving(const Tensor& running) : running_(running) {
    if (!running.defined()) return;
    NoGrad no_grad;
    before_in_place("batch_norm", running);
    now_ = contiguous(to(running.detach(), kFloat32));
  }
  float* data() const { return now_.defined() ? now_.data<float>() : nullptr; }
  void finish() const {
    NoGrad no_grad;
    const bool copied = now_.defined() && !(running_.dtype() == kFloat32 && running_.is_contiguous());
    if (copied) copy_(running_, now_);
  }

 private:
  Tensor running_, now_;
};

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                  const Tensor& running_var, BatchNormOptions o) {
  if (x.dims() < 2)
    throw ShapeError("[batch_norm] x of shape " + to_string(x.shape()) + ": expected (N, C) or (N, C, ...)");
  check_per_channel("batch_norm", x, weight, "a weight");
  check_per_channel("batch_norm", x, bias, "a bias");
  check_per_channel("batch_norm", x, running_mean, "a running mean");
  check_per_channel("batch_norm", x, running_var, "a running variance");
  if (x.dtype() != kFloat32 || !is_float32(weight) || !is_float32(bias))
    return to(batch_norm(to(x, kFloat32), in_float32(weight), in_float32(bias), running_mean, running_var, o),
              x.dtype());
  const int64_t n = x.shape()[0], c = x.shape()[1], count = c ? x.numel() / c : 0;
  if (o.training && count <= 1)
    throw ValueError("[batch_norm] x of shape " + to_string(x.shape()) + " has " + (count ? "one" : "no") +
                         " value per channel: no variance can be computed",
                     "use a batch of at least 2 (drop the last, smaller one), or eval()");
  if (!o.training && !(running_mean.defined() && running_var.defined()))
    throw ValueError("[batch_norm] evaluation needs running statistics");
  const ChannelShape s{n, c, n ? count / n : 0};
  const ClampRange clamp = clamp_range(o.activation);
  const Tensor in = contiguous(x.detach()), w = plain(weight), b = plain(bias);
  Tensor y = empty(x.shape(), x.options()), mean, rstd;
  if (o.training) {
    mean = empty({c}, x.options());
    rstd = empty({c}, x.options());
    const Moving moving_mean(running_mean), moving_var(running_var);
    const double unbiased = static_cast<double>(count) / static_cast<double>(count - 1);
    const RunningStats running{moving_mean.data(), moving_var.data(), static_cast<float>(1 - o.momentum),
                               static_cast<float>(o.momentum), static_cast<float>(o.momentum * unbiased)};
    note_work(arrays_like(x, 2));
    MT_DISPATCH(x.device(), batch_norm_train, s, data_of(in), data_of(w), data_of(b),
                static_cast<float>(o.eps), clamp, running, y.data<float>(), mean.data<float>(),
                rstd.data<float>());
    moving_mean.finish();
    moving_var.finish();
  } else {
    NoGrad no_grad;
    mean = to(running_mean.detach(), kFloat32).clone();
    rstd = rsqrt(to(running_var.detach(), kFloat32) + o.eps);
    const Tensor scale = w.defined() ? rstd * w : rstd,
                 shift = (b.defined() ? b : zeros_like(mean)) - mean * scale;
    note_work(arrays_like(x, 2));
    MT_DISPATCH(x.device(), batch_norm_infer, s, data_of(in), data_of(scale), data_of(shift), clamp,
                y.data<float>());
  }
  if (!needs_graph(x, weight, bias)) return y;
  return with_gradients(
      y, "batch_norm",
      together(
          [=, in = Saved(in), w = weight.defined() ? Saved(w) : Saved(in),
           b = bias.defined() ? Saved(b) : Saved(in), has_w = weight.defined(), has_b = bias.defined(),
           through = o.training](const Tensor& gradient, const std::array<bool, 3>& needed) {
            const Tensor dy = contiguous(gradient), x = in();
            Tensor dx = needed[0] ? empty_like(x) : Tensor(), dw = empty({s.c}, x.options()),
                   db = empty({s.c}, x.options());
            note_work(arrays_like(x, 3));
            MT_DISPATCH(x.device(), batch_norm_backward, s, x.data<float>(), dy.data<float>(),
                        has_w ? w().data<float>() : nullptr, has_b ? b().data<float>() : nullptr,
                        mean.data<float>(), rstd.data<float>(), clamp, through,
                        dx.defined() ? dx.data<float>() : nullptr, dw.data<float>(), db.data<float>());
            return std::array<Tensor, 3>{dx, dw, db};
          },
          x, weight, bias));
}

// Rows of x normalised; the last axes together are a row.
static Tensor normalize_rows(const char* op, const Tensor& x, int64_t cols, const Tensor& weight,
                             const Tensor& bias, double eps) {
  if (x.dtype() != kFloat32 || !is_float32(weight) || !is_float32(bias))
    return to(normalize_rows(op, to(x, kFloat32), cols, in_float32(weight), in_float32(bias), eps),
              autocast_dtype() == kFloat32 ? x.dtype() : kFloat32);
  const int64_t rows = cols ? x.numel() / cols : 0;
  const Tensor in = contiguous(x.detach()), w = plain(weight), b = plain(bias);
  Tensor y = empty(x.shape(), x.options()), mean = empty({rows}, x.options()),
         rstd = empty({rows}, x.options());
  note_work(arrays_like(x, 2));
  if (rows > 0)
    MT_DISPATCH(x.device(), layer_norm_forward, rows, cols, data_of(in), data_of(w), data_of(b),
                static_cast<float>(eps), y.data<float>(), mean.data<float>(), rstd.data<float>());
  if (!needs_graph(x, weight, bias)) return y;
  return with_gradients(
      y, op,
      together(
          [=, in = Saved(in), w = weight.defined() ? Saved(w) : Saved(in), has_w = weight.defined(),
           w_shape = weight.defined() ? weight.shape() : Shape{},
           b_shape = bias.defined() ? bias.shape() : Shape{}](const Tensor& gradient,
                                                              const std::array<bool, 3>& needed) {
            const Tensor dy = contiguous(gradient), x = in();
            const auto room = rows ? empty : zeros;
            Tensor dx = empty_like(x), dw = needed[1] ? room(w_shape, x.options()) : Tensor(),
                   db = needed[2] ? room(b_shape, x.options()) : Tensor();
            if (rows == 0) return std::array<Tensor, 3>{dx, dw, db};
            note_work(arrays_like(x, 3));
            MT_DISPATCH(x.device(), layer_norm_backward, rows, cols, x.data<float>(), dy.data<float>(),
                        has_w ? w().data<float>() : nullptr, mean.data<float>(), rstd.data<float>(),
                        dx.data<float>(), dw.defined() ? dw.data<float>() : nullptr,
                        db.defined() ? db.data<float>() : nullptr);
            return std::array<Tensor, 3>{dx, dw, db};
          },
          x, weight, bias));
}

static void check_last_axes(const Tensor& x, const Shape& shape) {
  bool fits = shape.dims() >= 1 && shape.dims() <= x.dims();
  for (int i = 0; fits && i < shape.dims(); ++i) fits = x.shape()[x.dims() - shape.dims() + i] == shape[i];
  if (!fits)
    throw ShapeError(format("[layer_norm] x %s does not end in the axes %s", to_string(x.shape()).c_str(),
                            to_string(shape).c_str()));
}

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  check_last_axes(x, weight.shape());
  if (bias.defined() && !(bias.shape() == weight.shape()))
    throw ShapeError("[layer_norm] bias " + to_string(bias.shape()) + " and weight " +
                     to_string(weight.shape()) + " differ in shape");
  return normalize_rows("layer_norm", x, weight.numel(), weight, bias, eps);
}

Tensor layer_norm(const Tensor& x, const Shape& shape, double eps) {
  check_last_axes(x, shape);
  return normalize_rows("layer_norm", x, shape.numel(), {}, {}, eps);
}

Tensor group_norm(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias, double eps) {
  if (x.dims() < 2 || groups < 1 || x.shape()[1] % groups != 0)
    throw ShapeError(format("[group_norm] x %s in %lld groups: the channels must be a multiple of the groups",
                            to_string(x.shape()).c_str(), static_cast<long long>(groups)));
  check_per_channel("group_norm", x, weight, "a weight");
  check_per_channel("group_norm", x, bias, "a bias");
  const int64_t rows = x.shape()[0] * groups, cols = rows ? x.numel() / rows : 0;
  Tensor y = reshape(normalize_rows("group_norm", reshape(x, {rows, cols}), cols, {}, {}, eps), x.shape());
  Shape spread = Shape::filled(x.dims() - 1, 1);
  spread[0] = x.shape()[1];
  if (weight.defined()) y = y * reshape(weight, spread);
  if (bias.defined()) y = y + reshape(bias, spread);
  return y;
}

}  // namespace minitorch
