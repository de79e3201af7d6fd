// SPDX-License-Identifier: MIT
// How the lesson measures kernels: counts from the simulator, seconds from a GPU.
#pragma once
#include <chrono>
#include <string>

#include "fastcore/report/lesson.h"
#include "minitorch/minitorch.h"
#include "minitorch/simt/control.h"

using namespace minitorch;
using namespace fastcore;

// --- what a kernel asks of memory: the simulator counts ---

//! [count]
struct Traffic {
  double global_loads = 0, shared_loads = 0;       // by threads
  double requests = 0, diverged = 0, sectors = 0;  // of warps to global memory, and their pieces of 32 bytes
  double shared_requests = 0, conflicts = 0, barriers = 0;

  double sectors_a_request() const { return sectors / requests; }
  double conflicts_a_request() const { return shared_requests > 0 ? conflicts / shared_requests : 0; }
};

template <class Run>
Traffic count(Run run) {
  simt::set_counting(true);
  run();
  simt::set_counting(false);
  Traffic sum;
  for (const simt::CountedKernel& kernel : simt::counted_kernels()) {
    sum.barriers += static_cast<double>(kernel.barriers) / static_cast<double>(kernel.blocks);
    for (const simt::CountedLine& line : kernel.lines) {
      const bool load = line.access.ends_with("load");
      const auto add = [&](double& to, uint64_t n) { to += static_cast<double>(n); };
      if (line.access.starts_with("global")) {
        if (load) add(sum.global_loads, line.accesses);
        add(sum.requests, line.requests);
        add(sum.sectors, line.sectors);
      } else {
        if (load) add(sum.shared_loads, line.accesses);
        add(sum.shared_requests, line.requests);
        add(sum.diverged, line.diverged);
        add(sum.conflicts, line.bank_conflicts);
      }
    }
  }
  return sum;
}
//! [count]

// --- time on a GPU, where there is one ---

inline Device gpu() {
  for (const Device d : available_devices())
    if (d.type == Device::kCuda) return d;
  return Device::sim();
}
// A quick run counts and does not time, so that it prints the same everywhere.
inline bool has_gpu(const Lesson& lesson) {
  const bool asked_for =
      lesson.device().type == Device::kCuda;  // asked first, so that --device counts as used
  return gpu().type == Device::kCuda && (!lesson.quick() || asked_for);
}
#if defined(MT_WITH_CUDA)
namespace on_gpu = minitorch::cuda;
#else
namespace on_gpu = minitorch::sim;
#endif

// Seconds of one call, from as many as a quarter of a second holds.
template <class Run>
double seconds(Run run) {
  for (int calls = 1;; calls *= 2) {
    synchronize(gpu());
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) run();
    synchronize(gpu());
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (took > 0.25) return took / calls;
  }
}

struct Machine {
  double flops = 0, tensor_flops = 0, bytes = 0;  // a second
};

// --- whether it is right ---

inline std::string largest_difference(const Tensor& got, const Tensor& expected) {
  return format("%.2g", max(abs(got.to(Device::cpu()) - expected)).item());
}
// Right as far as rounding goes: `bound` is a part of the largest number. Both on one device.
inline std::string checked(const Tensor& got, const Tensor& expected, double bound) {
  const double off = max(abs(got.view(expected.shape()) - expected)).item();
  return off <= bound * max(abs(expected)).item() ? "right" : "wrong";  // NaN is wrong, too
}
