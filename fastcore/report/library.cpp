// SPDX-License-Identifier: MIT
// Everything of the library that an exported learner may name. It stands here because only this layer knows
// all applications.
#include "fastcore/learn/export.h"
#include "fastcore/vision/specs.h"

namespace fastcore {

void register_library() { register_vision_models(); }

}  // namespace fastcore
