// SPDX-License-Identifier: MIT
#include "minitorch/autograd/autocast.h"

#include "minitorch/core/errors.h"

namespace minitorch {

static thread_local Dtype current = kFloat32;

Autocast::Autocast(Dtype dtype, bool enabled) : before_(current) {
  if (dtype != kFloat16 && dtype != kBFloat16)
    throw DtypeError(format("[autocast] %s: expected float16 or bfloat16", name(dtype)),
                     "float16 is faster on older GPUs and needs GradScaler; bfloat16 needs none");
  current = enabled ? dtype : kFloat32;
}
Autocast::~Autocast() { current = before_; }

Dtype autocast_dtype() { return current; }

Dtype product_dtype(const Tensor& a, const Tensor& b) {
  return current != kFloat32 ? current : promote(a.dtype(), b.dtype());
}

bool needs_full_precision(const Tensor& x) {
  return current != kFloat32 && (x.dtype() == kFloat16 || x.dtype() == kBFloat16);
}
Tensor in_full_precision(const Tensor& x) { return needs_full_precision(x) ? x.to(kFloat32) : x; }

}  // namespace minitorch
