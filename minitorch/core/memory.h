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

/// Copies between any two devices, in the current stream of the GPU (or simulator) that takes part. A copy to
/// the host has arrived on return. One from the host has been read on return, by way of pinned memory, and
/// arrives before whatever the stream is given next: nobody waits.
/// @throws DeviceError for a copy from or to the host while the stream records a graph
void copy_bytes(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes);
/// Sets every byte, in the current stream.
void fill_bytes(Device device, void* memory, int value, std::size_t bytes);

class Stream;
/// Tells that `stream` works on a block that another stream was given: once released, the block rests until
/// `stream` has done what it holds by then.
void record_stream(Device device, void* memory, const Stream& stream);

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
/// Whether the simulator reuses freed blocks, as GPUs do. It does not at first (MT_SIM_REUSE=1 changes that):
/// each allocation then stands alone between guard pages, and what comes after its end or its release is
/// found.
void set_sim_memory_reuse(bool on);

enum class CopyKind { to_device, from_device, on_device };

// clang-format off
/// What each kind of device must provide: cpu in memory.cpp, sim and cuda in memory_cuda.cu.
MT_EVERY_DEVICE(
  void system_allocate(void** memory, std::size_t bytes);  // null when there is none left
  void system_release(void* memory, void* stream);         // after the stream's work
  void host_allocate(void** memory, std::size_t bytes);    // pinned: the device copies from there by itself
  void host_release(void* memory);
  void copy_async(void* to, const void* from, std::size_t bytes, CopyKind kind, void* stream);
  void fill_async(void* to, int value, std::size_t bytes, void* stream);
  void synchronize();
  int device_count();
)
// clang-format on

}  // namespace minitorch
