// SPDX-License-Identifier: MIT
// The memory behind one tensor and all its views.
#pragma once
#include <cstddef>

#include "minitorch/core/device.h"
#include "minitorch/core/ref.h"

namespace minitorch {

/// The memory of one or more tensors, and how often it was changed in place.
class Storage final : public RefCounted {
 public:
  /// Uninitialised memory. @throws OutOfMemory
  Storage(Device device, std::size_t bytes);
  /// Memory that `owner` keeps alive (a mapped file, say).
  Storage(void* data, std::size_t bytes, Ref<RefCounted> owner)
      : data_(data), bytes_(bytes), owner_(std::move(owner)) {}
  ~Storage() override;

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  Device device() const { return device_; }
  /// What keeps the memory alive, if it is not the storage itself.
  RefCounted* owner() const { return owner_.get(); }

  /// Counts in-place changes, so that backward can tell when a value it saved was overwritten.
  uint32_t version() const { return version_; }
  const char* last_change() const { return last_change_; }
  void changed_by(const char* op) {
    ++version_;
    last_change_ = op;
  }
  /// The version at which elements last moved in the graph: views taken before no longer follow them.
  uint32_t regraphed() const { return regraphed_; }
  void regraph() { regraphed_ = version_; }

 private:
  void* data_;
  std::size_t bytes_;
  Device device_;
  uint32_t version_ = 0, regraphed_ = 0;
  const char* last_change_ = "";
  Ref<RefCounted> owner_;
};

}  // namespace minitorch
