// SPDX-License-Identifier: MIT
// One pass of an ItemLoader: its threads and the batches they are at work on. Used by item_loader.cpp only.
#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "fastcore/data/item_loader.h"

namespace fastcore {

/// Where the items of a pass come from and what is done to them.
struct ItemWork {
  std::shared_ptr<const Datasets> data;
  ItemLoaderOptions options;
  std::vector<int64_t> items;  ///< in the order of the pass
  int64_t members;             ///< of each sample
  uint64_t base_seed;

  int64_t batches() const;
  /// The sample at a position of the pass; nothing when a transform leaves it out.
  std::optional<Sample> make(int64_t position) const;
};

class ItemPass : public Pass {
 public:
  explicit ItemPass(ItemWork work);
  ~ItemPass() override;
  std::optional<Batch> next() override;
  /// The next batch before its batch transforms, on the CPU (pinned where it is to go to another device);
  /// what its members mean is still known.
  std::optional<Sample> next_sample();

 private:
  // A batch in the making.
  struct Slot {
    std::vector<std::optional<Sample>> samples;
    int64_t missing = 0;  // samples not made yet
    bool ready = false;   // put together, or failed
    Sample batch;         // empty when every item was left out
    std::exception_ptr failure;
    int64_t failed_at = -1;  // the first position that failed
  };

  void widen(int64_t batches);
  int64_t take(int64_t end);
  void make(int64_t position);
  void put_together(Slot& slot);
  void start_workers(int count);
  void serve();

  const ItemWork work_;
  const int64_t batches_;
  std::mutex mutex_;
  std::condition_variable work_there_, batch_there_;
  std::deque<std::shared_ptr<Slot>> slots_;  // batches handed_ ... handed_ + slots_.size()
  int64_t handed_ = 0;                       // batches handed out
  int64_t next_position_ = 0;                // the first that nobody has taken
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace fastcore
