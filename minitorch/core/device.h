// SPDX-License-Identifier: MIT
// Where a tensor lives and its kernels run.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace minitorch {

/// cpu; cuda (the n-th GPU); or sim, the simulator that runs the CUDA kernels on the CPU and checks them.
struct Device {
  enum Type : uint8_t { kCpu, kSim, kCuda };
  Type type = kCpu;
  uint8_t index = 0;

  static constexpr Device cpu() { return {kCpu, 0}; }
  static constexpr Device sim() { return {kSim, 0}; }
  static constexpr Device cuda(int index = 0) { return {kCuda, static_cast<uint8_t>(index)}; }
  /// "cpu", "sim", "cuda" or "cuda:1". @throws ValueError naming what is accepted
  static Device parse(const std::string& text);

  constexpr bool is_cpu() const { return type == kCpu; }
  friend constexpr bool operator==(Device a, Device b) { return a.type == b.type && a.index == b.index; }
};

std::string to_string(Device device);

/// Every device that can be used here: cpu, sim, and each GPU found.
std::vector<Device> available_devices();
/// Whether this machine has it: cpu and sim always, a GPU where there is one with a driver that works.
bool is_available(Device device);

/// Waits until all work queued on the device is done; nothing to wait for on the CPU.
/// @throws DeviceError when a kernel failed meanwhile
void synchronize(Device device);

}  // namespace minitorch
