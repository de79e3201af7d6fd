// SPDX-License-Identifier: MIT
#include "minitorch/ops/pool/pool.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/pool/pool_kernels.h"

namespace minitorch {
namespace {

int64_t output_size(const char* op, int64_t n, int64_t k, int64_t s, int64_t p, bool ceil_mode) {
  if (k < 1 || s < 1 || p < 0 || 2 * p > k)
    throw ValueError(
        format("[%s] kernel %lld, stride %lld, padding %lld: expected kernel and stride of 1 or more and a "
               "padding of at most half the kernel",
               op, static_cast<long long>(k), static_cast<long long>(s), static_cast<long long>(p)));
  const int64_t room = n + 2 * p - k;
  int64_t out = room < 0 ? (ceil_mode && room > -s ? 0 : -1) : room / s;
  if (room >= 0 && ceil_mode && room % s != 0) ++out;
  if (ceil_mode && out * s >= n + p) --out;  // the last window must start inside
  if (out < 0)
    throw ShapeError(format("[%s] a window of %lld does not fit into %lld with padding %lld", op,
                            static_cast<long long>(k), static_cast<long long>(n), static_cast<long long>(p)));
  return out + 1;
}

void check_planes(const char* op, const Tensor& x) {
  if (x.dims() < 3 || x.dims() > 4)
    throw ShapeError(
        format("[%s] x of shape %s: expected (N, C, H, W) or (C, H, W)", op, to_string(x.shape()).c_str()));
  if (!is_floating(x.dtype()))
    throw DtypeError(format("[%s] a %s tensor: expected a floating-point one", op, name(x.dtype())));
}

PoolShape window_shape(const char* op, const Tensor& x, Size2 k, const PoolOptions& o) {
  check_planes(op, x);
  PoolShape s{};
  s.h = x.size(-2), s.w = x.size(-1);
  s.planes = x.shape()[0] * (x.dims() == 4 ? x.shape()[1] : 1);
  s.kh = k.h, s.kw = k.w, s.ph = o.padding.h, s.pw = o.padding.w;
  s.sh = o.stride.h ? o.stride.h : k.h, s.sw = o.stride.w ? o.stride.w : k.w;
  s.oh = output_size(op, s.h, s.kh, s.sh, s.ph, o.ceil_mode);
  s.ow = output_size(op, s.w, s.kw, s.sw, s.pw, o.ceil_mode);
  s.include_pad = o.count_include_pad;
  return s;
}

PoolShape adaptive_shape(const char* op, const Tensor& x, Size2 out) {
  check_planes(op, x);
  if (out.h < 1 || out.w < 1 || x.size(-1) < 1 || x.size(-2) < 1)
    throw ShapeError(format("[%s] from %s to (%lld, %lld): sizes must be 1 or more", op,
                            to_string(x.shape()).c_str(), static_cast<long long>(out.h),
                            static_cast<long long>(out.w)));
  PoolShape s{};
  s.planes = x.shape()[0] * (x.dims() == 4 ? x.shape()[1] : 1);
  s.h = x.size(-2), s.w = x.size(-1), s.oh = out.h, s.ow = out.w;
  s.adaptive = true;
  return s;
}

Shape output_shape(const Tensor& x, const PoolShape& s) {
  Shape shape = x.shape();
  shape[x.dims() - 2] = s.oh;
  shape[x.dims() - 1] = s.ow;
  return shape;
}

// Positions are 32-bit: kept two to an int64, the only whole-number type of that size.
Tensor positions(int64_t n, Device device) { return empty({(n + 1) / 2}, {kInt64, device}); }
int32_t* position_data(const Tensor& t) { return reinterpret_cast<int32_t*>(t.data<int64_t>()); }

Work work_of(const PoolShape& s) {
  return {.bytes = 4.0 * static_cast<double>(s.planes * (s.h * s.w + s.oh * s.ow))};
}

// What is left of a batch of nothing: it belongs to the graph all the same.
Tensor no_planes(const char* op, const Tensor& x, const Tensor& y) {
  return with_gradients(y, op,
                        wrt(x, [shape = x.shape()](const Tensor& dy) { return empty(shape, dy.options()); }));
}

Tensor max_pool(const char* op, const Tensor& x, const PoolShape& s) {
  if (x.dtype() != kFloat32) return to(max_pool(op, to(x, kFloat32), s), x.dtype());
  if (s.h * s.w > INT32_MAX)
    throw ShapeError(format("[%s] a plane of %s has too many positions", op, to_string(x.shape()).c_str()));
  const Tensor in = contiguous(x.detach());
  Tensor y = empty(output_shape(x, s), x.options());
  if (y.numel() == 0) return no_planes(op, x, y);
  const Tensor where = positions(y.numel(), x.device());
  note_work(work_of(s));
  MT_DISPATCH(x.device(), max_pool_forward, s, in.data<float>(), y.data<float>(), position_data(where));
  return with_gradients(y, op, wrt(x, [s, where, shape = x.shape()](const Tensor& gradient) {
                          const Tensor dy = contiguous(gradient);
                          Tensor dx = empty(shape, dy.options());
                          note_work(work_of(s));
                          MT_DISPATCH(dy.device(), max_pool_backward, s, dy.data<float>(),
                                      position_data(where), dx.data<float>());
                          return dx;
                        }));
}

Tensor avg_pool(const char* op, const Tensor& x, const PoolShape& s) {
  if (x.dtype() != kFloat32) return to(avg_pool(op, to(x, kFloat32), s), x.dtype());
  const Tensor in = contiguous(x.detach());
  Tensor y = empty(output_shape(x, s), x.options());
  if (y.numel() == 0) return no_planes(op, x, y);
  note_work(work_of(s));
  MT_DISPATCH(x.device(), avg_pool_forward, s, in.data<float>(), y.data<float>());
  return with_gradients(y, op, wrt(x, [s, shape = x.shape()](const Tensor& gradient) {
                          const Tensor dy = contiguous(gradient);
                          Tensor dx = empty(shape, dy.options());
                          note_work(work_of(s));
                          MT_DISPATCH(dy.device(), avg_pool_backward, s, dy.data<float>(), dx.data<float>());
                          return dx;
                        }));
}

// (.., L) as planes of one row.
template <class Pool>
Tensor along_last(const char* op, const Tensor& x, Pool pool) {
  if (x.dims() < 2 || x.dims() > 3)
    throw ShapeError(
        format("[%s] x of shape %s: expected (N, C, L) or (C, L)", op, to_string(x.shape()).c_str()));
  return squeeze(pool(unsqueeze(x, -2)), -2);
}

}  // namespace

Tensor max_pool2d(const Tensor& x, Size2 kernel, PoolOptions o) {
  return max_pool("max_pool2d", x, window_shape("max_pool2d", x, kernel, o));
}
Tensor avg_pool2d(const Tensor& x, Size2 kernel, PoolOptions o) {
  return avg_pool("avg_pool2d", x, window_shape("avg_pool2d", x, kernel, o));
}
Tensor adaptive_avg_pool2d(const Tensor& x, Size2 out) {
  return avg_pool("adaptive_avg_pool2d", x, adaptive_shape("adaptive_avg_pool2d", x, out));
}
Tensor adaptive_max_pool2d(const Tensor& x, Size2 out) {
  return max_pool("adaptive_max_pool2d", x, adaptive_shape("adaptive_max_pool2d", x, out));
}

Tensor max_pool1d(const Tensor& x, int64_t kernel, int64_t stride, int64_t padding, bool ceil_mode) {
  const PoolOptions o{
      .stride = {1, stride ? stride : kernel}, .padding = {0, padding}, .ceil_mode = ceil_mode};
  return along_last("max_pool1d", x, [&](const Tensor& p) { return max_pool2d(p, {1, kernel}, o); });
}
Tensor avg_pool1d(const Tensor& x, int64_t kernel, int64_t stride, int64_t padding, bool ceil_mode) {
  const PoolOptions o{
      .stride = {1, stride ? stride : kernel}, .padding = {0, padding}, .ceil_mode = ceil_mode};
  return along_last("avg_pool1d", x, [&](const Tensor& p) { return avg_pool2d(p, {1, kernel}, o); });
}
Tensor adaptive_avg_pool1d(const Tensor& x, int64_t output) {
  return along_last("adaptive_avg_pool1d", x, [&](const Tensor& p) {
    return adaptive_avg_pool2d(p, {1, output});
  });
}
Tensor adaptive_max_pool1d(const Tensor& x, int64_t output) {
  return along_last("adaptive_max_pool1d", x, [&](const Tensor& p) {
    return adaptive_max_pool2d(p, {1, output});
  });
}

}  // namespace minitorch
