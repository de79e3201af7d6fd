// SPDX-License-Identifier: MIT
// The hooks: what a Profile in scope is told by kernels, gradient rules and the allocator.
#include "minitorch/core/profile_recorder.h"

#include <cctype>
#include <utility>

#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/memory.h"

namespace minitorch::detail {
namespace {

// What this thread is doing. Kept whether or not a profile is in scope by the time a kernel ends.
struct ThreadState {
  int depth = 0;                   // kernels within kernels
  int row = -1;                    // of the outermost kernel
  const char* backward = nullptr;  // the op whose gradient rules run
  bool backward_counted = false;   // one call for all kernels of those rules
  Work next_work;
  bool has_work = false;
};
thread_local ThreadState here;

}  // namespace

Recorder& recorder() {
  static auto* one = new Recorder;
  return *one;
}

int thread_number() {
  static std::atomic<int> next{0};
  thread_local const int number = next.fetch_add(1);
  return number;
}

std::string op_name(const char* kernel) {
  std::string name;
  for (const char* c = kernel; *c; ++c) {
    const bool upper = std::isupper(static_cast<unsigned char>(*c));
    if (upper && !name.empty()) name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(*c)));
  }
  for (const std::string end : {"_forward", "_strided", "_async"})
    if (name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0)
      name.resize(name.size() - end.size());
  if (name.rfind("system_", 0) == 0) name.erase(0, 7);
  return name;
}

void Recorder::begin(const ProfileOptions& options) {
  ++session;
  active = true;
  own_thread = thread_number();
  max_events = options.trace.empty() ? 0 : options.max_events;
  left_out = 0;
  seconds = own_kernel_seconds = 0;
  row_of_op.clear();
  row_of_call.clear();
  blocks.clear();
  events.clear();
  names.clear();
  name_index.clear();
  rows.assign(kDeviceTypes, Row{});
  for (int d = 0; d < kDeviceTypes; ++d) {
    rows[d].op = "everything else";
    rows[d].device = static_cast<Device::Type>(d);
    const std::size_t in_use = memory_stats({static_cast<Device::Type>(d), 0}).in_use;
    memory[d] = {.now = in_use, .peak = in_use, .before = in_use, .before_at_peak = in_use};
  }
  start = std::chrono::steady_clock::now();
}

int Recorder::row(const char* kernel, const char* backward, Device::Type device) {
  const auto [known, is_new] = row_of_call.try_emplace({backward ? backward : kernel, backward, device}, 0);
  if (!is_new) return known->second;
  std::string op = backward ? std::string(backward) + " backward" : op_name(kernel);
  if (device == Device::kSim) op += " (sim)";
  if (device == Device::kCuda) op += " (cuda)";
  const auto [place, is_first] = row_of_op.try_emplace(op, static_cast<int>(rows.size()));
  if (is_first) {
    rows.emplace_back();
    rows.back().op = op;
    rows.back().device = device;
  }
  return known->second = place->second;
}

int Recorder::name(const std::string& text) {
  const auto [place, is_new] = name_index.try_emplace(text, static_cast<int>(names.size()));
  if (is_new) names.push_back(text);
  return place->second;
}

void Recorder::add(Event event) {
  if (static_cast<int64_t>(events.size()) < max_events) events.push_back(event);
  else if (max_events > 0) ++left_out;
}

void set_next_work(Work work) {
  here.next_work = work;
  here.has_work = true;
}

void begin_kernel(KernelCall& call) {
  if (std::exchange(here.has_work, false)) {
    call.work.flops = here.next_work.flops;
    if (here.next_work.bytes > 0) call.work.bytes = here.next_work.bytes;
  }
  if (!call.result_count) note_result(call, call.last_any);
  Recorder& r = recorder();
  std::lock_guard lock(r.mutex);
  call.session = r.session;
  if (++here.depth == 1) here.row = r.active ? r.row(call.name, here.backward, call.device.type) : -1;
  if (!r.active) return;
  // Memory that nobody has filled yet belongs to the first kernel that writes it.
  for (int i = 0; i < call.result_count; ++i) {
    const char* place = static_cast<const char*>(call.results[i]);
    auto block = r.blocks.upper_bound(place);
    if (block == r.blocks.begin()) continue;
    --block;
    auto& [bytes, row] = block->second;
    if (place >= block->first + bytes || row >= Recorder::kDeviceTypes) continue;
    r.rows[row].live -= bytes;
    row = here.row;
    r.rows[row].live += bytes;
  }
  call.start = r.now();
}

