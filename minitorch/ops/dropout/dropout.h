// SPDX-License-Identifier: MIT
// Dropout: training with random parts switched off.
//
// Whether item i survives depends on a key, drawn once a call from the generator of manual_seed() (two
// outputs), and on i alone (core/philox.h), so that cpu, sim and cuda drop the same items. No mask is kept:
// the backward pass runs the same kernel with the same key over dy. That costs about a nanosecond an item on
// one CPU core and nothing on a GPU, which waits for memory; a kept mask would cost as much memory as the
// activations, or, as bits, a second kernel.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// y = x / (1 - p) where an item survives, which it does with probability 1 - p, and 0 elsewhere; x itself
/// when not training or p is 0. Gradient: the same of dy. @throws ValueError unless 0 <= p <= 1, DtypeError
/// for whole numbers
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);
/// The same for whole channels: x (N, C, ...), each (n, c) survives or not. @throws ShapeError for fewer than
/// three axes
Tensor dropout2d(const Tensor& x, double p = 0.5, bool training = true);

/// What dropout multiplies with, 0 or 1 / (1 - p), to be used more than once: a recurrent net drops the same
/// items at each step with a mask of shape (batch, 1, features), an embedding whole words with (rows, 1).
Tensor dropout_mask(const Shape& shape, double p, TensorOptions options = {});

}  // namespace minitorch
