// SPDX-License-Identifier: MIT
// Every elementwise function of two arguments, once for all devices and element types.
#pragma once
#include "minitorch/core/math.h"

namespace minitorch::functors {

using namespace minitorch::math;

#define MT_FORWARD2  \
  template <class V> \
  MT_HD static auto forward(V x, V y)

struct Add {
  MT_FORWARD2 { return x + y; }
};
struct Sub {
  MT_FORWARD2 { return x - y; }
};
struct Mul {
  MT_FORWARD2 { return x * y; }
};
struct Div {
  MT_FORWARD2 { return x / y; }
};
struct Maximum {
  MT_FORWARD2 { return max(x, y); }
};
struct Minimum {
  MT_FORWARD2 { return min(x, y); }
};
struct Power {
  MT_FORWARD2 { return pow(x, y); }
};
struct Eq {
  MT_FORWARD2 { return x == y; }
};
struct Ne {
  MT_FORWARD2 { return x != y; }
};
struct Lt {
  MT_FORWARD2 { return x < y; }
};
struct Le {
  MT_FORWARD2 { return x <= y; }
};
struct Gt {
  MT_FORWARD2 { return x > y; }
};
struct Ge {
  MT_FORWARD2 { return x >= y; }
};
struct And {
  MT_FORWARD2 { return x != V(0) && y != V(0); }
};
struct Or {
  MT_FORWARD2 { return x != V(0) || y != V(0); }
};
struct Xor {
  MT_FORWARD2 { return (x != V(0)) != (y != V(0)); }
};

struct BitAnd {
  MT_FORWARD2 { return x & y; }
};
struct BitOr {
  MT_FORWARD2 { return x | y; }
};
struct BitXor {
  MT_FORWARD2 { return x ^ y; }
};

}  // namespace minitorch::functors

/// Functions that give numbers, for float32 and int64.
#define MT_ARITHMETIC_OPS(X) X(Add) X(Sub) X(Mul) X(Maximum) X(Minimum) X(Power)
/// Functions that give numbers, for float32 alone.
#define MT_FLOAT_OPS(X) X(Div)
/// Functions that give whole numbers, for int64 alone.
#define MT_WHOLE_OPS(X) X(BitAnd) X(BitOr) X(BitXor)
/// Functions that give booleans, for float32 and int64.
#define MT_COMPARE_OPS(X) X(Eq) X(Ne) X(Lt) X(Le) X(Gt) X(Ge) X(And) X(Or) X(Xor)
#define MT_BINARY_OPS(X) MT_ARITHMETIC_OPS(X) MT_FLOAT_OPS(X) MT_WHOLE_OPS(X) MT_COMPARE_OPS(X)
