// SPDX-License-Identifier: MIT
// What L::shuffle() draws: apart from the rest of L, which knows no generator.
#include "fastcore/basics/l.h"
#include "minitorch/core/python_random.h"

namespace fastcore {

int64_t detail::random_below(int64_t n) {
  return static_cast<int64_t>(minitorch::python::global().randbelow(static_cast<uint64_t>(n)));
}

}  // namespace fastcore
