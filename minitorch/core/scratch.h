// SPDX-License-Identifier: MIT
// Working memory of a kernel, from the caching allocator: after the first call it costs a lock and a list.
#pragma once
#include <cstdint>

#include "minitorch/core/memory.h"

namespace minitorch {

/// `count` uninitialised elements, aligned to 64 bytes, given back at the end of the scope.
template <class T = float>
class Scratch {
 public:
  explicit Scratch(int64_t count, Device device = Device::cpu())
      : device_(device),
        bytes_(static_cast<std::size_t>(count) * sizeof(T)),
        data_(static_cast<T*>(allocate(device_, bytes_))) {}
  ~Scratch() { release(device_, data_, bytes_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  T* data() const { return data_; }
  T& operator[](int64_t i) const { return data_[i]; }

 private:
  Device device_;
  std::size_t bytes_;
  T* data_;
};

}  // namespace minitorch
