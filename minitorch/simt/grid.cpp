// SPDX-License-Identifier: MIT
// Launches: the limits of a launch, and the workers that share the blocks of a grid.
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "minitorch/simt/checker.h"
#include "minitorch/simt/device_memory.h"
#include "minitorch/simt/internal.h"
#include "minitorch/simt/streams.h"

namespace minitorch::simt {
namespace {

constexpr int kMostWorkersByDefault = 8;  // each may need 1024 stacks, and a process has 65,530 mappings

int usable_cores() {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

void read_environment(Settings& s) {
  s.workers = std::min(usable_cores(), kMostWorkersByDefault);
  if (const char* text = std::getenv("MT_SIM_WORKERS")) s.workers = std::clamp(std::atoi(text), 1, 64);
  if (has_checker()) s.workers = 1;
  if (const char* text = std::getenv("MT_SIM_TIMEOUT")) s.timeout = std::atof(text);
  if (const char* text = std::getenv("MT_SIM_LAZY")) s.lazy = std::atoi(text) != 0;
  if (const char* text = std::getenv("MT_SIM_ORDER")) {
    if (!std::strcmp(text, "reverse")) s.order = Order::kReverse;
    else if (!std::strncmp(text, "random", 6)) s.order = Order::kRandom;
    else if (std::strcmp(text, "forward"))
      std::fprintf(stderr, "MT_SIM_ORDER=%s: expected forward, reverse or random:SEED\n", text);
    if (const char* colon = std::strchr(text, ':')) s.seed = static_cast<unsigned>(std::atoi(colon + 1));
  }
}

// Helpers sleep until a grid is worth waking them; the launching thread is always one of the workers.
class Helpers {
 public:
  explicit Helpers(int count) {
    for (int i = 0; i < count; ++i) std::thread([this] { help_for_ever(); }).detach();
  }
  void call(Grid& grid) {
    {
      std::lock_guard lock(mutex_);
      grid_ = &grid;
      ++calls_;
    }
    wake_.notify_all();
  }
  // No helper works on the grid, and none will begin.
  void dismiss() {
    std::unique_lock lock(mutex_);
    grid_ = nullptr;
    done_.wait(lock, [this] { return active_ == 0; });
  }

 private:
  [[noreturn]] void help_for_ever() {
    std::unique_lock lock(mutex_);
    for (uint64_t seen = 0;;) {
      wake_.wait(lock, [&] { return grid_ && calls_ != seen; });
      seen = calls_;
      Grid& grid = *grid_;
      ++active_;
      lock.unlock();
      run_blocks(grid, nullptr);
      lock.lock();
      if (--active_ == 0) done_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  Grid* grid_ = nullptr;
  uint64_t calls_ = 0;
  int active_ = 0;
};

using Clock = std::chrono::steady_clock;
Clock::time_point launch_time;

Helpers& helpers() {
  static auto* the_helpers =
      new Helpers(settings().workers - 1);  // never destroyed: its threads end with the process
  return *the_helpers;
}

// Waking a helper costs some 20 microseconds: only for grids with more than that left to do.
void call_helpers(Grid& grid) {
  const auto first = Clock::now() - launch_time;
  if (first * static_cast<int64_t>(std::min<uint64_t>(grid.blocks - 1, 1u << 20)) <
      std::chrono::microseconds(50))
    return;
  grid.helped = true;
  helpers().call(grid);
}

cudaError_t refuse(const Kernel& kernel, cudaError_t error, const std::string& what, const char* advice) {
  return refuse_call(error, "launch of " + kernel_name(kernel) + ": " + what, advice);
}

std::string text_of(dim3 d) {
  return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
}

cudaError_t check_limits(const Kernel& kernel, dim3 grid, dim3 block, std::size_t shared_bytes) {
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  if (!grid.x || !grid.y || !grid.z || !threads)
    return refuse(kernel, cudaErrorInvalidConfiguration,
                  "grid " + text_of(grid) + " and block " + text_of(block) + " hold no thread",
                  "Return early when there is nothing to do.");
  if (threads > kMaxThreads || block.z > 64)
    return refuse(kernel, cudaErrorInvalidConfiguration,
                  "block " + text_of(block) + " has more than 1024 threads, or more than 64 along z",
                  "Use smaller blocks and more of them.");
  if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
    return refuse(kernel, cudaErrorInvalidConfiguration,
                  "grid " + text_of(grid) + " exceeds (2147483647,65535,65535)",
                  "Put the longest axis on x, or let each block loop.");
  const std::size_t allowed = allowed_shared_bytes(kernel.entry), own = static_shared_bytes(kernel.entry);
  if (own > kSharedDefault)
    return refuse(
        kernel, cudaErrorInvalidValue,
        std::to_string(own) + " bytes of __shared__ variables, allowed are " + std::to_string(kSharedDefault),
        "nvcc refuses such a kernel. Take dynamic shared memory: dynamic_shared<T>().");
  if (shared_bytes > allowed)
    return refuse(kernel, cudaErrorInvalidValue,
                  std::to_string(shared_bytes) + " bytes of dynamic shared memory, allowed are " +
                      std::to_string(allowed) +
                      (own ? " beside " + std::to_string(own) + " bytes of __shared__ variables" : ""),
                  "Above 48 KiB call cudaFuncSetAttribute(kernel, "
                  "cudaFuncAttributeMaxDynamicSharedMemorySize, bytes) first.");
  return cudaSuccess;
}

// The checker sees the access itself, and names its line, as it does of pinned memory that was freed.
cudaError_t check_arguments(const Kernel& kernel) {
  const int number = has_checker() ? 0 : kernel.argument_where(kernel.arguments, [](uintptr_t address) {
    return address >= 4096 && !is_device(address) && !pinned_near(address).base && !in_program(address);
  });
  if (!number) return cudaSuccess;
  return refuse(kernel, cudaErrorIllegalAddress,
                "argument " + std::to_string(number) + " of the kernel points to host memory",
                "Copy the data to the device first, and pass the device pointer.");
}

}  // namespace

Settings& settings() {
  static auto* the_settings = [] {
    auto* s = new Settings;
    read_environment(*s);
    return s;
  }();
  return *the_settings;
}

void set_order(Order order, unsigned seed) {
  settings().order = order;
  settings().seed = seed;
}

std::string kernel_name(const Kernel& kernel) { return function_name(kernel.entry); }

cudaError_t run_grid(const Kernel& kernel, dim3 size, dim3 block, std::size_t shared_bytes) {
  static std::mutex one_grid;
  std::lock_guard lock(one_grid);
  install_signal_handlers();
  begin_launch_reports();
  Grid grid{kernel, size, block, shared_bytes, uint64_t{size.x} * size.y * size.z, {}, {}};
  checker_begin_launch();
  const bool share = settings().workers > 1 && grid.blocks > 1;
  if (share) launch_time = Clock::now();
  run_blocks(grid, share ? call_helpers : nullptr);
  if (grid.helped) helpers().dismiss();
  const cudaError_t found = checker_end_launch();
  const auto error = static_cast<cudaError_t>(grid.error.load());
  return remember_error(error ? error : found);
}

cudaError_t launch_kernel(const Kernel& kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
                          cudaStream_t stream) {
  SimulatorScope scope;
  begin_launch_reports();
  if (const cudaError_t error = check_limits(kernel, grid, block, shared_bytes)) return error;
  if (const cudaError_t error = check_arguments(kernel)) return error;
  if (const cudaError_t error = admit(stream, ("launch of " + kernel_name(kernel)).c_str())) return error;
  if (!is_deferred(stream)) return run_grid(kernel, grid, block, shared_bytes);
  // The arguments live on the caller's stack: keep a copy.
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  std::shared_ptr<void> arguments(std::aligned_alloc(64, (kernel.argument_bytes + 63) / 64 * 64), Free{});
  kernel.copy(arguments.get(), kernel.arguments);
  return enqueue(stream, [=] {
    Kernel own = kernel;
    own.arguments = arguments.get();
    return run_grid(own, grid, block, shared_bytes);
  });
}

}  // namespace minitorch::simt
