// SPDX-License-Identifier: MIT
#include "minitorch/core/random.h"

#include <cmath>
#include <utility>

#include "minitorch/core/errors.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/core/python_random.h"
#include "minitorch/core/random_kernels.h"

namespace minitorch {
namespace {

using Lock = std::lock_guard<std::mutex>;
constexpr double kPi = 3.14159265358979323846;

float uniform_float(Mersenne& engine) { return static_cast<float>(engine.next() & 0xffffffu) * 0x1p-24f; }

template <class T>
void check_range(T lo, T hi) {
  if (lo <= hi) return;
  throw ValueError(format("[uniform] the range [%g, %g) is empty or not a number", double(lo), double(hi)),
                   "give the lower end first");
}

uint64_t check_int_range(int64_t lo, int64_t hi) {
  if (lo < hi) return static_cast<uint64_t>(hi) - static_cast<uint64_t>(lo);
  throw ValueError(format("[randint] the range [%lld, %lld) is empty", static_cast<long long>(lo),
                          static_cast<long long>(hi)),
                   "the upper end is not drawn itself: it must be at least 1 above the lower end");
}

void check_std(double std) {
  if (!(std >= 0)) throw ValueError(format("[normal] the standard deviation is %g: expected 0 or more", std));
}

}  // namespace

Generator::Generator() { manual_seed(detail::entropy()); }

void Generator::manual_seed(uint64_t seed) {
  Lock lock(mutex_);
  seed_ = seed;
  engine_.seed(static_cast<uint32_t>(seed));
  spare_ = {};
}

uint64_t Generator::initial_seed() const {
  Lock lock(mutex_);
  return seed_;
}

uint32_t Generator::random() {
  Lock lock(mutex_);
  return engine_.next();
}

uint64_t Generator::random64() {
  Lock lock(mutex_);
  return engine_.next64();
}

double Generator::uniform_unlocked() {
  constexpr uint64_t kMask = (uint64_t{1} << 53) - 1;
  return static_cast<double>(engine_.next64() & kMask) * 0x1p-53;
}

double Generator::uniform() {
  Lock lock(mutex_);
  return uniform_unlocked();
}

double Generator::normal_unlocked() {
  if (std::exchange(spare_.has, false)) return spare_.value;
  const double u1 = uniform_unlocked(), u2 = uniform_unlocked();
  const double radius = std::sqrt(-2 * std::log1p(-u2)), theta = 2 * kPi * u1;
  spare_ = {true, radius * std::sin(theta)};
  return radius * std::cos(theta);
}

double Generator::normal(double mean, double std) {
  check_std(std);
  Lock lock(mutex_);
  return normal_unlocked() * std + mean;
}

void Generator::fill_uniform(float* to, int64_t n, float lo, float hi) {
  check_range(lo, hi);
  Lock lock(mutex_);
  // Rounded once, as PyTorch's compiler makes it: a layer begins with the same weights to the last bit.
  for (int64_t i = 0; i < n; ++i) to[i] = std::fma(uniform_float(engine_), hi - lo, lo);
}

void Generator::fill_uniform(double* to, int64_t n, double lo, double hi) {
  check_range(lo, hi);
  Lock lock(mutex_);
  for (int64_t i = 0; i < n; ++i) to[i] = std::fma(uniform_unlocked(), hi - lo, lo);
}

void Generator::fill_normal(float* to, int64_t n, float mean, float std) {
  constexpr int64_t kBlock = 16;
  check_std(std);
  Lock lock(mutex_);
  if (n < kBlock) {
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<float>(normal_unlocked() * std + mean);
    return;
  }
  for (int64_t i = 0; i < n; ++i) to[i] = uniform_float(engine_);
  cpu::normals_from_uniforms(to, n / kBlock, mean, std);
  if (n % kBlock == 0) return;
  float* last = to + n - kBlock;
  for (int64_t i = 0; i < kBlock; ++i) last[i] = uniform_float(engine_);
  cpu::normals_from_uniforms(last, 1, mean, std);
}

int64_t Generator::random_int_unlocked(int64_t lo, uint64_t range) {
  const uint64_t drawn = range >> 28 ? engine_.next64() : engine_.next();
  return static_cast<int64_t>(static_cast<uint64_t>(lo) + drawn % range);
}

int64_t Generator::random_int(int64_t lo, int64_t hi) {
  const uint64_t range = check_int_range(lo, hi);
  Lock lock(mutex_);
  return random_int_unlocked(lo, range);
}

void Generator::fill_randint(int64_t* to, int64_t n, int64_t lo, int64_t hi) {
  const uint64_t range = check_int_range(lo, hi);
  Lock lock(mutex_);
  for (int64_t i = 0; i < n; ++i) to[i] = random_int_unlocked(lo, range);
}

void Generator::fill_randperm(int64_t* to, int64_t n) {
  Lock lock(mutex_);
  for (int64_t i = 0; i < n; ++i) to[i] = i;
  for (int64_t i = 0; i < n - 1; ++i)
    std::swap(to[i], to[i + random_int_unlocked(0, static_cast<uint64_t>(n - i))]);
}

bool Generator::bernoulli(double p) {
  if (!(p >= 0 && p <= 1)) throw ValueError(format("[bernoulli] the probability is %g: expected 0 to 1", p));
  Lock lock(mutex_);
  return uniform_unlocked() < p;
}

double Generator::exponential(double rate) {
  if (!(rate > 0)) throw ValueError(format("[exponential] the rate is %g: expected more than 0", rate));
  Lock lock(mutex_);
  return -1 / rate * std::log1p(-uniform_unlocked());
}

std::vector<int64_t> Generator::state() const {
  Lock lock(mutex_);
  std::vector<int64_t> saved = detail::pack_state(engine_, spare_);
  saved.push_back(static_cast<int64_t>(seed_));
  return saved;
}

void Generator::set_state(const std::vector<int64_t>& saved) {
  Lock lock(mutex_);
  detail::unpack_state({saved.begin(), saved.empty() ? saved.end() : saved.end() - 1}, engine_, spare_);
  seed_ = static_cast<uint64_t>(saved.back());
}

Generator& default_generator() {
  static Generator generator;
  return generator;
}

void manual_seed(uint64_t seed) { default_generator().manual_seed(seed); }

void set_seed(uint64_t seed) {
  numpy::seed(seed);
  manual_seed(seed);
  python::seed(seed);
}

}  // namespace minitorch
