// SPDX-License-Identifier: MIT
#include "minitorch/tensor/storage.h"

#include "minitorch/core/memory.h"

namespace minitorch {

Storage::Storage(Device device, std::size_t bytes)
    : data_(allocate(device, bytes)), bytes_(bytes), device_(device) {}

Storage::~Storage() {
  if (!owner_) release(device_, data_, bytes_);
}

}  // namespace minitorch
