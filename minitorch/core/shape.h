// SPDX-License-Identifier: MIT
// A short list of sizes or strides, held in place: no allocation, cheap to copy.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>

namespace minitorch {

/// Sizes of a tensor, outermost first. At most kMaxDims of them.
class Shape {
 public:
  static constexpr int kMaxDims = 8;

  Shape() = default;
  Shape(std::initializer_list<int64_t> sizes) : Shape(sizes.begin(), static_cast<int>(sizes.size())) {}
  /// @throws ShapeError when count is above kMaxDims
  Shape(const int64_t* sizes, int count);
  static Shape filled(int count, int64_t value);

  int dims() const { return dims_; }
  bool empty() const { return dims_ == 0; }
  int64_t operator[](int i) const { return sizes_[i]; }
  int64_t& operator[](int i) { return sizes_[i]; }
  int64_t back() const { return sizes_[dims_ - 1]; }
  const int64_t* begin() const { return sizes_; }
  const int64_t* end() const { return sizes_ + dims_; }
  const int64_t* data() const { return sizes_; }

  /// Product of the sizes; 1 for a scalar; the largest number when the product is larger than that.
  int64_t numel() const {
    int64_t n = 1;
    for (int i = 0; i < dims_; ++i)
      if (__builtin_mul_overflow(n, sizes_[i], &n)) n = INT64_MAX;
    return n;
  }
  Shape& push_back(int64_t size);
  Shape& insert(int at, int64_t size);
  Shape& erase(int at);

  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.dims_ != b.dims_) return false;
    for (int i = 0; i < a.dims_; ++i)
      if (a.sizes_[i] != b.sizes_[i]) return false;
    return true;
  }

 private:
  int dims_ = 0;
  int64_t sizes_[kMaxDims];
};

/// "(2, 3)"; "(5)" for a vector and "()" for a scalar.
std::string to_string(const Shape& shape);

/// Row-major strides, in elements.
Shape contiguous_strides(const Shape& sizes);

/// The shape that a and b both stretch to, by PyTorch's rule: aligned at the last axis, sizes equal or one of
/// them 1.
/// @throws ShapeError naming `op`, both shapes and the axis that does not fit
Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b);

/// Axis -1 is the last. @throws IndexError naming `op` when out of range
int normalize_axis(const char* op, int64_t axis, int dims);

}  // namespace minitorch
