// SPDX-License-Identifier: MIT
// The few functions of the stb libraries that the course uses, so that their headers stay in one .cpp.
#pragma once
#include <vector>

#include "fastcore/image/image.h"

namespace fastcore::stb {

/// Decodes JPEG, GIF or BMP. `wanted` channels, or 0 for those of the file; memory from malloc, null on
/// failure.
uint8_t* decode(Bytes file, Size* size, int* channels, int wanted);
/// Why the last decode in this thread failed, in a few words.
const char* failure();

}  // namespace fastcore::stb
