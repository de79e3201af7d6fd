// SPDX-License-Identifier: MIT
#include "minitorch/core/device_cache.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "minitorch/core/dispatch.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/size_class.h"
#include "minitorch/core/stream.h"

namespace minitorch {

// Free blocks by stream and size class.
struct MemoryPool::Blocks {
  std::map<std::pair<void*, int>, std::vector<void*>> free;
  bool ended = false;          // the graph is gone,
  std::size_t handed_out = 0;  // but so many of its blocks are still in use
};

namespace {

using Pool = MemoryPool::Blocks;

// The simulator gives each allocation exactly what was asked for, and reuses none: it then sees accesses past
// the end and after release, which a cache would hide. MT_SIM_REUSE=1 makes it reuse blocks as a GPU does;
// MT_CUDA_REUSE=0 makes GPUs do as the simulator, for compute-sanitizer.
bool from_environment(const char* name, bool otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) != 0 : otherwise;
}
bool sim_reuses = from_environment("MT_SIM_REUSE", false);
const bool gpus_reuse = from_environment("MT_CUDA_REUSE", true);

}  // namespace

struct DeviceCache {
  struct Block {
    std::size_t bytes;
    int index;  // size class
    void* stream;
    Pool* pool;
    std::vector<Stream> others;  // that work on it as well
  };
  struct Resting {
    void* memory;
    std::vector<Event> marks;  // of what the other streams held when it was released
  };

  std::mutex mutex;
  Device device;
  std::unordered_map<void*, Block> blocks;  // all that the system has given
  Pool common;
  std::map<void*, Pool*> recording;  // by stream
  std::deque<Resting> resting;
  MemoryStats stats;

  bool reuses() const { return device.type == Device::kSim ? sim_reuses : gpus_reuse; }

  Pool& pool_of(void* stream) {
    const auto at = recording.find(stream);
    return at == recording.end() ? common : *at->second;
  }

  void* take_from_system(std::size_t bytes) {
    void* memory = nullptr;
    MT_ON_DEVICE(device, system_allocate, &memory, bytes);
    return memory;
  }

  void give_to_system(void* memory) noexcept {
    const auto at = blocks.find(memory);
    MT_ON_DEVICE(device, system_release, memory, at->second.stream);
    blocks.erase(at);
  }

  // The block may be handed out again. Nothing goes back to the system while a graph is recorded.
  void keep_or_drop(void* memory) noexcept {
    Block& block = blocks.find(memory)->second;
    if (Pool* pool = block.pool; pool != &common) {
      --pool->handed_out;
      if (pool->ended) {  // its graph is gone
        block.pool = &common;
        if (pool->handed_out == 0) delete pool;
      }
    }
    if (block.pool == &common && !reuses() && recording.empty()) return give_to_system(memory);
    block.pool->free[{block.stream, block.index}].push_back(memory);
    stats.cached += block.bytes;
  }

