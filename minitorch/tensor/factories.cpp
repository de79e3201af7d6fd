// SPDX-License-Identifier: MIT
#include "minitorch/tensor/factories.h"

#include <cmath>
#include <cstring>

#include "minitorch/core/dispatch.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/random.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch {

Tensor zeros(const Shape& shape, TensorOptions options) {
  Tensor x = empty(shape, options);
  fill_bytes(options.device, x.raw_data(), 0, x.numel() * item_size(options.dtype));
  return x;
}

void check_fill(const char* op, Dtype dtype, double value) {
  const double low = dtype == kUint8 ? 0 : -0x1p63, end = dtype == kUint8 ? 256 : 0x1p63;
  if ((dtype == kInt64 || dtype == kUint8) && !(value >= low && value < end))  // NaN, too
    throw ValueError(format("[%s] %g in a tensor of %s, which has no such number", op, value, name(dtype)),
                     "convert the tensor first with .to(kFloat32)");
}

Tensor full(const Shape& shape, double value, TensorOptions options) {
  check_fill("full", options.dtype, value);
  Tensor x = empty(shape, options);
  MT_DISPATCH(options.device, fill_strided, view_of(x), value);
  return x;
}

Tensor ones(const Shape& shape, TensorOptions options) { return full(shape, 1, options); }
Tensor zeros_like(const Tensor& like) { return zeros(like.shape(), like.options()); }
Tensor ones_like(const Tensor& like) { return full(like.shape(), 1, like.options()); }
Tensor full_like(const Tensor& like, double value) { return full(like.shape(), value, like.options()); }

static Tensor sequence(int64_t count, double start, double step, Dtype dtype) {
  Tensor x = empty({count}, {dtype, Device::cpu()});
  cpu::fill_sequence(view_of(x), start, step);
  return x;
}

Tensor arange(double start, double end, double step) {
  if (step == 0 || (end - start) / step < 0 || !std::isfinite((end - start) / step))
    throw ValueError(format("[arange] from %g to %g in steps of %g never arrives", start, end, step));
  const bool whole = std::trunc(start) == start && std::trunc(end) == end && std::trunc(step) == step;
  return sequence(static_cast<int64_t>(std::ceil((end - start) / step)), start, step,
                  whole ? kInt64 : kFloat32);
}
Tensor arange(double end) { return arange(0, end, 1); }

Tensor linspace(double start, double end, int64_t count) {
  if (count < 0)
    throw ValueError(format("[linspace] %lld numbers: expected 0 or more", static_cast<long long>(count)));
  const double step = count > 1 ? (end - start) / static_cast<double>(count - 1) : 0;
  Tensor x = sequence(count, start, step, kFloat32);
  // From the end backwards for the second half, so that both ends are exact.
  for (int64_t i = (count + 1) / 2; i < count; ++i)
    x.data<float>()[i] = static_cast<float>(end - step * static_cast<double>(count - 1 - i));
  return x;
}

Tensor eye(int64_t n, int64_t m) {
  if (m < 0) m = n;
  Tensor x = zeros({n, m});
  for (int64_t i = 0; i < std::min(n, m); ++i) x.data<float>()[i * m + i] = 1;
  return x;
}

// Drawn on the host and then moved and converted, so that every device sees the same numbers.
template <class Draw>
static Tensor drawn(const Shape& shape, TensorOptions options, Draw draw) {
  Tensor x = empty(shape);
  draw(x.data<float>(), x.numel());
  return x.to(options.dtype).to(options.device);
}

Tensor rand(const Shape& shape, TensorOptions options) {
  return drawn(shape, options, [](float* p, int64_t n) { default_generator().fill_uniform(p, n, 0, 1); });
}
Tensor randn(const Shape& shape, TensorOptions options) {
  return drawn(shape, options, [](float* p, int64_t n) { default_generator().fill_normal(p, n, 0, 1); });
}
Tensor rand_like(const Tensor& like) { return rand(like.shape(), like.options()); }
Tensor randn_like(const Tensor& like) { return randn(like.shape(), like.options()); }

Tensor randint(int64_t low, int64_t high, const Shape& shape) {
  if (low >= high)
    throw ValueError(format("[randint] no number lies in [%lld, %lld)", static_cast<long long>(low),
                            static_cast<long long>(high)));
  Tensor x = empty(shape, {kInt64, Device::cpu()});
  default_generator().fill_randint(x.data<int64_t>(), x.numel(), low, high);
  return x;
}

Tensor randperm(int64_t n) {
  Tensor x = empty({n}, {kInt64, Device::cpu()});
  default_generator().fill_randperm(x.data<int64_t>(), n);
  return x;
}

template <class T>
static Tensor from_list(const std::vector<T>& values, const Shape& shape, Dtype dtype) {
  if (shape.numel() != static_cast<int64_t>(values.size()))
    throw ShapeError(
        format("[tensor] %zu values for a tensor of shape %s", values.size(), to_string(shape).c_str()));
  Tensor x = empty(shape, {dtype, Device::cpu()});
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (dtype) {
      case Dtype::boolean: static_cast<bool*>(x.raw_data())[i] = values[i] != 0; break;
      case Dtype::uint8: static_cast<uint8_t*>(x.raw_data())[i] = static_cast<uint8_t>(values[i]); break;
      case Dtype::int64: static_cast<int64_t*>(x.raw_data())[i] = static_cast<int64_t>(values[i]); break;
      case Dtype::float32: static_cast<float*>(x.raw_data())[i] = static_cast<float>(values[i]); break;
      default:
        throw DtypeError("[tensor] values in 16-bit types",
                         "make a float32 tensor and convert it with .to(dtype)");
    }
  }
  return x;
}
Tensor from_values(const std::vector<double>& values, const Shape& shape, Dtype dtype) {
  return from_list(values, shape, dtype);
}
Tensor from_integers(const std::vector<int64_t>& values, const Shape& shape, Dtype dtype) {
  return from_list(values, shape, dtype);
}

void detail::throw_ragged() {
  throw ShapeError("[tensor] the rows differ in length", "give every row the same count of numbers");
}

}  // namespace minitorch
