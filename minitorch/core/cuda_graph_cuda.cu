// SPDX-License-Identifier: MIT
// Graphs by the CUDA runtime's own calls.
#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/stream_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

// *replays += 1, by a single thread: the last node of each graph.
__global__ void add_replay(uint64_t* replays) { *replays += 1; }

}  // namespace

// What other threads do meanwhile is their own business: the mode is that of this thread alone.
void graph_begin(void* stream) {
  check(cudaStreamBeginCapture(static_cast<cudaStream_t>(stream), cudaStreamCaptureModeThreadLocal), "graph");
}

void graph_end(void* stream, void** executable) {
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(static_cast<cudaStream_t>(stream), &graph), "graph");
  cudaGraphExec_t made = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&made, graph, 0);
  cudaGraphDestroy(graph);
  check(error, "graph");
  *executable = made;
}

void graph_abandon(void* stream) {
  cudaGraph_t graph = nullptr;
  cudaStreamEndCapture(static_cast<cudaStream_t>(stream), &graph);
  if (graph) cudaGraphDestroy(graph);
  cudaGetLastError();
}

void graph_launch(void* executable, void* stream) {
  check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(executable), static_cast<cudaStream_t>(stream)),
        "graph");
}
void graph_destroy(void* executable) { cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(executable)); }

void count_replay(uint64_t* replays) {
  check(launch(add_replay, 1, 1, 0, current_stream(), replays), "graph");
}

}  // namespace minitorch::MT_DEVICE
