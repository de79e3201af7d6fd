// SPDX-License-Identifier: MIT
#include "fastcore/basics/parallel.h"

#include <sched.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace fastcore {
namespace {

using Clock = std::chrono::steady_clock;

// The workers take the next index under a lock; the caller's thread draws the bar.
class Crew {
 public:
  Crew(int64_t n, const ParallelOptions& options, detail::ItemFunction function, void* context)
      : n_(n), options_(options), function_(function), context_(context) {}

  void work() {
    for (int64_t i; (i = take()) >= 0;) {
      std::exception_ptr failure;
      try {
        function_(context_, i);
      } catch (...) { failure = std::current_exception(); }
      std::lock_guard lock(mutex_);
      ++done_;
      if (failure && (failed_at_ < 0 || i < failed_at_)) {
        failed_at_ = i;
        failure_ = failure;
      }
      changed_.notify_all();
    }
  }

  // Items that nobody has begun are left out.
  void stop() {
    std::lock_guard lock(mutex_);
    next_ = n_;
  }

  void watch(ProgressBar& bar) {
    std::unique_lock lock(mutex_);
    for (int64_t shown = 0; done_ < n_ && failed_at_ < 0;) {
      changed_.wait(lock, [&] { return done_ > shown || failed_at_ >= 0; });
      if (failed_at_ >= 0) return;  // the bar stays where it was: not all is done
      shown = done_;
      lock.unlock();
      bar.update(shown);
      lock.lock();
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  int64_t take() {
    std::unique_lock lock(mutex_);
    if (next_ >= n_ || failed_at_ >= 0) return -1;
    const int64_t index = next_++;
    if (options_.pause > 0) {
      const auto start = std::max(Clock::now(), next_start_);
      next_start_ =
          start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.pause));
      lock.unlock();
      std::this_thread::sleep_until(start);
    }
    return index;
  }

  const int64_t n_;
  const ParallelOptions options_;
  const detail::ItemFunction function_;
  void* const context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Clock::time_point next_start_ = Clock::now();
  int64_t next_ = 0, done_ = 0, failed_at_ = -1;
  std::exception_ptr failure_;
};

}  // namespace

int num_cpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

void detail::run_parallel(int64_t n, const ParallelOptions& options, ItemFunction function, void* context) {
  ProgressBar bar({.total = n, .display = options.progress});
  bar.update(0);
  int64_t workers = options.n_workers < 0 ? num_cpus() : options.n_workers;
  workers = std::min(workers, n);
  if (workers == 0) {
    for (int64_t i = 0; i < n; ++i) {
      if (options.pause > 0 && i) std::this_thread::sleep_for(std::chrono::duration<double>(options.pause));
      function(context, i);
      bar.update(i + 1);
    }
    return;
  }
  Crew crew(n, options, function, context);
  std::vector<std::thread> threads;
  try {
    for (int64_t id = 0; id < workers; ++id) threads.emplace_back([&] { crew.work(); });
  } catch (const std::exception& error) {  // of the system's limits, or of memory for their stacks
    crew.stop();
    for (auto& thread : threads) thread.join();
    throw minitorch::Error("[parallel] thread " + std::to_string(threads.size() + 1) + " of " +
                               std::to_string(workers) + " cannot be started: " + error.what(),
                           "ask for fewer: .n_workers = " + std::to_string(num_cpus()));
  }
  crew.watch(bar);
  for (auto& thread : threads) thread.join();
  crew.rethrow();
  bar.update(n);
}

}  // namespace fastcore
