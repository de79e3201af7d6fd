// SPDX-License-Identifier: MIT
// What some loaders are beside loaders, for those who join or show their batches.
#pragma once
#include <string>
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// A loader of streams that are read side by side: row i of a batch goes on where row i of the batch before
/// ended. All of a pass is joined along axis 1, and the last batch may be narrower.
struct Streams {
  virtual ~Streams() = default;
};

/// A loader that may pad the inputs of a batch to the longest of them, so that batches differ in width.
struct PadsInputs {
  virtual ~PadsInputs() = default;
  /// The same inputs, (n, wider), padded as those of a batch of this width are.
  virtual minitorch::Tensor widened(const minitorch::Tensor& x, int64_t width) const = 0;
};

/// A loader whose targets have names, as columns of a table have.
struct NamesTargets {
  virtual ~NamesTargets() = default;
  virtual std::vector<std::string> target_names() const = 0;
};

}  // namespace fastcore
