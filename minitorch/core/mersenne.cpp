// SPDX-License-Identifier: MIT
#include "minitorch/core/mersenne.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "minitorch/core/errors.h"

namespace minitorch {

void Mersenne::seed(uint32_t seed) {
  state_[0] = seed;
  for (uint32_t i = 1; i < kWords; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  position_ = kWords;
}

void Mersenne::seed(const std::vector<uint32_t>& words) {
  seed(19650218u);
  const int count = static_cast<int>(words.size());
  int i = 1;
  // The recurrence runs over words 1..623 in a ring; word 0 only mirrors the last one at the wrap.
  auto advance = [&] {
    if (++i == kWords) {
      state_[0] = state_[kWords - 1];
      i = 1;
    }
  };
  auto mixed = [&] { return state_[i - 1] ^ (state_[i - 1] >> 30); };
  for (int k = 0, j = 0; k < std::max(kWords, count); ++k, advance()) {
    state_[i] = (state_[i] ^ (mixed() * 1664525u)) + words[j] + static_cast<uint32_t>(j);
    j = (j + 1) % count;
  }
  for (int k = 0; k < kWords - 1; ++k, advance())
    state_[i] = (state_[i] ^ (mixed() * 1566083941u)) - static_cast<uint32_t>(i);
  state_[0] = 0x80000000u;
}

// All 624 words at once: word i from words i, i+1 and i+397.
void Mersenne::refill() {
  constexpr int kShift = 397;
  auto twist = [](uint32_t upper, uint32_t lower) {
    const uint32_t y = (upper & 0x80000000u) | (lower & 0x7fffffffu);
    return (y >> 1) ^ (-(lower & 1u) & 0x9908b0dfu);
  };
  for (int i = 0; i < kWords - kShift; ++i) state_[i] = state_[i + kShift] ^ twist(state_[i], state_[i + 1]);
  for (int i = kWords - kShift; i < kWords - 1; ++i)
    state_[i] = state_[i + kShift - kWords] ^ twist(state_[i], state_[i + 1]);
  state_[kWords - 1] = state_[kShift - 1] ^ twist(state_[kWords - 1], state_[0]);
  position_ = 0;
}

std::vector<int64_t> Mersenne::state() const {
  std::vector<int64_t> saved(state_, state_ + kWords);
  saved.push_back(position_);
  return saved;
}

void Mersenne::set_state(const std::vector<int64_t>& saved) {
  const bool words_fit =
      std::all_of(saved.begin(), saved.end(), [](int64_t w) { return w >= 0 && w <= UINT32_MAX; });
  if (saved.size() != kWords + 1 || !words_fit || saved[kWords] > kWords)
    throw ValueError(
        "[random] this is not a saved state: expected 624 words of 32 bits and a position up to 624",
        "save the state with state() of the same kind of generator");
  std::copy_n(saved.begin(), kWords, state_);
  position_ = static_cast<int>(saved[kWords]);
}

namespace detail {

std::vector<int64_t> pack_state(const Mersenne& engine, const SpareNormal& spare) {
  std::vector<int64_t> saved = engine.state();
  int64_t bits;
  std::memcpy(&bits, &spare.value, sizeof bits);
  saved.push_back(spare.has);
  saved.push_back(spare.has ? bits : 0);
  return saved;
}

void unpack_state(const std::vector<int64_t>& saved, Mersenne& engine, SpareNormal& spare) {
  const std::size_t own = 2, given = saved.size();
  engine.set_state({saved.begin(), given < own ? saved.end() : saved.end() - own});
  spare.has = saved[given - 2] != 0;
  std::memcpy(&spare.value, &saved[given - 1], sizeof spare.value);
}

uint64_t entropy() {
  std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device();
}

}  // namespace detail
}  // namespace minitorch
