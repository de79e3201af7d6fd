// SPDX-License-Identifier: MIT
// The part of drawing numbers that is arithmetic, and so may use vectors and threads.
#pragma once
#include <cstdint>

namespace minitorch::cpu {

/// Box and Muller on `blocks` blocks of 16 uniforms in [0, 1): items j and j + 8 of a block become a pair of
/// N(mean, std).
void normals_from_uniforms(float* data, int64_t blocks, float mean, float std);

}  // namespace minitorch::cpu
