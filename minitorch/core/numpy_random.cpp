// SPDX-License-Identifier: MIT
#include "minitorch/core/numpy_random.h"

#include <cmath>
#include <utility>

#include "minitorch/core/errors.h"

namespace minitorch::numpy {

RandomState::RandomState() : engine_(static_cast<uint32_t>(detail::entropy())) {}

void RandomState::seed(uint64_t seed) {
  if (seed > UINT32_MAX)
    throw ValueError(
        format("[seed] %llu: numpy's seeds are below 2^32", static_cast<unsigned long long>(seed)),
        "choose a smaller seed");
  engine_.seed(static_cast<uint32_t>(seed));
  spare_ = {};
}

double RandomState::normal(double loc, double scale) {
  if (std::exchange(spare_.has, false)) return loc + scale * spare_.value;
  double x1, x2, r2;
  do {  // a point of the unit disc
    x1 = 2 * random() - 1;
    x2 = 2 * random() - 1;
    r2 = x1 * x1 + x2 * x2;
  } while (r2 >= 1 || r2 == 0);
  const double f = std::sqrt(-2 * std::log(r2) / r2);
  spare_ = {true, f * x1};
  return loc + scale * (f * x2);
}

uint64_t RandomState::interval(uint64_t max) {
  if (max == 0) return 0;
  const uint64_t mask = ~uint64_t{0} >> __builtin_clzll(max);
  for (;;) {
    const uint64_t drawn = (max > UINT32_MAX ? engine_.next64() : engine_.next()) & mask;
    if (drawn <= max) return drawn;
  }
}

int64_t RandomState::randint(int64_t lo, int64_t hi) {
  if (lo >= hi)
    throw ValueError(format("[randint] the range [%lld, %lld) is empty", static_cast<long long>(lo),
                            static_cast<long long>(hi)),
                     "the upper end is not drawn itself: it must be at least 1 above the lower end");
  const uint64_t from = static_cast<uint64_t>(lo);
  return static_cast<int64_t>(from + interval(static_cast<uint64_t>(hi) - from - 1));
}

std::vector<int64_t> RandomState::permutation(int64_t n) {
  std::vector<int64_t> order(n);
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  for (int64_t i = n - 1; i >= 1; --i) std::swap(order[i], order[interval(i)]);
  return order;
}

std::vector<int64_t> RandomState::choice(int64_t n, int64_t k, bool replace) {
  if (n < 1 || k < 0 || (!replace && k > n))
    throw ValueError(format("[choice] cannot take %lld of %lld items %s replacement",
                            static_cast<long long>(k), static_cast<long long>(n),
                            replace ? "with" : "without"));
  if (!replace) {
    std::vector<int64_t> order = permutation(n);
    order.resize(k);
    return order;
  }
  std::vector<int64_t> drawn(k);
  for (int64_t& item : drawn) item = static_cast<int64_t>(interval(n - 1));
  return drawn;
}

RandomState& global() {
  static RandomState state;
  return state;
}

void seed(uint64_t seed) { global().seed(seed); }
double random() { return global().random(); }
double uniform(double lo, double hi) { return global().uniform(lo, hi); }
double normal(double loc, double scale) { return global().normal(loc, scale); }
int64_t randint(int64_t lo, int64_t hi) { return global().randint(lo, hi); }
std::vector<int64_t> permutation(int64_t n) { return global().permutation(n); }
std::vector<int64_t> choice(int64_t n, int64_t k, bool replace) { return global().choice(n, k, replace); }

}  // namespace minitorch::numpy
