// SPDX-License-Identifier: MIT
// CUDA graphs: work recorded once and replayed as a whole. A launch costs the host some microseconds, which
// is more than a small kernel runs; a replayed step costs one.
//
//     CudaGraph graph(Device::cuda());
//     graph.record([&] { loss = step(x, y); });   // computes nothing yet
//     for (...) {
//       x.copy_(next_x), y.copy_(next_y);         // new numbers in the recorded places
//       graph.replay();
//     }
//
// What is recorded must always do the same work on the same memory: shapes are fixed, results of earlier
// kernels cannot be looked at, and tensors from outside that it reads must outlive the graph. What it
// allocates stays the graph's. An event recorded meanwhile is part of the graph, and no moment: waiting for
// it outside is refused. Masks of dropout differ from replay to replay. optim/graphed_step.h records whole
// training steps.
#pragma once
#include <cstdint>
#include <memory>
#include <utility>

#include "minitorch/core/device_cache.h"
#include "minitorch/core/stream.h"

namespace minitorch {

/// The kernels between begin and end, recorded to be launched again as a whole.
class CudaGraph {
 public:
  /// @throws DeviceError on the CPU, where work is not queued
  explicit CudaGraph(Device device);
  ~CudaGraph();
  CudaGraph(const CudaGraph&) = delete;

  /// Records what `work` queues on the device from this thread. Run it once without recording before: kernels
  /// are loaded, and caches filled, at their first use. @throws DeviceError for what cannot be recorded, and
  /// whatever `work` throws; there is then nothing to replay
  template <class Work>
  void record(Work&& work) {
    Recording recording(*this);
    std::forward<Work>(work)();
    recording.finish();
  }
  /// Queues all of it on the current stream. @throws ValueError when nothing has been recorded
  void replay();
  bool is_recorded() const { return executable_ != nullptr; }
  Device device() const { return device_; }

  /// The graph that this thread is recording for the device, or null.
  static CudaGraph* recording(Device device);
  /// A number that no other recording has.
  uint64_t number() const { return number_; }
  /// A number on the device that counts the replays that are done.
  const uint64_t* replays() const { return replays_; }

 private:
  class Recording {
   public:
    explicit Recording(CudaGraph& graph);
    ~Recording();
    void finish();

   private:
    template <class End>
    void close(End end);

    CudaGraph& graph_;
    StreamScope scope_;
    bool open_ = true;
  };
  void forget();

  Device device_;
  Stream stream_;  // that is recorded; replays may go to any
  std::unique_ptr<MemoryPool> pool_;
  void* executable_ = nullptr;
  uint64_t number_ = 0;
  uint64_t* replays_ = nullptr;
};

// clang-format off
// cudaGraphExec_t, untyped; bodies in cuda_graph_cuda.cu.
MT_EVERY_DEVICE(
  void graph_begin(void* stream);
  /// Null when what was recorded cannot be replayed.
  void graph_end(void* stream, void** executable);
  void graph_abandon(void* stream);
  void graph_launch(void* executable, void* stream);
  void graph_destroy(void* executable);
  void count_replay(uint64_t* replays);
)
// clang-format on

}  // namespace minitorch
