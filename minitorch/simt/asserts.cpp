// SPDX-License-Identifier: MIT
// assert() and __trap() of a kernel end the kernel, with a report, and not the program.
#include <dlfcn.h>

#include <cstdlib>

#include "minitorch/simt/internal.h"

namespace minitorch::simt {

void trap(Site site) {
  if (!in_kernel()) std::abort();
  in_simulator = true;
  stop_kernel(cudaErrorLaunchFailure, ("the kernel ended itself: " + at_line(site)).c_str(),
              "Look at the condition before __trap(): the thread named above met it.");
}

}  // namespace minitorch::simt

// What <cassert> calls, here before the C library's own.
extern "C" [[noreturn]] void __assert_fail(const char* expression, const char* file, unsigned line,
                                           const char* function) noexcept {
  using namespace minitorch::simt;
  if (in_kernel() && !in_simulator) {
    in_simulator = true;
    stop_kernel(cudaErrorAssert,
                ("assertion failed: " + std::string(expression) + "\n    at " + file_name(file) + ":" +
                 std::to_string(line))
                    .c_str(),
                "The thread named above has met a case that the kernel was not written for.");
  }
  using Original = void (*)(const char*, const char*, unsigned, const char*);
  if (const auto original = reinterpret_cast<Original>(dlsym(RTLD_NEXT, "__assert_fail")))
    original(expression, file, line, function);
  std::abort();
}
