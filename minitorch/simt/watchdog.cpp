// SPDX-License-Identifier: MIT
// Stops kernels that never end. One thread looks now and then whether a worker is still in the launch it was
// in.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

using Clock = std::chrono::steady_clock;

struct Watched {
  Worker* worker;
  uint32_t launch = 0;
  Clock::time_point since{};
};

struct Watchdog {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Watched> workers;
  bool started = false;
};
Watchdog& watchdog() {
  static auto* the_watchdog = new Watchdog;  // never destroyed: its thread runs until the process ends
  return *the_watchdog;
}

// Marks the worker and interrupts it; it may be at a place where it cannot stop, so this is repeated until it
// has.
bool look_at(Watched& watched, double timeout) {
  const uint32_t launch = watched.worker->launches.load(std::memory_order_acquire);
  if (launch != watched.launch) {
    watched.launch = launch;
    watched.since = Clock::now();
  }
  if (launch % 2 == 0 || std::chrono::duration<double>(Clock::now() - watched.since).count() < timeout)
    return false;
  watched.worker->overdue = launch;
  pthread_kill(watched.worker->thread, SIGURG);
  return true;
}

void watch_for_ever() {
  Watchdog& dog = watchdog();
  std::unique_lock lock(dog.mutex);
  for (;;) {
    const double timeout = settings().timeout;
    bool overdue = false;
    if (timeout > 0)
      for (Watched& watched : dog.workers) overdue |= look_at(watched, timeout);
    const double nap = overdue ? 0.01 : timeout > 0 ? std::min(1.0, timeout / 4) : 1.0;
    dog.changed.wait_for(lock, std::chrono::duration<double>(nap));
  }
}

}  // namespace

void stop_overdue_kernel(const std::string& where) {
  in_simulator = true;
  report_in_kernel(
      "watchdog: the kernel has not ended in time" + where + thread_lists(),
      "Look for a loop that never ends. A thread that waits for another must wait at a barrier or spin on "
      "an atomic; MT_SIM_TIMEOUT sets a longer limit, in seconds.");
  abandon_block(cudaErrorLaunchTimeout);
}

void watch(Worker& worker) {
  Watchdog& dog = watchdog();
  std::lock_guard lock(dog.mutex);
  dog.workers.push_back({&worker});
  if (dog.started) return;
  dog.started = true;
  std::thread(watch_for_ever).detach();
}

void unwatch(Worker& worker) {
  Watchdog& dog = watchdog();
  std::lock_guard lock(dog.mutex);
  std::erase_if(dog.workers, [&](const Watched& watched) { return watched.worker == &worker; });
}

void set_timeout(double seconds) {
  settings().timeout = seconds;
  watchdog().changed.notify_all();
}

}  // namespace minitorch::simt
