// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/unary/unary_kernels.h"

namespace minitorch::cpu {

using simd::Vec;

void unary(UnaryOp op, float a, float b, AnyView x, AnyView y) {
  switch (op) {
#define MT_CASE(F) \
  case UnaryOp::F: \
    return map<float, float>(x, y, [f = functors::F{a, b}]<class V>(V v) { return f.forward(v); });
    MT_UNARY_OPS(MT_CASE)
#undef MT_CASE
  }
}

void unary_backward(UnaryOp op, float a, float b, AnyView saved, AnyView dy, AnyView dx) {
  switch (op) {
#define MT_CASE(F)                          \
  case UnaryOp::F:                          \
    return map<float, float>(saved, dy, dx, \
                             [f = functors::F{a, b}]<class V>(V s, V d) { return f.backward(s, d); });
    MT_UNARY_OPS(MT_CASE)
#undef MT_CASE
  }
}

}  // namespace minitorch::cpu
