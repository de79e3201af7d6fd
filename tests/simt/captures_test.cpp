// SPDX-License-Identifier: MIT
// What CUDA refuses of streams, events and graphs is refused with its error code and in words; and graphs
// that are replayed.
#include "tests/simt/stream_helpers.h"

using namespace minitorch;
using namespace minitorch::testing;

namespace {

struct Expected {
  cudaError_t error;
  const char* text;
};
// The call returns that error and makes that report, or none where the text is null.
void check_refused(cudaError_t error, Expected expected) {
  CHECK(error == expected.error);
  const auto reports = simt::take_reports();
  if (expected.text) {
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].text == expected.text);
  } else {
    CHECK(reports.empty());
  }
  CHECK(cudaGetLastError() == expected.error);
}

}  // namespace

TEST_CASE("streams, events and graphs that are not there are refused") {
  simt::take_reports();
  OwnStream stream(cudaStreamDefault);
  const cudaError_t invalid = cudaErrorInvalidResourceHandle;
  cudaStream_t gone = nullptr;
  cudaStreamCreate(&gone);
  cudaStreamDestroy(gone);
  const sim::DeviceArray<int> list(4, 0);
  check_refused(cudaStreamSynchronize(gone),
                {invalid, "cudaStreamSynchronize: the stream was never made, or has been destroyed"});
  check_refused(sim::launch(append, 1, 1, 0, gone, list.data(), 1),
                {invalid, "launch of testing::append: the stream was never made, or has been destroyed"});
  check_refused(cudaMemsetAsync(list.data(), 0, 4, gone),
                {invalid, "cudaMemset: the stream was never made, or has been destroyed"});
  check_refused(cudaStreamDestroy(gone),
                {invalid, "cudaStreamDestroy: the stream was never made, or has been destroyed"});
  check_refused(cudaEventRecord(nullptr, stream.handle),
                {invalid, "cudaEventRecord: the event was never made, or has been destroyed"});
  check_refused(cudaEventDestroy(nullptr),
                {invalid, "cudaEventDestroy: the event was never made, or has been destroyed"});
  check_refused(cudaGraphLaunch(nullptr, stream.handle),
                {invalid, "cudaGraphLaunch: the executable graph was never made, or has been destroyed"});
  cudaEvent_t quick = nullptr;
  CHECK(cudaEventCreateWithFlags(&quick, cudaEventDisableTiming) == cudaSuccess);
  CHECK(cudaEventRecord(quick) == cudaSuccess);
  float milliseconds = 0;
  check_refused(cudaEventElapsedTime(&milliseconds, quick, quick),
                {invalid, "cudaEventElapsedTime for an event that keeps no time (cudaEventDisableTiming)"});
  cudaEventDestroy(quick);
  check_refused(cudaStreamCreateWithFlags(&gone, 77), {cudaErrorInvalidValue, nullptr});
  int host = 0;
  check_refused(cudaMemcpy(&host, nullptr, 4, cudaMemcpyDefault),
                {cudaErrorInvalidValue, "cudaMemcpy: a pointer is null"});
  check_refused(cudaFreeHost(&host),
                {cudaErrorInvalidValue, "cudaFreeHost: not the beginning of pinned memory"});
}

TEST_CASE("what a recording forbids is refused, and the recording comes to nothing") {
  simt::take_reports();
  const OwnStream recorded(cudaStreamDefault), other(cudaStreamNonBlocking);
  const OwnEvent event, outside;
  Order order;
  cudaGraph_t graph = nullptr;
  const auto begin = [&] {
    CHECK(cudaStreamBeginCapture(recorded.handle, cudaStreamCaptureModeGlobal) == cudaSuccess);
    order.put(1, recorded.handle);
  };
  const auto ends_with = [&](Expected expected) {
    check_refused(cudaStreamEndCapture(recorded.handle, &graph), expected);
    CHECK(graph == nullptr);
  };
  const Expected spoilt = {cudaErrorStreamCaptureInvalidated, nullptr};

  check_refused(cudaStreamEndCapture(recorded.handle, &graph),
                {cudaErrorIllegalState, "cudaStreamEndCapture of a stream that records nothing"});
  begin();
  check_refused(cudaStreamQuery(recorded.handle),
                {cudaErrorStreamCaptureUnsupported, "cudaStreamQuery while a stream records a graph"});
  check_refused(sim::launch(append, 1, 1, 0, recorded.handle, order.list.data(), 2), spoilt);
  ends_with(spoilt);
  begin();
  check_refused(cudaEventQuery(outside.handle),
                {cudaErrorStreamCaptureUnsupported, "cudaEventQuery while a stream records a graph"});
  ends_with(spoilt);
  begin();
  check_refused(sim::launch(append, 1, 1, 0, nullptr, order.list.data(), 2),
                {cudaErrorStreamCaptureImplicit,
                 "launch of testing::append on the default stream while a stream records a graph"});
  ends_with(spoilt);
  begin();
  CHECK(cudaEventRecord(outside.handle, other.handle) == cudaSuccess);
  check_refused(cudaStreamWaitEvent(recorded.handle, outside.handle),
                {cudaErrorStreamCaptureIsolation,
                 "cudaStreamWaitEvent: a stream that records a graph waits for an event from outside"});
  ends_with(spoilt);
  begin();
  CHECK(cudaEventRecord(event.handle, recorded.handle) == cudaSuccess);
  CHECK(cudaStreamWaitEvent(other.handle, event.handle) == cudaSuccess);
  order.put(2, other.handle);
  check_refused(cudaStreamEndCapture(other.handle, &graph),
                {cudaErrorStreamCaptureUnmatched,
                 "cudaStreamEndCapture of a stream that has only joined the recording"});
  ends_with(
      {cudaErrorStreamCaptureUnjoined,
       "cudaStreamEndCapture: a stream that joined the recording has work that its first stream does not "
       "wait for"});
  CHECK(order.now().empty());  // nothing of all that was run
  order.put(3, other.handle);
  CHECK(order.now() == Numbers{3});
}

