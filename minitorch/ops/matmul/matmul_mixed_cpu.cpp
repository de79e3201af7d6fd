// SPDX-License-Identifier: MIT
// Products of 16-bit matrices on the CPU: widened, multiplied in float32, rounded once.
#include "minitorch/core/scratch.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch::cpu {
namespace {

struct Widened {
  Widened(const AnyView& x, bool filled) : memory(x.numel() + 1), view(x) {
    view.data = memory.data();
    view.dtype = kFloat32;
    for (int64_t d = 2, step = 1; d >= 0; step *= view.size[d--]) view.stride[d] = step;
    if (filled) copy_strided(x, view);
  }
  Scratch<float> memory;
  AnyView view;
};

template <class T>
View<T, 3> matrices(const Widened& w) {
  const AnyView& v = w.view;
  return {
      static_cast<T*>(v.data), {v.size[0], v.size[1], v.size[2]}, {v.stride[0], v.stride[1], v.stride[2]}};
}

}  // namespace

void matmul_mixed(AnyView a, AnyView b, AnyView c, MatmulFinish f) {
  const Widened left(a, true), right(b, true), out(c, f.accumulate);
  const auto x = matrices<const float>(left), y = matrices<const float>(right);
  const auto z = matrices<float>(out);
  if (!f.bias && !f.relu) {
    matmul(x, y, z, f.accumulate);
  } else {  // y = x w^T: b is w transposed
    linear({x.data, {x.size[1], x.size[2]}, {x.stride[1], x.stride[2]}},
           {y.data, {y.size[2], y.size[1]}, {y.stride[2], y.stride[1]}}, f.bias, f.relu,
           {z.data, {z.size[1], z.size[2]}, {z.stride[1], z.stride[2]}});
  }
  copy_strided(out.view, c);
}

}  // namespace minitorch::cpu
