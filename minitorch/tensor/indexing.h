// SPDX-License-Identifier: MIT
// Indexing as in Python: x(0), x(all, Slice{2, 5}), x(ellipsis, -1), x(none), x(mask), x(indices), x(rows,
// cols).
#pragma once
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// begin:end:step; what is left out reaches to the ends.
struct Slice {
  static constexpr int64_t kEnd = INT64_MAX;
  int64_t begin = 0, end = kEnd, step = 1;
};
/// What `all` is: an index, and, because the two share their name, also the reduction.
struct All {
  /// Whether no element is 0, over the given axes (none: all of them); true of no elements. Boolean.
  Tensor operator()(const Tensor& x, const Shape& axes = {}, bool keepdim = false) const;
};
struct Ellipsis {};
struct NewAxis {};
inline constexpr All all;            ///< a whole axis, Python's :; as a function all(x), see All
inline constexpr Ellipsis ellipsis;  ///< as many whole axes as are left, Python's ...
inline constexpr NewAxis none;       ///< a new axis of size 1, Python's None

/// One item of an index expression.
struct Index {
  enum Kind { kNumber, kSlice, kEllipsis, kNewAxis, kTensor } kind;
  int64_t number = 0;
  Slice slice;
  Tensor tensor;

  template <class I>
  requires std::is_integral_v<I> Index(I i) : kind(kNumber), number(static_cast<int64_t>(i)) {}
  Index(Slice s) : kind(kSlice), slice(s) {}
  Index(All) : kind(kSlice) {}
  Index(Ellipsis) : kind(kEllipsis) {}
  Index(NewAxis) : kind(kNewAxis) {}
  Index(const Tensor& t) : kind(kTensor), tensor(t) {}
  Index(const std::vector<int64_t>& indices);
};

/// What indexing gives: a tensor that can also be assigned to.
///
/// Numbers, slices and new axes give a view; masks and index tensors give a copy. Assigning writes into the
/// tensor that was indexed, in both cases: x(mask) = 0; x(all, 2) = y.
class Indexed : public Tensor {
 public:
  Indexed(const Tensor& base, std::vector<Index> index);
  Indexed(const Indexed&) = default;
  const Indexed& operator=(const Tensor& values) const;
  const Indexed& operator=(const Indexed& values) const { return *this = static_cast<const Tensor&>(values); }
  const Indexed& operator=(double value) const;

 private:
  Tensor base_;
  std::vector<Index> index_;
};

/// Elements of x chosen by the index items. Gradient: dy put back where it came from, summed over repeats.
/// @throws IndexError for too many items or an index out of range, ShapeError for a mask of another shape
Tensor index(const Tensor& x, const std::vector<Index>& items);
/// x(items) = values, values broadcast to the chosen shape.
Tensor index_put_(const Tensor& x, const std::vector<Index>& items, const Tensor& values,
                  bool accumulate = false);

template <class... I>
Indexed Tensor::operator()(const I&... index) const {
  return Indexed(*this, {Index(index)...});
}

}  // namespace minitorch
