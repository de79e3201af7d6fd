// SPDX-License-Identifier: MIT
// Streams, the cache of memory, copies beside kernels and graphs on whatever GPU is here, and on the
// simulator. On a GPU work really goes on meanwhile: a wait that is missing, or memory that is used again too
// early, shows as wrong numbers. benchmarks/gpu.sh runs these without Catch2.
#include "minitorch/core/cuda_graph.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/stream.h"
#include "minitorch/minitorch.h"
#include "minitorch/tensor/transfer.h"
#include "tests/core/on_sim.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace minitorch::testing;

namespace {

std::vector<Device> gpus() {
  std::vector<Device> all = available_devices();
  std::erase_if(all, [](Device d) { return d.is_cpu(); });
  return all;
}

// Long enough that the host is ahead of a GPU.
int64_t size_on(Device device) { return device.type == Device::kSim ? 1000 : 1 << 22; }

Tensor filled(double value, Device device) { return full({size_on(device)}, value, {kFloat32, device}); }

}  // namespace

TEST_CASE("gpu: a stream waits for another where it is told to") {
  for (Device device : gpus()) {
    INFO(to_string(device));
    const Stream other(device);
    Tensor x = filled(1, device);
    other.wait(Stream::current(device));
    Tensor y;
    {
      const StreamScope scope(other);
      y = x;
      for (int i = 0; i < 20; ++i) y = y * 1.0 + 1.0;
    }
    Event done(device);
    done.record(other);
    Stream::current(device).wait(done);
    record_stream(y, Stream::current(device));
    const Tensor z = y + 1.0;
    CHECK(z.min().item() == 22);
    CHECK(z.max().item() == 22);
    CHECK(done.is_done());
  }
}

TEST_CASE("gpu: batches that are uploaded beside the kernels arrive whole, each before it is read") {
  const Reuse reuse;
  for (Device device : gpus()) {
    INFO(to_string(device));
    const int batches = 30;
    std::vector<Tensor> sums;
    for (int i = 0; i < batches; ++i) {
      const Tensor host = full({size_on(device)}, i);
      const Tensor x = upload(i % 2 ? pin_memory(host, device) : host, device);
      sums.push_back(((x + 1.0) * 2.0).mean());
    }
    for (int i = 0; i < batches; ++i) CHECK(sums[static_cast<std::size_t>(i)].item() == 2.0 * (i + 1));
  }
}

TEST_CASE("gpu: a result is fetched without waiting, and there after the event") {
  for (Device device : gpus()) {
    INFO(to_string(device));
    Tensor x = filled(0, device);
    for (int i = 0; i < 10; ++i) x = x + 1.0;
    const Tensor y = to_async(x, Device::cpu());
    Event fetched(device);
    fetched.record(Stream::current(device));
    fetched.synchronize();
    CHECK(y.min().item() == 10);
    CHECK(y.max().item() == 10);
  }
}

TEST_CASE("gpu: freed memory is used again by its stream, and by no other before it is done") {
  const Reuse reuse;
  for (Device device : gpus()) {
    INFO(to_string(device));
    Tensor x = filled(1, device);
    const void* memory = x.raw_data();
    x = Tensor();
    x = filled(2, device);
    CHECK(x.raw_data() == memory);
    const Stream other(device);
    other.wait(Stream::current(device));
    Tensor y;
    {
      const StreamScope scope(other);
      for (int i = 0; i < 20; ++i) y = x * 3.0;  // x is read until the last of them
    }
    record_stream(x, other);
    x = Tensor();
    const Tensor next = filled(5, device);  // would spoil x, had it the same memory
    other.synchronize();
    CHECK(y.min().item() == 6);
    CHECK(y.max().item() == 6);
    CHECK(next.min().item() == 5);
  }
}

TEST_CASE("gpu: the cache keeps what is freed, counts it, and gives it back") {
  const Reuse reuse;
  for (Device device : gpus()) {
    INFO(to_string(device));
    empty_cache(device);
    const MemoryStats before = memory_stats(device);
    { const Tensor x = filled(1, device); }
    const MemoryStats after = memory_stats(device);
    CHECK(after.in_use == before.in_use);
    CHECK(after.cached >= before.cached + 4 * static_cast<std::size_t>(size_on(device)));
    CHECK(after.allocations > before.allocations);
    synchronize(device);
    empty_cache(device);
    CHECK(memory_stats(device).cached == 0);
  }
}

TEST_CASE("gpu: a graph is replayed with what then lies in its inputs") {
  for (Device device : gpus()) {
    INFO(to_string(device));
    const Tensor x = filled(1, device);
    const auto work = [&] { return (square(x) + 1.0).mean(); };
    work();  // kernels are loaded
    Tensor y;
    CudaGraph graph(device);
    graph.record([&] { y = work(); });
    for (double value : {2.0, 3.0, 4.0}) {
      x.fill_(value);
      graph.replay();
      CHECK(y.item() == value * value + 1);
    }
  }
}

TEST_CASE("a GPU that is not there is told as such, and not as memory that is used up") {
  REQUIRE(is_available(Device::sim()));
  const Device none = Device::cuda(9);
  if (is_available(none)) return;  // the tenth GPU of this machine
  CHECK_THROWS_AS(empty({1}, {kFloat32, none}), DeviceError);
}