TEST_CASE("a graph is replayed as often as it is launched, host functions included") {
  const OwnStream stream(cudaStreamNonBlocking);
  Order order;
  int calls = 0;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal);
  order.put(1, stream.handle);
  CHECK(cudaLaunchHostFunc(
            stream.handle, [](void* data) { ++*static_cast<int*>(data); }, &calls) == cudaSuccess);
  order.put(2, stream.handle);
  CHECK(cudaStreamEndCapture(stream.handle, &graph) == cudaSuccess);
  CHECK(cudaGraphInstantiate(&executable, graph) == cudaSuccess);
  CHECK(cudaGraphDestroy(graph) == cudaSuccess);
  CHECK(calls == 0);
  for (int i = 0; i < 2; ++i) CHECK(cudaGraphLaunch(executable, stream.handle) == cudaSuccess);
  CHECK(cudaStreamSynchronize(stream.handle) == cudaSuccess);
  CHECK(order.now() == Numbers{1, 2, 1, 2});
  CHECK(calls == 2);
  CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
}

TEST_CASE("a replayed copy looks at its memory again: what it was recorded for may have been freed") {
  simt::take_reports();
  const OwnStream stream(cudaStreamNonBlocking);
  char *device = nullptr, *pinned = nullptr;
  CHECK(cudaMalloc(&device, 256) == cudaSuccess);
  CHECK(cudaMallocHost(&pinned, 64) == cudaSuccess);
  const auto replayed_after = [&](auto work, auto release) {
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t executable = nullptr;
    cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeGlobal);
    work();
    cudaStreamEndCapture(stream.handle, &graph);
    cudaGraphInstantiate(&executable, graph);
    cudaGraphDestroy(graph);
    CHECK(cudaGraphLaunch(executable, stream.handle) == cudaSuccess);
    CHECK(cudaStreamSynchronize(stream.handle) == cudaSuccess);
    release();
    const cudaError_t now = cudaGraphLaunch(executable, stream.handle),
                      later = cudaStreamSynchronize(stream.handle);
    CHECK((now ? now : later) == cudaErrorInvalidValue);
    cudaGraphExecDestroy(executable);
    const auto reports = simt::take_reports();
    REQUIRE(reports.size() == 1);
    return reports[0].text;
  };
  CHECK(replayed_after([&] { cudaMemcpyAsync(device, pinned, 64, cudaMemcpyHostToDevice, stream.handle); },
                       [&] { cudaFreeHost(pinned); }) ==
        "cudaMemcpyAsync: would read 64 bytes at byte 0 of freed pinned host memory of 64 bytes");
  CHECK(replayed_after([&] { cudaMemsetAsync(device, 0, 256, stream.handle); }, [&] { cudaFree(device); }) ==
        "cudaMemset: would write 256 bytes at byte 0 of a freed device allocation of 256 bytes");
  cudaGetLastError();
}

TEST_CASE("kernels may touch pinned memory of the host") {
  simt::take_reports();
  int* list = nullptr;
  CHECK(cudaMallocHost(&list, 16 * sizeof(int)) == cudaSuccess);
  for (int i = 0; i < 16; ++i) list[i] = 0;
  CHECK(sim::launch(append, 1, 1, 0, nullptr, list, 5) == cudaSuccess);
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(list[1] == 5);
  CHECK(cudaFreeHost(list) == cudaSuccess);
  CHECK(simt::take_reports().empty());
}
