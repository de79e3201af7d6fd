// SPDX-License-Identifier: MIT
// parallel: f over many items in several threads, results in input order. For work that waits (files,
// downloads) or that takes long per item; the tensor kernels have parallel_for.
#pragma once
#include <optional>

#include "fastcore/basics/l.h"
#include "fastcore/basics/progress.h"

namespace fastcore {

struct ParallelOptions {
  int n_workers = -1;     ///< threads; -1: the cores this process may use; 0: none, in the caller's thread
  bool progress = false;  ///< show a bar
  double pause = 0;       ///< seconds between the starts of two items, to be gentle with a server
};

/// The cores this process may use.
int num_cpus();

namespace detail {
using ItemFunction = void (*)(void* context, int64_t index);
void run_parallel(int64_t n, const ParallelOptions& options, ItemFunction function, void* context);
}  // namespace detail

/// @brief f(item) for all items, in n_workers threads; results in input order.
///
/// The first exception (by input order) among the items that ran is thrown, after all running items ended;
/// items not begun by then are left out.
/// @throws Error when the system gives no more threads; items not begun by then are left out, too
template <class F, class T>
auto parallel(F&& f, const L<T>& items, const ParallelOptions& options = {}) {
  using R = detail::Result<F, const T&>;
  if constexpr (std::is_void_v<R>) {
    auto one = [&](int64_t i) { detail::invoke(f, static_cast<const T&>(items[i])); };
    detail::run_parallel(
        items.size(), options, [](void* context, int64_t i) { (*static_cast<decltype(one)*>(context))(i); },
        &one);
  } else {
    std::vector<std::optional<R>> results(static_cast<std::size_t>(items.size()));
    auto one = [&](int64_t i) {
      results[static_cast<std::size_t>(i)] = detail::invoke(f, static_cast<const T&>(items[i]));
    };
    detail::run_parallel(
        items.size(), options, [](void* context, int64_t i) { (*static_cast<decltype(one)*>(context))(i); },
        &one);
    L<R> all;
    for (auto& result : results) all.append(std::move(*result));
    return all;
  }
}

}  // namespace fastcore
