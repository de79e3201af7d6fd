// SPDX-License-Identifier: MIT
// Philox4x32-10: random numbers without a state, for the CPU, CUDA threads and the simulator alike.
//
// A generator with a state is a sequence; a thousand threads cannot share it and agree. Philox is a function:
// number i is computed from (key, i) by ten rounds of multiplying and mixing, wherever it is needed. So a
// dropout mask is the same on every device and needs no memory: the backward pass computes it again.
// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
#pragma once
#include <cstdint>

#include "minitorch/core/macros.h"

namespace minitorch {

/// Four 32-bit words: a counter going in, random bits coming out.
struct Philox4 {
  uint32_t word[4];
};

/// Philox4x32-10 of a 128-bit counter under a 64-bit key (its lower word first).
MT_HD Philox4 philox(uint64_t key, Philox4 counter) {
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53u} * counter.word[0], b = uint64_t{0xCD9E8D57u} * counter.word[2];
    counter = {{static_cast<uint32_t>(b >> 32) ^ counter.word[1] ^ k0, static_cast<uint32_t>(b),
                static_cast<uint32_t>(a >> 32) ^ counter.word[3] ^ k1, static_cast<uint32_t>(a)}};
    k0 += 0x9E3779B9u;  // the golden ratio and sqrt(3) - 1, as fractions of 2^32
    k1 += 0xBB67AE85u;
  }
  return counter;
}

/// Words 4·block .. 4·block + 3 of the stream that belongs to `key`. A kernel that writes four items a thread
/// calls this once for them.
MT_HD Philox4 philox_block(uint64_t key, uint64_t block) {
  return philox(key, {{static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32), 0, 0}});
}

/// Word i of the stream that belongs to `key`.
MT_HD uint32_t philox_word(uint64_t key, uint64_t i) { return philox_block(key, i / 4).word[i % 4]; }

/// The upper 24 bits as a float in [0, 1).
MT_HD float to_uniform(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

/// Item i of the uniform floats in [0, 1) that belong to `key`.
MT_HD float philox_uniform(uint64_t key, uint64_t i) { return to_uniform(philox_word(key, i)); }

}  // namespace minitorch
