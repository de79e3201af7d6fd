// SPDX-License-Identifier: MIT
// Streams, the cache of device memory that knows them, pinned memory and overlapping copies, on the
// simulator.
#include "minitorch/core/stream.h"

#include <cmath>

#include "minitorch/core/memory.h"
#include "minitorch/core/pinned.h"
#include "minitorch/minitorch.h"
#include "minitorch/simt/control.h"
#include "minitorch/tensor/transfer.h"
#include "tests/core/on_sim.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace minitorch::testing;

namespace {

struct Lazy {  // work waits for the next synchronisation of its stream
  Lazy() { simt::set_lazy(true); }
  ~Lazy() { simt::set_lazy(false); }
};

}  // namespace

TEST_CASE("a freed block is used again on its own stream, at once, and on no other") {
  const Reuse reuse;
  void* block = allocate(kSim, 1000);
  release(kSim, block, 1000);
  CHECK(memory_stats(kSim).cached == 1024);
  {
    const Stream other(kSim);
    const StreamScope scope(other);
    void* elsewhere = allocate(kSim, 1000);
    CHECK(elsewhere != block);
    release(kSim, elsewhere, 1000);
    void* again = allocate(kSim, 900);  // of the same size class
    CHECK(again == elsewhere);
    release(kSim, again, 900);
  }
  void* again = allocate(kSim, 1000);
  CHECK(again != nullptr);
  void* of_the_ended_stream = allocate(kSim, 1000);
  CHECK(memory_stats(kSim).cached == 0);  // both came from the cache
  release(kSim, again, 1000);
  release(kSim, of_the_ended_stream, 1000);
  empty_cache(kSim);
  CHECK(memory_stats(kSim).cached == 0);
  CHECK(memory_stats(kSim).in_use == 0);
}

TEST_CASE("a block that another stream works on rests until that stream is done") {
  const Reuse reuse;
  const Lazy lazy;
  const Stream other(kSim);
  void* block = allocate(kSim, 4096);
  {
    const StreamScope scope(other);
    fill_bytes(kSim, block, 0, 4096);
  }
  record_stream(kSim, block, other);
  release(kSim, block, 4096);
  void* second = allocate(kSim, 4096);
  CHECK(second != block);
  other.synchronize();
  void* third = allocate(kSim, 4096);
  CHECK(third == block);
  release(kSim, second, 4096);
  release(kSim, third, 4096);
  empty_cache(kSim);
}

TEST_CASE("a stream may end before the block that it worked on is released") {
  const Reuse reuse;
  void* block = allocate(kSim, 4096);
  {
    const Stream other(kSim);
    record_stream(kSim, block, other);
  }
  release(kSim, block, 4096);  // with it goes the last copy of the stream
  empty_cache(kSim);
  CHECK(memory_stats(kSim).in_use == 0);
}

TEST_CASE("streams wait for each other only where they are told to") {
  const Lazy lazy;
  const Stream copies(kSim);
  const Tensor host = pin_memory(tensor({0., 1., 2., 3., 4.}), kSim);
  REQUIRE(is_pinned(host));
  CHECK(!is_pinned(ones({5})));
  CHECK(is_pinned_memory(host.raw_data()));
  auto arrives = [&](bool wait) {
    Tensor x;
    {
      const StreamScope scope(copies);
      x = to_async(host, kSim);
    }
    if (wait) Stream::current(kSim).wait(copies);
    record_stream(x, Stream::current(kSim));
    return (x + 1).to_vector<float>();
  };
  CHECK(arrives(true) == std::vector<float>{1, 2, 3, 4, 5});
  for (float v : arrives(false)) CHECK(std::isnan(v));  // read before the copy was made
  copies.synchronize();
}

TEST_CASE("an upload goes on beside the kernels, and what uses it waits for it") {
  const Lazy lazy;
  const Stream training = Stream::current(kSim), copies = Stream::copies_of(kSim), third(kSim);
  for (bool pinned : {true, false}) {
    const Tensor numbers = tensor({0., 1., 2., 3.}), host = pinned ? pin_memory(numbers, kSim) : numbers;
    const Tensor busy = ones({4}, {kFloat32, kSim}) * 2.0;
    Event kernels_done(kSim);
    kernels_done.record(training);
    const uint64_t before = simt::synchronisations();
    const Tensor x = upload(host, kSim);
    CHECK(simt::synchronisations() == before);
    const Tensor y = x + 1.0;  // queued behind the copy
    copies.synchronize();
    CHECK(!kernels_done.is_done());
    {
      const StreamScope scope(third);
      CHECK(x.to_vector<float>() == std::vector<float>{0, 1, 2, 3});
    }
    CHECK(!kernels_done.is_done());
    CHECK(y.to_vector<float>() == std::vector<float>{1, 2, 3, 4});
    CHECK((upload(host, kSim) + 2.0).to_vector<float>() == std::vector<float>{2, 3, 4, 5});
  }
  CHECK(upload(ones({2}), Device::cpu()).device().is_cpu());
}

