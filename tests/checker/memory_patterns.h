// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

/// Launches the kernel of that name on 64 threads; returns what the launch did.
cudaError_t run_pattern(const char* name);
/// The numbers of the threads of a grid, counted over all blocks, in the order in which they run.
std::vector<int> order_of_threads(int blocks, int threads);

}  // namespace minitorch::MT_DEVICE
