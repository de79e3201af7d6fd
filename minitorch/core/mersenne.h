// SPDX-License-Identifier: MIT
// MT19937, the engine behind the random numbers of PyTorch (on the CPU), numpy and Python. All three seed it
// and turn its 32-bit outputs into numbers in their own ways: see random.h, numpy_random.h, python_random.h.
#pragma once
#include <cstdint>
#include <vector>

namespace minitorch {

/// The Mersenne Twister of Matsumoto and Nishimura (1998): 624 words of state, period 2^19937 - 1.
class Mersenne {
 public:
  explicit Mersenne(uint32_t seed = 5489) { this->seed(seed); }

  /// Fills the state from one word.
  void seed(uint32_t seed);
  /// Fills the state from a list of words, lowest first (Python's way). Needs at least one word.
  void seed(const std::vector<uint32_t>& words);

  /// The next 32 random bits.
  uint32_t next() {
    if (position_ == kWords) refill();
    uint32_t y = state_[position_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
  }
  /// 64 random bits; the first output is the upper half.
  uint64_t next64() {
    const uint64_t high = next();
    return high << 32 | next();
  }
  /// A double in [0, 1) with 53 random bits, as numpy and Python make it.
  double next_double() {
    const double high = next() >> 5, low = next() >> 6;  // 27 and 26 bits
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /// The state as numbers to be kept in a checkpoint: 624 words and the position.
  std::vector<int64_t> state() const;
  /// Continues where state() was taken. @throws ValueError unless `saved` can have come from state()
  void set_state(const std::vector<int64_t>& saved);

 private:
  static constexpr int kWords = 624;
  void refill();

  uint32_t state_[kWords];
  int position_;
};

/// A normal draw kept for the next call: every method here makes normals in pairs.
struct SpareNormal {
  bool has = false;
  double value = 0;
};

namespace detail {
/// Engine and spare in one list; what state() of each generator returns.
std::vector<int64_t> pack_state(const Mersenne& engine, const SpareNormal& spare);
void unpack_state(const std::vector<int64_t>& saved, Mersenne& engine, SpareNormal& spare);
/// 64 bits of the system's entropy, for generators that nobody has seeded.
uint64_t entropy();
}  // namespace detail

}  // namespace minitorch
