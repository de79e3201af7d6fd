// SPDX-License-Identifier: MIT
// Cross-entropy on a GPU. x (N, C, inner), an item being the C logits that share N and inner index.
//
// kGroup threads own an item, and thread t of them classes t, t + kGroup, ...: a warp for up to 1024 classes
// in one piece, a block for more, one thread where neighbouring items are neighbours in memory (a picture's
// pixels). The forward pass reads the logits twice, from the caches the second time, and writes their
// exponentials; the backward pass reads those and writes the gradient: 16 bytes a logit in all, and memory is
// the limit.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/loss/loss_kernels.h"
#include "minitorch/ops/reduce/block_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

constexpr int kThreads = 256;

struct Larger {
  __device__ float operator()(float a, float b) const { return a > b || a != a ? a : b; }  // NaN wins
};
struct Plus {
  __device__ float operator()(float a, float b) const { return a + b; }
};
template <int kGroup, class Join>
__device__ __forceinline__ float join_group(float value, float* shared, Join join) {
  if constexpr (kGroup == 1) return value;
  else return join_block<kGroup>(value, shared, join);
}

struct Items {
  int64_t count, classes, inner;

  __device__ int64_t first(int64_t item) const { return item / inner * inner * classes + item % inner; }
};

// What follows from an item's target, as in cross_entropy_cpu.cpp. A target that is no class turns the loss
// to NaN.
struct Item {
  int64_t target;
  float count, on_target, on_all;

  __device__ bool is_nothing() const { return on_target == 0 && on_all == 0; }
};
__device__ __forceinline__ Item item_of(const Labels& labels, const Items& items, int64_t item) {
  const int64_t t = labels.target(item / items.inner, item % items.inner);
  if (t == labels.ignore_index) return {-1, 0, 0, 0};
  if (t < 0 || t >= items.classes) return {-1, 1, NAN, 0};
  const float w = labels.weight ? labels.weight[t] : 1;
  return {t, w, (1 - labels.smoothing) * w, labels.smoothing / static_cast<float>(items.classes)};
}

// Per item its loss, its weight in the mean (counts), and for the gradient e^(x - max) of each class (exps,
// unless null) and their sum (totals). kGroup threads own an item and thread t of them classes t, t + kGroup,
// ...; two passes over the logits, the second from the caches: 4 bytes a logit, and 4 more where exps are
// kept, for some 15 operations, most of them an exponential's. The limit is memory.
template <int kGroup>
__global__ void cross_entropy_forward(Items items, Labels labels, const float* x, float* loss, float* counts,
                                      float* exps, float* totals) {
  __shared__ float shared[kThreads / kWarp];
  const int64_t number = static_cast<int64_t>(blockIdx.x) * (kThreads / kGroup) + threadIdx.x / kGroup;
  if (number >= items.count) return;  // the whole group
  const Item item = item_of(labels, items, number);
  const int64_t first = items.first(number);
  const int start = threadIdx.x % kGroup;
  float top = -INFINITY, total = 0, smoothed = 0;
  for (int64_t c = start; c < items.classes; c += kGroup) top = Larger()(top, x[first + c * items.inner]);
  top = join_group<kGroup>(top, shared, Larger());
  for (int64_t c = start; c < items.classes; c += kGroup) {
    const int64_t at = first + c * items.inner;
    const float v = x[at] - top, e = expf(v);
    total += e;
    if (item.on_all != 0) smoothed += (labels.weight ? labels.weight[c] : 1) * v;
    if (exps) exps[at] = e;
  }
  total = join_group<kGroup>(total, shared, Plus());
  smoothed = join_group<kGroup>(smoothed, shared, Plus());
  if (start != 0) return;
  const float log_total = logf(total),
              on_target = item.target < 0 ? 0 : log_total - (x[first + item.target * items.inner] - top);
  loss[number] = item.on_target * on_target +
                 item.on_all * (labels.sum_of_weights(items.classes) * log_total - smoothed);
  if (item.is_nothing()) loss[number] = 0;
  counts[number] = item.count;
  totals[number] = total;
}

// One thread a logit: d loss / d x[c] = e[c] / total (on_target + on_all sum w) - on_all w[c] - on_target [c
// = t]. 8 bytes and 6 operations a logit, besides three divisions for its place; what belongs to the item
// comes from the cache. The limit is memory.
__global__ void cross_entropy_slope(Items items, Labels labels, const float* exps, const float* totals,
                                    View<const float, 2> dloss, float* dx) {
  for (int64_t i = first_item(); i < items.count * items.classes; i += item_step()) {
    const int64_t outer = i / (items.inner * items.classes), c = i / items.inner % items.classes,
                  inner = i % items.inner;
    const int64_t number = outer * items.inner + inner;
    const Item item = item_of(labels, items, number);
    const float w = labels.weight ? labels.weight[c] : 1;
    const float slope =
        exps[i] / totals[number] * (item.on_target + item.on_all * labels.sum_of_weights(items.classes)) -
        item.on_all * w - (c == item.target ? item.on_target : 0);
    dx[i] = item.is_nothing() ? 0 : slope * dloss(outer, inner);
  }
}

template <int kGroup>
void forward_with(const Items& items, const Labels& labels, const float* x, float* loss, float* counts,
                  float* exps, float* totals) {
  constexpr int64_t kItems = kThreads / kGroup;
  check(
      launch(cross_entropy_forward<kGroup>, dim3(static_cast<unsigned>((items.count + kItems - 1) / kItems)),
             dim3(kThreads), 0, current_stream(), items, labels, x, loss, counts, exps, totals),
      "cross_entropy");
}

}  // namespace

void cross_entropy(View<const float, 3> x, Labels labels, View<float, 2> loss, View<float, 2> counts,
                   View<float, 3> exps, View<float, 2> totals) {
  const Items items = {x.size[0] * x.size[2], x.size[1], x.size[2]};
  const auto run = items.inner > 1         ? forward_with<1>
                   : items.classes <= 1024 ? forward_with<kWarp>
                                           : forward_with<kThreads>;
  run(items, labels, x.data, loss.data, counts.data, exps.data, totals.data);
}

void cross_entropy_backward(View<const float, 3> exps, View<const float, 2> totals, Labels labels,
                            View<const float, 2> dloss, View<float, 3> dx) {
  const Items items = {exps.size[0] * exps.size[2], exps.size[1], exps.size[2]};
  check(launch(cross_entropy_slope, dim3(blocks_for(items.count * items.classes)), dim3(kElementwiseBlock), 0,
               current_stream(), items, labels, exps.data, totals.data, dloss, dx.data),
        "cross_entropy");
}

}  // namespace minitorch::MT_DEVICE