TEST_CASE("the memory of an upload is not overwritten by the next one before it was used") {
  const Reuse reuse;
  const Lazy lazy;
  Tensor x = upload(full({1000}, 1), kSim);
  const void* memory = x.raw_data();
  const Tensor y = x + 1.0;
  x = Tensor();
  Tensor next = upload(full({1000}, 5), kSim);
  CHECK(next.raw_data() != memory);
  Stream::copies_of(kSim).synchronize();
  CHECK(y.to_vector<float>() == std::vector<float>(1000, 2));
  next = upload(full({1000}, 7), kSim);
  CHECK(next.raw_data() == memory);
  CHECK(next.to_vector<float>() == std::vector<float>(1000, 7));
  next = Tensor();
  synchronize(kSim);
  empty_cache(kSim);
}

TEST_CASE("what is copied from ordinary memory has been read when the call returns") {
  const Lazy lazy;
  std::vector<double> numbers(3 << 20, 1.0);  // 12 MB of floats: several pieces
  Tensor x = from_values(numbers, {3 << 20}, kFloat32);
  const Tensor y = x.to(kSim);
  x.fill_(2);
  CHECK(sum(y).item() == 3 << 20);
}

TEST_CASE("a result is fetched without waiting, and there after the event") {
  const Lazy lazy;
  const Tensor x = arange(4.0).to(kSim) * 2.0;
  const uint64_t before = simt::synchronisations();
  const Tensor y = to_async(x, Device::cpu());
  Event fetched(kSim);
  fetched.record(Stream::current(kSim));
  CHECK(!fetched.is_done());
  CHECK(simt::synchronisations() == before);
  fetched.synchronize();
  CHECK(fetched.is_done());
  CHECK(y.to_vector<float>() == std::vector<float>{0, 2, 4, 6});
}

TEST_CASE("pinned memory rests while a copy reads it") {
  const Lazy lazy;
  void* first = nullptr;
  const Tensor target = empty({1000}, {kFloat32, kSim});
  {
    PinnedBuffer buffer(kSim, 4000);
    first = buffer.data();
    buffer.used_by(Stream::current(kSim));
  }
  {
    const PinnedBuffer buffer(kSim, 4000);
    CHECK(buffer.data() != first);
  }
  synchronize(kSim);
  const PinnedBuffer buffer(kSim, 4000);
  CHECK(buffer.data() == first);
}

TEST_CASE("events measure time on the stream") {
  Event begin(kSim, true), end(kSim, true);
  const Stream stream = Stream::current(kSim);
  begin.record(stream);
  const Tensor x = ones({1000}, {kFloat32, kSim}) + 1.0;
  end.record(stream);
  end.synchronize();
  CHECK(begin.elapsed_ms(end) > 0);
  CHECK(begin.elapsed_ms(end) < 1000);
}

TEST_CASE("an asynchronous error is known at the launch when launches wait") {
  const Lazy lazy;
  // The pointer of a tensor whose memory is gone by the time that the kernel runs.
  auto broken = [] {
    const Tensor freed = ones({4}, {kFloat32, kSim});
    return as_strided(freed, {4}, {1}, 1 << 12);
  };
  {
    const Tensor bad = broken();
    const Tensor y = bad + 1.0;  // queued, though it reads beyond its memory
    CHECK_THROWS_WITH(synchronize(kSim),
                      Catch::StartsWith("[synchronize] cudaErrorIllegalAddress: out of bounds") &&
                          Catch::Contains("in kernel map1<"));
  }
  set_launch_blocking(true);
  {
    const Tensor bad = broken();
    CHECK_THROWS_WITH(bad + 1.0, Catch::StartsWith("[binary] cudaErrorIllegalAddress: out of bounds") &&
                                     Catch::Contains("in kernel map1<"));
  }
  set_launch_blocking(false);
}

TEST_CASE("on the CPU streams and events are there and do nothing") {
  const Stream stream(Device::cpu());
  const StreamScope scope(stream);
  Event event(Device::cpu());
  event.record(stream);
  CHECK(event.is_done());
  stream.wait(Stream::current(Device::cpu()));
  stream.synchronize();
}
