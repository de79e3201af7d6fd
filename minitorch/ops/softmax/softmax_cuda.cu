// SPDX-License-Identifier: MIT
// Softmax on a GPU. x, y, dx: (outer, n, inner), contiguous; a line is the n elements that share outer and
// inner index.
//
// kGroup threads own a line and thread t of them elements t, t + kGroup, ...: a warp for lines of up to 1024
// elements that lie in one piece, a block for longer ones, one thread where neighbouring lines are neighbours
// in memory. Each pass reads 4 bytes an element, from the caches after the first; the limit is memory, 8
// bytes an element.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/reduce/block_cuda.h"
#include "minitorch/ops/softmax/softmax_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

struct Larger {
  __device__ float operator()(float a, float b) const { return a > b || a != a ? a : b; }  // NaN wins
};
struct Plus {
  __device__ float operator()(float a, float b) const { return a + b; }
};

struct Lines {
  int64_t count, n, step;  // elements of a line are `step` apart

  __device__ int64_t first(int64_t line) const { return line / step * step * n + line % step; }
};

template <int kGroup, class Join>
__device__ __forceinline__ float join_group(float value, float* shared, Join join) {
  if constexpr (kGroup == 1) return value;
  else return join_block<kGroup>(value, shared, join);
}

// y = e^(x - max) / sum of e^(x - max) along a line, or its logarithm. Three passes over the line: maximum,
// sum, result; the group meets twice, by shuffles and, where it is a block, in shared memory. 8 bytes and
// some 25 operations an element, most of them for its two exponentials (one for the logarithm).
template <int kGroup, bool kLog>
__global__ void softmax_lines(Lines lines, const float* x, float* y) {
  __shared__ float shared[kThreads / kWarp];
  const int64_t line = static_cast<int64_t>(blockIdx.x) * (kThreads / kGroup) + threadIdx.x / kGroup;
  if (line >= lines.count) return;  // the whole group
  x += lines.first(line);
  y += lines.first(line);
  const int start = threadIdx.x % kGroup;
  float top = -INFINITY, total = 0;
  for (int64_t i = start; i < lines.n; i += kGroup) top = Larger()(top, x[i * lines.step]);
  top = join_group<kGroup>(top, shared, Larger());
  for (int64_t i = start; i < lines.n; i += kGroup) total += expf(x[i * lines.step] - top);
  total = join_group<kGroup>(total, shared, Plus());
  const float log_total = logf(total), scale = 1 / total;
  for (int64_t i = start; i < lines.n; i += kGroup) {
    const float v = x[i * lines.step] - top;
    y[i * lines.step] = kLog ? v - log_total : expf(v) * scale;
  }
}

// dx = y (dy - sum of y dy), or for the logarithm dx = dy - e^y sum of dy; threads own elements as above. Two
// passes over y and dy, the second from the caches; 12 bytes and 4 operations an element, for the logarithm
// an exponential more. The limit is memory.
template <int kGroup, bool kLog>
__global__ void softmax_lines_backward(Lines lines, const float* y, const float* dy, float* dx) {
  __shared__ float shared[kThreads / kWarp];
  const int64_t line = static_cast<int64_t>(blockIdx.x) * (kThreads / kGroup) + threadIdx.x / kGroup;
  if (line >= lines.count) return;  // the whole group
  const int64_t first = lines.first(line);
  float total = 0;
  for (int64_t i = threadIdx.x % kGroup; i < lines.n; i += kGroup) {
    const int64_t at = first + i * lines.step;
    total += kLog ? dy[at] : y[at] * dy[at];
  }
  total = join_group<kGroup>(total, shared, Plus());
  for (int64_t i = threadIdx.x % kGroup; i < lines.n; i += kGroup) {
    const int64_t at = first + i * lines.step;
    dx[at] = kLog ? dy[at] - expf(y[at]) * total : y[at] * (dy[at] - total);
  }
}

// Launches the kernel of the right group size: F<kGroup>() gives it.
template <class Kernels, class... Arguments>
void launch_lines(const Lines& lines, Arguments... arguments) {
  const auto run = [&](auto* kernel, int group) {
    const int64_t per_block = kThreads / group;
    check(launch(kernel, dim3(static_cast<unsigned>((lines.count + per_block - 1) / per_block)),
                 dim3(kThreads), 0, current_stream(), lines, arguments...),
          "softmax");
  };
  if (lines.step > 1) run(Kernels::template get<1>(), 1);
  else if (lines.n <= 1024) run(Kernels::template get<kWarp>(), kWarp);
  else run(Kernels::template get<kThreads>(), kThreads);
}
template <bool kLog>
struct Forward {
  template <int kGroup>
  static auto get() {
    return &softmax_lines<kGroup, kLog>;
  }
};
template <bool kLog>
struct Backward {
  template <int kGroup>
  static auto get() {
    return &softmax_lines_backward<kGroup, kLog>;
  }
};

}  // namespace

void softmax(bool logarithm, View<const float, 3> x, View<float, 3> y) {
  const Lines lines = {x.size[0] * x.size[2], x.size[1], x.size[2]};
  logarithm ? launch_lines<Forward<true>>(lines, x.data, y.data)
            : launch_lines<Forward<false>>(lines, x.data, y.data);
}

void softmax_backward(bool logarithm, View<const float, 3> y, View<const float, 3> dy, View<float, 3> dx) {
  const Lines lines = {y.size[0] * y.size[2], y.size[1], y.size[2]};
  logarithm ? launch_lines<Backward<true>>(lines, y.data, dy.data, dx.data)
            : launch_lines<Backward<false>>(lines, y.data, dy.data, dx.data);
}

}  // namespace minitorch::MT_DEVICE
