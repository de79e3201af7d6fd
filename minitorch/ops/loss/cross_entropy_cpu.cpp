// SPDX-License-Identifier: MIT
// Cross-entropy on the CPU: log-softmax, the choice of the target and the smoothing in one pair of kernels.
// The forward pass evaluates each exponential once and keeps it, so that the backward pass is one
// multiplication an element.
#include "minitorch/core/errors.h"
#include "minitorch/core/scratch.h"
#include "minitorch/ops/loss/loss_kernels.h"
#include "minitorch/ops/softmax/softmax_rows_cpu.h"

namespace minitorch::cpu {
namespace {

// What follows from one item's target t: loss = on_target (log total - x[t]) + on_all sum w[c] (log total -
// x[c]), where x is counted from its maximum.
struct Item {
  int64_t target;
  float count, on_target, on_all;

  // Ignored, or of weight 0: neither a loss nor a gradient, whatever reaches it.
  bool is_nothing() const { return on_target == 0 && on_all == 0; }
};

Item item_of(const Labels& labels, int64_t row, int64_t column, int64_t classes) {
  const int64_t t = labels.target(row, column);
  if (t == labels.ignore_index) return {0, 0, 0, 0};
  if (t < 0 || t >= classes)
    throw IndexError(
        format("[cross_entropy] target %lld of item %lld: expected 0 to %lld, or %lld to ignore the item",
               static_cast<long long>(t), static_cast<long long>(row * labels.target.size[1] + column),
               static_cast<long long>(classes - 1), static_cast<long long>(labels.ignore_index)),
        "targets are class numbers from 0: compare the number of classes with the size of the last layer");
  const float w = labels.weight ? labels.weight[t] : 1;
  return {t, w, (1 - labels.smoothing) * w, labels.smoothing / static_cast<float>(classes)};
}

float loss_of(const Item& item, float weight_sum, float log_total, float x_target, float weighted_sum) {
  if (item.is_nothing()) return 0;
  return item.on_target * (log_total - x_target) + item.on_all * (weight_sum * log_total - weighted_sum);
}

// sum w[c] (x[c] - top) of the n classes, `step` apart.
float weighted_sum(const float* x, int64_t n, int64_t step, float top, const float* weight) {
  Vec sum(0.f);
  int64_t c = 0;
  if (step == 1)
    for (; c + kLanes <= n; c += kLanes)
      sum += (Vec::load(x + c) - Vec(top)) * (weight ? Vec::load(weight + c) : Vec(1.f));
  float rest = 0;
  for (; c < n; ++c) rest += (weight ? weight[c] : 1.f) * (x[c * step] - top);
  return simd::sum(sum) + rest;
}

void forward_row(const View<const float, 3>& x, const Labels& labels, int64_t i, const View<float, 2>& loss,
                 const View<float, 2>& counts, float* exps, const View<float, 2>& totals) {
  const int64_t n = x.size[1];
  const float* row = x.data + i * n;
  const Item item = item_of(labels, i, 0, n);
  const float top = join_run<functors::Max>(row, n);
  for_vectors(
      n, exps, [shift = Vec(top)](Vec v) { return exp_below_one(v - shift); }, row);
  const float total = join_run<functors::Sum>(exps, n);
  const float smoothed = item.on_all != 0 ? weighted_sum(row, n, 1, top, labels.weight) : 0;
  loss.data[i] = loss_of(item, labels.sum_of_weights(n), std::log(total), row[item.target] - top, smoothed);
  counts.data[i] = item.count;
  totals.data[i] = total;
}

// The same for `columns` items whose classes lie `inner` apart, from item `first` of row i.
void forward_columns(const View<const float, 3>& x, const Labels& labels, int64_t i, int64_t first,
                     int64_t columns, const View<float, 2>& loss, const View<float, 2>& counts, float* exps,
                     const View<float, 2>& totals) {
  const int64_t n = x.size[1], inner = x.size[2];
  const float* from = x.data + i * n * inner + first;
  alignas(64) float top[kMostColumns], e[kMostColumns];
  float* total = totals.data + i * inner + first;
  std::fill_n(top, columns, -__builtin_inff());
  std::fill_n(total, columns, 0.f);
  for (int64_t c = 0; c < n; ++c)
    for_vectors(
        columns, top, [](Vec t, Vec v) { return simd::max(t, v); }, top, from + c * inner);
  for (int64_t c = 0; c < n; ++c) {
    float* to = exps ? exps + c * inner : e;
    for_vectors(
        columns, to, [](Vec v, Vec t) { return exp_below_one(v - t); }, from + c * inner, top);
    for_vectors(
        columns, total, [](Vec s, Vec v) { return s + v; }, total, to);
  }
  for (int64_t j = 0; j < columns; ++j) {
    const Item item = item_of(labels, i, first + j, n);
    const float smoothed = item.on_all != 0 ? weighted_sum(from + j, n, inner, top[j], labels.weight) : 0;
    loss.data[i * inner + first + j] = loss_of(item, labels.sum_of_weights(n), std::log(total[j]),
                                               from[item.target * inner + j] - top[j], smoothed);
    counts.data[i * inner + first + j] = item.count;
  }
}

// d loss / d x[c] = e[c] / total (on_target + on_all sum w) - on_all w[c] - on_target [c = t]
void backward_row(const float* exps, float total, const Labels& labels, int64_t i, float dloss, float* dx,
                  int64_t n) {
  const Item item = item_of(labels, i, 0, n);
  if (item.is_nothing()) dloss = 0;  // infinite or NaN when the mean had nothing to divide by
  const float all = item.on_all * dloss;
  const Vec scale((item.on_target + item.on_all * labels.sum_of_weights(n)) * dloss / total), even(all);
  if (all == 0)
    for_vectors(
        n, dx, [&](Vec e) { return e * scale; }, exps);
  else if (!labels.weight)
    for_vectors(
        n, dx, [&](Vec e) { return e * scale - even; }, exps);
  else
    for_vectors(
        n, dx, [&](Vec e, Vec w) { return e * scale - even * w; }, exps, labels.weight);
  dx[item.target] -= item.on_target * dloss;
}

void backward_columns(const View<const float, 3>& exps, const View<const float, 2>& totals,
                      const Labels& labels, int64_t i, int64_t first, int64_t columns,
                      const View<const float, 2>& dloss, const View<float, 3>& dx) {
  const int64_t n = exps.size[1], inner = exps.size[2], at = i * n * inner + first;
  alignas(64) float scale[kMostColumns], all[kMostColumns];
  for (int64_t j = 0; j < columns; ++j) {
    const Item item = item_of(labels, i, first + j, n);
    const float d = item.is_nothing() ? 0 : dloss(i, first + j);
    all[j] = item.on_all * d;
    scale[j] =
        (item.on_target + item.on_all * labels.sum_of_weights(n)) * d / totals.data[i * inner + first + j];
  }
  for (int64_t c = 0; c < n; ++c) {
    const Vec w(labels.weight ? labels.weight[c] : 1.f);
    for_vectors(
        columns, dx.data + at + c * inner, [&](Vec e, Vec s, Vec a) { return e * s - a * w; },
        exps.data + at + c * inner, scale, all);
  }
  for (int64_t j = 0; j < columns; ++j) {
    const Item item = item_of(labels, i, first + j, n);
    if (!item.is_nothing()) dx.data[at + item.target * inner + j] -= item.on_target * dloss(i, first + j);
  }
}

}  // namespace

void cross_entropy(View<const float, 3> x, Labels labels, View<float, 2> loss, View<float, 2> counts,
                   View<float, 3> exps, View<float, 2> totals) {
  const int64_t rows = x.size[0], n = x.size[1], inner = x.size[2];
  if (inner > 1)
    return for_column_groups(rows, n, inner, [&](int64_t i, int64_t first, int64_t columns) {
      float* to = exps.data ? exps.data + i * n * inner + first : nullptr;
      forward_columns(x, labels, i, first, columns, loss, counts, to, totals);
    });
  parallel_for(rows, 1 + kGrain / 8 / (n + 1), [&](int64_t begin, int64_t end) {
    const Scratch<float> unwanted(exps.data ? 0 : n);
    for (int64_t i = begin; i < end; ++i)
      forward_row(x, labels, i, loss, counts, exps.data ? exps.data + i * n : unwanted.data(), totals);
  });
}

void cross_entropy_backward(View<const float, 3> exps, View<const float, 2> totals, Labels labels,
                            View<const float, 2> dloss, View<float, 3> dx) {
  const int64_t rows = exps.size[0], n = exps.size[1], inner = exps.size[2];
  if (inner > 1)
    return for_column_groups(rows, n, inner, [&](int64_t i, int64_t first, int64_t columns) {
      backward_columns(exps, totals, labels, i, first, columns, dloss, dx);
    });
  for_rows(rows, n, [&](int64_t i) {
    backward_row(exps.data + i * n, totals.data[i], labels, i, dloss(i, 0), dx.data + i * n, n);
  });
}

}  // namespace minitorch::cpu
