// SPDX-License-Identifier: MIT
// Where learners train unless they are told.
#pragma once
#include "minitorch/core/device.h"

namespace fastcore {

/// The device of learners whose options name none: the CPU, until set_default_device says otherwise. The
/// option
/// --device of a lesson does.
minitorch::Device default_device();
/// For learners made from now on.
void set_default_device(minitorch::Device device);
/// Whether anybody has asked since it was set last.
bool default_device_used();

}  // namespace fastcore
