// SPDX-License-Identifier: MIT
// Indexing and assignment through indices; the contract is in tensor/indexing.h.
//
// Numbers, slices and new axes become a view. What is left, masks and index tensors, becomes one list of
// rows: the indexed axes are moved to the front and joined, so that every such index is a choice of rows of a
// matrix.
#include <algorithm>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/index/index_check.h"
#include "minitorch/ops/index/index_kernels.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/factories.h"
#include "minitorch/tensor/indexing.h"

namespace minitorch {
namespace {

struct Plan {
  Tensor view;                  // after numbers, slices and new axes
  std::vector<int> axes;        // axes of view that index tensors choose from
  std::vector<Tensor> indices;  // one for each of them, int64
};

int axes_used(const Index& item) {
  switch (item.kind) {
    case Index::kEllipsis:
    case Index::kNewAxis: return 0;
    case Index::kTensor: return item.tensor.dtype() == kBool ? item.tensor.dims() : 1;
    default: return 1;
  }
}

// The positions where a mask holds, one index tensor for each of its axes, of which it has one or more.
std::vector<Tensor> positions(const Tensor& mask) {
  const Tensor found = nonzero(mask);
  std::vector<Tensor> out;
  for (int d = 0; d < mask.dims(); ++d) out.push_back(select(found, 1, d));
  return out;
}

void add_tensor_index(Plan& plan, Tensor item, int& axis) {
  if (item.dtype() == kBool) {
    if (item.dims() == 0) {  // all or nothing: a mask over a new axis of size 1
      plan.view = unsqueeze(plan.view, axis);
      item = reshape(item, {1});
    }
    for (int d = 0; d < item.dims(); ++d)
      if (item.shape()[d] != plan.view.shape()[axis + d])
        throw ShapeError(format("[index] a mask of shape %s for axes %d and up of %s: the sizes must agree",
                                to_string(item.shape()).c_str(), axis, to_string(plan.view.shape()).c_str()));
    for (Tensor& list : positions(item)) {
      plan.axes.push_back(axis++);
      plan.indices.push_back(std::move(list));
    }
    return;
  }
  if (is_floating(item.dtype()))
    throw DtypeError(format("[index] a %s tensor as index: expected int64 or bool", name(item.dtype())));
  plan.axes.push_back(axis++);
  plan.indices.push_back(to(item, kInt64));
}

Plan make_plan(const Tensor& x, const std::vector<Index>& items) {
  int used = 0;
  bool has_ellipsis = false;
  for (auto& item : items) {
    used += axes_used(item);
    if (item.kind == Index::kEllipsis && std::exchange(has_ellipsis, true))
      throw IndexError("[index] more than one ellipsis");
  }
  if (used > x.dims())
    throw IndexError(
        format("[index] %d indices for a tensor of shape %s", used, to_string(x.shape()).c_str()));
  Plan plan{x, {}, {}};
  int axis = 0;
  for (auto& item : items) {
    switch (item.kind) {
      case Index::kNumber: plan.view = select(plan.view, axis, item.number); break;
      case Index::kSlice:
        plan.view = slice(plan.view, axis, item.slice.begin,
                          std::min(item.slice.end, plan.view.shape()[axis]), item.slice.step);
        ++axis;
        break;
      case Index::kEllipsis: axis += x.dims() - used; break;
      case Index::kNewAxis: plan.view = unsqueeze(plan.view, axis++); break;
      case Index::kTensor: add_tensor_index(plan, item.tensor, axis); break;
    }
  }
  return plan;
}

// Index tensors joined to row numbers of the matrix (product of indexed sizes, rest).
struct Rows {
  Tensor numbers;     // (m), on x's device
  Shape shape;        // the shape the index tensors broadcast to
  Shape order;        // permutation that brings the indexed axes to the front
  Shape rest;         // sizes of the other axes
  int64_t count = 1;  // rows of the matrix
  int insert_at = 0;  // where the chosen axes stand in the result
};

// Row numbers counted from the front: -1 is the last.
Tensor wrapped(const Tensor& index, int64_t size, int axis) {
  check_indices("index", index, -size, size,
                [&] { return format("axis %d has size %lld", axis, static_cast<long long>(size)); });
  if (can_see(index) && first_outside(index, 0, size) < 0) return index;
  return where(index < 0, index + size, index);
}

Rows join(const Plan& plan) {
  Rows rows;
  const Tensor& x = plan.view;
  for (auto& index : plan.indices) rows.shape = broadcast_shapes("index", rows.shape, index.shape());
  for (std::size_t k = 0; k < plan.axes.size(); ++k) {
    const int64_t size = x.shape()[plan.axes[k]];
    const Tensor index = wrapped(plan.indices[k].to(x.device()), size, plan.axes[k]);
    rows.numbers = k ? rows.numbers * size + index : index;
    rows.order.push_back(plan.axes[k]);
    rows.count *= size;
  }
  rows.numbers = contiguous(reshape(expand(rows.numbers, rows.shape), {-1}));
  bool adjacent = true;
  for (std::size_t k = 1; k < plan.axes.size(); ++k)
    adjacent = adjacent && plan.axes[k] == plan.axes[k - 1] + 1;
  rows.insert_at = adjacent ? plan.axes[0] : 0;
  for (int d = 0; d < x.dims(); ++d) {
    if (std::count(plan.axes.begin(), plan.axes.end(), d)) continue;
    rows.order.push_back(d);
    rows.rest.push_back(x.shape()[d]);
  }
  return rows;
}

// Between "chosen axes first" and their place in the result: the order of axes that permute needs.
Shape result_order(const Rows& rows, bool back) {
  const int chosen = rows.shape.dims(), total = chosen + rows.rest.dims();
  Shape order = Shape::filled(total, 0);
  for (int i = 0; i < total; ++i) {
    const int from = i < rows.insert_at ? chosen + i : i < rows.insert_at + chosen ? i - rows.insert_at : i;
    back ? order[from] = i : order[i] = from;
  }
  return order;
}

Tensor take(const Plan& plan) {
  const Rows rows = join(plan);
  const Tensor matrix =
      reshape(contiguous(permute(plan.view.detach(), rows.order)), {rows.count, rows.rest.numel()});
  Shape shape = rows.shape;
  for (int64_t size : rows.rest) shape.push_back(size);
  Tensor y = empty({rows.numbers.numel(), rows.rest.numel()}, matrix.options());
  MT_DISPATCH(matrix.device(), take_rows, view_of(matrix), (view_of<const int64_t, 1>(rows.numbers)),
              view_of(y));
  return permute(reshape(y, shape), result_order(rows, false));
}

void put(const Tensor& x, const std::vector<Index>& items, const Tensor& values, bool accumulate) {
  if (accumulate && x.dtype() != kFloat32 && x.dtype() != kInt64) {  // sums are made in full width
    const Tensor wide = to(x.detach(), is_floating(x.dtype()) ? kFloat32 : kInt64);
    put(wide, items, values, true);
    x.detach().copy_(wide);
    return;
  }
  const Plan plan = make_plan(x.detach(), items);
  if (plan.axes.empty()) {
    accumulate ? plan.view.add_(values.detach()) : plan.view.copy_(values.detach());
    return;
  }
  const Rows rows = join(plan);
  const Tensor front = permute(plan.view, rows.order);
  const Tensor matrix = reshape(contiguous(front), {rows.count, rows.rest.numel()});
  Shape shape = rows.shape;
  for (int64_t size : rows.rest) shape.push_back(size);
  Shape result = shape;
  const Shape order = result_order(rows, false);
  for (int i = 0; i < shape.dims(); ++i) result[i] = shape[order[i]];
  const Tensor spread = contiguous(
      permute(expand(to(unshared_with(x, values.detach()), x.dtype()), result), result_order(rows, true)));
  const AnyView from = view_of(reshape(spread, {rows.numbers.numel(), rows.rest.numel()}));
  const Tensor places = unshared_with(x, rows.numbers);
  const auto numbers = view_of<const int64_t, 1>(places);
  if (accumulate) MT_DISPATCH(x.device(), add_rows, view_of(matrix), numbers, from, -1);
  else MT_DISPATCH(x.device(), put_rows, view_of(matrix), numbers, from);
  if (!front.is_contiguous()) front.copy_(reshape(matrix, front.shape()));
  x.impl().storage->changed_by("index_put_");
}

// Items that a rule needs later, their tensors guarded as Saved guards them.
class SavedItems {
 public:
  explicit SavedItems(const std::vector<Index>& items) : items_(items) {
    for (auto& item : items)
      if (item.kind == Index::kTensor) tensors_.emplace_back(item.tensor);
  }
  const std::vector<Index>& operator()() const {
    for (auto& tensor : tensors_) tensor();
    return items_;
  }