  // Blocks whose other streams are done are free; with `wait`, once they are.
  // Asking an event while a graph is recorded would end the recording.
  void wake_rested(bool wait = false) {
    if (!recording.empty()) return;
    for (std::size_t i = 0; i < resting.size();) {
      bool done = true;
      for (const Event& mark : resting[i].marks) {
        if (wait) mark.synchronize();
        done = done && mark.is_done();
      }
      if (!done) {
        ++i;
        continue;
      }
      keep_or_drop(resting[i].memory);
      resting.erase(resting.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void drop_free(Pool& pool) noexcept {
    for (auto& [key, list] : pool.free)
      for (void* memory : list) {
        stats.cached -= blocks.find(memory)->second.bytes;
        give_to_system(memory);
      }
    pool.free.clear();
  }

  // A block that lay in the pool, or null.
  void* take(Pool& pool, void* stream, int index) {
    if (!reuses()) return nullptr;
    const auto list = pool.free.find({stream, index});
    if (list == pool.free.end() || list->second.empty()) return nullptr;
    void* memory = list->second.back();
    list->second.pop_back();
    stats.cached -= blocks.find(memory)->second.bytes;
    return memory;
  }

  void count(std::size_t bytes) {
    stats.in_use += bytes;
    stats.peak = std::max(stats.peak, stats.in_use);
    ++stats.allocations;
  }
};

namespace {

// Never destroyed: tensors with static lifetime may still come back after main.
DeviceCache& cache_of(Device device) {
  static auto* caches = [] {
    auto* all = new std::array<DeviceCache, 1 + 16>;
    (*all)[0].device = Device::sim();
    for (int i = 0; i < 16; ++i) (*all)[1 + static_cast<std::size_t>(i)].device = Device::cuda(i);
    return all;
  }();
  return (*caches)[device.type == Device::kSim ? 0 : 1 + device.index % 16];
}

}  // namespace

void set_sim_memory_reuse(bool on) {
  cached_empty(Device::sim());
  sim_reuses = on;
}

void* cached_allocate(Device device, std::size_t bytes) {
  DeviceCache& c = cache_of(device);
  std::lock_guard lock(c.mutex);
  if (!c.resting.empty()) c.wake_rested();
  void* stream = current_stream_handle(device);
  Pool& pool = c.pool_of(stream);
  const int index = size_class(bytes);
  const std::size_t size = c.reuses() ? class_bytes(index) : std::max(bytes, std::size_t{1});
  void* memory = c.take(pool, stream, index);
  if (!memory) {
    memory = c.take_from_system(size);
    if (!memory && c.recording.empty()) {
      c.wake_rested(true);  // before giving up
      memory = c.take(pool, stream, index);
    }
    if (!memory && c.recording.empty()) {
      c.drop_free(c.common);
      memory = c.take_from_system(size);
    }
    if (!memory) return nullptr;
    c.blocks[memory] = {size, index, stream, &pool, {}};
  }
  if (&pool != &c.common) ++pool.handed_out;
  c.count(c.blocks[memory].bytes);
  return memory;
}

void cached_release(Device device, void* memory) noexcept {
  DeviceCache& c = cache_of(device);
  std::vector<Stream>
      others;  // goes after the lock: the last copy of a stream ends it, and that locks as well
  std::lock_guard lock(c.mutex);
  auto& block = c.blocks.find(memory)->second;
  c.stats.in_use -= block.bytes;
  if (block.others.empty()) return c.keep_or_drop(memory);
  others.swap(block.others);
  DeviceCache::Resting rest{memory, {}};
  try {
    for (const Stream& other : others) {
      rest.marks.emplace_back(device);
      rest.marks.back().record(other);
    }
  } catch (const Error&) { return; }  // after an error a device answers nothing more: the block is given up
  c.resting.push_back(std::move(rest));
}

void record_stream(Device device, void* memory, const Stream& stream) {
  if (device.is_cpu()) return;
  DeviceCache& c = cache_of(device);
  std::lock_guard lock(c.mutex);
  const auto at = c.blocks.find(memory);
  if (at == c.blocks.end() || at->second.stream == stream.handle()) return;
  for (const Stream& known : at->second.others)
    if (known.handle() == stream.handle()) return;
  at->second.others.push_back(stream);
}

void forget_stream(Device device, void* stream) noexcept {
  DeviceCache& c = cache_of(device);
  std::lock_guard lock(c.mutex);
  for (auto& [memory, block] : c.blocks)
    if (block.stream == stream) block.stream = nullptr;
  for (auto at = c.common.free.begin(); at != c.common.free.end();) {
    if (at->first.first != stream) {
      ++at;
      continue;
    }
    auto& list = c.common.free[{nullptr, at->first.second}];
    list.insert(list.end(), at->second.begin(), at->second.end());
    at = c.common.free.erase(at);
  }
}

MemoryStats cached_stats(Device device) {
  DeviceCache& c = cache_of(device);
  std::lock_guard lock(c.mutex);
  return c.stats;
}

void cached_reset_peak(Device device) {
  DeviceCache& c = cache_of(device);
  std::lock_guard lock(c.mutex);
  c.stats.peak = c.stats.in_use;
}

void cached_empty(Device device) {
  DeviceCache& c = cache_of(device);
  std::lock_guard lock(c.mutex);
  c.wake_rested();
  if (c.recording.empty()) c.drop_free(c.common);
}

MemoryPool::MemoryPool(Device device) : device_(device), blocks_(new Blocks) {}

MemoryPool::~MemoryPool() {
  DeviceCache& c = cache_of(device_);
  std::lock_guard lock(c.mutex);
  c.drop_free(*blocks_);
  blocks_->ended = true;
  if (blocks_->handed_out == 0) delete blocks_;
}

void MemoryPool::begin(void* stream) {
  DeviceCache& c = cache_of(device_);
  std::lock_guard lock(c.mutex);
  c.wake_rested();
  c.recording[stream] = blocks_;
}

void MemoryPool::end(void* stream) {
  DeviceCache& c = cache_of(device_);
  std::lock_guard lock(c.mutex);
  c.recording.erase(stream);
  if (c.recording.empty() && !c.reuses()) c.drop_free(c.common);
}

}  // namespace minitorch
