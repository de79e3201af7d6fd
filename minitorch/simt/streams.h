// SPDX-License-Identifier: MIT
// Inside the simulator: work that waits in streams and graphs.
#pragma once
#include <functional>

#include "minitorch/simt/runtime.h"

namespace minitorch::simt {

using Work = std::function<cudaError_t()>;

/// The stream records a graph, or MT_SIM_LAZY puts work off until it is waited for.
bool is_deferred(cudaStream_t stream);
/// Does the work now, or keeps it if the stream is deferred.
cudaError_t enqueue(cudaStream_t stream, Work work);
/// Does all work that waits in any stream.
cudaError_t finish_all_streams();
/// Some stream records a graph: calls that wait for the device are then not allowed.
bool is_capturing();

/// Dynamic shared memory that launches of this kernel may ask for: 48 KiB, or what cudaFuncSetAttribute has
/// set.
std::size_t allowed_shared_bytes(const void* kernel);
/// What cudaGetLastError returns next. Returns `error` itself.
cudaError_t remember_error(cudaError_t error);

}  // namespace minitorch::simt
