// SPDX-License-Identifier: MIT
#include "fastcore/basics/default_device.h"

#include <atomic>

namespace fastcore {
namespace {

std::atomic<minitorch::Device> device{minitorch::Device::cpu()};
std::atomic<bool> used{false};

}  // namespace

minitorch::Device default_device() {
  used = true;
  return device;
}
void set_default_device(minitorch::Device to) {
  device = to;
  used = false;
}
bool default_device_used() { return used; }

}  // namespace fastcore
