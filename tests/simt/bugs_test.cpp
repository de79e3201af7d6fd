// SPDX-License-Identifier: MIT
// Every classic bug must be reported, in exactly these words; or, where only the checker can see it, show as
// a wrong number in at least one order of execution.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>

#include "minitorch/core/errors.h"
#include "minitorch/core/memory.h"
#include "minitorch/simt/control.h"
#include "tests/simt/bug_reports.h"

using namespace minitorch;
using simt::Order;
using namespace minitorch::testing;

namespace {

const Expected kSeenByAll[] = {
    {"two_barriers", cudaErrorLaunchFailure,
     "barrier divergence: threads of one block wait at two different barriers\n"
     "    threads 0-31: waiting at __syncthreads() {two_barriers first}\n"
     "    thread 32: waiting at __syncthreads() {two_barriers second}\n"
     "    threads 33-63: not started\n"
     "    in kernel two_barriers, block (0,0,0), thread (32,0,0)"},
    {"shuffle_and_barrier", cudaErrorLaunchFailure,
     "deadlock: no thread of the block can go on\n"
     "    threads 0-15: waiting at __shfl_xor_sync() {shuffle_and_barrier shuffle}"
     " (warp 0, mask 0xffffffff, lanes missing 0xffff0000)\n"
     "    threads 16-63: waiting at __syncthreads() {shuffle_and_barrier barrier}\n"
     "    in kernel shuffle_and_barrier, block (0,0,0), thread (63,0,0)"},
    {"two_warp_operations", cudaErrorLaunchFailure,
     "warp divergence: lanes of one mask wait at different warp operations\n"
     "    threads 0-15: waiting at __ballot_sync() {two_warp_operations ballot}"
     " (warp 0, mask 0xffffffff, lanes missing 0xffff0000)\n"
     "    thread 16: waiting at __shfl_sync() {two_warp_operations shuffle}\n"
     "    threads 17-31: not started\n"
     "    in kernel two_warp_operations, block (0,0,0), thread (16,0,0)"},
    {"lane_not_in_mask", cudaErrorLaunchFailure,
     "warp divergence: lane 16 calls __shfl_sync() {lane_not_in_mask} with the mask 0x0000ffff, which does "
     "not name it\n"
     "    in kernel lane_not_in_mask, block (0,0,0), thread (16,0,0)"},
    {"odd_stride", cudaErrorMisalignedAddress,
     "misaligned: load_matrix_sync() of a matrix whose rows lie 40 bytes apart, no multiple of 16\n"
     "    at {odd_matrix}\n"
     "    in kernel odd_matrix, block (0,0,0), thread (0,0,0)"},
    {"odd_address", cudaErrorMisalignedAddress,
     "misaligned: load_matrix_sync() at an address 16 past a multiple of 32"},
    {"half_a_warp", cudaErrorLaunchFailure,
     "partial warp: mma_sync() by fewer than the 32 lanes of a warp\n"
     "    at {half_a_warp}\n"
     "    in kernel half_a_warp, block (0,0,0)"},
    {"odd_rows", cudaErrorMisalignedAddress,
     "misaligned: load_matrices() at an address 8 past a multiple of 16"},
    {"false_assertion", cudaErrorAssert,
     "assertion failed: static_cast<int>(threadIdx.x) < n\n"
     "    at {false_assertion}\n"
     "    in kernel false_assertion, block (0,0,0), thread (20,0,0)"},
    {"ends_itself", cudaErrorLaunchFailure,
     "the kernel ended itself: __trap() {ends_itself}\n"
     "    in kernel ends_itself, block (0,0,0), thread (5,0,0)"},
    {"block_too_large", cudaErrorInvalidConfiguration,
     "launch of nothing: block (2048,1,1) has more than 1024 threads, or more than 64 along z"},
    {"block_too_deep", cudaErrorInvalidConfiguration,
     "launch of nothing: block (1,1,65) has more than 1024 threads, or more than 64 along z"},
    {"empty_grid", cudaErrorInvalidConfiguration,
     "launch of nothing: grid (0,1,1) and block (32,1,1) hold no thread"},
    {"much_shared_memory", cudaErrorInvalidValue,
     "launch of nothing: 100000 bytes of dynamic shared memory, allowed are 49152"},
    {"high_grid", cudaErrorInvalidConfiguration,
     "launch of nothing: grid (1,65536,1) exceeds (2147483647,65535,65535)"},
    {"shared_memory_of_both_kinds", cudaErrorInvalidValue,
     "launch of forty_kilobytes: 16384 bytes of dynamic shared memory, allowed are 8192 beside 40960 bytes "
     "of "
     "__shared__ variables"},
    {"more_than_there_is", cudaErrorInvalidValue,
     "cudaFuncSetAttribute: 140000 bytes of dynamic shared memory, the most is 125952"},
    {"copy_direction", cudaErrorInvalidMemcpyDirection,
     "cudaMemcpy: asked to copy from device to host memory, but the pointers are to host and device memory"},
    {"copy_direction_to_symbol", cudaErrorInvalidMemcpyDirection,
     "cudaMemcpyToSymbol: asked to copy from device to host memory, but the pointers are to host and device "
     "memory"},
    {"copy_direction_from_symbol", cudaErrorInvalidMemcpyDirection,
     "cudaMemcpyFromSymbolAsync: asked to copy from device to host memory, but the pointers are to device "
     "and "
     "device memory"},
    {"copy_past_symbol", cudaErrorInvalidValue,
     "cudaMemcpyToSymbol: bytes 8 to 20 of a variable of 16 bytes"},
    {"copy_null_to_symbol", cudaErrorInvalidValue, "cudaMemcpyToSymbol: a pointer is null"},
    {"copy_past_pinned", cudaErrorInvalidValue,
     "cudaMemcpy: would write 104 bytes at byte 0 of pinned host memory of 100 bytes"},
    {"copy_range", cudaErrorInvalidValue,
     "cudaMemcpy: would read 1200 bytes at byte 0 of a device allocation of 1024 bytes"},
    {"copy_of_freed", cudaErrorInvalidValue,
     "cudaMemcpy: would read 256 bytes at byte 0 of a freed device allocation of 256 bytes"},
    {"set_range", cudaErrorInvalidValue,
     "cudaMemset: would write 8 bytes at byte 1020 of a device allocation of 1024 bytes"},
    {"double_free", cudaErrorInvalidValue, "cudaFree: this memory was freed before"},
    {"free_of_the_middle", cudaErrorInvalidValue, "cudaFree: not the beginning of a device allocation"},
};

// Found by guard pages and signals; the checker finds them before that and words them more exactly.
const Expected kFaults[] = {
    {"off_by_one", cudaErrorIllegalAddress,
     "out of bounds: a read 0 bytes past the end of a device allocation of 800 bytes (argument 1 of the "
     "kernel)\n"
     "    at {off_by_one}\n"
     "    in kernel off_by_one, block (3,0,0), thread (8,0,0)"},
    {"use_after_free", cudaErrorIllegalAddress,
     "use after free: a read at byte 0 of a freed device allocation of 256 bytes (argument 1 of the kernel)\n"
     "    at {uninitialised_global}\n"
     "    in kernel uninitialised_global, block (0,0,0), thread (0,0,0)"},
    {"dynamic_overflow", cudaErrorIllegalAddress,
     "out of bounds: a write at byte 256 of 256 bytes of dynamic shared memory\n"
     "    at {dynamic_overflow}\n"
     "    in kernel dynamic_overflow, block (0,0,0), thread (63,0,0)"},
    {"dynamic_too_early", cudaErrorIllegalAddress,
     "out of bounds: a write at byte -400000 of 256 bytes of dynamic shared memory\n"
     "    at {dynamic_too_early}\n"
     "    in kernel dynamic_too_early, block (0,0,0), thread (0,0,0)"},
    {"copy_from_outside", cudaErrorIllegalAddress,
     "out of bounds: a read 0 bytes past the end of a device allocation of 1024 bytes (argument 1 of the "
     "kernel)\n"
     "    at {copy_from_outside}\n"
     "    in kernel copy_from_outside, block (0,0,0), thread (63,0,0)"},
    {"null_pointer", cudaErrorIllegalAddress,
     "invalid address: a write through a null or misaligned pointer\n"
     "    at {null_pointer}\n"
     "    in kernel null_pointer, block (0,0,0), thread (0,0,0)"},
    {"host_pointer", cudaErrorIllegalAddress,
     "launch of uninitialised_global: argument 1 of the kernel points to host memory"},
    {"counts_past", cudaErrorIllegalAddress,
     "out of bounds: an atomic 0 bytes past the end of a device allocation of 1024 bytes (argument 1 of the "
     "kernel)\n"
     "    at {counts_past}\n"
     "    in kernel counts_past, block (0,0,0), thread (0,0,0)"},
    {"past_pinned", cudaErrorIllegalAddress,
     "out of bounds: a write 0 bytes past the end of pinned host memory of 64 bytes (argument 1 of the "
     "kernel)\n"
     "    at {fills_past}\n"
     "    in kernel fills_past, block (0,0,0), thread (16,0,0)"},
    {"freed_pinned", cudaErrorIllegalAddress,
     "use after free: a write at byte 0 of freed pinned host memory of 64 bytes (argument 1 of the kernel)\n"
     "    at {fills_past}\n"
     "    in kernel fills_past, block (0,0,0), thread (0,0,0)"},
    {"just_past_pinned", cudaErrorInvalidValue,
     "out of bounds: something was written just past the end of pinned host memory of 60 bytes, as found "
     "when "
     "it was freed"},
    {"one_past", cudaSuccess,
     "out of bounds: something was written just past the end of a device allocation of 804 bytes, as found "
     "when it was freed"},
    {"ragged_vectors", cudaSuccess,
     "out of bounds: something was written just past the end of a device allocation of 408 bytes, as found "
     "when it was freed"},
#if defined(__x86_64__)  // AArch64 divides by zero without a word, as a GPU does
    {"division_by_zero", cudaErrorIllegalInstruction,
     "integer division by zero\n"
     "    at {division_by_zero}\n"
     "    in kernel division_by_zero, block (0,0,0), thread (0,0,0)"},
#endif
};

}  // namespace

