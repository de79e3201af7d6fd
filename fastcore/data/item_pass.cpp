// SPDX-License-Identifier: MIT
#include "fastcore/data/item_pass.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "fastcore/basics/parallel.h"
#include "fastcore/data/tensor_loader.h"
#include "minitorch/tensor/transfer.h"

namespace fastcore {
using minitorch::Tensor;

namespace {

// SplitMix64: neighbouring positions get unrelated seeds.
uint64_t mixed(uint64_t seed, int64_t position) {
  uint64_t z = seed + 0x9e3779b97f4a7c15 * (static_cast<uint64_t>(position) + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

int worker_count(int wanted) { return wanted >= 0 ? wanted : std::min(16, num_cpus()); }

// Batches in the making while another is being used.
int64_t batches_ahead(int workers) { return workers == 0 ? 1 : std::clamp(2 * workers, 2, 8); }

// Loading gives way to training: where there are fewer cores than threads, a step should not wait for a
// picture that is needed later.
void be_patient() { setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 5); }

}  // namespace

int64_t ItemWork::batches() const {
  return batch_count(static_cast<int64_t>(items.size()), options.bs, options.drop_last);
}

std::optional<Sample> ItemWork::make(int64_t position) const {
  Context context(options.split, mixed(base_seed, position));
  try {
    const int64_t item = items[static_cast<std::size_t>(position)];
    Sample sample = data->sample(item, members, context);
    try {
      options.after_item.encode(sample, context);
    } catch (...) { rethrow_with_item(data->item_name(item)); }
    return sample;
  } catch (const SkipItem&) { return {}; }
}

ItemPass::ItemPass(ItemWork work) : work_(std::move(work)), batches_(work_.batches()) {}

ItemPass::~ItemPass() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_there_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// Begins batches until `batches` are begun.
void ItemPass::widen(int64_t batches) {
  const int64_t bs = work_.options.bs, n = static_cast<int64_t>(work_.items.size());
  for (int64_t b = handed_ + static_cast<int64_t>(slots_.size()); b < std::min(batches, batches_); ++b) {
    auto slot = std::make_shared<Slot>();
    slot->missing = std::min(bs, n - b * bs);
    slot->samples.resize(static_cast<std::size_t>(slot->missing));
    slots_.push_back(std::move(slot));
  }
}

// A position before `end` that is begun but not taken, or -1.
int64_t ItemPass::take(int64_t end) {
  const int64_t begun = (handed_ + static_cast<int64_t>(slots_.size())) * work_.options.bs;
  end = std::min({end, begun, static_cast<int64_t>(work_.items.size())});
  return next_position_ < end ? next_position_++ : -1;
}

void ItemPass::make(int64_t position) {
  const int64_t bs = work_.options.bs;
  std::optional<Sample> sample;
  std::exception_ptr failure;
  try {
    sample = work_.make(position);
  } catch (...) { failure = std::current_exception(); }
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard lock(mutex_);
    slot = slots_[static_cast<std::size_t>(position / bs - handed_)];
    slot->samples[static_cast<std::size_t>(position % bs)] = std::move(sample);
    if (failure && (slot->failed_at < 0 || position < slot->failed_at)) {
      slot->failure = failure;
      slot->failed_at = position;
    }
    if (--slot->missing > 0) return;
  }
  put_together(*slot);
  {
    std::lock_guard lock(mutex_);
    slot->ready = true;
  }
  batch_there_.notify_all();
}

// Whoever makes the last sample of a batch puts it together.
void ItemPass::put_together(Slot& slot) {
  if (slot.failure) return;
  try {
    std::vector<Sample> samples;
    for (auto& sample : slot.samples)
      if (sample) samples.push_back(std::move(*sample));
    slot.samples.clear();
    if (samples.empty()) return;
    for (const BeforeBatch& change : work_.options.before_batch) change(samples);
    slot.batch = collate(samples);
    // In memory that the device reads by itself: the copy then goes on beside whatever the device is at.
    const minitorch::Device device = work_.options.device;
    if (!device.is_cpu())
      for (Value& value : slot.batch)
        if (Tensor* tensor = tensor_of(value)) *tensor = minitorch::pin_memory(*tensor, device);
  } catch (...) { slot.failure = std::current_exception(); }
}

void ItemPass::serve() {
  be_patient();
  std::unique_lock lock(mutex_);
  for (;;) {
    int64_t position = -1;
    work_there_.wait(lock, [&] { return stop_ || (position = take(INT64_MAX)) >= 0; });
    if (stop_) return;
    lock.unlock();
    make(position);
    lock.lock();
  }
}

// Threads that the system refuses are done without: whoever asks for a batch works at it, too.
void ItemPass::start_workers(int count) {
  try {
    for (int i = 0; i < count; ++i) workers_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {}
}

std::optional<Sample> ItemPass::next_sample() {
  const int workers = worker_count(work_.options.num_workers);
  while (handed_ < batches_) {
    std::unique_lock lock(mutex_);
    // Nothing beyond the first batch is begun before a second is asked for: many look at one batch only.
    widen(handed_ == 0 ? 1 : handed_ + 1 + (workers ? batches_ahead(workers) : 0));
    const std::shared_ptr<Slot> slot = slots_.front();
    if (workers_.empty() && (slot->missing > 1 || slots_.size() > 1)) start_workers(workers);
    work_there_.notify_all();
    while (!slot->ready) {
      const int64_t position = take((handed_ + 1) * work_.options.bs);
      if (position < 0) {
        batch_there_.wait(lock, [&] { return slot->ready; });
        break;
      }
      lock.unlock();
      make(position);
      lock.lock();
    }
    slots_.pop_front();
    ++handed_;
    lock.unlock();
    if (slot->failure) std::rethrow_exception(slot->failure);
    if (!slot->batch.empty()) return std::move(slot->batch);
  }
  return {};
}

std::optional<Batch> ItemPass::next() {
  std::optional<Sample> sample = next_sample();
  if (!sample) return {};
  if (!work_.options.device.is_cpu())
    for (Value& value : *sample)
      if (Tensor* tensor = tensor_of(value)) *tensor = upload(*tensor, work_.options.device);
  Context context(work_.options.split);
  work_.options.after_batch.encode(*sample, context);
  Batch batch;
  for (std::size_t i = 0; i < sample->size(); ++i) {
    const Value& value = (*sample)[i];
    const Tensor* tensor = tensor_of(value);
    if (!tensor)
      throw minitorch::ValueError("[DataLoader] a batch transform left " + describe(value) + " (" +
                                  type_of(value) + ") in the batch: expected tensors");
    (static_cast<int64_t>(i) < work_.data->n_inp() ? batch.x : batch.y).push_back(*tensor);
  }
  return batch;
}

}  // namespace fastcore