 private:
  std::vector<Index> items_;
  std::vector<Saved> tensors_;
};

}  // namespace

Index::Index(const std::vector<int64_t>& indices) : kind(kTensor), tensor(minitorch::tensor(indices)) {}
Tensor Index::mask_of(bool holds) { return minitorch::tensor(holds); }

Tensor index(const Tensor& x, const std::vector<Index>& items) {
  Plan plan = make_plan(x, items);
  if (plan.axes.empty()) return plan.view;
  plan.view = plan.view.detach();
  Tensor y = take(plan);
  if (!needs_graph(x)) return y;
  return with_gradients(y, "index", wrt(x, [items = SavedItems(items), shape = x.shape()](const Tensor& dy) {
                          Tensor dx = zeros(shape, dy.options());
                          put(dx, items(), dy, true);
                          return dx;
                        }));
}

Tensor index_put_(const Tensor& x, const std::vector<Index>& items, const Tensor& values, bool accumulate) {
  check_same_device("index_put_", x, values);
  if (!needs_graph(x, values)) {
    before_in_place("index_put_", x);
    put(x, items, values, accumulate);
    return x;
  }
  Tensor y = clone(x.detach());
  put(y, items, values, accumulate);
  return finish_in_place(
      "index_put_", x,
      with_gradients(y, "index_put",
                     wrt(x,
                         [accumulate, items = SavedItems(items)](const Tensor& dy) {
                           if (accumulate) return dy;
                           Tensor dx = clone(dy);
                           put(dx, items(), zeros({}, dy.options()), false);
                           return dx;
                         }),
                     wrt(values, [items = SavedItems(items), shape = values.shape()](const Tensor& dy) {
                       return sum_to(index(dy, items()), shape);
                     })));
}

Indexed::Indexed(const Tensor& base, std::vector<Index> index)
    : Tensor(minitorch::index(base, index)), base_(base), index_(std::move(index)) {}

const Indexed& Indexed::operator=(const Tensor& values) const&& {
  Tensor fitting = values;
  while (fitting.dims() > dims() && fitting.shape()[0] == 1) fitting = fitting.squeeze(0);
  index_put_(base_, index_, fitting);
  return *this;
}
const Indexed& Indexed::operator=(const Indexed& values) const&& {
  return std::move(*this) = static_cast<const Tensor&>(values);
}
const Indexed& Indexed::operator=(double value) const&& {
  index_put_(base_, index_,
             full({}, value,
                  {base_.dtype() == kFloat16 || base_.dtype() == kBFloat16 ? kFloat32 : base_.dtype(),
                   base_.device()}));
  return *this;
}

Indexed& Indexed::operator=(const Tensor& values) & {
  Tensor::operator=(values);
  return *this;
}
Indexed& Indexed::operator=(const Indexed& values) & { return *this = static_cast<const Tensor&>(values); }

// The part, to be changed in place: as it lies, unless the graph must know of the change.
Tensor Indexed::apart(const Tensor& values) const {
  return needs_graph(base_, values) ? clone() : static_cast<const Tensor&>(*this);
}
const Indexed& Indexed::put_back(const Tensor& part) const {
  if (!(part.impl().storage == base_.impl().storage)) index_put_(base_, index_, part);
  return *this;
}

Indexed Tensor::operator[](int64_t i) const { return Indexed(*this, {Index(i)}); }

}  // namespace minitorch