// The sanitizers have a word of their own about each of these, and about what a kernel that is stopped
// leaves.
#if !defined(MT_SANITIZE)

TEST_CASE("a kernel that cannot go on is stopped and explained") {
  const Forward forward;
  for (const Expected& e : kSeenByAll) {
    INFO(e.bug);
    CHECK_THAT(report_of(e.bug, e.error), Catch::StartsWith(with_lines(e.report)));
  }
}

// A guard page finds it. The checker may see the stray write first and then calls it an invalid address.
TEST_CASE("a stack that overflows is named", "[fast]") {
  const Forward forward;
  CHECK_THAT(report_of("deep_recursion", cudaErrorHardwareStackError),
             Catch::StartsWith("stack overflow: a thread has "));
}

TEST_CASE("stray accesses fault at once", "[fast]") {
  const Forward forward;
  for (const Expected& e : kFaults) {
    INFO(e.bug);
    CHECK(report_of(e.bug, e.error) == with_lines(e.report));
  }
}

TEST_CASE("a fault in the C library is one of the kernel's line that called it", "[fast]") {
  const Forward forward;
  CHECK_THAT(report_of("copies_past", cudaErrorIllegalAddress),
             Catch::StartsWith("out of bounds: a") &&
                 Catch::Contains(with_lines("\n    at {copies_past}\n    in kernel copies_past")));
}

