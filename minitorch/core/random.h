// SPDX-License-Identifier: MIT
// Random numbers as PyTorch draws them on the CPU: after the same seed, the same numbers, bit for bit.
//
//     set_seed(42);                          // also numpy's and Python's generators, as fastai does
//     float noise[4];
//     default_generator().fill_normal(noise, 4, 0, 1);  // 0.3367 0.1288 0.2345 0.2303
//
// Each function says how many 32-bit outputs of the engine it takes, because the order of draws is what makes
// a published result come out again. Masks made on a device (dropout) use philox.h instead.
#pragma once
#include <cstdint>
#include <mutex>
#include <vector>

#include "minitorch/core/mersenne.h"

namespace minitorch {

/// PyTorch's CPU generator. Every call is safe from any thread; a fill is one undivided sequence of draws.
class Generator {
 public:
  /// Seeded from the system's entropy.
  Generator();
  explicit Generator(uint64_t seed) { manual_seed(seed); }

  /// Starts again from `seed`, of which the engine sees the lower 32 bits.
  void manual_seed(uint64_t seed);
  uint64_t initial_seed() const;

  uint32_t random();    ///< 32 random bits
  uint64_t random64();  ///< 64 random bits from two outputs, the first one on top
  double uniform();     ///< double in [0, 1), from two outputs
  /// One draw of N(mean, std): each pair of draws takes four outputs. This is also what a strided tensor
  /// gets.
  double normal(double mean = 0, double std = 1);

  /// u·(hi − lo) + lo with u in [0, 1): 24 bits of one output each for float, 53 bits of two for double.
  /// @throws ValueError unless lo <= hi
  void fill_uniform(float* to, int64_t n, float lo = 0, float hi = 1);
  void fill_uniform(double* to, int64_t n, double lo = 0, double hi = 1);

  /// N(mean, std) by Box and Muller. Below 16 items PyTorch draws doubles in pairs, and from 16 on floats in
  /// blocks of 16 (the last, partial block is drawn again together with the items before it): the same seed
  /// gives other numbers for 15 items than for 16. The latter agree with PyTorch's to 1e-6, as its own do
  /// between machines: their logarithm and sine are rounded as the machine's vectors are.
  /// @throws ValueError when std is negative
  void fill_normal(float* to, int64_t n, float mean = 0, float std = 1);

  /// lo + (output mod (hi − lo)), an integer in [lo, hi). Takes one output, or two when hi − lo is 2^28 or
  /// more, as PyTorch 2.15 does (2^32 in old ones).
  /// @throws ValueError unless lo < hi
  int64_t random_int(int64_t lo, int64_t hi);
  void fill_randint(int64_t* to, int64_t n, int64_t lo, int64_t hi);

  /// The numbers 0..n−1 in random order; takes n − 1 outputs.
  void fill_randperm(int64_t* to, int64_t n);

  /// True with probability p, as uniform() < p. PyTorch builds with MKL draw otherwise.
  /// @throws ValueError unless 0 <= p <= 1
  bool bernoulli(double p);
  /// −ln(1 − u) / rate. PyTorch builds with MKL draw otherwise. @throws ValueError unless rate > 0
  double exponential(double rate = 1);

  /// All of the generator, to be kept in a checkpoint.
  std::vector<int64_t> state() const;
  /// Continues where state() was taken. @throws ValueError when `saved` is not such a list
  void set_state(const std::vector<int64_t>& saved);

 private:
  double uniform_unlocked();
  double normal_unlocked();
  int64_t random_int_unlocked(int64_t lo, uint64_t range);

  mutable std::mutex mutex_;
  uint64_t seed_ = 0;
  Mersenne engine_;
  SpareNormal spare_;
};

/// The generator that factories and initialisers use.
Generator& default_generator();

/// Seeds the default generator, as torch.manual_seed.
void manual_seed(uint64_t seed);

/// Seeds this library's, numpy's and Python's generators alike, as fastai's set_seed.
/// @throws ValueError unless seed < 2^32, which is all that numpy takes
void set_seed(uint64_t seed);

}  // namespace minitorch
