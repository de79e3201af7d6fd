// SPDX-License-Identifier: MIT
// Whole training steps, timed: loaded by steps.py, each case in a process of its own.
#include <chrono>

#include "benchmarks/steps_jobs.h"
#include "minitorch/core/parallel.h"

using namespace minitorch;
using namespace minitorch::bench;

/// Runs training steps of a case for `seconds` and writes the time of each; the loss of the last goes to
/// *loss. Returns how many steps were timed, or -1 for an unknown case.
extern "C" int steps_run(const char* name, int threads, double seconds, double* times, int capacity,
                         double* loss) try {
  set_num_threads(threads);
  manual_seed(1);
  const Job job = make_job(name);
  const auto opt = make_optimizer(job);
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  int count = 0;
  for (; count < capacity; ++count) {
    const auto before = Clock::now();
    if (count > 3 && std::chrono::duration<double>(before - start).count() > seconds) break;
    const Tensor l = job.loss((*job.net)(job.inputs), job.target);
    l.backward();
    opt->step();
    opt->zero_grad();
    times[count] = std::chrono::duration<double>(Clock::now() - before).count();
    *loss = l.item();
  }
  return count;
} catch (const std::exception& error) {
  report_error(error);
  return -1;
}
