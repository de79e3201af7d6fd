// SPDX-License-Identifier: MIT
// Sorting on the CPU. An element's key and its index are packed into one number, which makes all of them
// different: any method is then stable. Short rows and few wanted elements are compared; long rows are sorted
// digit by digit.
#include <algorithm>
#include <array>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/core/scratch.h"
#include "minitorch/ops/sort/sort_kernels.h"
#include "minitorch/ops/sort/sort_key.h"

namespace minitorch::cpu {
namespace {

__extension__ using Wide = unsigned __int128;
template <class T>
struct PackedOf {
  using type = uint64_t;
};
template <>
struct PackedOf<int64_t> {
  using type = Wide;
};

constexpr int64_t kRadixFrom = 512;  // elements from which counting digits beats comparing

// Sorts by the bits above the index, 8 at a time from the lowest; each pass keeps the order of equal digits.
// Passes whose digit is the same everywhere (the upper bytes of small whole numbers) are left out. Returns
// where the result lies.
template <class Packed>
Packed* radix_sort(Packed* items, Packed* spare, int64_t n) {
  constexpr int kDigits = sizeof(Packed) - 4;
  std::array<std::array<uint32_t, 256>, kDigits> counts{};
  for (int64_t i = 0; i < n; ++i)
    for (int d = 0; d < kDigits; ++d) ++counts[d][static_cast<uint8_t>(items[i] >> (32 + 8 * d))];
  for (int d = 0; d < kDigits; ++d) {
    auto& count = counts[d];
    const int shift = 32 + 8 * d;
    if (count[static_cast<uint8_t>(items[0] >> shift)] == n) continue;
    uint32_t at = 0;
    for (uint32_t& c : count) {
      const uint32_t here = c;
      c = at;
      at += here;
    }
    for (int64_t i = 0; i < n; ++i) spare[count[static_cast<uint8_t>(items[i] >> shift)]++] = items[i];
    std::swap(items, spare);
  }
  return items;
}

template <class T>
void sort_as(const AnyView& x, bool descending, const AnyView& values, const View<int64_t, 2>& indices) {
  using Packed = typename PackedOf<T>::type;
  using Key = decltype(sort_key(T()));
  const int64_t n = x.size[1], k = values.size[1];
  const Key flip = descending ? static_cast<Key>(-1) : 0;
  parallel_for(x.size[0], 1 + kGrain / 16 / n, [&](int64_t begin, int64_t end) {
    const Scratch<Packed> packed(n), spare(n);
    for (int64_t row = begin; row < end; ++row) {
      const T* from = static_cast<const T*>(x.data) + row * n;
      Packed* items = packed.data();
      for (int64_t i = 0; i < n; ++i)
        items[i] =
            static_cast<Packed>(static_cast<Key>(sort_key(from[i]) ^ flip)) << 32 | static_cast<uint32_t>(i);
      if (k * 16 < n) {
        std::nth_element(items, items + k - 1, items + n);
        std::sort(items, items + k);
      } else if (n < kRadixFrom) {
        std::sort(items, items + n);
      } else {
        items = radix_sort(items, spare.data(), n);
      }
      for (int64_t i = 0; i < k; ++i) {
        const auto at = static_cast<uint32_t>(items[i]);
        static_cast<T*>(values.data)[row * k + i] = from[at];
        indices.data[row * k + i] = at;
      }
    }
  });
}

}  // namespace

void sort_rows(AnyView x, bool descending, AnyView values, View<int64_t, 2> indices) {
  x.dtype == kInt64 ? sort_as<int64_t>(x, descending, values, indices)
                    : sort_as<float>(x, descending, values, indices);
}

}  // namespace minitorch::cpu
