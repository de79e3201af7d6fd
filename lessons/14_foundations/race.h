// SPDX-License-Identifier: MIT
// Several ways to one result, each checked and timed.
#pragma once
#include <algorithm>
#include <cmath>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "minitorch/minitorch.h"

using namespace minitorch;

// Seconds of processor time, all threads together: other programs do not count.
inline double processor_seconds() { return double(std::clock()) / CLOCKS_PER_SEC; }

class Race {
 public:
  Race(Tensor expected, double operations) : expected_(std::move(expected)), operations_(operations) {}

  // The quickest of five calls, after one to warm up.
  template <class Run>
  void run(const char* name, Run run) {
    Tensor c = run();
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
      const double start = processor_seconds();
      c = run();
      best = std::min(best, processor_seconds() - start);
    }
    slowest_ = std::max(slowest_, best);
    const bool right = max(abs(c - expected_)).item() < 1e-3;
    rows.push_back({name, right ? "right" : "wrong", format("%.2f ms", best * 1e3),
                    format("%.2f GFLOP/s", operations_ / best / 1e9),
                    format("%.1fx as fast", slowest_ / best)});
  }

  std::vector<std::vector<std::string>> rows = {};

 private:
  Tensor expected_;
  double operations_, slowest_ = 0;
};
