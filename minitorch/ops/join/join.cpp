// SPDX-License-Identifier: MIT
// All copying here is the strided copy of tensor/copy_kernels.h into a slice of the result.
#include "minitorch/ops/join/join.h"

#include <algorithm>

#include "minitorch/autograd/graph.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"

namespace minitorch {
namespace {

[[noreturn]] void throw_nothing(const char* op) {
  throw ValueError(format("[%s] no tensors to join", op), "give at least one");
}

// What cat joins: PyTorch leaves out empty vectors, which have no shape to agree with.
std::vector<Tensor> joinable(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> out;
  for (auto& x : tensors)
    if (!(x.shape() == Shape{0})) out.push_back(x);
  if (out.empty() && !tensors.empty()) out.push_back(tensors[0]);
  return out;
}

}  // namespace

Tensor cat(const std::vector<Tensor>& tensors, int64_t axis_from_user) {
  const std::vector<Tensor> parts = joinable(tensors);
  if (parts.empty()) throw_nothing("cat");
  const Tensor& first = parts[0];
  if (first.dims() == 0)
    throw ShapeError("[cat] a tensor without axes cannot be joined along one", "stack() makes an axis");
  const int axis = normalize_axis("cat", axis_from_user, first.dims());
  Shape shape = first.shape();
  Dtype type = first.dtype();
  std::vector<int64_t> starts{0};
  for (auto& x : parts) {
    Shape expected = first.shape();
    if (x.dims() == first.dims()) expected[axis] = x.shape()[axis];
    if (!(x.shape() == expected))
      throw ShapeError(format("[cat] %s and %s along axis %d: the sizes of all other axes must agree",
                              to_string(first.shape()).c_str(), to_string(x.shape()).c_str(), axis));
    check_same_device("cat", first, x);
    type = promote(type, x.dtype());
    starts.push_back(starts.back() + x.shape()[axis]);
  }
  shape[axis] = starts.back();
  const Tensor y = empty(shape, {type, first.device()});
  for (std::size_t i = 0; i < parts.size(); ++i)
    slice(y, axis, starts[i], starts[i + 1]).copy_(parts[i].detach());
  return with_gradients(y, "cat", parts,
                        [parts_types =
                             [&] {
                               std::vector<Dtype> types;
                               for (auto& x : parts) types.push_back(x.dtype());
                               return types;
                             }(),
                         starts, axis](const Tensor& dy, std::size_t i) {
                          return to(slice(dy, axis, starts[i], starts[i + 1]), parts_types[i]);
                        });
}

Tensor stack(const std::vector<Tensor>& tensors, int64_t axis_from_user) {
  if (tensors.empty()) throw_nothing("stack");
  const int axis = normalize_axis("stack", axis_from_user, tensors[0].dims() + 1);
  std::vector<Tensor> parts;
  for (auto& x : tensors) {
    if (!(x.shape() == tensors[0].shape()))
      throw ShapeError("[stack] " + to_string(tensors[0].shape()) + " and " + to_string(x.shape()) +
                           ": all shapes must agree",
                       "cat() joins tensors along an axis they have");
    parts.push_back(unsqueeze(x, axis));
  }
  return cat(parts, axis);
}

std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes, int64_t axis_from_user) {
  const int axis = normalize_axis("split", axis_from_user, x.dims());
  std::vector<Tensor> out;
  int64_t at = 0;
  for (int64_t size : sizes) {
    if (size < 0) throw ValueError(format("[split] a part of size %lld", static_cast<long long>(size)));
    if (at + size <= x.size(axis)) out.push_back(slice(x, axis, at, at + size));
    at += size;
  }
  if (at != x.size(axis))
    throw ShapeError(format("[split] parts of %lld in all for axis %d of %s", static_cast<long long>(at),
                            axis, to_string(x.shape()).c_str()));
  return out;
}

std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t axis_from_user) {
  if (size < 1)
    throw ValueError(format("[split] parts of size %lld: expected 1 or more", static_cast<long long>(size)));
  const int axis = normalize_axis("split", axis_from_user, x.dims());
  std::vector<Tensor> out;
  for (int64_t at = 0; at < std::max<int64_t>(x.size(axis), 1); at += size)
    out.push_back(slice(x, axis, at, std::min(at + size, x.size(axis))));
  return out;
}

std::vector<Tensor> chunk(const Tensor& x, int64_t count, int64_t axis) {
  if (count < 1)
    throw ValueError(format("[chunk] %lld parts: expected 1 or more", static_cast<long long>(count)));
  return split(x, std::max<int64_t>(1, (x.size(axis) + count - 1) / count), axis);
}

std::vector<Tensor> unbind(const Tensor& x, int64_t axis) {
  std::vector<Tensor> out;
  for (int64_t i = 0; i < x.size(axis); ++i) out.push_back(select(x, axis, i));
  return out;
}

}  // namespace minitorch
