// SPDX-License-Identifier: MIT
// y = f(x), and dx = f'(saved) dy. The kernels, which element a thread owns and what that costs:
// core/elementwise_cuda.h. 8 bytes an element forward, 12 back, for 1 to 30 operations.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/unary/unary_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

template <class F>
struct Forward {
  F f;
  __device__ float operator()(float x) const { return f.forward(x); }
};
template <class F>
struct Backward {
  F f;
  __device__ float operator()(float saved, float dy) const { return f.backward(saved, dy); }
};

}  // namespace

void unary(UnaryOp op, float a, float b, AnyView x, AnyView y) {
  switch (op) {
#define MT_CASE(F) \
  case UnaryOp::F: return map<float, float>(#F, x, y, Forward<functors::F>{{{a, b}}});
    MT_UNARY_OPS(MT_CASE)
#undef MT_CASE
  }
}

void unary_backward(UnaryOp op, float a, float b, AnyView saved, AnyView dy, AnyView dx) {
  switch (op) {
#define MT_CASE(F) \
  case UnaryOp::F: return map<float, float>(#F " backward", saved, dy, dx, Backward<functors::F>{{{a, b}}});
    MT_UNARY_OPS(MT_CASE)
#undef MT_CASE
  }
}

}  // namespace minitorch::MT_DEVICE
