// SPDX-License-Identifier: MIT
// Inside the simulator: what streams, events and graphs know of each other.
#pragma once
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "minitorch/simt/internal.h"
#include "minitorch/simt/streams.h"

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

struct SimulatedGraph {
  std::vector<minitorch::simt::Work> steps;
};
struct SimulatedGraphExec {
  std::vector<minitorch::simt::Work> steps;
};

struct SimulatedStream {
  std::deque<std::pair<uint64_t, minitorch::simt::Work>> queue;  // with a number that grows over all streams
  bool waits_for_default = true;
  std::shared_ptr<minitorch::simt::Recording> recording;  // that it takes part in
  minitorch::simt::StepsBefore before = {};               // of that recording
};

struct SimulatedEvent {
  struct Mark {
    SimulatedStream* stream;  // where it stands; a stream that ends comes to all its marks first
    uint64_t number;
    std::chrono::steady_clock::time_point time{};
    bool done = false;
  };
  unsigned flags = 0;
  std::shared_ptr<Mark> mark;  // of the last record; shared with the stream, which may come to it later
  std::shared_ptr<minitorch::simt::Recording> recording;  // that it was recorded in; then it is no moment
  minitorch::simt::StepsBefore before = {};
};

}  // namespace simulated
// NOLINTEND

namespace minitorch::simt {

/// What streams do between cudaStreamBeginCapture and cudaStreamEndCapture.
struct Recording {
  std::unique_ptr<SimulatedGraph> graph = std::make_unique<SimulatedGraph>();
  SimulatedStream* origin;
  cudaStreamCaptureMode mode;
  std::thread::id thread = std::this_thread::get_id();
  bool ended = false;
  bool spoilt = false;  // by a call that is not allowed meanwhile
};

struct Streams {
  std::recursive_mutex mutex;
  SimulatedStream default_stream;
  std::vector<SimulatedStream*> all = {&default_stream};
  std::set<SimulatedEvent*> events;
  std::set<SimulatedGraph*> graphs;
  std::set<SimulatedGraphExec*> executables;
  uint64_t next_number = 1;
};
Streams& streams();
using Lock = std::lock_guard<std::recursive_mutex>;

inline SimulatedStream& stream_of(cudaStream_t stream) { return stream ? *stream : streams().default_stream; }

cudaError_t refuse_handle(const char* call, const char* what);
/// As refuse_call, and the recordings that `spoils` accepts come to nothing.
template <class Spoils>
cudaError_t refuse_while_recording(cudaError_t error, const std::string& call, Spoils spoils) {
  for (SimulatedStream* s : streams().all)
    if (s->recording && spoils(*s->recording)) s->recording->spoilt = true;
  return refuse_call(error, call + " while a stream records a graph",
                     "Finish the recording first: cudaStreamEndCapture.");
}
/// The event was recorded into a graph: it is no moment that the host could ask about.
cudaError_t refuse_mark_of_graph(cudaError_t error, const char* call);

}  // namespace minitorch::simt
