// SPDX-License-Identifier: MIT
// Inside the simulator: where the runtime tells the checker what it does. Two implementations: checker/ in
// programs linked with minitorch_checker, no_checker.cpp in all others.
#pragma once
#include <cstddef>

#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/execution.h"

namespace minitorch::simt {

void checker_begin_launch();
/// cudaSuccess, or what the launch must return because something was reported.
cudaError_t checker_end_launch();
void checker_begin_block();
/// The running thread calls __threadfence(), or __threadfence_block(), which is for its own block alone.
void checker_fence(bool for_other_blocks);
/// A copy to shared memory begins in the background, called for by this line; or it has arrived.
void checker_copy_begins(void* to, const void* from, std::size_t bytes, const void* line);
void checker_copy_arrives(void* to, std::size_t bytes, const void* line);
/// ", on shared variable 'tile', byte 4 of 512"; empty without the checker, which stops the kernel if it may
/// not go there at all.
std::string checker_place(const void* memory, bool write, const void* line);
/// `exited` threads have returned while the others waited at the barrier.
void checker_early_exit(unsigned exited, Site site);
/// The host has given these bytes a value: by a copy or a fill.
void checker_bytes_written(const void* memory, std::size_t bytes);
/// The allocation is being freed.
void checker_drop_shadow(const Allocation& allocation);
/// At the end of the program, if MT_SIM_COUNTERS asks for it.
void print_counters();

}  // namespace minitorch::simt
