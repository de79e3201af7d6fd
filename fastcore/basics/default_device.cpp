// SPDX-License-Identifier: MIT
#include "fastcore/basics/default_device.h"

#include <mutex>

namespace fastcore {
namespace {

struct Choice {
  std::mutex mutex;
  minitorch::Device device = minitorch::Device::cpu();
  bool used = false;
};
Choice& choice() {
  static Choice it;
  return it;
}

}  // namespace

minitorch::Device default_device() {
  const std::lock_guard lock(choice().mutex);
  choice().used = true;
  return choice().device;
}
void set_default_device(minitorch::Device device) {
  const std::lock_guard lock(choice().mutex);
  choice().device = device;
  choice().used = false;
}
bool default_device_used() {
  const std::lock_guard lock(choice().mutex);
  return choice().used;
}

}  // namespace fastcore
