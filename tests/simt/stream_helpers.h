// SPDX-License-Identifier: MIT
// For tests of streams: streams and events that end with their scope, and work that leaves a trace of its
// order.
#pragma once
#include <catch2/catch.hpp>

#include "minitorch/simt/control.h"
#include "tests/simt/device_array.h"

namespace minitorch::testing {

struct Lazy {
  Lazy() { simt::set_lazy(true); }
  ~Lazy() { simt::set_lazy(false); }
};

struct OwnStream {
  cudaStream_t handle = nullptr;
  explicit OwnStream(unsigned flags) { cudaStreamCreateWithFlags(&handle, flags); }
  ~OwnStream() { cudaStreamDestroy(handle); }
};
struct OwnEvent {
  cudaEvent_t handle = nullptr;
  OwnEvent() { cudaEventCreate(&handle); }
  ~OwnEvent() { cudaEventDestroy(handle); }
};

__global__ inline void append(int* list, int number) { list[++list[0]] = number; }

// The order in which numbers were put into a list on the device; reads it without a synchronisation.
struct Order {
  sim::DeviceArray<int> list{std::vector<int>(16)};
  void put(int number, cudaStream_t stream) {
    CHECK(sim::launch(append, 1, 1, 0, stream, list.data(), number) == cudaSuccess);
  }
  std::vector<int> now() const {
    const int* in = list.data();
    return {in + 1, in + 1 + in[0]};
  }
};
using Numbers = std::vector<int>;

}  // namespace minitorch::testing
