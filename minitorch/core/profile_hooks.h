// SPDX-License-Identifier: MIT
// Where the library reports to a Profile (profile.h). While none is in scope, each hook is one relaxed load.
//
// Kernels need no line of their own: MT_DISPATCH times them, and their views say how many bytes they move and
// which memory is their result's. Those that do arithmetic worth counting, or take plain pointers, call
// note_work just before.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "minitorch/core/device.h"
#include "minitorch/core/view.h"

namespace minitorch {

/// What a kernel has to do: multiplications and additions; bytes to read and to write, each array once.
struct Work {
  double flops = 0, bytes = 0;
};

namespace detail {

inline std::atomic<bool> profiling_now{false};
inline bool profiling() { return profiling_now.load(std::memory_order_relaxed); }

/// One call of a kernel, gathered from its arguments.
struct KernelCall {
  static constexpr int kResults = 4;
  const char* name;
  Device device;
  Work work;
  const void* results[kResults];  // memory that it writes
  int result_count;
  const void* last_any;  // the last AnyView: kernels on those have their result there
  int dims;              // of the last view
  int64_t size[AnyView::kMaxDims];
  int64_t session;
  double start;
};

/// The work of the kernel that this thread calls next.
void set_next_work(Work work);
void begin_kernel(KernelCall& call);
void end_kernel(KernelCall& call);
void memory_taken(Device device, const void* memory, std::size_t bytes);
void memory_returned(Device device, const void* memory, std::size_t bytes);

inline void note_view(KernelCall& call, std::size_t item, int dims, const int64_t* size,
                      const int64_t* stride) {
  double bytes = static_cast<double>(item);
  for (int i = 0; i < dims; ++i) {
    if (stride[i] != 0) bytes *= static_cast<double>(size[i]);  // repeated elements are read once
    call.size[i] = size[i];
  }
  call.dims = dims;
  call.work.bytes += bytes;
}
inline void note_result(KernelCall& call, const void* memory) {
  if (memory && call.result_count < KernelCall::kResults) call.results[call.result_count++] = memory;
}

/// What one argument tells. A list of functions (UnaryOp ...) names the kernel by kernel_name(argument).
template <class T>
void note_argument(KernelCall& call, const T& argument) {
  if constexpr (requires { kernel_name(argument); }) call.name = kernel_name(argument);
}
template <class T>
void note_argument(KernelCall& call, T* const& argument) {
  if constexpr (!std::is_const_v<T>) note_result(call, argument);
}
template <class T, int N>
void note_argument(KernelCall& call, const View<T, N>& view) {
  if (!view.data) return;
  note_view(call, sizeof(T), N, view.size, view.stride);
  if constexpr (!std::is_const_v<T>) note_result(call, view.data);
}
inline void note_argument(KernelCall& call, const AnyView& view) {
  if (!view.data) return;
  note_view(call, item_size(view.dtype), view.dims, view.size, view.stride);
  call.last_any = view.data;
}

/// Stands around every kernel call.
class TimedKernel {
 public:
  template <class... Arguments>
  TimedKernel(const char* name, Device device, const Arguments&... arguments) : on_(profiling()) {
    if (!on_) return;
    call_ = {};
    call_.name = name;
    call_.device = device;
    (note_argument(call_, arguments), ...);
    begin_kernel(call_);
  }
  ~TimedKernel() {
    if (on_) end_kernel(call_);
  }
  TimedKernel(const TimedKernel&) = delete;

 private:
  bool on_;
  KernelCall call_;
};

/// Stands around the gradient rules of one op: kernels meanwhile count as "<op> backward".
class TimedBackward {
 public:
  explicit TimedBackward(const char* op) : on_(profiling()) {
    if (on_) begin(op);
  }
  ~TimedBackward() {
    if (on_) end();
  }
  TimedBackward(const TimedBackward&) = delete;

 private:
  void begin(const char* op);
  void end();
  bool on_;
  const char* op_;
  const char* outer_;
  double start_;
};

}  // namespace detail

/// Says what the next kernel of this thread does, where its arguments do not show it.
inline void note_work(Work work) {
  if (detail::profiling()) detail::set_next_work(work);
}

}  // namespace minitorch
