// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/dropout/dropout_kernels.h"

namespace minitorch::cpu {
namespace {

// Philox on vectors: lane j works on block first + j. A 32-bit word sits in the lower half of a 64-bit lane,
// because the vector product of two lower halves is 64 bits wide; what is left in the upper halves never
// reaches a product.
constexpr int kWide = simd::kLanes / 2;
using Words = uint64_t __attribute__((vector_size(kWide * 8)));

MT_INLINE Words multiply_low_halves(Words a, Words b) {
#if defined(__AVX512F__)
  return (Words)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (Words)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (Words)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

// Words 4 first ... 4 (first + kWide) - 1 of the stream of `key`, as philox_word gives them.
MT_INLINE void philox_words(uint64_t key, uint64_t first, uint32_t* out) {
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  Words c0, c2{}, c3{};
  for (int j = 0; j < kWide; ++j) c0[j] = first + static_cast<uint64_t>(j);
  Words c1 = c0 >> 32;
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Words a = multiply_low_halves(c0, Words{} + 0xD2511F53u),
                b = multiply_low_halves(c2, Words{} + 0xCD9E8D57u);
    c0 = (b >> 32) ^ c1 ^ (Words{} + k0);
    c2 = (a >> 32) ^ c3 ^ (Words{} + k1);
    c1 = b;
    c3 = a;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const Words low = (c0 & 0xffffffffu) | c1 << 32, high = (c2 & 0xffffffffu) | c3 << 32;
  uint64_t pairs[2 * kWide];
  for (int j = 0; j < kWide; ++j) {
    pairs[2 * j] = low[j];
    pairs[2 * j + 1] = high[j];
  }
  std::memcpy(out, pairs, sizeof pairs);
}

constexpr int64_t kPart = 256;  // words made at a time: they stay in the first-level cache

}  // namespace

void dropout(View<const float, 1> x, View<float, 1> y, DropoutRule rule) {
  const int64_t n = y.size[0];
  parallel_for((n + kPart - 1) / kPart, 8, [&](int64_t begin, int64_t end) {
    uint32_t words[kPart];
    for (int64_t part = begin; part < end; ++part) {
      const int64_t at = part * kPart, count = std::min(kPart, n - at);
      for (int64_t i = 0; i < count; i += 4 * kWide)
        philox_words(rule.key, static_cast<uint64_t>(at + i) / 4, words + i);
      const float* in = x.data + at;
      float* out = y.data + at;
      for (int64_t i = 0; i < count; ++i)
        out[i] = (words[i] >> 8) < rule.threshold ? 0.0f : in[i] * rule.scale;
    }
  });
}

void dropout_rows(View<const float, 2> x, View<float, 2> y, DropoutRule rule) {
  const int64_t n = y.size[1];
  parallel_for(y.size[0], 1 + kGrain / (n + 1), [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const float factor = rule.factor(philox_word(rule.key, static_cast<uint64_t>(c)));
      const float* in = x.data + c * n;
      float* out = y.data + c * n;
      if (factor == 0) std::fill_n(out, n, 0.0f);
      else
        for (int64_t i = 0; i < n; ++i) out[i] = in[i] * factor;
    }
  });
}

}  // namespace minitorch::cpu
