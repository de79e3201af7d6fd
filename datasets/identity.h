// SPDX-License-Identifier: MIT
// Which files a run has read.
#pragma once
#include <string>

#include "datasets/home.h"
#include "datasets/table.h"

namespace datasets {

/// @brief Which files a folder holds, in a line: where a data set's came from and the SHA-256 of its archive
/// (of its list of files where it was generated), for any other folder that of its files' names and sizes.
std::string identity(const Dataset& dataset, const std::string& folder, const Home& home);

}  // namespace datasets
