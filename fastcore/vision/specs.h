// SPDX-License-Identifier: MIT
// Models for pictures as data: what an exported learner holds instead of code.
#pragma once
#include "fastcore/learn/model_spec.h"
#include "fastcore/vision/unet.h"

namespace fastcore {

/// How create_vision_model made a model; empty for a head of one's own, which has no name.
ModelSpec vision_spec(const Architecture& architecture, int64_t n_out, const VisionModelOptions& options);
/// How a DynamicUnet was made, for pictures of `size`.
ModelSpec unet_spec(const Architecture& architecture, int64_t n_out, int64_t n_in, Size size,
                    const UnetOptions& options);
/// Makes both known to make_model.
void register_vision_models();

}  // namespace fastcore
