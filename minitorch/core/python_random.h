// SPDX-License-Identifier: MIT
// The random numbers of Python's `random` module, bit for bit: fastai shuffles its loaders and places its
// crops with them.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "minitorch/core/mersenne.h"

namespace minitorch::python {

/// random.Random. Not to be shared between threads without a lock of your own.
class Random {
 public:
  /// Seeded from the system's entropy.
  Random();
  explicit Random(uint64_t seed) { this->seed(seed); }
  void seed(uint64_t seed);

  double random() { return engine_.next_double(); }  ///< in [0, 1)
  double uniform(double a, double b) { return a + (b - a) * random(); }
  double gauss(double mu = 0, double sigma = 1);

  /// k random bits. @throws ValueError unless 0 <= k <= 64
  uint64_t getrandbits(int k);
  /// An integer in [0, n). @throws ValueError when n is 0
  uint64_t randbelow(uint64_t n);
  /// An integer in [a, b], both ends included. @throws ValueError when a > b
  int64_t randint(int64_t a, int64_t b);

  /// k of the numbers 0..n−1, each at most once. @throws ValueError unless 0 <= k <= n
  std::vector<int64_t> sample(int64_t n, int64_t k);
  /// Puts the items in random order.
  template <class T>
  void shuffle(std::vector<T>& items) {
    using std::swap;
    for (std::size_t i = items.size(); i-- > 1;) swap(items[i], items[randbelow(i + 1)]);
  }

  /// All of the generator, to be kept in a checkpoint.
  std::vector<int64_t> state() const { return detail::pack_state(engine_, spare_); }
  /// Continues where state() was taken. @throws ValueError when `saved` is not such a list
  void set_state(const std::vector<int64_t>& saved) { detail::unpack_state(saved, engine_, spare_); }

 private:
  Mersenne engine_;
  SpareNormal spare_;
};

/// The order in which a loader visits its items, drawn as fastai's DataLoader draws it: a seed from the
/// global generator when the loader is made, and from the loader's own generator each time that it starts
/// over.
class LoaderOrder {
 public:
  LoaderOrder();
  /// The items 0..n−1 for one iteration, in random order if `shuffle`. Also takes the two outputs of the
  /// default generator (minitorch::default_generator) that PyTorch takes when a loader starts.
  std::vector<int64_t> start(int64_t n, bool shuffle);
  /// The loader's own generator, to be kept in a checkpoint; set_state goes on from there.
  std::vector<int64_t> state() const { return random_.state(); }
  void set_state(const std::vector<int64_t>& saved) { random_.set_state(saved); }
  /// What the last start took from the default generator: PyTorch seeds a loader's workers with it.
  uint64_t base_seed() const { return base_seed_; }

 private:
  Random random_;
  uint64_t base_seed_ = 0;
};

/// The generator behind the module's functions; the functions below draw from it.
Random& global();

void seed(uint64_t seed);
double random();
double uniform(double a, double b);
int64_t randint(int64_t a, int64_t b);
std::vector<int64_t> sample(int64_t n, int64_t k);

}  // namespace minitorch::python
