// SPDX-License-Identifier: MIT
#include "minitorch/core/philox.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace minitorch;

namespace {

std::vector<uint32_t> words(Philox4 p) { return {p.word, p.word + 4}; }

}  // namespace

TEST_CASE("philox gives the known answers of its authors") {
  using Words = std::vector<uint32_t>;
  CHECK(words(philox(0, {{0, 0, 0, 0}})) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(words(philox(~uint64_t{0}, {{~0u, ~0u, ~0u, ~0u}})) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(words(philox(0x299f31d0a4093822, {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}})) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("items of a stream are the words of its blocks") {
  const uint64_t key = 0x123456789abcdef;
  for (uint64_t i : {0ull, 1ull, 6ull, 0x400000003ull}) {
    const Philox4 block = philox(key, {{uint32_t(i / 4), uint32_t(i / 4 >> 32), 0, 0}});
    CHECK(philox_word(key, i) == block.word[i % 4]);
    CHECK(philox_uniform(key, i) == (block.word[i % 4] >> 8) / 16777216.0f);
  }
  CHECK(to_uniform(0xffffffffu) < 1.0f);
  CHECK(to_uniform(0xff) == 0.0f);
}

TEST_CASE("uniforms of a stream are spread evenly and differ by key") {
  constexpr int kItems = 100000;
  double sum = 0, squares = 0;
  int same = 0;
  for (int i = 0; i < kItems; ++i) {
    const double u = philox_uniform(42, i);
    sum += u;
    squares += u * u;
    same += philox_word(42, i) == philox_word(43, i);
  }
  CHECK(sum / kItems == Approx(0.5).margin(0.004));  // about four standard errors
  CHECK(squares / kItems == Approx(1 / 3.0).margin(0.004));
  CHECK(same == 0);
}
