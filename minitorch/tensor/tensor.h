// SPDX-License-Identifier: MIT
// Tensor: a handle to an n-dimensional array, its place in the autograd graph included.
//
// Everything that computes is a free function (minitorch/ops); the members that compute forward to those.
// Copying a Tensor copies the handle: both see the same elements, gradient and graph, as in PyTorch.
// `const` protects the handle, not the elements.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <vector>

#include "minitorch/core/device.h"
#include "minitorch/core/dtype.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/ref.h"
#include "minitorch/core/shape.h"
#include "minitorch/core/view.h"
#include "minitorch/tensor/storage.h"

namespace minitorch {

class Tensor;
class Indexed;
struct Index;
struct ValuesIndices;
struct Half;
struct BFloat16;

/// Element type and device of a tensor to be made.
struct TensorOptions {
  Dtype dtype = kFloat32;
  Device device = Device::cpu();
};

/// What a Tensor points to. `node` is autograd's; it is opaque here.
struct TensorImpl final : RefCounted {
  Ref<Storage> storage;
  Shape sizes, strides;
  int64_t offset = 0;  // in elements
  Dtype dtype = kFloat32;
  bool is_view = false;
  uint32_t viewed_at =
      UINT32_MAX;  // of a view that follows its base: the storage's version when it was taken
  Ref<RefCounted> node, resting_node;  // resting: while requires_grad_(false), so that the gradient stays
};

/// A handle to an n-dimensional array with its place in the autograd graph: copies see the same elements.
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

  // --- what it is ---
  bool defined() const { return static_cast<bool>(impl_); }
  const Shape& shape() const { return impl().sizes; }
  const Shape& strides() const { return impl().strides; }
  int dims() const { return impl().sizes.dims(); }
  /// Size along one axis; -1 is the last. @throws IndexError
  int64_t size(int64_t axis) const;
  int64_t numel() const { return impl().sizes.numel(); }
  Dtype dtype() const { return impl().dtype; }
  Device device() const { return impl().storage->device(); }
  TensorOptions options() const { return {dtype(), device()}; }
  bool is_contiguous() const;
  bool is_view() const { return impl().is_view; }

  // --- its elements ---
  /// The first element. T must match dtype(), and on the CPU device it may be read and written.
  /// @throws DtypeError
  template <class T>
  T* data() const;
  void* raw_data() const {
    return static_cast<char*>(impl().storage->data()) + impl().offset * item_size(dtype());
  }
  /// The only element as a number. Waits for the device. @throws ShapeError unless numel() is 1
  double item() const;
  /// All elements in row-major order, converted to T (float, double, int64_t, uint8_t or bool... as uint8_t).
  template <class T>
  std::vector<T> to_vector() const;

  // --- indexing: x(0), x(all, Slice{2, 5}), x(mask), x(indices); see tensor/indexing.h ---
  template <class... I>
  Indexed operator()(const I&... index) const;
  Indexed operator[](int64_t index) const;

  // --- the graph ---
  /// Whether gradients flow into or through this tensor.
  bool requires_grad() const { return static_cast<bool>(impl().node); }
  bool is_leaf() const;
  /// Makes this leaf collect its gradient. @throws GradError for other than float leaves
  Tensor requires_grad_(bool on = true) const;
  /// The gradient collected so far; undefined before the first backward().
  Tensor grad() const;
  void set_grad(const Tensor& grad) const;
  /// Forgets the gradient.
  void zero_grad() const;
  /// Adds d(this)/d(leaf) to the gradient of every leaf. See backward() in autograd/graph.h.
  void backward(const Tensor& gradient = {}, bool retain_graph = false) const;
  /// The same elements outside the graph.
  Tensor detach() const;
  /// Counts in-place changes of the memory behind this tensor.
  uint32_t version() const { return impl().storage->version(); }

  // --- forwarding members (ops/members.cpp) ---
  Tensor clone() const;
  Tensor contiguous() const;
  Tensor to(Device device) const;
  Tensor to(Dtype dtype) const;
  Tensor cpu() const { return to(Device::cpu()); }
  Tensor reshape(const Shape& shape) const;
  Tensor view(const Shape& shape) const;
  Tensor flatten(int64_t first_axis = 0, int64_t last_axis = -1) const;
  Tensor t() const;
  Tensor transpose(int64_t a, int64_t b) const;
  Tensor permute(const Shape& order) const;
  Tensor expand(const Shape& shape) const;
  Tensor squeeze() const;
  Tensor squeeze(int64_t axis) const;
  Tensor unsqueeze(int64_t axis) const;
  Tensor select(int64_t axis, int64_t index) const;
  Tensor slice(int64_t axis, int64_t begin, int64_t end, int64_t step = 1) const;

