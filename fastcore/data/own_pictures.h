// SPDX-License-Identifier: MIT
// Pictures of a learner's own: what lies in a folder, before anything is trained on it.
#pragma once
#include <string>
#include <vector>

#include "fastcore/basics/path.h"

namespace fastcore {

/// The kinds of pictures that a folder holds in path/images/KIND/*, in the order of the alphabet.
/// @throws FileError where there is no folder images, or no picture in it; ValueError for pictures of one
/// kind only, or fewer than `least` of one
std::vector<std::string> own_kinds(const Path& path, int64_t least = 5);

}  // namespace fastcore
