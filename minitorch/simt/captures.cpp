// SPDX-License-Identifier: MIT
// Graphs of the simulated device: how they are recorded, what is forbidden meanwhile, and how they run.
#include "minitorch/simt/captures.h"

#include <algorithm>

namespace minitorch::simt {
namespace {

thread_local cudaStreamCaptureMode capture_mode = cudaStreamCaptureModeGlobal;

// The recording keeps this thread from calls that could wait for the device.
bool forbids(const Recording& r) {
  if (capture_mode == cudaStreamCaptureModeRelaxed) return false;
  if (r.thread == std::this_thread::get_id()) return r.mode != cudaStreamCaptureModeRelaxed;
  return r.mode == cudaStreamCaptureModeGlobal && capture_mode == cudaStreamCaptureModeGlobal;
}

// Work of other streams of the recording that its origin has not waited for.
bool has_loose_ends(const Recording& r) {
  for (const SimulatedStream* s : streams().all) {
    if (s->recording.get() != &r) continue;
    const StepsBefore& seen = r.origin->before;
    const auto own = s->before.find(s);
    if (own != s->before.end() && (!seen.contains(s) || seen.at(s) < own->second)) return true;
  }
  return false;
}

cudaError_t run_steps(const std::vector<Work>& steps) {
  cudaError_t first_error = cudaSuccess;
  for (const Work& step : steps)
    if (const cudaError_t error = step(); !first_error) first_error = error;
  return first_error;
}

}  // namespace

bool is_capturing() {
  Lock lock(streams().mutex);
  return std::any_of(streams().all.begin(), streams().all.end(),
                     [](auto* s) { return s->recording && forbids(*s->recording); });
}

cudaError_t refuse_mark_of_graph(cudaError_t error, const char* call) {
  return refuse_call(
      error, std::string(call) + " for an event that was recorded into a graph",
      "Record the event after cudaGraphLaunch, in the stream of the launch, and wait for that.");
}

}  // namespace minitorch::simt

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
using namespace minitorch::simt;  // NOLINT: this file is the implementation

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  Lock lock(streams().mutex);
  if (!stream)
    return refuse_call(cudaErrorStreamCaptureUnsupported, "cudaStreamBeginCapture on the default stream",
                       "Record on a stream of your own: cudaStreamCreate.");
  if (const cudaError_t error = admit(stream, "cudaStreamBeginCapture")) return error;
  if (stream->recording)
    return refuse_while_recording(cudaErrorIllegalState, "cudaStreamBeginCapture",
                                  [&](Recording& r) { return &r == stream->recording.get(); });
  stream->recording = std::make_shared<Recording>();
  stream->recording->origin = stream;
  stream->recording->mode = mode;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  Lock lock(streams().mutex);
  *graph = nullptr;
  const std::shared_ptr<Recording> recording = stream_of(stream).recording;
  if (!recording)
    return refuse_call(cudaErrorIllegalState, "cudaStreamEndCapture of a stream that records nothing",
                       "Begin with cudaStreamBeginCapture on the same stream.");
  if (recording->origin != stream)
    return refuse_call(cudaErrorStreamCaptureUnmatched,
                       "cudaStreamEndCapture of a stream that has only joined the recording",
                       "End it on the stream where it began.");
  if (recording->mode != cudaStreamCaptureModeRelaxed && recording->thread != std::this_thread::get_id())
    return refuse_call(cudaErrorStreamCaptureWrongThread, "cudaStreamEndCapture by another thread",
                       "End the recording in the thread that began it, or begin it with "
                       "cudaStreamCaptureModeRelaxed.");
  const bool loose = has_loose_ends(*recording);
  recording->ended = true;
  for (SimulatedStream* s : streams().all) {
    if (s->recording != recording) continue;
    s->recording = nullptr;
    s->before.clear();
  }
  if (recording->spoilt) return remember_error(cudaErrorStreamCaptureInvalidated);  // reported when it was
  if (loose)
    return refuse_call(
        cudaErrorStreamCaptureUnjoined,
        "cudaStreamEndCapture: a stream that joined the recording has work that its first stream "
        "does not wait for",
        "Record an event after that work, and let the first stream wait for it.");
  *graph = recording->graph.release();
  streams().graphs.insert(*graph);
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, capture_mode);
  return cudaSuccess;
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  Lock lock(streams().mutex);
  const auto& recording = stream_of(stream).recording;
  *status = !recording          ? cudaStreamCaptureStatusNone
            : recording->spoilt ? cudaStreamCaptureStatusInvalidated
                                : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  Lock lock(streams().mutex);
  if (!streams().graphs.contains(graph)) return refuse_handle("cudaGraphInstantiate", "graph");
  *executable = new SimulatedGraphExec{graph->steps};
  streams().executables.insert(*executable);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable, cudaGraph_t graph,
                                          unsigned long long flags) {
  return cudaGraphInstantiate(executable, graph, flags);
}
cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t stream) {
  Lock lock(streams().mutex);
  if (!streams().executables.contains(executable))
    return refuse_handle("cudaGraphUpload", "executable graph");
  return admit(stream, "cudaGraphUpload");
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  Lock lock(streams().mutex);
  if (!streams().executables.contains(executable))
    return refuse_handle("cudaGraphLaunch", "executable graph");
  if (const cudaError_t error = admit(stream, "cudaGraphLaunch")) return error;
  return enqueue(stream, [executable] { return run_steps(executable->steps); });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  Lock lock(streams().mutex);
  if (!streams().graphs.erase(graph)) return refuse_handle("cudaGraphDestroy", "graph");
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  Lock lock(streams().mutex);
  if (!streams().executables.contains(executable))
    return refuse_handle("cudaGraphExecDestroy", "executable graph");
  const cudaError_t error = finish_all_streams();
  streams().executables.erase(executable);
  delete executable;
  return error;
}

}  // namespace simulated
// NOLINTEND