  Tensor operator-() const;
  Tensor abs() const;
  Tensor exp() const;
  Tensor log() const;
  Tensor sqrt() const;
  Tensor square() const;
  Tensor pow(double exponent) const;
  Tensor sigmoid() const;
  Tensor tanh() const;
  Tensor relu() const;
  Tensor clamp(double lowest, double highest) const;
  Tensor sum() const;
  Tensor sum(const Shape& axes, bool keepdim = false) const;
  Tensor mean() const;
  Tensor mean(const Shape& axes, bool keepdim = false) const;
  Tensor std() const;
  Tensor std(const Shape& axes, bool keepdim = false) const;
  Tensor var() const;
  Tensor var(const Shape& axes, bool keepdim = false) const;
  Tensor max() const;
  Tensor min() const;
  Tensor argmax() const;
  Tensor argmax(int64_t axis, bool keepdim = false) const;
  Tensor argmin() const;
  Tensor argmin(int64_t axis, bool keepdim = false) const;
  ValuesIndices max(int64_t axis, bool keepdim = false) const;
  ValuesIndices min(int64_t axis, bool keepdim = false) const;
  Tensor norm(double p = 2) const;
  Tensor prod() const;
  Tensor all() const;
  Tensor any() const;
  Tensor cumsum(int64_t axis) const;
  Tensor softmax(int64_t axis) const;
  Tensor log_softmax(int64_t axis) const;
  ValuesIndices sort(int64_t axis = -1, bool descending = false) const;
  Tensor argsort(int64_t axis = -1, bool descending = false) const;
  ValuesIndices topk(int64_t k, int64_t axis = -1, bool largest = true) const;
  Tensor median() const;
  Tensor matmul(const Tensor& other) const;
  Tensor gather(int64_t axis, const Tensor& index) const;
  Tensor index_select(int64_t axis, const Tensor& index) const;
  Tensor masked_select(const Tensor& mask) const;
  Tensor masked_fill(const Tensor& mask, double value) const;
  Tensor flip(const Shape& axes) const;
  std::vector<Tensor> split(int64_t size, int64_t axis = 0) const;
  std::vector<Tensor> chunk(int64_t count, int64_t axis = 0) const;
  std::vector<Tensor> unbind(int64_t axis = 0) const;

  // In-place forms change the elements that all handles and views see.
  Tensor fill_(double value) const;
  Tensor zero_() const;
  Tensor copy_(const Tensor& from) const;
  Tensor add_(const Tensor& other, double scale = 1) const;
  Tensor sub_(const Tensor& other, double scale = 1) const;
  Tensor mul_(const Tensor& other) const;
  Tensor div_(const Tensor& other) const;
  Tensor add_(double number) const;
  Tensor sub_(double number) const;
  Tensor mul_(double number) const;
  Tensor div_(double number) const;
  Tensor masked_fill_(const Tensor& mask, double value) const;
  Tensor scatter_(int64_t axis, const Tensor& index, const Tensor& src) const;
  Tensor scatter_add_(int64_t axis, const Tensor& index, const Tensor& src) const;
  Tensor clamp_(double lowest, double highest) const;
  Tensor uniform_(double from = 0, double to = 1) const;  ///< drawn on the host, in the order of memory
  Tensor normal_(double mean = 0, double std = 1) const;

  const Tensor& operator+=(const Tensor& other) const { return add_(other), *this; }
  const Tensor& operator-=(const Tensor& other) const { return sub_(other), *this; }
  const Tensor& operator*=(const Tensor& other) const { return mul_(other), *this; }
  const Tensor& operator/=(const Tensor& other) const { return div_(other), *this; }
  const Tensor& operator+=(double number) const { return add_(number), *this; }
  const Tensor& operator-=(double number) const { return sub_(number), *this; }
  const Tensor& operator*=(double number) const { return mul_(number), *this; }
  const Tensor& operator/=(double number) const { return div_(number), *this; }

  /// @throws ValueError when undefined
  TensorImpl& impl() const {
    if (!impl_) throw_undefined();
    return *impl_;
  }
  /// Whether both handles are the same tensor.
  bool same(const Tensor& other) const { return impl_ == other.impl_; }
  /// Whether no other handle, view or graph shares the elements.
  bool unique() const { return impl_ && impl_->unique() && impl_->storage->unique(); }

 private:
  [[noreturn]] static void throw_undefined();
  Ref<TensorImpl> impl_;
};

/// Uninitialised. @throws OutOfMemory, ShapeError when a size is negative
Tensor empty(const Shape& shape, TensorOptions options = {});
Tensor empty_like(const Tensor& like);

/// A tensor over the same storage with other sizes, strides and offset (in elements), outside the graph.
/// The caller answers for staying inside the storage.
Tensor as_strided(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset);

/// What kernels take. @throws ShapeError unless x has N axes, DtypeError unless it holds T
template <class T, int N>
View<T, N> view_of(const Tensor& x);
AnyView view_of(const Tensor& x);

/// PyTorch's layout: tensor([[1., 2.], [3., 4.]]). Types are called float16 and the like, without torch.; a
/// tensor inside the graph says grad_fn and not which.
std::string to_string(const Tensor& x);
std::ostream& operator<<(std::ostream& out, const Tensor& x);

/// @throws DeviceError naming the op and both devices unless they agree
void check_same_device(const char* op, const Tensor& a, const Tensor& b);

namespace detail {
template <class T>
struct dtype_of;
template <>
struct dtype_of<float> {
  static constexpr Dtype value = kFloat32;
};
template <>
struct dtype_of<int64_t> {
  static constexpr Dtype value = kInt64;
};
template <>
struct dtype_of<uint8_t> {
  static constexpr Dtype value = kUint8;
};
template <>
struct dtype_of<bool> {
  static constexpr Dtype value = kBool;
};
template <>
struct dtype_of<Half> {
  static constexpr Dtype value = kFloat16;
};
template <>
struct dtype_of<BFloat16> {
  static constexpr Dtype value = kBFloat16;
};
template <class T>
struct dtype_of<const T> : dtype_of<T> {};

void check_view(const Tensor& x, Dtype dtype, int dims);
void check_dtype(const Tensor& x, Dtype dtype);
}  // namespace detail

template <class T>
T* Tensor::data() const {
  detail::check_dtype(*this, detail::dtype_of<T>::value);
  return static_cast<T*>(raw_data());
}

template <class T, int N>
View<T, N> view_of(const Tensor& x) {
  detail::check_view(x, detail::dtype_of<T>::value, N);
  View<T, N> v;
  v.data = static_cast<T*>(x.raw_data());
  for (int i = 0; i < N; ++i) {
    v.size[i] = x.shape()[i];
    v.stride[i] = x.strides()[i];
  }
  return v;
}

}  // namespace minitorch
