// SPDX-License-Identifier: MIT
// Which convolutions the tensor cores of this GPU take, and what becomes of the others.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/half.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/conv/conv_kernels.h"
#include "minitorch/ops/matmul/tensor_cores_cuda.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch::MT_DEVICE {
namespace conv {

template <class T>
void mma_forward(const Conv2dShape& s, const T* x, const T* w, const float* bias, T* y);
template <class T>
void mma_backward_data(const Conv2dShape& s, const T* dy, const T* w, T* dx);
template <class T>
void mma_backward_weights(const Conv2dShape& s, const T* x, const T* dy, T* dw);

}  // namespace conv

namespace {

int64_t inputs(const Conv2dShape& s) { return s.n * s.ci * s.h * s.w; }
int64_t outputs(const Conv2dShape& s) { return s.n * s.co * s.out_h() * s.out_w(); }
int64_t weights(const Conv2dShape& s) { return s.co * s.ci / s.groups * s.kh * s.kw; }

// Offsets must fit 31 bits with channels padded to 8, and a group be wide enough to be worth a product.
// An empty batch has no pictures to turn round.
bool suits_tensor_cores(const Conv2dShape& s, Dtype dtype) {
  const int64_t most = int64_t{1} << 31, ci = s.ci / s.groups, co = s.co / s.groups;
  return has_tensor_cores(dtype) && inputs(s) > 0 && outputs(s) > 0 && ci >= 2 && co >= 2 &&
         s.n * s.h * s.w * (ci + 7) * s.groups < most &&
         s.n * s.out_h() * s.out_w() * (co + 7) * s.groups < most && s.co * (ci + 7) * s.kh * s.kw < most &&
         (co + 7) * s.ci * s.kh * s.kw < most && s.n <= 65535 && s.groups <= 65535;
}

AnyView flat(const void* data, Dtype dtype, int64_t n) {
  return {const_cast<void*>(data), dtype, 1, {n}, {1}};
}

// The same numbers in float32.
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
  DeviceScratch<float> memory;
};

// Calls f(T{}) for the type.
template <class F>
void with_type(Dtype dtype, F f) {
  if (dtype == kFloat16) f(Half{});
  else if (dtype == kBFloat16) f(BFloat16{});
  else f(float{});
}

}  // namespace

void conv2d_mixed_forward(const Conv2dShape& s, Dtype dtype, const void* x, const void* w, const float* bias,
                          void* y) {
  if (outputs(s) == 0) return;
  if (suits_tensor_cores(s, dtype))
    return with_type(dtype, [&]<class T>(T) {
      conv::mma_forward(s, static_cast<const T*>(x), static_cast<const T*>(w), bias, static_cast<T*>(y));
    });
  const Widened u(x, dtype, inputs(s)), v(w, dtype, weights(s)), out(outputs(s));
  conv2d_forward(s, u.data(), v.data(), bias, out.data());
  out.narrow(y, dtype);
}

void conv2d_mixed_backward_data(const Conv2dShape& s, Dtype dtype, const void* dy, const void* w, void* dx) {
  if (inputs(s) == 0) return;
  if (suits_tensor_cores(s, dtype))
    return with_type(dtype, [&]<class T>(T) {
      conv::mma_backward_data(s, static_cast<const T*>(dy), static_cast<const T*>(w), static_cast<T*>(dx));
    });
  const Widened u(dy, dtype, outputs(s)), v(w, dtype, weights(s)), out(inputs(s));
  conv2d_backward_data(s, u.data(), v.data(), out.data());
  out.narrow(dx, dtype);
}

void conv2d_mixed_backward_weights(const Conv2dShape& s, Dtype dtype, const void* x, const void* dy,
                                   void* dw) {
  if (weights(s) == 0) return;
  if (suits_tensor_cores(s, dtype))
    return with_type(dtype, [&]<class T>(T) {
      conv::mma_backward_weights(s, static_cast<const T*>(x), static_cast<const T*>(dy), static_cast<T*>(dw));
    });
  const Widened u(x, dtype, inputs(s)), v(dy, dtype, outputs(s)), out(weights(s));
  conv2d_backward_weights(s, u.data(), v.data(), out.data());
  out.narrow(dw, dtype);
}

}  // namespace minitorch::MT_DEVICE
