// SPDX-License-Identifier: MIT
#include "minitorch/core/pinned.h"

#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "minitorch/core/dispatch.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/size_class.h"
#include "minitorch/core/stream.h"

namespace minitorch {

struct PinnedBuffer::Block {
  void* memory = nullptr;
  int index = 0;
  std::vector<Event> marks;  // of the streams that work on it

  bool is_done() const {
    for (const Event& mark : marks)
      if (!mark.is_done()) return false;
    return true;
  }
};

struct PinnedCache {
  using Block = PinnedBuffer::Block;
  // Above this much memory in flight a new request waits for the oldest copy instead of locking more pages.
  static constexpr std::size_t kEnough = std::size_t{256} << 20;

  std::mutex mutex;
  std::map<int, std::deque<Block*>> free;  // by size class, the longest unused first
  std::map<const void*, std::size_t> all;  // every block and its size
  std::size_t bytes = 0;

  Block* take(Device device, int index) {
    auto& list = free[index];
    if (!list.empty() && (list.front()->is_done() || bytes > kEnough)) {
      Block* block = list.front();
      list.pop_front();
      for (const Event& mark : block->marks) mark.synchronize();
      block->marks.clear();
      return block;
    }
    auto* block = new Block;
    block->index = index;
    MT_ON_DEVICE(device, host_allocate, &block->memory, class_bytes(index));
    bytes += class_bytes(index);
    all[block->memory] = class_bytes(index);
    return block;
  }
};

// The memory of CUDA serves every GPU; the simulator and the CPU have ordinary memory.
static PinnedCache& cache_of(Device device) {
  static auto* caches = new PinnedCache[3];
  return caches[device.type];
}

PinnedBuffer::PinnedBuffer(Device device, std::size_t bytes) : device_(device) {
  PinnedCache& c = cache_of(device);
  std::lock_guard lock(c.mutex);
  block_ = c.take(device, size_class(bytes));
  data_ = block_->memory;
}

PinnedBuffer::~PinnedBuffer() {
  PinnedCache& c = cache_of(device_);
  std::lock_guard lock(c.mutex);
  c.free[block_->index].push_back(block_);
}

void PinnedBuffer::used_by(const Stream& stream) {
  if (device_.is_cpu()) return;
  Event mark(device_);
  mark.record(stream);
  block_->marks.push_back(mark);
}

bool is_pinned_memory(const void* memory) {
  for (Device device : {Device::sim(), Device::cuda()}) {
    PinnedCache& c = cache_of(device);
    std::lock_guard lock(c.mutex);
    auto after = c.all.upper_bound(memory);
    if (after == c.all.begin()) continue;
    --after;
    if (static_cast<const char*>(memory) < static_cast<const char*>(after->first) + after->second)
      return true;
  }
  return false;
}

}  // namespace minitorch
