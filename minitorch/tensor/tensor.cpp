// SPDX-License-Identifier: MIT
#include "minitorch/tensor/tensor.h"

#include <algorithm>

#include "minitorch/core/dispatch.h"
#include "minitorch/core/half.h"
#include "minitorch/core/memory.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch {

int64_t Tensor::size(int64_t axis) const { return shape()[normalize_axis("size", axis, dims())]; }

bool Tensor::is_contiguous() const {
  int64_t expected = 1;
  for (int i = dims() - 1; i >= 0; --i) {
    if (shape()[i] != 1 && strides()[i] != expected) return numel() == 0;
    expected *= shape()[i];
  }
  return true;
}

void Tensor::throw_undefined() {
  throw ValueError("a tensor that was never given a value",
                   "grad() is undefined before backward(); a default-constructed Tensor holds nothing");
}

Tensor empty(const Shape& shape, TensorOptions options) {
  std::size_t bytes = item_size(options.dtype);
  for (int64_t size : shape) {
    if (size < 0) throw ShapeError("[empty] negative size in " + to_string(shape));
    if (__builtin_mul_overflow(bytes, static_cast<std::size_t>(size), &bytes))
      throw OutOfMemory("[empty] " + to_string(shape) + " has more elements than memory can address");
  }
  Ref<TensorImpl> impl(new TensorImpl);
  impl->storage = Ref<Storage>(new Storage(options.device, bytes));
  impl->sizes = shape;
  impl->strides = contiguous_strides(shape);
  impl->dtype = options.dtype;
  return Tensor(std::move(impl));
}

Tensor empty_like(const Tensor& like) { return empty(like.shape(), like.options()); }

Tensor as_strided(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset) {
  Ref<TensorImpl> impl(new TensorImpl);
  impl->storage = x.impl().storage;
  impl->sizes = sizes;
  impl->strides = strides;
  impl->offset = offset;
  impl->dtype = x.dtype();
  impl->is_view = true;
  impl->viewed_at = x.is_view() ? std::min(x.impl().viewed_at, x.version()) : x.version();
  return Tensor(std::move(impl));
}

Tensor Tensor::detach() const {
  Tensor x = as_strided(*this, shape(), strides(), impl().offset);
  x.impl().is_view = is_view();
  x.impl().viewed_at = UINT32_MAX;  // what happens to this tensor in the graph is no concern of its
  return x;
}

AnyView view_of(const Tensor& x) {
  AnyView v;
  v.data = x.raw_data();
  v.dtype = x.dtype();
  v.dims = x.dims();
  for (int i = 0; i < v.dims; ++i) {
    v.size[i] = x.shape()[i];
    v.stride[i] = x.strides()[i];
  }
  return v;
}

void detail::check_dtype(const Tensor& x, Dtype dtype) {
  if (x.dtype() != dtype)
    throw DtypeError(format("a %s tensor of shape %s: expected %s", name(x.dtype()),
                            to_string(x.shape()).c_str(), name(dtype)),
                     format("convert it with .to(kFloat32), .to(kInt64) or the like"));
}

void detail::check_view(const Tensor& x, Dtype dtype, int dims) {
  check_dtype(x, dtype);
  if (x.dims() != dims)
    throw ShapeError(format("a tensor of shape %s: expected %d axes", to_string(x.shape()).c_str(), dims));
}

void check_same_device(const char* op, const Tensor& a, const Tensor& b) {
  if (a.device() == b.device()) return;
  throw DeviceError(format("[%s] one tensor is on %s, the other on %s", op, to_string(a.device()).c_str(),
                           to_string(b.device()).c_str()),
                    "move one of them with .to(device)");
}

double Tensor::item() const {
  if (numel() != 1)
    throw ShapeError("[item] a tensor of shape " + to_string(shape()) +
                     ": only one element can become a number");
  return to_vector<double>()[0];
}

namespace {
template <class T, class From>
std::vector<T> convert_all(const void* data, int64_t n) {
  std::vector<T> out(n);
  const From* from = static_cast<const From*>(data);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>)
      out[i] = static_cast<T>(to_float(from[i]));
    else out[i] = static_cast<T>(from[i]);
  }
  return out;
}

// The elements in row-major order in host memory.
Tensor packed_on_host(const Tensor& x) {
  Tensor packed = x.detach();
  if (!packed.is_contiguous()) {
    packed = empty_like(x);
    MT_DISPATCH(x.device(), copy_strided, view_of(x), view_of(packed));
  }
  if (x.device().is_cpu()) return packed;
  Tensor host = empty(x.shape(), {x.dtype(), Device::cpu()});
  copy_bytes(Device::cpu(), host.raw_data(), x.device(), packed.raw_data(), x.numel() * item_size(x.dtype()));
  return host;
}
}  // namespace

template <class T>
std::vector<T> Tensor::to_vector() const {
  const Tensor host = packed_on_host(*this);
  const void* data = host.raw_data();
  switch (dtype()) {
    case Dtype::boolean: return convert_all<T, bool>(data, numel());
    case Dtype::uint8: return convert_all<T, uint8_t>(data, numel());
    case Dtype::int64: return convert_all<T, int64_t>(data, numel());
    case Dtype::float16: return convert_all<T, Half>(data, numel());
    case Dtype::bfloat16: return convert_all<T, BFloat16>(data, numel());
    case Dtype::float32: return convert_all<T, float>(data, numel());
  }
  return {};
}
template std::vector<float> Tensor::to_vector<float>() const;
template std::vector<double> Tensor::to_vector<double>() const;
template std::vector<int64_t> Tensor::to_vector<int64_t>() const;
template std::vector<int> Tensor::to_vector<int>() const;
template std::vector<uint8_t> Tensor::to_vector<uint8_t>() const;

}  // namespace minitorch
