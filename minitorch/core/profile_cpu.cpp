// SPDX-License-Identifier: MIT
// What this CPU can do, by trying: multiplications and additions in registers, and copies of memory.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "minitorch/core/parallel.h"
#include "minitorch/core/profile.h"
#include "minitorch/core/simd.h"

namespace minitorch {
namespace {

using simd::Vec;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The best of several runs of `work` on all threads: the others were disturbed.
template <class Work>
double best_time(int runs, const Work& work) {
  double best = 1e30;
  for (int i = 0; i < runs; ++i) {
    const double start = seconds_now();
    parallel_for(num_threads(), 1, work);
    best = std::min(best, seconds_now() - start);
  }
  return best;
}

// Enough independent sums to keep two units busy for the four cycles that one takes, with what one register
// file holds.
constexpr int kSums = 12;

float multiply_and_add(int64_t rounds) {
  Vec sums[kSums];
  for (int k = 0; k < kSums; ++k) sums[k] = Vec(static_cast<float>(k));
  volatile float half = 0.5f;  // a number that the compiler does not know
  const Vec factor(half), one(1.f);
  for (int64_t i = 0; i < rounds; ++i)
    for (int k = 0; k < kSums; ++k) sums[k] = simd::multiply_add(sums[k], factor, one);
  Vec total(0.f);
  for (int k = 0; k < kSums; ++k) total += sums[k];
  return simd::sum(total);
}

double measure_flops() {
  constexpr int64_t kRounds = 400'000;  // about 1 ms
  float sink[1024] = {};
  const double seconds = best_time(20, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) sink[i] = multiply_and_add(kRounds);
  });
  volatile float keep = sink[0];
  (void)keep;
  return 2.0 * kSums * simd::kLanes * static_cast<double>(kRounds) * num_threads() / seconds;
}

// Bytes read and written by a copy between two blocks that no cache holds.
double measure_bytes() {
  constexpr std::size_t kBytes = std::size_t{96} << 20;
  const std::unique_ptr<char, decltype(&std::free)> from(static_cast<char*>(std::malloc(kBytes)), &std::free),
      to(static_cast<char*>(std::malloc(kBytes)), &std::free);
  if (!from || !to) return 0;
  const int64_t threads = num_threads();
  const auto part = [&](int64_t i) { return static_cast<std::size_t>(i) * (kBytes / threads); };
  parallel_for(threads, 1, [&](int64_t begin, int64_t end) {  // pages are mapped when first written
    std::memset(from.get() + part(begin), 1, part(end) - part(begin));
    std::memset(to.get() + part(begin), 1, part(end) - part(begin));
  });
  const double seconds = best_time(6, [&](int64_t begin, int64_t end) {
    std::memcpy(to.get() + part(begin), from.get() + part(begin), part(end) - part(begin));
  });
  return 2.0 * static_cast<double>(part(threads)) / seconds;
}

}  // namespace

MachinePeak machine_peak() {
  static std::mutex mutex;
  static std::map<int, MachinePeak> known;
  std::lock_guard lock(mutex);
  MachinePeak& peak = known[num_threads()];
  if (!peak.threads) peak = {num_threads(), measure_flops(), measure_bytes()};
  return peak;
}

}  // namespace minitorch
