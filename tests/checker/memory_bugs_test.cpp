// SPDX-License-Identifier: MIT
// Of shared memory, copies in the background, fences and tensor cores: what the checker says, word for word.
#include "tests/simt/bug_reports.h"

using namespace minitorch;
using namespace minitorch::testing;

namespace {

const char* const kSize = "Compare the index, and the size that a function is told, with the array's size.";
const char* const kArrived =
    "A copy has arrived when its thread has called async_wait(), for other threads after a __syncthreads() "
    "behind it.";
const char* const kBlocks =
    "Blocks run in any order and at the same time: use an atomic, or let each block write its own part and "
    "combine the parts in a second kernel.";
const char* const kBarrier = "Put __syncthreads() between the two lines.";
const char* const kRows =
    "Align the tile with __align__(32), and let each row begin at a multiple of 16 bytes.";

const Expected kBugs[] = {
    {"shared_too_long", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes 0 bytes past the end of shared variable 'first' of 128 bytes\n"
     "    at {fill}\n"
     "    in kernel shared_too_long, block (0,0,0), thread (0,0,0)",
     kSize},
    {"shared_too_early", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes 4 bytes before shared variable 'second' of 128 bytes\n"
     "    at {fill}\n"
     "    in kernel shared_too_early, block (0,0,0), thread (0,0,0)",
     kSize},
    {"shared_across_the_end", cudaErrorIllegalAddress,
     "out of bounds: a read of 4 bytes 4 bytes past the end of shared variable 'tile' of 136 bytes\n"
     "    at {shared_across_the_end}\n"
     "    in kernel shared_across_the_end, block (0,0,0), thread (31,0,0)",
     kSize},
    {"dynamic_too_early", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes at byte -400000 of 256 bytes of dynamic shared memory\n"
     "    at {dynamic_too_early}\n"
     "    in kernel dynamic_too_early, block (0,0,0), thread (0,0,0)",
     "Compare the index with the size given to launch()."},
    {"through_pointer", cudaErrorIllegalAddress,
     "out of bounds: a write of 4 bytes in shared variable 'kept', which is another kernel's\n"
     "    at {through_pointer}\n"
     "    in kernel through_pointer, block (0,0,0), thread (0,0,0)",
     kSize},
    {"copies_too_early", cudaErrorLaunchFailure,
     "race: read while an async copy is on the way, on shared variable 'tile', bytes 252 to 255 of 512\n"
     "    read at {copies_too_early read} by thread (0,0,0)\n"
     "    copied at {copies_too_early copy} by thread (63,0,0)\n"
     "    in kernel copies_too_early, block (0,0,0), thread (0,0,0)",
     kArrived},
    {"own_copy_too_early", cudaErrorLaunchFailure,
     "race: read while an async copy is on the way, on shared variable 'tile', bytes 0 to 3 of 256\n"
     "    read at {own_copy_too_early change} by thread (0,0,0)\n"
     "    copied at {own_copy_too_early copy} by thread (0,0,0)\n"
     "    in kernel own_copy_too_early, block (0,0,0), thread (0,0,0)",
     kArrived},
    {"copy_without_barrier", cudaErrorLaunchFailure,
     "race: write after read with no barrier between, on shared variable 'tile', bytes 128 to 131 of 256\n"
     "    written at {copy_without_barrier copy} by thread (32,0,0)\n"
     "    read at {copy_without_barrier read} by thread (31,0,0)\n"
     "    in kernel copy_without_barrier, block (0,0,0), thread (32,0,0)",
     kBarrier},
    {"copy_from_outside", cudaErrorIllegalAddress,
     "out of bounds: a read of 4 bytes 0 bytes past the end of a device allocation of 1024 bytes (argument 1 "
     "of the kernel)\n"
     "    at {copy_from_outside}\n"
     "    in kernel copy_from_outside, block (0,0,0), thread (63,0,0)",
     "Guard the access with the size: if (i < n) ..."},
    {"copy_from_odd_address", cudaErrorMisalignedAddress,
     "misaligned: async_copy<16> from an address 4 past a multiple of 16, on device memory (argument 1 of "
     "the "
     "kernel), byte 4 of 1024\n"
     "    at {copy_from_odd_address}\n"
     "    in kernel copy_from_odd_address, block (0,0,0), thread (0,0,0)",
     "Align the shared tile with alignas(16), and copy less at a time where rows are ragged."},
    {"written_after_the_fence", cudaErrorLaunchFailure,
     "race: write after write by another block, on device memory (argument 1 of the kernel), bytes 400 to "
     "403 "
     "of 1024\n"
     "    written at {written_after_the_fence} by thread (0,0,0)\n"
     "    written at {written_after_the_fence} by thread (0,0,0) of block (0,0,0)\n"
     "    in kernel written_after_the_fence, block (1,0,0), thread (0,0,0)",
     kBlocks},
    {"read_without_atomic", cudaErrorLaunchFailure,
     "race: read after write by another block, on device memory (argument 1 of the kernel), bytes 0 to 3 of "
     "1024\n"
     "    read at {read_without_atomic read} by thread (0,0,0)\n"
     "    written at {read_without_atomic write} by thread (0,0,0) of block (0,0,0)\n"
     "    in kernel read_without_atomic, block (1,0,0), thread (0,0,0)",
     kBlocks},
    {"fence_of_another_thread", cudaErrorLaunchFailure,
     "race: read after write by another block, on device memory (argument 1 of the kernel), bytes 252 to 255 "
     "of 1024\n"
     "    read at {fence_of_another_thread read} by thread (63,0,0)\n"
     "    written at {fence_of_another_thread write} by thread (63,0,0) of block (0,0,0)\n"
     "    in kernel fence_of_another_thread, block (1,0,0), thread (63,0,0)",
     kBlocks},
    {"bytes_not_ready", cudaErrorLaunchFailure,
     "race: read after write with no barrier between, on shared variable 'tile', byte 0 of 64\n"
     "    read at {bytes_not_ready read} by thread (40,0,0)\n"
     "    written at {bytes_not_ready write} by thread (0,0,0)\n"
     "    in kernel bytes_not_ready, block (0,0,0), thread (40,0,0)",
     kBarrier},
    {"bytes_read_meanwhile", cudaErrorLaunchFailure,
     "race: write after read with no barrier between, on shared variable 'tile', byte 0 of 64\n"
     "    written at {bytes_read_meanwhile write} by thread (40,0,0)\n"
     "    read at {bytes_read_meanwhile read} by thread (0,0,0)\n"
     "    in kernel bytes_read_meanwhile, block (0,0,0), thread (40,0,0)",
     kBarrier},
    {"odd_rows", cudaErrorMisalignedAddress,
     "misaligned: load_matrices() at an address 8 past a multiple of 16, on shared variable 'tile', byte 600 "
     "of 640\n"
     "    at {odd_rows}\n"
     "    in kernel odd_rows, block (0,0,0), thread (31,0,0)",
     kRows},
    {"odd_address", cudaErrorMisalignedAddress,
     "misaligned: load_matrix_sync() at an address 16 past a multiple of 32, on device memory (argument 1 of "
     "the kernel), byte 16 of 2048\n"
     "    at {odd_matrix}\n"
     "    in kernel odd_matrix, block (0,0,0), thread (0,0,0)",
     kRows},
    {"odd_stride", cudaErrorMisalignedAddress,
     "misaligned: load_matrix_sync() of a matrix whose rows lie 40 bytes apart, no multiple of 16\n"
     "    at {odd_matrix}\n"
     "    in kernel odd_matrix, block (0,0,0), thread (0,0,0)",
     "Make the stride a multiple of 8 numbers of 16 bits, or of 4 floats."},
    {"matrix_too_soon", cudaErrorLaunchFailure,
     "race: read after write with no barrier or __syncwarp() between, on shared variable 'tile', bytes 496 "
     "to 497 of 512\n"
     "    read at {matrix_too_soon read} by thread (31,0,0)\n"
     "    written at {matrix_too_soon write} by thread (24,0,0)\n"
     "    in kernel matrix_too_soon, block (0,0,0), thread (31,0,0)",
     "Lanes of a warp need not run in step: put __syncwarp() or __syncthreads() between the two lines."},
    {"block_fence_for_others", cudaErrorLaunchFailure,
     "race: read after write by another block, on device memory (argument 1 of the kernel), bytes 0 to 3 of "
     "1024\n"
     "    read at {block_fence_for_others read} by thread (0,0,0)\n"
     "    written at {block_fence_for_others write} by thread (0,0,0) of block (0,0,0)\n"
     "    in kernel block_fence_for_others, block (1,0,0), thread (0,0,0)",
     kBlocks},
};

}  // namespace

TEST_CASE("the checker knows whose memory is whose, when a copy has arrived, and what a fence orders") {
  check_reports(kBugs);
}

TEST_CASE("a kernel cannot touch the state of the simulator") {
  const Forward forward;
  CHECK_THAT(report_of("to_state", cudaErrorIllegalAddress),
             Catch::StartsWith("out of bounds: a write of 4 bytes ") &&
                 Catch::Contains(with_lines(" shared variable 'tile' of 128 bytes\n    at {to_state}\n")));
}
