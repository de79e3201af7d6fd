// SPDX-License-Identifier: MIT
#include "minitorch/core/cuda_graph.h"

#include <atomic>

#include "minitorch/core/dispatch.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/memory.h"

namespace minitorch {
namespace cpu {

void graph_begin(void*) {}
void graph_end(void*, void**) {}
void graph_abandon(void*) {}
void graph_launch(void*, void*) {}
void graph_destroy(void*) {}
void count_replay(uint64_t*) {}

}  // namespace cpu

static thread_local CudaGraph* in_the_making = nullptr;

CudaGraph::CudaGraph(Device device) : device_(device), stream_(device) {
  if (device.is_cpu())
    throw DeviceError("[graph] on cpu work is done at once: there is nothing to record",
                      "record on --device cuda or sim");
  replays_ = static_cast<uint64_t*>(allocate(device, sizeof(uint64_t)));
  stream_.wait(Stream::current(device));  // whose queue may still write to what was allocated
}

CudaGraph::~CudaGraph() {
  try {
    forget();
  } catch (const Error&) {  // of an earlier kernel, which the next call reports
  }
  release(device_, replays_, sizeof(uint64_t));
}

void CudaGraph::forget() {
  if (executable_) {
    synchronize(device_);  // a replay may still be on its way
    MT_ON_DEVICE(device_, graph_destroy, executable_);
  }
  executable_ = nullptr;
  pool_.reset();
}

CudaGraph* CudaGraph::recording(Device device) {
  return in_the_making && in_the_making->device() == device ? in_the_making : nullptr;
}

void CudaGraph::replay() {
  if (!executable_) throw ValueError("[graph] nothing has been recorded", "call record() first");
  MT_ON_DEVICE(device_, graph_launch, executable_, current_stream_handle(device_));
}

CudaGraph::Recording::Recording(CudaGraph& graph) : graph_(graph), scope_(graph.stream_) {
  if (in_the_making) throw ValueError("[graph] record() inside of record()", "finish one graph first");
  static std::atomic<uint64_t> recordings{0};
  const Device device = graph.device_;
  graph.forget();
  graph.number_ = ++recordings;
  fill_bytes(device, graph.replays_, 0, sizeof(uint64_t));
  graph.stream_.synchronize();
  graph.pool_ = std::make_unique<MemoryPool>(device);
  graph.pool_->begin(graph.stream_.handle());
  in_the_making = &graph;
  MT_ON_DEVICE(device, graph_begin, graph.stream_.handle());
}

void CudaGraph::Recording::finish() {
  MT_ON_DEVICE(graph_.device_, count_replay, graph_.replays_);
  close([&](void* stream) { MT_ON_DEVICE(graph_.device_, graph_end, stream, &graph_.executable_); });
}

CudaGraph::Recording::~Recording() {
  if (open_) close([&](void* stream) { MT_ON_DEVICE(graph_.device_, graph_abandon, stream); });
}

// The pool ends after the recording: what it gives back to the system must not be recorded.
template <class End>
void CudaGraph::Recording::close(End end) {
  open_ = false;
  in_the_making = nullptr;
  void* stream = graph_.stream_.handle();
  try {
    end(stream);
  } catch (...) {
    graph_.pool_->end(stream);
    throw;
  }
  graph_.pool_->end(stream);
}

}  // namespace minitorch
