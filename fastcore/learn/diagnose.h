// SPDX-License-Identifier: MIT
// When training goes wrong: where numbers stopped being numbers, and what took the memory.
#pragma once
#include <string>

#include "fastcore/basics/training_error.h"
#include "fastcore/learn/learner.h"

namespace fastcore {

/// Where the first value that is not finite comes from, in a few words: the batch, a weight, a layer's output
/// or the loss itself. Runs the batch at hand once more.
std::string first_bad_value(Learner& learn);

/// "the loss is nan at epoch 0, batch 12 (lr 0.1): ..." for the batch at hand.
std::string describe_bad_loss(Learner& learn);

/// What took the memory of a batch that did not fit, and how many items might.
struct MemoryReport {
  /// The largest outputs of layers, with their names and shapes, in the precision of training; then what does
  /// not depend on the batch, with the gradients and averages that are still to come.
  std::string text = {};
  int64_t batch_size = 1;  ///< a power of two, at most half of what did not fit
};
/// Frees the graph, then runs one item of the batch at hand through the model, in evaluation mode, to see
/// what its layers put out.
MemoryReport describe_memory(Learner& learn);

}  // namespace fastcore
