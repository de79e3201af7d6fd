// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/loss/loss_functors.h"
#include "minitorch/ops/loss/loss_kernels.h"

namespace minitorch::cpu {

void pointwise_loss(LossOp op, float a, AnyView x, AnyView t, AnyView y) {
  switch (op) {
#define MT_CASE(F) \
  case LossOp::F:  \
    return map<float, float>(x, t, y, [f = functors::F{{a}}]<class V>(V x, V t) { return f.loss(x, t); });
    MT_LOSS_OPS(MT_CASE)
#undef MT_CASE
  }
}

void pointwise_loss_backward(LossOp op, float a, AnyView x, AnyView t, AnyView dy, AnyView dx) {
  switch (op) {
#define MT_CASE(F)                   \
  case LossOp::F:                    \
    return map<float, float, float>( \
        dy, x, t, dx, [f = functors::F{{a}}]<class V>(V d, V x, V t) { return f.slope(x, t) * d; });
    MT_LOSS_OPS(MT_CASE)
#undef MT_CASE
  }
}

}  // namespace minitorch::cpu
