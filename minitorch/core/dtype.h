// SPDX-License-Identifier: MIT
// Element types. Light enough for kernel files.
#pragma once
#include <cstdint>

namespace minitorch {

/// float32 is what mathematics is done in; int64 holds indices and labels, uint8 pixels, boolean masks;
/// float16 and bfloat16 are for storage and, on CUDA, for mixed precision.
enum class Dtype : uint8_t { boolean, uint8, int64, float16, bfloat16, float32 };

inline constexpr Dtype kBool = Dtype::boolean, kUint8 = Dtype::uint8, kInt64 = Dtype::int64,
                       kFloat16 = Dtype::float16, kBFloat16 = Dtype::bfloat16, kFloat32 = Dtype::float32;

constexpr int item_size(Dtype d) {
  switch (d) {
    case Dtype::boolean:
    case Dtype::uint8: return 1;
    case Dtype::float16:
    case Dtype::bfloat16: return 2;
    case Dtype::float32: return 4;
    case Dtype::int64: return 8;
  }
  return 0;
}
constexpr bool is_floating(Dtype d) { return d >= Dtype::float16; }

/// Whether numbers of a keep their kind in b: bool fits everywhere, whole numbers not in bool, fractions only
/// in floating types.
constexpr bool fits_kind(Dtype a, Dtype b) {
  return a == Dtype::boolean || is_floating(b) || (b != Dtype::boolean && !is_floating(a));
}

/// "float32", "int64", ... as PyTorch prints them.
const char* name(Dtype d);

/// The type both convert to without loss of kind: bool < uint8 < int64 < float16, bfloat16 < float32.
constexpr Dtype promote(Dtype a, Dtype b) {
  if (a == b) return a;
  if (is_floating(a) && is_floating(b)) return Dtype::float32;
  return a > b ? a : b;
}

}  // namespace minitorch
