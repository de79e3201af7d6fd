// SPDX-License-Identifier: MIT
#include "minitorch/core/python_random.h"

#include <cmath>
#include <numeric>
#include <unordered_set>

#include "minitorch/core/errors.h"
#include "minitorch/core/random.h"

namespace minitorch::python {

Random::Random() { seed(detail::entropy()); }

void Random::seed(uint64_t seed) {
  std::vector<uint32_t> words = {static_cast<uint32_t>(seed)};
  if (seed >> 32) words.push_back(static_cast<uint32_t>(seed >> 32));
  engine_.seed(words);
  spare_ = {};
}

double Random::gauss(double mu, double sigma) {
  if (std::exchange(spare_.has, false)) return mu + spare_.value * sigma;
  constexpr double kTwoPi = 6.283185307179586476925;
  const double angle = random() * kTwoPi, radius = std::sqrt(-2 * std::log(1 - random()));
  spare_ = {true, std::sin(angle) * radius};
  return mu + std::cos(angle) * radius * sigma;
}

uint64_t Random::getrandbits(int k) {
  if (k < 0 || k > 64) throw ValueError(format("[getrandbits] %d bits: expected 0 to 64", k));
  if (k == 0) return 0;
  if (k <= 32) return engine_.next() >> (32 - k);
  const uint64_t low = engine_.next();
  return static_cast<uint64_t>(engine_.next() >> (64 - k)) << 32 | low;
}

uint64_t Random::randbelow(uint64_t n) {
  if (n == 0)
    throw ValueError("[randbelow] there is no number below 0 to draw", "give a range that is not empty");
  const int bits = 64 - __builtin_clzll(n);
  for (;;)
    if (const uint64_t drawn = getrandbits(bits); drawn < n) return drawn;
}

int64_t Random::randint(int64_t a, int64_t b) {
  if (a > b)
    throw ValueError(format("[randint] the range [%lld, %lld] is empty", static_cast<long long>(a),
                            static_cast<long long>(b)),
                     "give the lower end first");
  const uint64_t from = static_cast<uint64_t>(a), range = static_cast<uint64_t>(b) - from + 1;
  if (range == 0)  // every int64: Python draws the 65 bits that 2^64 needs until the top one is clear
    for (;;)
      if (const uint64_t drawn = getrandbits(64); getrandbits(1) == 0)
        return static_cast<int64_t>(from + drawn);
  return static_cast<int64_t>(from + randbelow(range));
}

std::vector<int64_t> Random::sample(int64_t n, int64_t k) {
  if (k < 0 || k > n)
    throw ValueError(format("[sample] cannot take %lld of %lld items without repetition",
                            static_cast<long long>(k), static_cast<long long>(n)),
                     "ask for at most as many items as there are");
  std::vector<int64_t> chosen(k);
  // Python keeps a pool of what is left when a set of the chosen would be about as large.
  double set_size = 21;
  if (k > 5) set_size += std::pow(4, std::ceil(std::log(3.0 * static_cast<double>(k)) / std::log(4.0)));
  if (static_cast<double>(n) <= set_size) {
    std::vector<int64_t> pool(n);
    for (int64_t i = 0; i < n; ++i) pool[i] = i;
    for (int64_t i = 0; i < k; ++i) {
      const uint64_t j = randbelow(n - i);
      chosen[i] = pool[j];
      pool[j] = pool[n - i - 1];
    }
    return chosen;
  }
  std::unordered_set<int64_t> taken;
  for (int64_t& item : chosen) {
    do item = static_cast<int64_t>(randbelow(n));
    while (!taken.insert(item).second);
  }
  return chosen;
}

namespace {
uint64_t draw_seed(Random& from) { return static_cast<uint64_t>(from.randint(0, UINT32_MAX)); }
}  // namespace

LoaderOrder::LoaderOrder() : random_(draw_seed(global())) {}

std::vector<int64_t> LoaderOrder::start(int64_t n, bool shuffle) {
  base_seed_ = default_generator().random64();
  random_.seed(draw_seed(random_));
  if (shuffle) return random_.sample(n, n);
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), int64_t{0});
  return order;
}

Random& global() {
  static Random generator;
  return generator;
}

void seed(uint64_t seed) { global().seed(seed); }
double random() { return global().random(); }
double uniform(double a, double b) { return global().uniform(a, b); }
int64_t randint(int64_t a, int64_t b) { return global().randint(a, b); }
std::vector<int64_t> sample(int64_t n, int64_t k) { return global().sample(n, k); }

}  // namespace minitorch::python
