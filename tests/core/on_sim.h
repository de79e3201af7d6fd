// SPDX-License-Identifier: MIT
// What tests of streams, graphs and memory on the simulator share.
#pragma once

#include "minitorch/core/memory.h"

namespace minitorch::testing {

inline const Device kSim = Device::sim();

struct Reuse {  // of freed blocks, as on a GPU
  Reuse() { set_sim_memory_reuse(true); }
  ~Reuse() { set_sim_memory_reuse(false); }
};

}  // namespace minitorch::testing
