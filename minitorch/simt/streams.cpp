// SPDX-License-Identifier: MIT
// Streams, events and graphs of the simulated device.
#include "minitorch/simt/streams.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "minitorch/simt/internal.h"

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

struct SimulatedGraph {
  uint64_t number = 0;  // of the recording; a later graph may lie at the same address
  std::vector<minitorch::simt::Work> steps;
};
struct SimulatedStream {
  std::deque<std::pair<uint64_t, minitorch::simt::Work>> queue;  // with a number that grows over all streams
  bool waits_for_default = true;
  SimulatedGraph* recording = nullptr;
};
struct SimulatedEvent {
  struct Mark {
    SimulatedStream* stream;  // where it stands; a stream that ends comes to all its marks first
    uint64_t number;
    std::chrono::steady_clock::time_point time{};
    bool done = false;
  };
  std::shared_ptr<Mark> mark;  // of the last record; shared with the stream, which may come to it later
  uint64_t graph = 0;          // the number of the recording it was recorded in, or 0
};

}  // namespace simulated
// NOLINTEND

namespace minitorch::simt {
namespace {

struct Streams {
  std::recursive_mutex mutex;
  SimulatedStream default_stream;
  std::vector<SimulatedStream*> all = {&default_stream};
  uint64_t next_number = 1;
  uint64_t recordings = 0;
};
Streams& streams() {
  static auto* the_streams = new Streams;
  return *the_streams;
}
using Lock = std::lock_guard<std::recursive_mutex>;

std::atomic<uint64_t> waits{0};  // of the host
thread_local cudaStreamCaptureMode capture_mode = cudaStreamCaptureModeGlobal;

SimulatedStream& stream_of(cudaStream_t stream) { return stream ? *stream : streams().default_stream; }

// The recording of that number, or null when it has ended.
SimulatedGraph* recording_of(uint64_t number) {
  for (const SimulatedStream* s : streams().all)
    if (s->recording && s->recording->number == number) return s->recording;
  return nullptr;
}

bool is_before(const SimulatedStream& s, uint64_t number) {
  return !s.queue.empty() && s.queue.front().first < number;
}

// Whether what the stream is to do next waits for no other: the default stream and ordinary ones take turns.
bool may_go_on(const SimulatedStream& s) {
  const uint64_t number = s.queue.front().first;
  SimulatedStream& by_default = streams().default_stream;
  if (!s.waits_for_default) return true;
  if (&s != &by_default) return !is_before(by_default, number);
  return std::none_of(streams().all.begin(), streams().all.end(), [&](const SimulatedStream* other) {
    return other->waits_for_default && is_before(*other, number);
  });
}

// Runs what `wanted` accepts, up to and including `last`. Of streams that do not wait for each other the one
// comes first that was given its work last: the natural order would hide that a wait is missing.
template <class Wanted>
cudaError_t run_queued(uint64_t last, Wanted wanted) {
  cudaError_t first_error = cudaSuccess;
  for (;;) {
    SimulatedStream* next = nullptr;
    for (SimulatedStream* s : streams().all)
      if (wanted(*s) && !s->queue.empty() && s->queue.front().first <= last && may_go_on(*s) &&
          (!next || s->queue.front().first > next->queue.front().first))
        next = s;
    if (!next) return first_error;
    const Work work = std::move(next->queue.front().second);
    next->queue.pop_front();
    const cudaError_t error = work();
    if (!first_error) first_error = error;
  }
}

// The default stream and ordinary streams wait for each other; a non-blocking stream stands alone.
cudaError_t finish(SimulatedStream& stream, uint64_t last = ~uint64_t{0}) {
  if (!stream.waits_for_default) return run_queued(last, [&](SimulatedStream& s) { return &s == &stream; });
  const bool with_default = !streams().default_stream.queue.empty();
  return run_queued(
      last, [&](SimulatedStream& s) { return &s == &stream || (with_default && s.waits_for_default); });
}

// No more than the mark asks for: what else waits would hide that nobody waits for it.
void finish_until(const SimulatedEvent::Mark& mark) {
  if (!mark.done) finish(*mark.stream, mark.number);
}

cudaError_t refuse_while_capturing(const char* call) {
  report(std::string(call) + " while a stream records a graph",
         "Finish the recording first: cudaStreamEndCapture.");
  return remember_error(cudaErrorStreamCaptureUnsupported);
}

// A mark in a graph is no moment: its work is done at each replay, or never.
cudaError_t refuse_mark_of_graph(const char* call) {
  report(std::string(call) + " for an event that was recorded into a graph",
         "Record the event after cudaGraphLaunch, in the stream of the launch, and wait for that.");
  return remember_error(cudaErrorInvalidValue);
}

}  // namespace

bool is_deferred(cudaStream_t stream) { return settings().lazy || stream_of(stream).recording; }

bool is_capturing() {
  if (capture_mode == cudaStreamCaptureModeRelaxed) return false;
  Lock lock(streams().mutex);
  return std::any_of(streams().all.begin(), streams().all.end(),
                     [](auto* s) { return s->recording != nullptr; });
}

cudaError_t enqueue(cudaStream_t stream, Work work) {
  Lock lock(streams().mutex);
  SimulatedStream& s = stream_of(stream);
  if (s.recording) {
    s.recording->steps.push_back(std::move(work));
    return cudaSuccess;
  }
  if (!settings().lazy) return work();
  s.queue.emplace_back(streams().next_number++, std::move(work));
  return cudaSuccess;
}

void set_lazy(bool on) {
  settings().lazy = on;
  Lock lock(streams().mutex);
  if (!on) run_queued(~uint64_t{0}, [](SimulatedStream&) { return true; });
}

uint64_t synchronisations() { return waits; }

cudaError_t finish_all_streams() {
  ++waits;
  if (is_capturing()) return refuse_while_capturing("waiting for the device");
  Lock lock(streams().mutex);
  return run_queued(~uint64_t{0}, [](SimulatedStream&) { return true; });
}

cudaError_t finish_default_stream() {
  ++waits;
  if (is_capturing()) return refuse_while_capturing("waiting for the default stream");
  Lock lock(streams().mutex);
  return run_queued(~uint64_t{0}, [](SimulatedStream& s) { return s.waits_for_default; });
}

}  // namespace minitorch::simt

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
using namespace minitorch::simt;  // NOLINT: this file is the implementation

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  Lock lock(streams().mutex);
  *stream = new SimulatedStream;
  (*stream)->waits_for_default = !(flags & cudaStreamNonBlocking);
  streams().all.push_back(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  Lock lock(streams().mutex);
  if (!stream || !std::count(streams().all.begin(), streams().all.end(), stream))
    return remember_error(cudaErrorInvalidResourceHandle);
  const cudaError_t error = finish(*stream);
  std::erase(streams().all, stream);
  delete stream;
  return error;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  ++waits;
  Lock lock(streams().mutex);
  if (stream_of(stream).recording) return refuse_while_capturing("cudaStreamSynchronize");
  return finish(stream_of(stream));
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  Lock lock(streams().mutex);
  return stream_of(stream).queue.empty() ? cudaSuccess : cudaErrorNotReady;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  Lock lock(streams().mutex);
  if (event->graph) {  // recorded in a graph: this stream joins the recording, in whose order all is replayed
    SimulatedGraph* recording = recording_of(event->graph);
    if (!recording) return refuse_mark_of_graph("cudaStreamWaitEvent");
    stream_of(stream).recording = recording;
    return cudaSuccess;
  }
  if (!event->mark || !settings().lazy) return cudaSuccess;
  return enqueue(stream, [mark = event->mark] {
    finish_until(*mark);
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new SimulatedEvent;
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  Lock lock(streams().mutex);
  const SimulatedGraph* recording = stream_of(stream).recording;
  event->graph = recording ? recording->number : 0;
  if (recording) return cudaSuccess;
  event->mark =
      std::make_shared<SimulatedEvent::Mark>(SimulatedEvent::Mark{&stream_of(stream), streams().next_number});
  return enqueue(stream, [mark = event->mark] {
    mark->time = std::chrono::steady_clock::now();
    mark->done = true;
    return cudaSuccess;
  });
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  return !event->mark || event->mark->done ? cudaSuccess : cudaErrorNotReady;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  Lock lock(streams().mutex);
  if (event->graph) return refuse_mark_of_graph("cudaEventSynchronize");
  if (event->mark && !event->mark->done) {  // what is done is not waited for
    ++waits;
    finish_until(*event->mark);
  }
  return cudaPeekAtLastError();
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  if (start->graph || end->graph) return refuse_mark_of_graph("cudaEventElapsedTime");
  if (!start->mark || !end->mark) return remember_error(cudaErrorInvalidResourceHandle);
  if (!start->mark->done || !end->mark->done) return cudaErrorNotReady;
  *milliseconds = std::chrono::duration<float, std::milli>(end->mark->time - start->mark->time).count();
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  Lock lock(streams().mutex);
  if (!stream || stream->recording)
    return refuse_while_capturing("cudaStreamBeginCapture (not on the default stream)");
  stream->recording = new SimulatedGraph{.number = ++streams().recordings, .steps = {}};
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  Lock lock(streams().mutex);
  *graph = stream_of(stream).recording;
  if (!*graph) return remember_error(cudaErrorInvalidValue);
  for (SimulatedStream* s : streams().all)
    if (s->recording == *graph) s->recording = nullptr;
  return cudaSuccess;
}
cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, capture_mode);
  return cudaSuccess;
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  *status = stream_of(stream).recording ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = new SimulatedGraph(*graph);
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return enqueue(stream, [executable] {
    cudaError_t first_error = cudaSuccess;
    for (const Work& step : executable->steps)
      if (const cudaError_t error = step(); !first_error) first_error = error;
    return first_error;
  });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const cudaError_t error = finish_all_streams();
  delete executable;
  return error;
}

cudaError_t cudaDeviceSynchronize() { return finish_all_streams(); }

}  // namespace simulated
// NOLINTEND
