// SPDX-License-Identifier: MIT
// The compiled-in font: a subset of DejaVu Sans (its licence: FONT_LICENSE).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fastcore/plot/canvas.h"

namespace fastcore {

extern const uint8_t kFontData[];

/// The width of a line of UTF-8 text at `size` points.
double text_width(const std::string& line, double size);

/// The text's outlines as closed polygons in points, baseline at y = 0, y down. Holes run the other way
/// round.
std::vector<std::vector<Point>> text_outlines(const std::string& line, double size);

/// The text, with its end replaced by an ellipsis when it is wider than `width`.
std::string fit_text(const std::string& line, double size, double width);

/// The code points of UTF-8 text; a broken byte becomes a question mark.
std::vector<int> code_points(const std::string& text);

}  // namespace fastcore
