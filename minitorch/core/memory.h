// SPDX-License-Identifier: MIT
// Raw memory on each device. Freed blocks are kept by size and handed out again: fresh memory costs
// more than most kernels do.
#pragma once
#include <cstddef>

#include "minitorch/core/device.h"
#include "minitorch/core/macros.h"

namespace minitorch {

/// At least `bytes` of uninitialised memory, aligned to 64 bytes.
/// @throws OutOfMemory with what was wanted, what is in use and what to try
void* allocate(Device device, std::size_t bytes);
/// `bytes` as given to allocate.
void release(Device device, void* memory, std::size_t bytes) noexcept;

/// Copies between any two devices. Waits for the copy unless both are the same GPU.
void copy_bytes(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes);
/// Sets every byte.
void fill_bytes(Device device, void* memory, int value, std::size_t bytes);

struct MemoryStats {
  std::size_t in_use = 0;  ///< bytes handed out now
  std::size_t peak = 0;    ///< the most ever since the last reset
  std::size_t cached = 0;  ///< bytes kept for reuse
  std::size_t allocations = 0;
};
MemoryStats memory_stats(Device device);
void reset_peak_memory(Device device);
/// Gives all kept blocks back to the system.
void empty_cache(Device device);

/// For tests: fills all memory handed out from now on with NaN, so that an element a kernel forgot shows.
void set_memory_poison(bool on);

/// What each kind of device must provide: cpu in memory.cpp, sim and cuda in memory_cuda.cu.
MT_EVERY_DEVICE(void system_allocate(void** memory, std::size_t bytes);  // null when there is none left
                void system_release(void* memory, std::size_t bytes);
                void copy(void* to, const void* from, std::size_t bytes, bool to_device, bool from_device);
                void fill(void* to, int value, std::size_t bytes); void synchronize(); int device_count();)

}  // namespace minitorch
