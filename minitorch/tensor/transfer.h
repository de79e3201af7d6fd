// SPDX-License-Identifier: MIT
// Copies that go on while the host and the kernels work.
//
//     const Tensor ready = pin_memory(batch);          // on the loader's thread
//     const Tensor x = upload(ready, Device::cuda());  // returns at once
//
// Everything here stands outside the graph.
#pragma once
#include "minitorch/core/stream.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// The elements in host memory that a device can read by itself. @throws DeviceError unless x is on the CPU
Tensor pin_memory(const Tensor& x, Device device = Device::cuda());
bool is_pinned(const Tensor& x);

/// The elements on `device`, copied in the current stream of the GPU (or simulator) that takes part.
///
/// From pinned memory the copy is only queued: x must not be changed until the stream has passed it. To the
/// CPU the result is pinned, and holds the elements once the stream (or an event behind the copy) is
/// synchronised. From ordinary host memory it is what to(x, device) is.
Tensor to_async(const Tensor& x, Device device);

/// The elements of host memory on `device`, for batches in training: copied on the device's stream of copies,
/// beside the kernels that the current stream holds; what is queued there from now on waits for the copy. x
/// may be changed on return unless it is pinned. Where x is not on the CPU, or `device` is, it is to(x,
/// device).
Tensor upload(const Tensor& x, Device device);

/// Tells that `stream` works on x too, though another stream allocated it: the memory is not used again
/// before `stream` has done what it holds when x is freed.
void record_stream(const Tensor& x, const Stream& stream);

}  // namespace minitorch
