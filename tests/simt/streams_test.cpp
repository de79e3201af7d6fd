// SPDX-License-Identifier: MIT
// Streams and events of the simulated runtime, while work waits for the next synchronisation as it may on a
// GPU: what is done when, and what is not.
#include <catch2/catch.hpp>

#include "tests/simt/stream_helpers.h"

using namespace minitorch;
using namespace minitorch::testing;

TEST_CASE("work of a stream is done in order, at its synchronisation, and no other stream's with it") {
  const OwnStream a(cudaStreamNonBlocking), b(cudaStreamNonBlocking);
  Order order;
  const Lazy lazy;
  order.put(1, a.handle);
  order.put(2, b.handle);
  order.put(3, a.handle);
  CHECK(order.now().empty());
  CHECK(cudaStreamQuery(a.handle) == cudaErrorNotReady);
  cudaStreamSynchronize(a.handle);
  CHECK(order.now() == Numbers{1, 3});
  CHECK(cudaStreamQuery(a.handle) == cudaSuccess);
  CHECK(cudaStreamQuery(b.handle) == cudaErrorNotReady);
  cudaDeviceSynchronize();
  CHECK(order.now() == Numbers{1, 3, 2});
}

TEST_CASE("the default stream and ordinary streams wait for each other, a non-blocking one for nobody") {
  const OwnStream ordinary(cudaStreamDefault), alone(cudaStreamNonBlocking);
  Order order;
  const Lazy lazy;
  order.put(1, alone.handle);
  order.put(2, ordinary.handle);
  order.put(3, nullptr);
  order.put(4, ordinary.handle);
  cudaStreamSynchronize(ordinary.handle);
  CHECK(order.now() == Numbers{2, 3, 4});
  order.put(5, ordinary.handle);
  int count = 0;
  CHECK(cudaMemcpy(&count, order.list.data(), sizeof count, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(count == 4);  // the copy came after 5, in the default stream, and before 1
  cudaStreamSynchronize(alone.handle);
  CHECK(order.now() == Numbers{2, 3, 4, 5, 1});
}

TEST_CASE("a stream that waits for an event has what stood before it, and not what came after") {
  const OwnStream first(cudaStreamNonBlocking), second(cudaStreamNonBlocking), third(cudaStreamNonBlocking);
  const OwnEvent event;
  Order order;
  const Lazy lazy;
  order.put(9, third.handle);
  order.put(1, first.handle);
  cudaEventRecord(event.handle, first.handle);
  order.put(2, first.handle);
  cudaStreamWaitEvent(second.handle, event.handle);
  order.put(3, second.handle);
  CHECK(cudaEventQuery(event.handle) == cudaErrorNotReady);
  cudaStreamSynchronize(second.handle);
  CHECK(order.now() == Numbers{1, 3});
  CHECK(cudaEventQuery(event.handle) == cudaSuccess);
  cudaDeviceSynchronize();
  CHECK(order.now() == Numbers{1, 3, 2, 9});
}

TEST_CASE("waiting for the whole device does not hide that one stream should have waited for another") {
  const OwnStream first(cudaStreamNonBlocking), second(cudaStreamNonBlocking), ordinary(cudaStreamDefault),
      other(cudaStreamDefault);
  const OwnEvent event;
  Order order;
  const Lazy lazy;
  order.put(1, first.handle);
  cudaEventRecord(event.handle, first.handle);
  order.put(2, second.handle);  // of what 1 has made, it was meant
  cudaDeviceSynchronize();
  CHECK(order.now() == Numbers{2, 1});
  order.put(3, first.handle);
  cudaEventRecord(event.handle, first.handle);
  cudaStreamWaitEvent(second.handle, event.handle);
  order.put(4, second.handle);
  cudaDeviceSynchronize();
  CHECK(order.now() == Numbers{2, 1, 3, 4});
  order.put(5, ordinary.handle);
  order.put(6, other.handle);
  order.put(7, nullptr);
  order.put(8, ordinary.handle);
  cudaStreamSynchronize(nullptr);
  CHECK(order.now() == Numbers{2, 1, 3, 4, 6, 5, 7, 8});
}

TEST_CASE("the host waits for an event, and two of them tell the time between") {
  const OwnStream stream(cudaStreamNonBlocking);
  const OwnEvent begin, end, never;
  Order order;
  const Lazy lazy;
  float milliseconds = -1;
  CHECK(cudaEventQuery(never.handle) == cudaSuccess);
  CHECK(cudaEventElapsedTime(&milliseconds, begin.handle, end.handle) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
  cudaEventRecord(begin.handle, stream.handle);
  order.put(1, stream.handle);
  cudaEventRecord(end.handle, stream.handle);
  order.put(2, stream.handle);
  CHECK(cudaEventElapsedTime(&milliseconds, begin.handle, end.handle) == cudaErrorNotReady);
  CHECK(cudaEventSynchronize(end.handle) == cudaSuccess);
  CHECK(order.now() == Numbers{1});
  CHECK(cudaEventElapsedTime(&milliseconds, begin.handle, end.handle) == cudaSuccess);
  CHECK((milliseconds > 0 && milliseconds < 1000));
}

TEST_CASE("an event that was recorded into a graph is no moment outside of it") {
  const OwnStream recorded(cudaStreamNonBlocking), joins(cudaStreamNonBlocking), other(cudaStreamNonBlocking);
  const OwnEvent event;
  Order order;
  cudaGraph_t graph = nullptr;
  cudaStreamBeginCapture(recorded.handle, cudaStreamCaptureModeThreadLocal);
  order.put(1, recorded.handle);
  CHECK(cudaEventRecord(event.handle, recorded.handle) == cudaSuccess);
  CHECK(cudaStreamWaitEvent(joins.handle, event.handle) == cudaSuccess);
  order.put(2, joins.handle);  // recorded, too
  CHECK(cudaEventRecord(event.handle, joins.handle) == cudaSuccess);
  CHECK(cudaStreamWaitEvent(recorded.handle, event.handle) == cudaSuccess);
  CHECK(cudaStreamEndCapture(recorded.handle, &graph) == cudaSuccess);
  CHECK(order.now().empty());
  simt::take_reports();
  float milliseconds = 0;
  const auto refused = [](cudaError_t error, const std::string& call, cudaError_t expected) {
    CHECK(error == expected);
    const auto reports = simt::take_reports();
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].text == call + " for an event that was recorded into a graph");
    CHECK(reports[0].advice ==
          "Record the event after cudaGraphLaunch, in the stream of the launch, and wait for that.");
    cudaGetLastError();
  };
  const auto refuse_all = [&] {
    const cudaError_t captured = cudaErrorCapturedEvent;
    refused(cudaStreamWaitEvent(other.handle, event.handle), "cudaStreamWaitEvent", cudaErrorInvalidValue);
    refused(cudaEventQuery(event.handle), "cudaEventQuery", captured);
    refused(cudaEventSynchronize(event.handle), "cudaEventSynchronize", captured);
    refused(cudaEventElapsedTime(&milliseconds, event.handle, event.handle), "cudaEventElapsedTime",
            captured);
  };
  refuse_all();
  cudaGraphDestroy(graph);
  cudaStreamBeginCapture(recorded.handle, cudaStreamCaptureModeThreadLocal);  // another graph is not that one
  refuse_all();
  cudaStreamEndCapture(recorded.handle, &graph);
  cudaGraphDestroy(graph);
  order.put(3, other.handle);  // at once: it has joined nothing
  CHECK(order.now() == Numbers{3});
  CHECK(cudaEventRecord(event.handle, other.handle) == cudaSuccess);  // a moment again
  CHECK(cudaStreamWaitEvent(joins.handle, event.handle) == cudaSuccess);
}

TEST_CASE("a stream that ends does its work first, and without laziness all is done at once") {
  Order order;
  const OwnEvent event;
  {
    const Lazy lazy;
    {
      const OwnStream stream(cudaStreamNonBlocking);
      order.put(1, stream.handle);
      cudaEventRecord(event.handle, stream.handle);
    }
    CHECK(order.now() == Numbers{1});
    CHECK(cudaEventSynchronize(event.handle) == cudaSuccess);
  }
  const OwnStream stream(cudaStreamNonBlocking);
  order.put(2, stream.handle);
  cudaEventRecord(event.handle, stream.handle);
  CHECK(order.now() == Numbers{1, 2});
  CHECK(cudaEventQuery(event.handle) == cudaSuccess);
  CHECK(cudaStreamDestroy(nullptr) == cudaErrorInvalidResourceHandle);
  CHECK(simt::take_reports().size() == 1);
  cudaGetLastError();
}
