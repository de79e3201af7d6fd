// SPDX-License-Identifier: MIT
// Host memory that a device reads and writes by itself, while host and kernels go on. Taking such memory from
// the system is slow (it is locked page by page), so it is kept and used again.
#pragma once
#include <cstddef>

#include "minitorch/core/device.h"

namespace minitorch {

class Stream;

class PinnedBuffer {
 public:
  /// At least `bytes`, aligned to 64 bytes. @throws OutOfMemory
  PinnedBuffer(Device device, std::size_t bytes);
  /// The memory is used again when the streams that work on it have passed this point.
  ~PinnedBuffer();
  PinnedBuffer(const PinnedBuffer&) = delete;

  void* data() const { return data_; }
  /// What `stream` holds now includes a copy from or to this memory.
  void used_by(const Stream& stream);

 private:
  struct Block;
  friend struct PinnedCache;
  Device device_;
  Block* block_;
  void* data_;
};

/// Whether the memory was handed out by a PinnedBuffer.
bool is_pinned_memory(const void* memory);

}  // namespace minitorch
