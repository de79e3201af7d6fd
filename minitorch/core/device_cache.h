// SPDX-License-Identifier: MIT
// Memory of GPUs and of the simulator, kept for reuse. Inside the library; allocate() and release() of
// memory.h come here.
//
// A block belongs to the stream that it was handed out on. Given back, it is handed out again at once, on the
// same stream only: kernels that still use it are queued before those of its next owner. So neither
// allocating nor releasing ever waits for the device, which cudaMalloc and cudaFree do. A block that other
// streams work on too (record_stream) rests until they have passed the point at which it was released.
//
// While a stream records a graph, its blocks come from a pool of the graph's own, which lives as long as the
// graph does: a replay uses the very addresses that were recorded.
#pragma once
#include <cstddef>

#include "minitorch/core/memory.h"

namespace minitorch {

void* cached_allocate(Device device, std::size_t bytes);  // null when there is no memory left
void cached_release(Device device, void* memory) noexcept;
MemoryStats cached_stats(Device device);
void cached_reset_peak(Device device);
void cached_empty(Device device);

/// Blocks of a stream that has ended belong to the default stream from now on.
void forget_stream(Device device, void* stream) noexcept;

/// The memory of one graph. Blocks still in use when it ends are given back to the system when released.
class MemoryPool {
 public:
  explicit MemoryPool(Device device);
  ~MemoryPool();
  MemoryPool(const MemoryPool&) = delete;
  /// What `stream` allocates between these two comes from here.
  void begin(void* stream);
  void end(void* stream);
  struct Blocks;

 private:
  Device device_;
  Blocks* blocks_;
};

}  // namespace minitorch
