// SPDX-License-Identifier: MIT
#include "minitorch/core/dtype.h"

namespace minitorch {

const char* name(Dtype d) {
  switch (d) {
    case Dtype::boolean: return "bool";
    case Dtype::uint8: return "uint8";
    case Dtype::int64: return "int64";
    case Dtype::float16: return "float16";
    case Dtype::bfloat16: return "bfloat16";
    case Dtype::float32: return "float32";
  }
  return "?";
}

}  // namespace minitorch
