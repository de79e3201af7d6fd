// SPDX-License-Identifier: MIT
// What a Profile writes down while it is in scope. For profile*.cpp only.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "minitorch/core/profile.h"

namespace minitorch::detail {

/// A row of the table in the making. `live` is what its memory takes now, `at_peak` what it took when the
/// device's memory was fullest.
struct Row {
  std::string op;
  Device::Type device;
  int64_t calls = 0;
  double seconds = 0, flops = 0, bytes = 0;
  std::size_t live = 0, at_peak = 0;
};

/// A bar of the trace.
struct Event {
  enum Kind : uint8_t { kKernel, kBackward, kRange };
  static constexpr int kDims = 6;
  Kind kind;
  uint8_t dims;
  int name, thread;  // name: an index of names
  double start, seconds;
  double flops, bytes;
  std::size_t memory;  // in use on the kernel's device when it ended
  int32_t size[kDims];
};

struct DeviceMemory {
  std::size_t now = 0, peak = 0;
  std::size_t before = 0, before_at_peak = 0;  // of what was there when the profile began
  bool higher = false;                         // above the peak that at_peak tells of
};

struct Recorder {
  static constexpr int kDeviceTypes = 3;

  std::mutex mutex;
  int64_t session = 0;  // counts profiles, so that a kernel that outlives one is not written into the next
  bool in_scope = false, active = false;  // a stopped profile keeps what it recorded
  int own_thread = 0;
  int64_t max_events = 0, left_out = 0;
  std::chrono::steady_clock::time_point start;
  double seconds = 0, own_kernel_seconds = 0;
  std::vector<Row> rows;  // the first three: nobody's memory, by device
  std::unordered_map<std::string, int> row_of_op;
  std::map<std::tuple<const char*, const char*, int>, int>
      row_of_call;  // by literals: found without building names
  struct Block {
    std::size_t bytes;
    int row;
  };
  std::map<const char*, Block> blocks;
  DeviceMemory memory[kDeviceTypes];
  std::vector<Event> events;
  std::vector<std::string> names;
  std::unordered_map<std::string, int> name_index;

  double now() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  void begin(const ProfileOptions& options);
  int row(const char* kernel, const char* backward, Device::Type device);
  int name(const std::string& text);
  void add(Event event);
  void remember_peak(Device::Type device);
};

/// The only one. Never destroyed: threads may outlive main.
Recorder& recorder();
/// Seconds since the profile began.
double time_now();
/// A bar of the trace from `start` to now.
void add_bar(Event::Kind kind, const std::string& name, double start);
/// This thread's number, from 0 in the order in which threads first asked.
int thread_number();

/// "leaky_relu" of LeakyRelu, "conv2d" of conv2d_forward, "copy" of copy_strided: kernels as learners know
/// them.
std::string op_name(const char* kernel);

ProfileReport make_report(const Recorder& r, const MachinePeak& machine);
std::string trace_json(const Recorder& r);

}  // namespace minitorch::detail
