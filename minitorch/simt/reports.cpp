// SPDX-License-Identifier: MIT
// What the simulator found, kept until somebody asks.
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

struct Reports {
  std::mutex mutex;
  std::vector<Report> all;
  Report of_launch;
};

void print_those_left();

Reports& reports() {
  static auto* the_reports = [] {
    std::atexit(print_those_left);
    return new Reports;
  }();
  return *the_reports;
}

// An error code that nobody looked at must not hide what was found.
void print_those_left() {
  print_counters();
  for (const Report& r : take_reports())
    std::fprintf(stderr, "simulator: %s\n    try: %s\n", r.text.c_str(), r.advice.c_str());
}

}  // namespace

std::vector<Report> take_reports() {
  std::lock_guard lock(reports().mutex);
  return std::exchange(reports().all, {});
}

Report last_report() {
  std::lock_guard lock(reports().mutex);
  return reports().of_launch;
}

void begin_launch_reports() {
  std::lock_guard lock(reports().mutex);
  reports().of_launch = {};
}

void report(std::string text, std::string advice) {
  Reports& r = reports();
  std::lock_guard lock(r.mutex);
  r.of_launch.text += (r.of_launch.text.empty() ? "" : "\n") + text;
  if (r.of_launch.advice.empty()) r.of_launch.advice = advice;
  r.all.push_back({std::move(text), std::move(advice)});
}

cudaError_t refuse_call(cudaError_t error, const std::string& text, const char* advice) {
  report(text, advice);
  return remember_error(error);
}

std::string thread_name(unsigned thread) {
  const unsigned x = blockDim.x, y = blockDim.y;
  return "thread (" + std::to_string(thread % x) + "," + std::to_string(thread / x % y) + "," +
         std::to_string(thread / (x * y)) + ")";
}

std::string kernel_place(unsigned thread) {
  char block[64];
  std::snprintf(block, sizeof block, ", block (%u,%u,%u), ", blockIdx.x, blockIdx.y, blockIdx.z);
  return "\n    in kernel " + kernel_name(this_worker->grid->kernel) + block + thread_name(thread);
}

void report_in_kernel(const std::string& text, std::string advice) {
  report(text + kernel_place(), std::move(advice));
}

void stop_kernel(cudaError_t error, const char* text, const char* advice) {
  in_simulator = true;
  report_in_kernel(text, advice);
  abandon_block(error);
}

}  // namespace minitorch::simt
