// SPDX-License-Identifier: MIT
// A grid of pictures as lines of a terminal that knows characters only: drawn as a whole, its titles would be
// too small to read.
#pragma once
#include <string>

#include "fastcore/plot/image_grid.h"
#include "fastcore/plot/terminal.h"

namespace fastcore {

/// Every picture as half blocks (as characters where there are no colours) under its title, which is text and
/// is cut where it is wider than its picture's share of the line. No line is wider than `columns`, unless
/// there are more pictures in a row than columns for them.
std::string grid_text(const ImageGrid& grid, int columns, TerminalColors colors);

}  // namespace fastcore
