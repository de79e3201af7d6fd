// SPDX-License-Identifier: MIT
// numpy's random numbers, np.random.seed(...) and what follows it, bit for bit: the course splits tables and
// draws its first examples with them.
#pragma once
#include <cstdint>
#include <vector>

#include "minitorch/core/mersenne.h"

namespace minitorch::numpy {

/// numpy.random.RandomState. Not to be shared between threads without a lock of your own.
class RandomState {
 public:
  /// Seeded from the system's entropy.
  RandomState();
  /// @throws ValueError unless seed < 2^32
  explicit RandomState(uint64_t seed) { this->seed(seed); }
  void seed(uint64_t seed);

  double random() { return engine_.next_double(); }  ///< in [0, 1); np.random.rand draws the same
  double uniform(double lo, double hi) { return lo + (hi - lo) * random(); }
  /// By the polar method; draws come in pairs. np.random.randn draws the same.
  double normal(double loc = 0, double scale = 1);

  /// An integer in [0, max]: the bits that max needs, drawn again until they fit.
  uint64_t interval(uint64_t max);
  /// An integer in [lo, hi). @throws ValueError unless lo < hi
  int64_t randint(int64_t lo, int64_t hi);
  /// The numbers 0..n−1 in random order.
  std::vector<int64_t> permutation(int64_t n);
  /// k of the numbers 0..n−1. @throws ValueError when n < 1, or without replacement k > n
  std::vector<int64_t> choice(int64_t n, int64_t k, bool replace = true);

  /// All of the generator, to be kept in a checkpoint.
  std::vector<int64_t> state() const { return detail::pack_state(engine_, spare_); }
  /// Continues where state() was taken. @throws ValueError when `saved` is not such a list
  void set_state(const std::vector<int64_t>& saved) { detail::unpack_state(saved, engine_, spare_); }

 private:
  Mersenne engine_;
  SpareNormal spare_;
};

/// The generator behind np.random's functions; the functions below draw from it.
RandomState& global();

void seed(uint64_t seed);
double random();
double uniform(double lo, double hi);
double normal(double loc = 0, double scale = 1);
int64_t randint(int64_t lo, int64_t hi);
std::vector<int64_t> permutation(int64_t n);
std::vector<int64_t> choice(int64_t n, int64_t k, bool replace = true);

}  // namespace minitorch::numpy
