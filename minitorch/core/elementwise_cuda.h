// SPDX-License-Identifier: MIT
// The kernels of all elementwise CUDA ops: an op brings a functor and writes no kernel. For .cu files only.
//
// A thread owns elements i, i + threads, i + 2 threads, ...; a block shares nothing, and a warp touches
// neighbours in memory when the operands are contiguous. Each element is moved once, for 1 to 30 operations;
// a GPU does ten and more while it moves a byte. So the limit is memory: bytes of all operands / bandwidth.
#pragma once
#include "minitorch/core/stream_cuda.h"
#include "minitorch/core/strided_loop.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

inline constexpr int kElementwiseBlock = 256;

/// Blocks that cover n items, at most 2^16: a kernel's loop takes what is left.
inline unsigned blocks_for(int64_t n, int threads = kElementwiseBlock) {
  const int64_t blocks = (n + threads - 1) / threads;
  return static_cast<unsigned>(blocks < 1 ? 1 : blocks > 65536 ? 65536 : blocks);
}

// The flat index of this thread's first element, and the distance to its next.
__device__ __forceinline__ int64_t first_item() {
  return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ __forceinline__ int64_t item_step() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

// y[i] = f(): 4 bytes an element of float.
template <class Y, class F>
__global__ void map0(F f, StridedLoop<1> loop, Y* y) {
  for (int64_t i = first_item(); i < loop.numel; i += item_step()) {
    int64_t at[1];
    loop.offsets(i, at);
    y[at[0]] = f();
  }
}

// y[i] = f(x[i]): 8 bytes. `flat` when one index serves both, so that no index is taken apart.
template <class X, class Y, class F>
__global__ void map1(F f, StridedLoop<2> loop, bool flat, const X* x, Y* y) {
  for (int64_t i = first_item(); i < loop.numel; i += item_step()) {
    int64_t at[2] = {i, i};
    if (!flat) loop.offsets(i, at);
    y[at[1]] = f(x[at[0]]);
  }
}

// y[i] = f(a[i], b[i]): 12 bytes; a broadcast operand comes from the cache.
template <class X, class Y, class F>
__global__ void map2(F f, StridedLoop<3> loop, bool flat, const X* a, const X* b, Y* y) {
  for (int64_t i = first_item(); i < loop.numel; i += item_step()) {
    int64_t at[3] = {i, i, i};
    if (!flat) loop.offsets(i, at);
    y[at[2]] = f(a[at[0]], b[at[1]]);
  }
}

// y[i] = f(c[i], a[i], b[i]): 16 bytes.
template <class C, class X, class Y, class F>
__global__ void map3(F f, StridedLoop<4> loop, bool flat, const C* c, const X* a, const X* b, Y* y) {
  for (int64_t i = first_item(); i < loop.numel; i += item_step()) {
    int64_t at[4] = {i, i, i, i};
    if (!flat) loop.offsets(i, at);
    y[at[3]] = f(c[at[0]], a[at[1]], b[at[2]]);
  }
}

/// y = f() everywhere, any strides.
template <class Y, class F>
void map(const char* op, const AnyView& y, F f) {
  const auto loop = plan_loop<1>({y});
  if (loop.numel == 0) return;
  check(launch(map0<Y, F>, blocks_for(loop.numel), kElementwiseBlock, 0, current_stream(), f, loop,
               static_cast<Y*>(y.data)),
        op);
}
/// y = f(x), any strides; X and Y are the element types.
template <class X, class Y, class F>
void map(const char* op, const AnyView& x, const AnyView& y, F f) {
  const auto loop = plan_loop<2>({x, y});
  if (loop.numel == 0) return;
  check(launch(map1<X, Y, F>, blocks_for(loop.numel), kElementwiseBlock, 0, current_stream(), f, loop,
               loop.flat(), static_cast<const X*>(x.data), static_cast<Y*>(y.data)),
        op);
}
/// y = f(a, b), any strides, broadcast operands having stride 0.
template <class X, class Y, class F>
void map(const char* op, const AnyView& a, const AnyView& b, const AnyView& y, F f) {
  const auto loop = plan_loop<3>({a, b, y});
  if (loop.numel == 0) return;
  check(launch(map2<X, Y, F>, blocks_for(loop.numel), kElementwiseBlock, 0, current_stream(), f, loop,
               loop.flat(), static_cast<const X*>(a.data), static_cast<const X*>(b.data),
               static_cast<Y*>(y.data)),
        op);
}
/// y = f(c, a, b), any strides; c has its own element type.
template <class C, class X, class Y, class F>
void map(const char* op, const AnyView& c, const AnyView& a, const AnyView& b, const AnyView& y, F f) {
  const auto loop = plan_loop<4>({c, a, b, y});
  if (loop.numel == 0) return;
  check(launch(map3<C, X, Y, F>, blocks_for(loop.numel), kElementwiseBlock, 0, current_stream(), f, loop,
               loop.flat(), static_cast<const C*>(c.data), static_cast<const X*>(a.data),
               static_cast<const X*>(b.data), static_cast<Y*>(y.data)),
        op);
}

}  // namespace minitorch::MT_DEVICE
