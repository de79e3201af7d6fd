// SPDX-License-Identifier: MIT
// An embedding is a choice of rows, so that its kernels are those of ops/index: take_rows and add_rows.
#include "minitorch/ops/embedding/embedding.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/index/index_check.h"
#include "minitorch/ops/index/index_kernels.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {

static int64_t padding_row(int64_t padding_idx, int64_t rows) {
  if (padding_idx == kNoPadding) return -1;
  const int64_t row = padding_idx < 0 ? padding_idx + rows : padding_idx;
  if (row < 0 || row >= rows)
    throw IndexError(format("[embedding] padding_idx %lld: the table has %lld rows",
                            static_cast<long long>(padding_idx), static_cast<long long>(rows)));
  return row;
}

Tensor embedding(const Tensor& weight, const Tensor& index, int64_t padding_idx) {
  if (weight.dims() != 2)
    throw ShapeError(
        "[embedding] a table of shape " + to_string(weight.shape()) + ": expected (rows, columns)",
        "the weight comes first, then the index");
  if (!is_floating(weight.dtype()))
    throw DtypeError(format("[embedding] a %s table: expected float32", name(weight.dtype())),
                     "the weight comes first, then the index");
  check_same_device("embedding", weight, index);
  const int64_t count = weight.shape()[0], width = weight.shape()[1],
                padding = padding_row(padding_idx, count);
  const Tensor rows = reshape(contiguous(as_index("embedding", index)), {-1});
  if (const int64_t bad = first_outside(rows, 0, count); bad >= 0)
    throw_bad_index("embedding", index, bad,
                    format("the table has %lld rows", static_cast<long long>(count)));

  Shape shape = index.shape();
  const Tensor y = empty(shape.push_back(width), weight.options()), table = contiguous(weight.detach());
  const AnyView out = view_of(reshape(y, {rows.numel(), width}));
  MT_DISPATCH(weight.device(), take_rows, view_of(table), (view_of<const int64_t, 1>(rows)), out);
  if (!needs_graph(weight)) return y;
  return with_gradients(y, "embedding", wrt(weight, [=, saved = Saved(rows)](const Tensor& dy) {
                          const Tensor& rows = saved();
                          Tensor dw = zeros({count, width}, {kFloat32, dy.device()});
                          const Tensor d = reshape(contiguous(to(dy, kFloat32)), {rows.numel(), width});
                          MT_DISPATCH(dy.device(), add_rows, view_of(dw), (view_of<const int64_t, 1>(rows)),
                                      view_of(d), padding);
                          return to(dw, dy.dtype());
                        }));
}

}  // namespace minitorch
