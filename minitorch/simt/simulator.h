// SPDX-License-Identifier: MIT
// The simulator, as kernel files see it: CUDA's keywords, types, runtime calls and intrinsics for any C++20
// compiler.
//
// How it works. One block runs on one operating-system thread at a time, so `__shared__` is `static
// thread_local`. The CUDA threads of a block run one after another in a plain loop. Only when one of them has
// to wait (a barrier, a shuffle) does the next one get a stack of its own, a fiber, and the loop goes on
// there. Kernels without barriers therefore cost no more than a function call per thread.
#pragma once
#if defined(__CUDACC__)
#error "nvcc must see the CUDA runtime: include minitorch/simt/cuda.h"
#endif
// clang-format off: each header needs those above it
#include "minitorch/simt/atomics.h"
#include "minitorch/simt/execution.h"
#include "minitorch/simt/intrinsics.h"
#include "minitorch/simt/runtime.h"
#include "minitorch/simt/runtime_objects.h"
#include "minitorch/simt/types.h"
#include "minitorch/simt/warp.h"
// clang-format on
