// SPDX-License-Identifier: MIT
// Streams and events of the simulated device.
#include <algorithm>
#include <atomic>

#include "minitorch/simt/captures.h"

namespace minitorch::simt {

Streams& streams() {
  static auto* the_streams = new Streams;
  return *the_streams;
}

cudaError_t refuse_handle(const char* call, const char* what) {
  return refuse_call(cudaErrorInvalidResourceHandle,
                     std::string(call) + ": the " + what + " was never made, or has been destroyed",
                     "Create it first, and destroy it when it is used no more.");
}

namespace {

std::atomic<uint64_t> waits{0};  // of the host

bool exists(cudaStream_t stream) {
  return !stream || std::count(streams().all.begin(), streams().all.end(), stream);
}
bool exists(cudaEvent_t event) { return streams().events.contains(event); }

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

// Only the recording of that stream comes to nothing; of no stream: every one.
cudaError_t refuse_while_capturing(const char* call, const SimulatedStream* of = nullptr) {
  Lock lock(streams().mutex);
  return refuse_while_recording(cudaErrorStreamCaptureUnsupported, call,
                                [of](Recording& r) { return !of || of->recording.get() == &r; });
}

}  // namespace

cudaError_t admit(cudaStream_t stream, const char* call) {
  Lock lock(streams().mutex);
  if (!exists(stream)) return refuse_handle(call, "stream");
  if (stream && stream->recording && stream->recording->spoilt)
    return remember_error(cudaErrorStreamCaptureInvalidated);  // reported when it was
  if (stream) return cudaSuccess;
  // The default stream would have to wait for a recording, which does not run.
  const auto waited_for = [](Recording& r) { return r.origin->waits_for_default; };
  const auto& all = streams().all;
  if (std::none_of(all.begin(), all.end(),
                   [&](auto* s) { return s->recording && waited_for(*s->recording); }))
    return cudaSuccess;
  return refuse_while_recording(cudaErrorStreamCaptureImplicit, std::string(call) + " on the default stream",
                                waited_for);
}

bool is_deferred(cudaStream_t stream) { return settings().lazy || stream_of(stream).recording; }

cudaError_t enqueue(cudaStream_t stream, Work work) {
  Lock lock(streams().mutex);
  SimulatedStream& s = stream_of(stream);
  if (s.recording) {
    s.recording->graph->steps.push_back(std::move(work));
    ++s.before[&s];
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
  if (!stream || flags > cudaStreamNonBlocking) return remember_error(cudaErrorInvalidValue);
  *stream = new SimulatedStream;
  (*stream)->waits_for_default = !(flags & cudaStreamNonBlocking);
  streams().all.push_back(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}
cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  *least = *greatest = 0;  // none is preferred
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  Lock lock(streams().mutex);
  if (!stream || !exists(stream)) return refuse_handle("cudaStreamDestroy", "stream");
  if (stream->recording) return refuse_while_capturing("cudaStreamDestroy", &stream_of(stream));
  const cudaError_t error = finish(*stream);
  std::erase(streams().all, stream);
  delete stream;
  return error;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  ++waits;
  Lock lock(streams().mutex);
  if (const cudaError_t error = admit(stream, "cudaStreamSynchronize")) return error;
  if (stream_of(stream).recording) return refuse_while_capturing("cudaStreamSynchronize", &stream_of(stream));
  return finish(stream_of(stream));
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  Lock lock(streams().mutex);
  if (const cudaError_t error = admit(stream, "cudaStreamQuery")) return error;
  if (stream_of(stream).recording) return refuse_while_capturing("cudaStreamQuery", &stream_of(stream));
  return stream_of(stream).queue.empty() ? cudaSuccess : cudaErrorNotReady;
}

namespace {
// A stream that waits for an event of a recording joins it: in the order of the calls all is replayed.
cudaError_t join(SimulatedStream& stream, const SimulatedEvent& event) {
  const char* const call = "cudaStreamWaitEvent";
  if (event.recording->ended) return refuse_mark_of_graph(cudaErrorInvalidValue, call);
  if (event.recording->spoilt) return remember_error(cudaErrorStreamCaptureInvalidated);
  if (stream.recording && stream.recording != event.recording)
    return refuse_while_recording(cudaErrorStreamCaptureMerge, call, [&](Recording& r) {
      return &r == stream.recording.get() || &r == event.recording.get();
    });
  if (&stream == &streams().default_stream)
    return refuse_while_recording(cudaErrorStreamCaptureImplicit,
                                  std::string(call) + " on the default stream",
                                  [&](Recording& r) { return &r == event.recording.get(); });
  stream.recording = event.recording;
  for (const auto& [other, steps] : event.before)
    stream.before[other] = std::max(stream.before[other], steps);
  return cudaSuccess;
}
}  // namespace

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  Lock lock(streams().mutex);
  if (!exists(event)) return refuse_handle("cudaStreamWaitEvent", "event");
  if (event->recording) {
    if (!exists(stream)) return refuse_handle("cudaStreamWaitEvent", "stream");
    return join(stream_of(stream), *event);
  }
  if (const cudaError_t error = admit(stream, "cudaStreamWaitEvent")) return error;
  if (SimulatedStream& s = stream_of(stream); s.recording) {
    s.recording->spoilt = true;
    return refuse_call(cudaErrorStreamCaptureIsolation,
                       "cudaStreamWaitEvent: a stream that records a graph waits for an event from outside",
                       "Let the stream of the launch wait, before cudaGraphLaunch.");
  }
  if (!event->mark || !settings().lazy) return cudaSuccess;
  return enqueue(stream, [mark = event->mark] {
    finish_until(*mark);
    return cudaSuccess;
  });
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  if (const cudaError_t error = admit(stream, "cudaLaunchHostFunc")) return error;
  return enqueue(stream, [=] {
    function(data);
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  Lock lock(streams().mutex);
  if (!event || flags > 7) return remember_error(cudaErrorInvalidValue);
  *event = new SimulatedEvent{.flags = flags, .mark = {}, .recording = {}};
  streams().events.insert(*event);
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  Lock lock(streams().mutex);
  if (!streams().events.erase(event)) return refuse_handle("cudaEventDestroy", "event");
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  Lock lock(streams().mutex);
  if (!exists(event)) return refuse_handle("cudaEventRecord", "event");
  if (const cudaError_t error = admit(stream, "cudaEventRecord")) return error;
  SimulatedStream& s = stream_of(stream);
  event->recording = s.recording;
  event->before = s.before;
  if (s.recording) return cudaSuccess;
  event->mark = std::make_shared<SimulatedEvent::Mark>(SimulatedEvent::Mark{&s, streams().next_number});
  return enqueue(stream, [mark = event->mark] {
    mark->time = std::chrono::steady_clock::now();
    mark->done = true;
    return cudaSuccess;
  });
}
cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned) {
  return cudaEventRecord(event, stream);
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  Lock lock(streams().mutex);
  if (!exists(event)) return refuse_handle("cudaEventQuery", "event");
  if (event->recording) return refuse_mark_of_graph(cudaErrorCapturedEvent, "cudaEventQuery");
  if (is_capturing()) return refuse_while_capturing("cudaEventQuery");
  return !event->mark || event->mark->done ? cudaSuccess : cudaErrorNotReady;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  Lock lock(streams().mutex);
  if (!exists(event)) return refuse_handle("cudaEventSynchronize", "event");
  if (event->recording) return refuse_mark_of_graph(cudaErrorCapturedEvent, "cudaEventSynchronize");
  if (event->mark && !event->mark->done) {  // what is done is not waited for
    ++waits;
    finish_until(*event->mark);
  }
  return cudaPeekAtLastError();
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  Lock lock(streams().mutex);
  const char* const call = "cudaEventElapsedTime";
  if (!exists(start) || !exists(end)) return refuse_handle(call, "event");
  if (start->recording || end->recording) return refuse_mark_of_graph(cudaErrorCapturedEvent, call);
  if ((start->flags | end->flags) & cudaEventDisableTiming)
    return refuse_call(cudaErrorInvalidResourceHandle,
                       std::string(call) + " for an event that keeps no time (cudaEventDisableTiming)",
                       "Create both with cudaEventCreate.");
  if (!start->mark || !end->mark)
    return refuse_call(cudaErrorInvalidResourceHandle,
                       std::string(call) + " for an event that was never recorded",
                       "Call cudaEventRecord for both, and wait for the second.");
  if (!start->mark->done || !end->mark->done) return cudaErrorNotReady;
  *milliseconds = std::chrono::duration<float, std::milli>(end->mark->time - start->mark->time).count();
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  Lock lock(streams().mutex);
  for (const SimulatedStream* s : streams().all)
    if (s->recording) return ++waits, refuse_while_capturing("waiting for the device");
  return finish_all_streams();
}

}  // namespace simulated
// NOLINTEND
