// SPDX-License-Identifier: MIT
// What only the checker can see, in exactly these words.
#include <algorithm>
#include <cstring>

#include "tests/checker/memory_patterns.h"
#include "tests/simt/bug_reports.h"

using namespace minitorch;
using namespace minitorch::testing;

namespace {

const char* const kBarrier = "Put __syncthreads() between the two lines.";
const char* const kGuard = "Guard the access with the size: if (i < n) ...";

const char* const kAligned =
    "A number needs an address that is a multiple of its size, for an atomic as well: where a pointer is "
    "cast, "
    "what was added to it in bytes must be such a multiple.";
const char* const kLane =
    "Name the lane in the mask and let it take part, or give the width: __shfl_down_sync(mask, v, 8, 16). "
    "Where "
    "the value is not used, read from a lane that takes part.";

const char* const kOneLine =
    "Many threads change one place in this line: use an atomic, or let a single thread do it, or, where each "
    "thread has its own place and reads another's, read first, then __syncthreads(), then write, and again "
    "between the rounds of a loop.";

const Expected kBugs[] = {
    {"missing_barrier", cudaErrorLaunchFailure,
     "race: write after read with no barrier between, on shared variable 'tile', bytes 128 to 131 of 256\n"
     "    written at {missing_barrier write} by thread (32,0,0)\n"
     "    read at {missing_barrier read} by thread (31,0,0)\n"
     "    in kernel missing_barrier, block (0,0,0), thread (32,0,0)",
     kBarrier},
    {"missing_second_barrier", cudaErrorLaunchFailure,
     "race: read after write with no barrier between, on shared variable 'tile', bytes 252 to 255 of 256\n"
     "    read at {missing_second_barrier read} by thread (0,0,0)\n"
     "    written at {missing_second_barrier write} by thread (63,0,0)\n"
     "    in kernel missing_second_barrier, block (0,0,0), thread (0,0,0)",
     kBarrier},
    {"half_at_barrier", cudaErrorLaunchFailure,
     "barrier divergence: 32 threads have left the kernel while the others wait at __syncthreads() "
     "{half_at_barrier}\n"
     "    in kernel half_at_barrier, block (0,0,0), thread (63,0,0)",
     "Every thread of the block must reach the barrier: let threads without work skip the work, not the "
     "barrier."},
    {"shuffle_from_outside", cudaErrorLaunchFailure,
     "undefined value: __shfl_down_sync() {shuffle_from_outside} reads from lane 16, which takes no part in "
     "it\n"
     "    in kernel shuffle_from_outside, block (0,0,0), thread (8,0,0)",
     kLane},
    {"shuffle_from_left", cudaErrorLaunchFailure,
     "undefined value: __shfl_down_sync() {shuffle_from_left} reads from lane 16, which takes no part in it\n"
     "    in kernel shuffle_from_left, block (0,0,0), thread (96,0,0)",
     kLane},
    {"uninitialised_shared", cudaErrorLaunchFailure,
     "uninitialised: a read of shared variable 'sums', bytes 0 to 3 of 128, which nobody has written\n"
     "    at {uninitialised_shared}\n"
     "    in kernel uninitialised_shared, block (0,0,0), thread (0,0,0)",
     "Shared memory holds garbage when a block starts: write it first, then __syncthreads()."},
    {"uninitialised_global", cudaErrorLaunchFailure,
     "uninitialised: a read of device memory (argument 1 of the kernel), bytes 0 to 3 of 256, which nobody "
     "has written\n"
     "    at {uninitialised_global}\n"
     "    in kernel uninitialised_global, block (0,0,0), thread (0,0,0)",
     "Fresh device memory holds garbage: fill it (cudaMemset) or write it in an earlier kernel."},
    {"missing_syncwarp", cudaErrorLaunchFailure,
     "race: write after read with no barrier or __syncwarp() between, on shared variable 'tile', bytes 4 to "
     "7 of 128\n"
     "    written at {missing_syncwarp write} by thread (1,0,0)\n"
     "    read at {missing_syncwarp read} by thread (0,0,0)\n"
     "    in kernel missing_syncwarp, block (0,0,0), thread (1,0,0)",
     "Lanes of a warp need not run in step: put __syncwarp() or __syncthreads() between the two lines."},
    {"blocks_add", cudaErrorLaunchFailure,
     "race: read after write by another block, on device memory (argument 1 of the kernel), bytes 0 to 3 of "
     "1024\n"
     "    read at {blocks_add} by thread (0,0,0)\n"
     "    written at {blocks_add} by thread (0,0,0) of block (0,0,0)\n"
     "    in kernel blocks_add, block (1,0,0), thread (0,0,0)",
     "Blocks run in any order and at the same time: use an atomic, or let each block write its own part and "
     "combine the parts in a second kernel."},
    {"threads_add", cudaErrorLaunchFailure,
     "race: read after write with no barrier between, on shared variable 'count', bytes 0 to 3 of 4\n"
     "    read at {threads_add} by thread (0,0,0)\n"
     "    written at {threads_add} by thread (63,0,0)\n"
     "    in kernel threads_add, block (0,0,0), thread (0,0,0)",
     kOneLine},
    {"rounds_without_barrier", cudaErrorLaunchFailure,
     "race: write after read with no barrier or __syncwarp() between, on shared variable 'sums', bytes 4 to "
     "7 of 256\n"
     "    written at {rounds_without_barrier} by thread (1,0,0)\n"
     "    read at {rounds_without_barrier} by thread (0,0,0)\n"
     "    in kernel rounds_without_barrier, block (0,0,0), thread (1,0,0)",
     kOneLine},
    {"counter_not_ready", cudaErrorLaunchFailure,
     "race: read after write with no barrier or __syncwarp() between, on shared variable 'count', bytes 0 "
     "to 3 of 4\n"
     "    read at {counter_not_ready add} by thread (1,0,0)\n"
     "    written at {counter_not_ready write} by thread (0,0,0)\n"
     "    in kernel counter_not_ready, block (0,0,0), thread (1,0,0)",
     "Lanes of a warp need not run in step: put __syncwarp() or __syncthreads() between the two lines."},
    {"counter_ready_for_a_warp", cudaErrorLaunchFailure,
     "race: read after write with no barrier between, on shared variable 'count', bytes 0 to 3 of 4\n"
     "    read at {counter_ready_for_a_warp add} by thread (63,0,0)\n"
     "    written at {counter_ready_for_a_warp write} by thread (0,0,0)\n"
     "    in kernel counter_ready_for_a_warp, block (0,0,0), thread (63,0,0)",
     kBarrier},
    {"counter_read_meanwhile", cudaErrorLaunchFailure,
     "race: write after read with no barrier between, on shared variable 'count', bytes 0 to 3 of 4\n"
     "    written at {counter_read_meanwhile add} by thread (0,0,0)\n"
     "    read at {counter_read_meanwhile read} by thread (63,0,0)\n"
     "    in kernel counter_read_meanwhile, block (0,0,0), thread (0,0,0)",
     kBarrier},
    {"pair_not_ready", cudaErrorLaunchFailure,
     "race: read after write with no barrier between, on shared variable 'pair', bytes 0 to 1 of 4\n"
     "    read at {pair_not_ready read} by thread (32,0,0)\n"
     "    written at {pair_not_ready write} by thread (0,0,0)\n"
     "    in kernel pair_not_ready, block (0,0,0), thread (32,0,0)",
     kBarrier},
    {"neighbours_not_ready", cudaErrorLaunchFailure,
     "race: read after write with no barrier between, on shared variable 'tile', bytes 0 to 1 of 128\n"
     "    read at {neighbours_not_ready read} by thread (40,0,0)\n"
     "    written at {neighbours_not_ready write} by thread (0,0,0)\n"
     "    in kernel neighbours_not_ready, block (0,0,0), thread (40,0,0)",
     kBarrier},
    {"pair_read_meanwhile", cudaErrorLaunchFailure,
     "race: write after read with no barrier between, on shared variable 'pair', bytes 0 to 1 of 4\n"
     "    written at {pair_read_meanwhile write} by thread (0,0,0)\n"
     "    read at {pair_read_meanwhile read} by thread (63,0,0)\n"
     "    in kernel pair_read_meanwhile, block (0,0,0), thread (0,0,0)",
     kBarrier},
    {"counts_itself", cudaErrorLaunchFailure,
     "race: read after write with no barrier or __syncwarp() between, on device variable 'launches', bytes 0 "
     "to 3 of 4\n"
     "    read at {counts_itself} by thread (1,0,0)\n"
     "    written at {counts_itself} by thread (0,0,0)\n"
     "    in kernel counts_itself, block (0,0,0), thread (1,0,0)",
     "Many threads change one place in this line: use an atomic, or let a single thread do it, or, where "
     "each "
     "has its own place and reads another's, write to a second array."},
    {"missing_wait", cudaErrorLaunchFailure,
     "race: read while an async copy is on the way, on shared variable 'tile', bytes 0 to 3 of 256\n"
     "    read at {missing_wait read} by thread (63,0,0)\n"
     "    copied at {missing_wait copy} by thread (0,0,0)\n"
     "    in kernel missing_wait, block (0,0,0), thread (63,0,0)",
     "A copy has arrived when its thread has called async_wait(), for other threads after a __syncthreads() "
     "behind it."},
    {"misaligned", cudaErrorMisalignedAddress,
     "misaligned: an access at an address 4 past a multiple of 16, on device memory (argument 1 of the "
     "kernel), bytes 4 to 19 of 1024\n"
     "    at {misaligned}: out[threadIdx.x] = *reinterpret_cast<const float4*>(in + 1 + 4 * threadIdx.x);\n"
     "    in kernel misaligned, block (0,0,0), thread (0,0,0)",
     "A vector load needs an address that is a multiple of its size: start rows at multiples of 4 floats."},
    {"off_by_one", cudaErrorIllegalAddress,
     "out of bounds: a read of 4 bytes 0 bytes past the end of a device allocation of 800 bytes"
     " (argument 1 of the kernel)\n"
     "    at {off_by_one}\n"
     "    in kernel off_by_one, block (3,0,0), thread (8,0,0)",
     kGuard},
    {"one_past", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes 0 bytes past the end of a device allocation of 804 bytes"
     " (argument 1 of the kernel)\n"
     "    at {one_past}\n"
     "    in kernel one_past, block (3,0,0), thread (9,0,0)",
     kGuard},
    {"use_after_free", cudaErrorIllegalAddress,
     "use after free: a read of 4 bytes at byte 0 of a freed device allocation of 256 bytes"
     " (argument 1 of the kernel)\n"
     "    at {uninitialised_global}\n"
     "    in kernel uninitialised_global, block (0,0,0), thread (0,0,0)",
     "Keep the memory until the last kernel that uses it has run."},
    {"dynamic_overflow", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes at byte 256 of 256 bytes of dynamic shared memory\n"
     "    at {dynamic_overflow}\n"
     "    in kernel dynamic_overflow, block (0,0,0), thread (63,0,0)",
     "Compare the index with the size given to launch()."},
    {"static_overflow", cudaErrorIllegalAddress,
     "out of bounds: index 32 of shared variable 'first', 'float [32]'\n"
     "    at {static_overflow}: for (int i = threadIdx.x; i <= n; i += 32) first[i] = 1;\n"
     "    in kernel static_overflow, block (0,0,0), thread (0,0,0)",
     "Compare the loop's bound with the array's size."},
    {"index_of_size", cudaErrorIllegalAddress,
     "out of bounds: index 64 of shared variable 'tile', 'float [64]'\n"
     "    at {index_of_size}: out[threadIdx.x] = tile[64];\n"
     "    in kernel index_of_size, block (0,0,0), thread (63,0,0)"},
    {"two_arrays", cudaErrorIllegalAddress,
     "out of bounds: index 71 of shared variable 'near' or 'far', 'float [64]'\n"
     "    at {two_arrays}: near[threadIdx.x] = in[0] * far[threadIdx.x + n];\n"
     "    in kernel two_arrays, block (0,0,0), thread (31,0,0)"},
    {"changes_constant", cudaErrorIllegalAddress,
     "constant: a write of 4 bytes by a kernel, on constant variable 'weights', bytes 8 to 11 of 16\n"
     "    at {changes_constant}\n"
     "    in kernel changes_constant, block (0,0,0), thread (2,0,0)",
     "Kernels only read __constant__ variables, which the host fills by cudaMemcpyToSymbol. Declare it "
     "__device__ if they are to write it."},
    {"counts_past", cudaErrorIllegalAddress,
     "out of bounds: an atomic of 4 bytes 0 bytes past the end of a device allocation of 1024 bytes "
     "(argument 1 "
     "of the kernel)\n"
     "    at {counts_past}\n"
     "    in kernel counts_past, block (0,0,0), thread (0,0,0)",
     kGuard},
    {"counts_between", cudaErrorMisalignedAddress,
     "misaligned: an atomic of 4 bytes at an address 2 past a multiple of 4, on device memory (argument 1 of "
     "the "
     "kernel), bytes 2 to 5 of 1024\n"
     "    at {counts_between}\n"
     "    in kernel counts_between, block (0,0,0), thread (0,0,0)",
     kAligned},
    {"reads_between", cudaErrorMisalignedAddress,
     "misaligned: an access at an address 1 past a multiple of 4, on device memory (argument 1 of the "
     "kernel), "
     "bytes 1 to 4 of 1024\n"
     "    at {reads_between}: out[threadIdx.x] = *reinterpret_cast<const int*>(bytes + 4 * threadIdx.x + "
     "1);\n"
     "    in kernel reads_between, block (0,0,0), thread (0,0,0)",
     kAligned},
    {"past_pinned", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes 0 bytes past the end of pinned host memory of 64 bytes (argument 1 "
     "of "
     "the kernel)\n"
     "    at {fills_past}\n"
     "    in kernel fills_past, block (0,0,0), thread (16,0,0)",
     kGuard},
    {"freed_pinned", cudaErrorIllegalAddress,
     "use after free: a write of 4 bytes at byte 0 of freed pinned host memory of 64 bytes (argument 1 of "
     "the "
     "kernel)\n"
     "    at {fills_past}\n"
     "    in kernel fills_past, block (0,0,0), thread (0,0,0)",
     "Keep the memory until the last kernel that uses it has run."},
    {"just_past_pinned", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes 0 bytes past the end of pinned host memory of 60 bytes (argument 1 "
     "of "
     "the kernel)\n"
     "    at {fills_past}\n"
     "    in kernel fills_past, block (0,0,0), thread (15,0,0)",
     kGuard},
    {"host_pointer", cudaErrorIllegalAddress,
     "host memory: a read of 4 bytes by a kernel, through a pointer to host memory\n"
     "    at {uninitialised_global}\n"
     "    in kernel uninitialised_global, block (0,0,0), thread (0,0,0)",
     "Copy the data to the device first, and pass the device pointer."},
#if !defined(__clang__)
    {"host_variable", cudaErrorIllegalAddress,
     "host memory: a read of 4 bytes by a kernel, of the host's variable 'scale_of_host'\n"
     "    at {host_variable}\n"
     "    in kernel host_variable, block (0,0,0), thread (0,0,0)",
     "Declare it __device__ or __constant__, or pass its value as an argument."},
#endif
    {"index_overflow", cudaErrorLaunchFailure,
     "integer overflow: in a product of signed numbers\n"
     "    at {index_overflow}: out[threadIdx.x] = row * stride;\n"
     "    in kernel index_overflow, block (0,0,0), thread (2,0,0)",
     "Compute indices and offsets in int64_t."},
    {"division_by_zero", cudaErrorIllegalInstruction,
     "integer division by zero\n"
     "    at {division_by_zero}: out[threadIdx.x] = static_cast<int>(threadIdx.x + 1) / n;\n"
     "    in kernel division_by_zero, block (0,0,0), thread (0,0,0)",
     "Check the divisor: a GPU gives no error, only garbage."},
};

}  // namespace

TEST_CASE("a __syncwarp() of one half of a warp orders nothing in the other") {
  const Forward forward;
  CHECK_THAT(report_of("syncwarp_of_halves", cudaErrorLaunchFailure),
             Catch::StartsWith("race: ") && Catch::Contains("on shared variable 'tile'"));
}

TEST_CASE("the checker explains what plain execution cannot see") { check_reports(kBugs); }

TEST_CASE("a random order is any order of blocks and threads, the same again for the same seed") {
  const auto order_of = [](simt::Order order, unsigned seed) {
    simt::set_order(order, seed);
    std::vector<int> numbers = sim::order_of_threads(50, 3);
    simt::set_order(simt::Order::kForward);
    return numbers;
  };
  const auto forward = order_of(simt::Order::kForward, 0), first = order_of(simt::Order::kRandom, 1),
             second = order_of(simt::Order::kRandom, 2);
  CHECK(std::is_permutation(first.begin(), first.end(), forward.begin()));
  CHECK(first == order_of(simt::Order::kRandom, 1));
  CHECK(first != second);
  int neighbours = 0;  // blocks that follow each other, as all do where the order is only turned
  for (int i = 3; i < 150; i += 3) neighbours += first[i] / 3 == first[i - 3] / 3 + 1;
  CHECK(neighbours < 10);
}

TEST_CASE("the checker accepts locks that say so, the patterns of the last block, and blocks in turn") {
  for (const simt::Order order : {simt::Order::kForward, simt::Order::kReverse, simt::Order::kRandom}) {
    simt::set_order(order);
    for (const char* pattern :
         {"under_a_lock", "under_a_lock_with_fences", "last_block_adds", "last_block_adds_all",
          "last_block_adds_behind_barrier", "last_warp_adds", "in_turn"}) {
      INFO(pattern);
      CHECK(sim::run_pattern(pattern) == cudaSuccess);
      CHECK(simt::take_reports().empty());
    }
  }
  simt::set_order(simt::Order::kForward);
}
