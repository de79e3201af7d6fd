// SPDX-License-Identifier: MIT
// Where figures go that nobody names a file for: show_batch, show_results.
#pragma once
#include <functional>
#include <string>

#include "fastcore/plot/image_grid.h"

namespace fastcore {

/// Gets a figure and its name.
using FigureSink = std::function<void(const std::string& name, const ImageGrid& grid)>;

/// Shows a grid: in the terminal, where that can show pictures, and as NAME.png in the working directory,
/// which is said in one line; in a lesson as Lesson::figure() does. @throws FileError when it cannot be
/// written
void show(const ImageGrid& grid, const std::string& name);

/// Sends figures elsewhere: into a report, say. An empty sink brings the default back. @returns the one
/// before
FigureSink set_figure_sink(FigureSink sink);

}  // namespace fastcore
