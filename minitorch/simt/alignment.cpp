// SPDX-License-Identifier: MIT
// What an instruction of tensor cores refuses: addresses, strides, and a part of a warp.
#include "minitorch/simt/checker.h"
#include "minitorch/simt/internal.h"

namespace minitorch::simt {
namespace {

std::string line_of(Site site) { return at_line({"\n    at", site.file, site.line}); }

}  // namespace

// On a GPU allocations begin at multiples of 256; here they end at a page.
bool begins_aligned(const void* memory, unsigned alignment) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  if (!is_device(address)) return false;
  const Allocation a = find_allocation(address);
  return a.base && (address - a.base) % alignment == 0;
}

void stop_misaligned(const void* memory, unsigned alignment, Site site) {
  SimulatorScope scope;
  const void* line = __builtin_return_address(0);
  const auto address = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t begin = is_device(address) ? find_allocation(address).base : 0;
  const std::string size = std::to_string(alignment);
  stop_kernel(cudaErrorMisalignedAddress,
              ("misaligned: " + std::string(site.what) + " at an address " +
               std::to_string((address - begin) % alignment) + " past a multiple of " + size +
               checker_place(memory, false, line) + line_of(site))
                  .c_str(),
              "Align the tile with __align__(32), and let each row begin at a multiple of 16 bytes.");
}

void stop_odd_stride(std::size_t bytes, Site site) {
  SimulatorScope scope;
  stop_kernel(cudaErrorMisalignedAddress,
              ("misaligned: " + std::string(site.what) + " of a matrix whose rows lie " +
               std::to_string(bytes) + " bytes apart, no multiple of 16" + line_of(site))
                  .c_str(),
              "Make the stride a multiple of 8 numbers of 16 bits, or of 4 floats.");
}

void stop_partial_warp(Site site) {
  SimulatorScope scope;
  stop_kernel(
      cudaErrorLaunchFailure,
      ("partial warp: " + std::string(site.what) + " by fewer than the 32 lanes of a warp" + line_of(site))
          .c_str(),
      "Tensor cores work for whole warps: launch blocks of a multiple of 32 threads, and let all of a warp "
      "come here.");
}

}  // namespace minitorch::simt
