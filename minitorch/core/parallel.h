// SPDX-License-Identifier: MIT
// A fork-join pool of threads: workers spin for a moment for the next job, then sleep.
#pragma once
#include <cstdint>
#include <type_traits>

namespace minitorch {

/// Threads that kernels use, the caller's included. At the start: the cores this process may run on.
int num_threads();
/// @throws ValueError unless 1 <= threads <= 1024
void set_num_threads(int threads);

namespace detail {
using RangeFunction = void (*)(void* context, int64_t begin, int64_t end);
void parallel_for(int64_t n, int64_t grain, RangeFunction function, void* context);
}  // namespace detail

/// Calls body(begin, end) on about equal parts of [0, n), each of at least `grain` items, one part per
/// thread. Give a grain worth at least half a microsecond. Nested calls run in the caller's thread. An
/// exception thrown by a part is rethrown here, after all parts have ended.
///
/// Split outputs, never a sum: each output is then computed by one thread in one order, and results
/// do not depend on the number of threads.
template <class Body>
void parallel_for(int64_t n, int64_t grain, Body&& body) {
  detail::parallel_for(
      n, grain,
      [](void* context, int64_t begin, int64_t end) {
        (*static_cast<std::remove_reference_t<Body>*>(context))(begin, end);
      },
      const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace minitorch
