// SPDX-License-Identifier: MIT
// Streams and events by the CUDA runtime's own calls.
#include "minitorch/core/stream_cuda.h"

namespace minitorch::MT_DEVICE {

void stream_create(void** stream) {
  cudaStream_t made = nullptr;
  check(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking), "stream");
  *stream = made;
}
void stream_destroy(void* stream) {
  cudaStreamSynchronize(static_cast<cudaStream_t>(stream));
  cudaStreamDestroy(static_cast<cudaStream_t>(stream));
}
void stream_synchronize(void* stream) {
  check(cudaStreamSynchronize(static_cast<cudaStream_t>(stream)), "synchronize");
}
void stream_wait(void* stream, void* event) {
  check(cudaStreamWaitEvent(static_cast<cudaStream_t>(stream), static_cast<cudaEvent_t>(event), 0), "wait");
}
void stream_is_recording(void* stream, bool* recording) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  check(cudaStreamIsCapturing(static_cast<cudaStream_t>(stream), &status), "stream");
  *recording = status != cudaStreamCaptureStatusNone;
}

void event_create(void** event, bool timed) {
  cudaEvent_t made = nullptr;
  const unsigned flags = timed ? cudaEventDefault : cudaEventDisableTiming;
  check(cudaEventCreateWithFlags(&made, flags), "event");
  *event = made;
}
void event_destroy(void* event) { cudaEventDestroy(static_cast<cudaEvent_t>(event)); }
void event_record(void* event, void* stream) {
  check(cudaEventRecord(static_cast<cudaEvent_t>(event), static_cast<cudaStream_t>(stream)), "event");
}
// While this thread records a graph CUDA permits no such question, as if the answer went into the graph: here
// it only tells which memory is free again.
void event_done(void* event, bool* done) {
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  check(cudaThreadExchangeStreamCaptureMode(&mode), "event");
  const cudaError_t state = cudaEventQuery(static_cast<cudaEvent_t>(event));
  check(cudaThreadExchangeStreamCaptureMode(&mode), "event");
  *done = state != cudaErrorNotReady;
  if (*done) check(state, "event");
}
void event_synchronize(void* event) {
  check(cudaEventSynchronize(static_cast<cudaEvent_t>(event)), "synchronize");
}
void event_elapsed(void* begin, void* end, float* milliseconds) {
  check(cudaEventElapsedTime(milliseconds, static_cast<cudaEvent_t>(begin), static_cast<cudaEvent_t>(end)),
        "event");
}

}  // namespace minitorch::MT_DEVICE