TEST_CASE("the host cannot leave pinned memory either") {
  float* pinned = nullptr;
  REQUIRE(cudaMallocHost(&pinned, 64 * sizeof(float)) == cudaSuccess);
  const auto ends_by_fault = [&](int place) {
    const pid_t child = fork();
    if (child == 0) {
      signal(SIGSEGV, SIG_DFL);
      static_cast<volatile float*>(pinned)[place] = 1;
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
  };
  CHECK(!ends_by_fault(63));
  CHECK(ends_by_fault(64));
  CHECK(std::isnan(pinned[63]));
  CHECK(cudaFreeHost(pinned) == cudaSuccess);
}

TEST_CASE("a fault is explained on whichever thread of the system it happens", "[fast]") {
  const Forward forward;
  for (int run = 0; run < 20; ++run)
    CHECK_THAT(report_of("fault_everywhere", cudaErrorIllegalAddress),
               Catch::StartsWith("invalid address: a") && Catch::Contains("in kernel fault_everywhere"));
}

TEST_CASE("the watchdog stops kernels that never end") {
  const Forward forward;
  simt::set_timeout(0.2);
  const std::string endless = report_of("endless_loop", cudaErrorLaunchTimeout);
  CHECK(endless == with_lines("watchdog: the kernel has not ended in time\n"
                              "    at {endless_loop}\n"
                              "    thread 0: running\n"
                              "    thread 1: not started\n"
                              "    in kernel endless_loop, block (0,0,0), thread (0,0,0)"));
  CHECK_THAT(
      report_of("endless_blocks", cudaErrorLaunchTimeout),
      Catch::StartsWith(with_lines("watchdog: the kernel has not ended in time\n    at {endless_blocks}\n")));
  for (const std::string bug : {"endless_nothing", "endless_time"})
    CHECK_THAT(
        report_of(bug, cudaErrorLaunchTimeout),
        Catch::StartsWith(with_lines("watchdog: the kernel has not ended in time\n    at {" + bug + "}\n")));
  const std::string lock = report_of("lock_never_freed", cudaErrorLaunchTimeout);
  CHECK_THAT(lock, Catch::StartsWith("watchdog: the kernel has not ended in time\n"));
  CHECK_THAT(lock, Catch::Contains("\n    thread 0: returned from the kernel\n"));
  simt::set_timeout(60);
}

#endif

TEST_CASE("a missing barrier gives wrong numbers in one order or the other", "[fast]") {
  const Forward forward;
  for (const char* bug : {"missing_barrier", "missing_second_barrier", "missing_syncwarp"}) {
    INFO(bug);
    int wrong = 0;
    for (const Order order : {Order::kForward, Order::kReverse}) {
      simt::set_order(order);
      CHECK(report_of(bug, cudaSuccess).empty());
      const auto got = sim::last_bug_output();
      for (int i = 0; i < 32; ++i) {
        const float right = bug == std::string("missing_barrier")    ? 63.0f - i
                            : bug == std::string("missing_syncwarp") ? static_cast<float>(i ^ 1)
                                                                     : 255 * 128.0f;
        wrong += got[i] != right;
      }
    }
    CHECK(wrong > 0);
  }
}

TEST_CASE("memory that nobody has written is NaN, and so is a lane that takes no part", "[fast]") {
  const Forward forward;
  for (const char* bug : {"uninitialised_shared", "uninitialised_global", "shuffle_from_outside",
                          "missing_wait", "copies_too_early"}) {
    INFO(bug);
    CHECK(report_of(bug, cudaSuccess).empty());
    CHECK(std::isnan(sim::last_bug_output()[8]));
  }
}

TEST_CASE("a report becomes the text of the error that the library throws") {
  const Forward forward;
  try {
    sim::check(sim::run_bug("two_barriers"), "relu");
    FAIL("no error");
  } catch (const DeviceError& error) {
    CHECK_THAT(error.what(), Catch::StartsWith("[relu] cudaErrorLaunchFailure: barrier divergence: "));
    CHECK_THAT(error.what(), Catch::Contains("in kernel two_barriers, block (0,0,0)"));
    CHECK_THAT(error.hint(), Catch::StartsWith("Every thread of the block must reach the same barrier"));
  }
  CHECK(simt::take_reports().empty());
}

TEST_CASE("tensor memory on the simulator is guarded and never shared") {
  void* first = allocate(Device::sim(), 100);
  release(Device::sim(), first, 100);
  void* second = allocate(Device::sim(), 100);
  CHECK(first != second);
  CHECK_THROWS_AS(fill_bytes(Device::sim(), second, 0, 101), DeviceError);
  release(Device::sim(), second, 100);
  CHECK(memory_stats(Device::sim()).in_use == 0);
}