void end_kernel(KernelCall& call) {
#if defined(MT_WITH_CUDA)
  if (call.device.type == Device::kCuda && !CudaGraph::recording(call.device)) {
    try {
      cuda::synchronize();
    } catch (const Error&) {  // a failed kernel fails what comes next as well, where it can be thrown
    }
  }
#endif
  Recorder& r = recorder();
  std::lock_guard lock(r.mutex);
  const int row = here.row;
  const bool outermost = --here.depth == 0;
  if (outermost) here.row = -1;
  if (!r.active || call.session != r.session || row < 0) return;
  const double seconds = r.now() - call.start;
  if (outermost) {
    Row& sum = r.rows[row];
    if (!here.backward || !std::exchange(here.backward_counted, true)) ++sum.calls;
    sum.seconds += seconds;
    sum.flops += call.work.flops;
    sum.bytes += call.work.bytes;
    if (thread_number() == r.own_thread) r.own_kernel_seconds += seconds;
  }
  Event event{.kind = Event::kKernel,
              .dims = static_cast<uint8_t>(call.dims < Event::kDims ? call.dims : Event::kDims),
              .name = r.name(op_name(call.name)),
              .thread = thread_number(),
              .start = call.start,
              .seconds = seconds,
              .flops = call.work.flops,
              .bytes = call.work.bytes,
              .memory = r.memory[call.device.type].now,
              .size = {}};
  for (int i = 0; i < event.dims; ++i) event.size[i] = static_cast<int32_t>(call.size[i]);
  r.add(event);
}

void memory_taken(Device device, const void* memory, std::size_t bytes) {
  Recorder& r = recorder();
  std::lock_guard lock(r.mutex);
  if (!r.active) return;
  const int row = here.row >= 0 ? here.row : device.type;
  r.blocks[static_cast<const char*>(memory)] = {bytes, row};
  r.rows[row].live += bytes;
  DeviceMemory& m = r.memory[device.type];
  m.now += bytes;
  if (m.now <= m.peak) return;
  m.peak = m.now;
  m.higher = true;
}

void memory_returned(Device device, const void* memory, std::size_t bytes) {
  Recorder& r = recorder();
  std::lock_guard lock(r.mutex);
  if (!r.active) return;
  DeviceMemory& m = r.memory[device.type];
  if (std::exchange(m.higher, false)) r.remember_peak(device.type);
  m.now -= bytes;
  const auto block = r.blocks.find(static_cast<const char*>(memory));
  if (block == r.blocks.end()) {
    m.before -= bytes;
    return;
  }
  r.rows[block->second.row].live -= block->second.bytes;
  r.blocks.erase(block);
}

// Who held how much when memory was fullest. Taken when the first block is given back after a new peak.
void Recorder::remember_peak(Device::Type device) {
  for (Row& row : rows)
    if (row.device == device) row.at_peak = row.live;
  memory[device].before_at_peak = memory[device].before;
}

double time_now() {
  std::lock_guard lock(recorder().mutex);
  return recorder().now();
}

void add_bar(Event::Kind kind, const std::string& name, double start) {
  Recorder& r = recorder();
  std::lock_guard lock(r.mutex);
  if (!r.active) return;
  r.add({.kind = kind,
         .dims = 0,
         .name = r.name(name),
         .thread = thread_number(),
         .start = start,
         .seconds = r.now() - start,
         .flops = 0,
         .bytes = 0,
         .memory = 0,
         .size = {}});
}

void TimedBackward::begin(const char* op) {
  op_ = op;
  outer_ = std::exchange(here.backward, op);
  here.backward_counted = false;
  start_ = time_now();
}
void TimedBackward::end() {
  here.backward = outer_;
  add_bar(Event::kBackward, std::string(op_) + " backward", start_);
}

}  // namespace minitorch::detail
