// SPDX-License-Identifier: MIT
// Range checks of index tensors, with errors that name the offending index.
#pragma once
#include <string>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Whether the host may read the index now: not on a GPU, where that would mean waiting and kernels guard
/// themselves (index_guard.h), and not while the simulator records a graph, whose guard pages then have to
/// do.
bool can_see(const Tensor& index);

/// The row-major position of the first entry outside [low, high); -1 when there is none or the host cannot
/// see.
int64_t first_outside(const Tensor& index, int64_t low, int64_t high);

/// @throws IndexError "[op] index 12 at (3, 0) of (4, 1): " + bound
[[noreturn]] void throw_bad_index(const char* op, const Tensor& index, int64_t position,
                                  const std::string& bound);

/// `bound()` gives the text that says what was indexed and its size; it is called for an error only.
template <class Bound>
void check_indices(const char* op, const Tensor& index, int64_t low, int64_t high, Bound&& bound) {
  if (const int64_t bad = first_outside(index, low, high); bad >= 0) throw_bad_index(op, index, bad, bound());
}

/// Whole numbers as int64. @throws DtypeError for floats and booleans
Tensor as_index(const char* op, const Tensor& index);

}  // namespace minitorch
