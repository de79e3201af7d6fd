// SPDX-License-Identifier: MIT
// What ends a training whose loss is no number, by hand or in a Learner.
#pragma once
#include "minitorch/core/errors.h"

namespace fastcore {

/// Training that cannot go on: the loss is no number any more.
class TrainingError : public minitorch::Error {
 public:
  using minitorch::Error::Error;
};

}  // namespace fastcore
