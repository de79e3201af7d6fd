// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/reduce/block_cuda.h"
#include "minitorch/ops/reduce/reduce_functors.h"
#include "minitorch/ops/reduce/reduce_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarp;

struct Lines {
  StridedLoop<2> starts;  // of x and y, one item a line
  int64_t n, step_x, step_y;
};

// y (as x) = sums of each line of x so far. A thread owns a line and walks along it: for many lines that are
// neighbours in memory, which a warp then reads together. 8 bytes of floats and an addition an element.
template <class T, class Total>
__global__ void cumsum_thread(Lines lines, const T* x, T* y) {
  for (int64_t line = first_item(); line < lines.starts.numel; line += item_step()) {
    int64_t at[2];
    lines.starts.offsets(line, at);
    Total total = 0;
    for (int64_t i = 0; i < lines.n; ++i) {
      total += x[at[0] + i * lines.step_x];
      y[at[1] + i * lines.step_y] = static_cast<T>(total);
    }
  }
}

// The same; a block owns a line and takes 256 elements at a time, one each thread. A warp adds up its 32 by
// five shuffles (after step k every lane holds the sum of 2^k neighbours), then adds what the warps before it
// and the earlier rounds came to. 8 bytes of floats and some 12 additions an element: the limit is
// memory when there are enough lines.
template <class T, class Total>
__global__ void cumsum_block(Lines lines, const T* x, T* y) {
  __shared__ Total sums[kWarps];
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  int64_t at[2];
  lines.starts.offsets(blockIdx.x, at);
  Total before = 0;
  for (int64_t first = 0; first < lines.n; first += kThreads) {
    const int64_t i = first + threadIdx.x;
    Total sum = i < lines.n ? static_cast<Total>(x[at[0] + i * lines.step_x]) : Total(0);
    for (int distance = 1; distance < kWarp; distance *= 2) {
      const Total left = __shfl_up_sync(kAllLanes, sum, distance);
      if (lane >= distance) sum += left;
    }
    if (lane == kWarp - 1) sums[warp] = sum;
    __syncthreads();
    Total offset = before;
    for (int w = 0; w < kWarps; ++w) {
      if (w < warp) offset += sums[w];
      before += sums[w];
    }
    if (i < lines.n) y[at[1] + i * lines.step_y] = static_cast<T>(offset + sum);
    __syncthreads();
  }
}

template <class T>
void cumsum_as(const AnyView& x, int axis, bool reverse, const AnyView& y) {
  using Total = typename functors::WideTotal<T>::type;
  AnyView starts_x = x, starts_y = y;
  starts_x.size[axis] = starts_y.size[axis] = 1;
  const int64_t n = x.size[axis], last = reverse ? n - 1 : 0, sign = reverse ? -1 : 1;
  const Lines lines = {plan_loop<2>({starts_x, starts_y}), n, sign * x.stride[axis], sign * y.stride[axis]};
  if (n == 0 || lines.starts.numel == 0) return;
  const T* from = static_cast<const T*>(x.data) + last * x.stride[axis];
  T* to = static_cast<T*>(y.data) + last * y.stride[axis];
  if (lines.starts.numel >= 1024 && lines.starts.inner(0) == 1)
    check(launch(cumsum_thread<T, Total>, dim3(blocks_for(lines.starts.numel)), dim3(kThreads), 0,
                 current_stream(), lines, from, to),
          "cumsum");
  else
    check(launch(cumsum_block<T, Total>, dim3(static_cast<unsigned>(lines.starts.numel)), dim3(kThreads), 0,
                 current_stream(), lines, from, to),
          "cumsum");
}

}  // namespace

void cumsum(AnyView x, int axis, bool reverse, AnyView y) {
  x.dtype == kInt64 ? cumsum_as<int64_t>(x, axis, reverse, y) : cumsum_as<float>(x, axis, reverse, y);
}

}  // namespace minitorch::MT_DEVICE
