// SPDX-License-Identifier: MIT
#include "minitorch/core/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "minitorch/core/errors.h"

namespace minitorch {
namespace {

inline void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// The CPUs this process may run on; empty where the system does not say.
std::vector<int> allowed_cpus() {
  cpu_set_t set;
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}
int cores_allowed() {
  const int cpus = static_cast<int>(allowed_cpus().size());
  return cpus ? cpus : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

thread_local bool inside_parallel = false;

class Pool {
 public:
  explicit Pool(int threads) : cpus_(allowed_cpus()) {
    for (int id = 1; id < threads; ++id) workers_.emplace_back([this, id] { work(id); });
  }
  ~Pool() {
    stop_ = true;
    generation_.fetch_add(1);
    generation_.notify_all();
    for (auto& worker : workers_) worker.join();
  }
  int size() const { return static_cast<int>(workers_.size()) + 1; }

  void run(int64_t n, int64_t parts, detail::RangeFunction function, void* context) {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return function(context, 0, n);  // another thread (a data loader, say) has the workers
    keep_workers_off(sched_getcpu());
    job_ = {function, context, n, parts};
    failure_ = nullptr;
    pending_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
    generation_.fetch_add(1);
    if (sleeping_.load()) generation_.notify_all();
    do_part(0);
    for (int i = 0; pending_.load(std::memory_order_acquire); ++i)
      i < kSpins ? pause_cpu() : std::this_thread::yield();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr int kSpins = 4000;  // about 50 microseconds
  struct Job {
    detail::RangeFunction function;
    void* context;
    int64_t n, parts;
  };

  // A worker woken on the caller's CPU waits until the caller's time slice ends, even where another CPU is
  // idle: a region of 20 microseconds then takes 250. So workers may run anywhere but there; where there are
  // as many threads as CPUs, each has one to itself. The caller stays free, and when it moves the workers
  // make room.
  void keep_workers_off(int cpu) {
    if (cpu == caller_cpu_ || cpus_.size() < static_cast<std::size_t>(size())) return;
    caller_cpu_ = cpu;
    std::vector<int> others;
    for (int other : cpus_)
      if (other != cpu) others.push_back(other);
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      cpu_set_t set;
      CPU_ZERO(&set);
      if (others.size() == workers_.size()) CPU_SET(others[i], &set);
      else
        for (int other : others) CPU_SET(other, &set);
      pthread_setaffinity_np(workers_[i].native_handle(), sizeof set, &set);
    }
  }

  void do_part(int id) {
    if (id >= job_.parts) return;
    inside_parallel = true;
    try {
      job_.function(job_.context, job_.n * id / job_.parts, job_.n * (id + 1) / job_.parts);
    } catch (...) {
      std::lock_guard lock(failure_mutex_);
      failure_ = std::current_exception();
    }
    inside_parallel = false;
  }

  void work(int id) {
    for (unsigned seen = 0;; ++seen) {
      for (int i = 0; i < kSpins && generation_.load(std::memory_order_acquire) == seen; ++i) pause_cpu();
      while (generation_.load() == seen) {
        sleeping_.fetch_add(1);
        generation_.wait(seen);
        sleeping_.fetch_sub(1);
      }
      if (stop_) return;
      do_part(id);
      pending_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::vector<std::thread> workers_;
  std::vector<int> cpus_;
  int caller_cpu_ = -1;
  std::mutex mutex_, failure_mutex_;
  std::atomic<unsigned> generation_{0};
  std::atomic<int> pending_{0}, sleeping_{0};
  std::atomic<bool> stop_{false};
  Job job_{};
  std::exception_ptr failure_;
};

std::mutex pool_mutex;
std::atomic<int> wanted_threads = cores_allowed();
std::shared_ptr<Pool> current_pool;

std::shared_ptr<Pool> pool() {
  std::lock_guard lock(pool_mutex);
  if (!current_pool || current_pool->size() != wanted_threads)
    current_pool = std::make_shared<Pool>(wanted_threads);
  return current_pool;
}

// A forked child has none of the workers: the pool that it inherits would wait for them for ever, at its end,
// too. So that object is set aside, and the child's first region starts workers of its own.
void set_pool_aside() {
  static auto* inherited = new std::vector<std::shared_ptr<Pool>>;  // never deleted
  inherited->push_back(std::move(current_pool));
  pool_mutex.unlock();
}
[[maybe_unused]] const int handles_fork =
    pthread_atfork([] { pool_mutex.lock(); }, [] { pool_mutex.unlock(); }, set_pool_aside);

}  // namespace

int num_threads() { return wanted_threads; }

void set_num_threads(int threads) {
  if (threads < 1 || threads > 1024)
    throw ValueError(format("[set_num_threads] %d threads: expected 1 to 1024", threads));
  std::lock_guard lock(pool_mutex);
  wanted_threads = threads;
}

void detail::parallel_for(int64_t n, int64_t grain, RangeFunction function, void* context) {
  if (n <= 0) return;
  const int64_t most = n / std::max<int64_t>(grain, 1);
  if (most <= 1 || wanted_threads == 1 || inside_parallel) return function(context, 0, n);
  const std::shared_ptr<Pool> threads = pool();
  // Counted from the pool itself: set_num_threads() may just have been called in another thread.
  threads->run(n, std::min<int64_t>(threads->size(), most), function, context);
}

}  // namespace minitorch
