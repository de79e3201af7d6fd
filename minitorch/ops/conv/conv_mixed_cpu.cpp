// SPDX-License-Identifier: MIT
// Convolutions of 16-bit tensors on the CPU: widened, computed in float32, rounded once.
#include "minitorch/core/scratch.h"
#include "minitorch/ops/conv/conv_kernels.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch::cpu {
namespace {

AnyView flat(const void* data, Dtype dtype, int64_t n) {
  return {const_cast<void*>(data), dtype, 1, {n}, {1}};
}

struct Widened {
  Widened(const void* from, Dtype dtype, int64_t n) : Widened(n) {
    copy_strided(flat(from, dtype, n), flat(data(), kFloat32, n));
  }
  explicit Widened(int64_t n) : count(n), memory(n + 1) {}
  float* data() const { return memory.data(); }
  void narrow(void* to, Dtype dtype) const {
    copy_strided(flat(data(), kFloat32, count), flat(to, dtype, count));
  }
  int64_t count;
  Scratch<float> memory;
};

int64_t inputs(const Conv2dShape& s) { return s.n * s.ci * s.h * s.w; }
int64_t outputs(const Conv2dShape& s) { return s.n * s.co * s.out_h() * s.out_w(); }
int64_t weights(const Conv2dShape& s) { return s.co * s.ci / s.groups * s.kh * s.kw; }

}  // namespace

void conv2d_mixed_forward(const Conv2dShape& s, Dtype dtype, const void* x, const void* w, const float* bias,
                          void* y) {
  const Widened u(x, dtype, inputs(s)), v(w, dtype, weights(s)), out(outputs(s));
  conv2d_forward(s, u.data(), v.data(), bias, out.data());
  out.narrow(y, dtype);
}

void conv2d_mixed_backward_data(const Conv2dShape& s, Dtype dtype, const void* dy, const void* w, void* dx) {
  const Widened u(dy, dtype, outputs(s)), v(w, dtype, weights(s)), out(inputs(s));
  conv2d_backward_data(s, u.data(), v.data(), out.data());
  out.narrow(dx, dtype);
}

void conv2d_mixed_backward_weights(const Conv2dShape& s, Dtype dtype, const void* x, const void* dy,
                                   void* dw) {
  const Widened u(x, dtype, inputs(s)), v(dy, dtype, outputs(s)), out(weights(s));
  conv2d_backward_weights(s, u.data(), v.data(), out.data());
  out.narrow(dw, dtype);
}

}  // namespace minitorch::cpu
