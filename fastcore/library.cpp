// SPDX-License-Identifier: MIT
// Everything of the library that an exported learner may name. It stands above the folders because none of
// those that load an export knows all applications.
#include "fastcore/collab/specs.h"
#include "fastcore/learn/export.h"
#include "fastcore/tabular/specs.h"
#include "fastcore/text/specs.h"
#include "fastcore/vision/specs.h"

namespace fastcore {
void register_library() {
  register_vision_models();
  register_tabular();
  register_collab_models();
  register_texts();
}

}  // namespace fastcore
