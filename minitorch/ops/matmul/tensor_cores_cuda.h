// SPDX-License-Identifier: MIT
// What this GPU's tensor cores can do, as far as the kernels were compiled for it. For .cu files only.
#pragma once
#include "minitorch/core/dtype.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

/// Whether they multiply numbers of that type: float16 from sm_75 on, bfloat16 and float32 (as TF32) from
/// sm_80.
bool has_tensor_cores(Dtype dtype);

}  // namespace minitorch::MT_DEVICE
