// SPDX-License-Identifier: MIT
// Converting between element types, on every device. For kernel files.
#pragma once
#include <type_traits>

#include "minitorch/core/dtype.h"
#include "minitorch/core/half.h"

namespace minitorch {

/// Through float for 16-bit types, directly otherwise; to bool as "is not 0", to uint8 modulo 256.
template <class To, class From>
MT_HD To convert(From x) {
  if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>) return convert<To>(to_float(x));
  else if constexpr (std::is_same_v<To, Half>) return to_half(static_cast<float>(x));
  else if constexpr (std::is_same_v<To, BFloat16>) return to_bfloat16(static_cast<float>(x));
  else if constexpr (std::is_same_v<To, bool>) return x != From(0);
  else if constexpr (std::is_same_v<To, uint8_t>) return static_cast<uint8_t>(static_cast<int64_t>(x));
  else return static_cast<To>(x);
}

/// Calls visit(T{}) with the C++ type of `dtype`.
template <class Visit>
void with_type(Dtype dtype, Visit&& visit) {
  switch (dtype) {
    case Dtype::boolean: return visit(bool{});
    case Dtype::uint8: return visit(uint8_t{});
    case Dtype::int64: return visit(int64_t{});
    case Dtype::float16: return visit(Half{});
    case Dtype::bfloat16: return visit(BFloat16{});
    case Dtype::float32: return visit(float{});
  }
}

/// Calls visit(T{}) with a type of the elements' size: enough for moving them.
template <class Visit>
void with_item(Dtype dtype, Visit&& visit) {
  switch (item_size(dtype)) {
    case 1: return visit(uint8_t{});
    case 2: return visit(uint16_t{});
    case 4: return visit(float{});
    default: return visit(int64_t{});
  }
}

}  // namespace minitorch
