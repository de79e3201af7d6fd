// SPDX-License-Identifier: MIT
// Indexing as in Python: x(0), x(all, Slice{2, 5}), x(ellipsis, -1), x(none), x(mask), x(indices), x(rows,
// cols).
#pragma once
#include <concepts>
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

template <class I>
concept IndexNumber = std::integral<I> && !std::same_as<I, bool>;

/// One item of an index expression.
struct Index {
  enum Kind { kNumber, kSlice, kEllipsis, kNewAxis, kTensor } kind;
  int64_t number = 0;
  Slice slice;
  Tensor tensor;

  template <IndexNumber I>
  Index(I i) : kind(kNumber), number(static_cast<int64_t>(i)) {}
  /// A mask without axes: x(true) is x with a new axis of size 1 in front, x(false) of size 0.
  template <std::same_as<bool> B>
  Index(B holds) : Index(mask_of(holds)) {}
  Index(Slice s) : kind(kSlice), slice(s) {}
  Index(All) : kind(kSlice) {}
  Index(Ellipsis) : kind(kEllipsis) {}
  Index(NewAxis) : kind(kNewAxis) {}
  Index(const Tensor& t) : kind(kTensor), tensor(t) {}
  Index(const std::vector<int64_t>& indices);

 private:
  static Tensor mask_of(bool holds);
};

/// What indexing gives: a tensor that can also be assigned to.
///
/// Numbers, slices and new axes give a view; masks (bool) and index tensors (whole numbers, uint8 too) give a
/// copy. Assigning writes into the tensor that was indexed, in both cases: x(mask) = 0; x(all, 2) = y. So
/// does x(indices) += y: as in Python, the part is taken, changed and put back, and of repeated indices the
/// last one counts (index_put_ with accumulate adds all up).
///
/// Everything else is done to the part alone, as in PyTorch: x(mask).zero_() clears a copy and leaves x as it
/// is, x(0).zero_() clears a view and so a row of x. And a part that was given a name is a tensor like any
/// other: after `auto part = x(0)`, `part = y` makes it another tensor and leaves x as it is.
class Indexed : public Tensor {
 public:
  Indexed(const Tensor& base, std::vector<Index> index);
  Indexed(const Indexed&) = default;

  /// Leading axes of size 1 that the part does not have are left out of values.
  const Indexed& operator=(const Tensor& values) const&&;
  const Indexed& operator=(const Indexed& values) const&&;
  const Indexed& operator=(double value) const&&;
  Indexed& operator=(const Tensor& values) &;
  Indexed& operator=(const Indexed& values) &;
  void operator=(double) & = delete;  // part = 0: part.fill_(0) sets the elements

#define MT_ASSIGN(symbol, name)                                                                  \
  const Indexed& operator symbol(const Tensor& v) const&& { return put_back(apart(v).name(v)); } \
  const Indexed& operator symbol(double v) const&& { return put_back(apart({}).name(v)); }       \
  const Tensor& operator symbol(const Tensor& v) const& { return Tensor::operator symbol(v); }   \
  const Tensor& operator symbol(double v) const& { return Tensor::operator symbol(v); }
  MT_ASSIGN(+=, add_)
  MT_ASSIGN(-=, sub_)
  MT_ASSIGN(*=, mul_)
  MT_ASSIGN(/=, div_)
#undef MT_ASSIGN

 private:
  Tensor apart(const Tensor& values) const;
  const Indexed& put_back(const Tensor& part) const;

  Tensor base_;
  std::vector<Index> index_;
};

/// Elements of x chosen by the index items. Masks and index tensors side by side are broadcast together; a
/// mask without axes stands for a new axis of size 1 where it holds, of size 0 where not.
/// Gradient: dy put back where it came from, summed over repeats.
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
