// SPDX-License-Identifier: MIT
#include "minitorch/core/shape.h"

#include <algorithm>

#include "minitorch/core/errors.h"

namespace minitorch {

static void check_dims(int dims) {
  if (dims > Shape::kMaxDims)
    throw ShapeError(format("a tensor of %d dimensions: at most %d are supported", dims, Shape::kMaxDims));
}

Shape::Shape(const int64_t* sizes, int count) : dims_(count) {
  check_dims(count);
  std::copy(sizes, sizes + count, sizes_);
}

Shape Shape::filled(int count, int64_t value) {
  check_dims(count);
  Shape s;
  s.dims_ = count;
  std::fill_n(s.sizes_, count, value);
  return s;
}

Shape& Shape::push_back(int64_t size) { return insert(dims_, size); }

Shape& Shape::insert(int at, int64_t size) {
  check_dims(dims_ + 1);
  std::copy_backward(sizes_ + at, sizes_ + dims_, sizes_ + dims_ + 1);
  sizes_[at] = size;
  ++dims_;
  return *this;
}

Shape& Shape::erase(int at) {
  std::copy(sizes_ + at + 1, sizes_ + dims_, sizes_ + at);
  --dims_;
  return *this;
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (int i = 0; i < shape.dims(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

Shape contiguous_strides(const Shape& sizes) {
  Shape strides = sizes;
  int64_t step = 1;
  for (int i = sizes.dims() - 1; i >= 0; --i) {
    strides[i] = step;
    if (__builtin_mul_overflow(step, std::max<int64_t>(sizes[i], 1), &step)) step = INT64_MAX;
  }
  return strides;
}

Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b) {
  if (a == b) return a;
  const Shape &longer = a.dims() >= b.dims() ? a : b, &shorter = a.dims() >= b.dims() ? b : a;
  Shape out = longer;
  const int shift = longer.dims() - shorter.dims();
  for (int i = 0; i < shorter.dims(); ++i) {
    const int64_t x = longer[i + shift], y = shorter[i];
    if (x != y && x != 1 && y != 1)
      throw ShapeError(
          format("[%s] %s and %s: at axis %d from the end the sizes %lld and %lld differ and neither is 1",
                 op, to_string(a).c_str(), to_string(b).c_str(), shorter.dims() - i,
                 static_cast<long long>(a[a.dims() - (shorter.dims() - i)]),
                 static_cast<long long>(b[b.dims() - (shorter.dims() - i)])),
          "sizes are matched from the last axis; unsqueeze() or keepdim adds an axis of size 1");
    out[i + shift] = x == 1 ? y : x;
  }
  return out;
}

int normalize_axis(const char* op, int64_t axis, int dims) {
  const int64_t span = std::max(dims, 1);
  if (axis < -span || axis >= span)
    throw IndexError(format("[%s] axis %lld of a tensor with %d dimensions: expected %lld to %lld", op,
                            static_cast<long long>(axis), dims, static_cast<long long>(-span),
                            static_cast<long long>(span - 1)));
  return static_cast<int>(axis < 0 ? axis + span : axis);
}

}  // namespace minitorch
