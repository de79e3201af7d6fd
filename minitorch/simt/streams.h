// SPDX-License-Identifier: MIT
// Inside the simulator: work that waits in streams and graphs.
#pragma once
#include <functional>
#include <map>

#include "minitorch/simt/runtime.h"

namespace minitorch::simt {

using Work = std::function<cudaError_t()>;
struct Recording;
/// How many steps of which stream come before a point of a recording.
using StepsBefore = std::map<const SimulatedStream*, uint64_t>;

/// cudaSuccess, or why `call` may not use the stream: it does not exist, or a recording forbids it.
cudaError_t admit(cudaStream_t stream, const char* call);
/// The stream records a graph, or MT_SIM_LAZY puts work off until it is waited for.
bool is_deferred(cudaStream_t stream);
/// Does the work now, or keeps it if the stream is deferred.
cudaError_t enqueue(cudaStream_t stream, Work work);
/// Does all work that waits in any stream.
cudaError_t finish_all_streams();
/// Does the work of the default stream and of those that it waits for: not of cudaStreamNonBlocking ones.
cudaError_t finish_default_stream();
/// Some stream records a graph, so that this thread must not call what could wait for the device.
bool is_capturing();

constexpr std::size_t kSharedDefault = 48 * 1024;
/// Of the __shared__ variables in the kernel's body.
std::size_t static_shared_bytes(const void* kernel);
/// Dynamic shared memory that launches of this kernel may ask for: with its __shared__ variables 48 KiB, or
/// what cudaFuncSetAttribute has set.
std::size_t allowed_shared_bytes(const void* kernel);

}  // namespace minitorch::simt
