// SPDX-License-Identifier: MIT
#pragma once
#include "minitorch/core/errors.h"

namespace fastcore {

/// Training that cannot go on: the loss is no number any more.
class TrainingError : public minitorch::Error {
 public:
  using minitorch::Error::Error;
};

}  // namespace fastcore
