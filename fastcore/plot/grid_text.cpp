// SPDX-License-Identifier: MIT
#include "fastcore/plot/grid_text.h"

#include <algorithm>

#include "fastcore/basics/columns.h"
#include "fastcore/basics/range.h"

namespace fastcore {
namespace {

constexpr int kGap = 2;

// A line of a cell, and how many columns it takes: colour codes take none.
struct CellLine {
  std::string text;
  int width = 0;
};

std::string centered(const CellLine& line, int width) {
  const int before = std::max(0, (width - line.width) / 2);
  return std::string(static_cast<std::size_t>(before), ' ') + line.text +
         std::string(static_cast<std::size_t>(std::max(0, width - before - line.width)), ' ');
}

CellLine title_line(const std::string& title, Ink ink, int width, TerminalColors colors) {
  const std::string text = shortened(title, width);
  const char* code = ink == Ink::good ? "\x1b[32m" : ink == Ink::bad ? "\x1b[31m" : "";
  if (colors == TerminalColors::none || !*code) return {text, text_width(text)};
  return {code + text + "\x1b[0m", text_width(text)};
}

std::vector<CellLine> picture_lines(const Image& image, int width, TerminalColors colors) {
  std::vector<CellLine> lines;
  if (image.empty()) return lines;
  const bool plain = colors == TerminalColors::none;
  const std::string text = plain ? ascii_text(image, width) : half_block_text(image, width, colors);
  for (const std::string& line : splitlines(text)) lines.push_back({line, std::min(width, image.width())});
  return lines;
}

// Cells side by side, from line to line; short ones begin at the top, or, for titles, end at the bottom.
void put_side_by_side(const std::vector<std::vector<CellLine>>& cells, int width, bool at_bottom,
                      std::string& text) {
  std::size_t most = 0;
  for (const auto& cell : cells) most = std::max(most, cell.size());
  for (std::size_t i = 0; i < most; ++i) {
    std::string line;
    for (const auto& cell : cells) {
      const std::size_t above = at_bottom ? most - cell.size() : 0;
      const bool there = i >= above && i - above < cell.size();
      if (!line.empty()) line += std::string(kGap, ' ');
      line += centered(there ? cell[i - above] : CellLine(), width);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
}

}  // namespace

std::string grid_text(const ImageGrid& grid, int columns, TerminalColors colors) {
  const Size shape = grid_shape(static_cast<int>(grid.items.size()), grid.rows, grid.columns);
  if (shape.width < 1) return "";
  const int width = std::max(1, (columns - kGap * (shape.width - 1)) / shape.width);
  std::string text;
  for (const std::string& line : splitlines(grid.title)) {
    text += centered(title_line(line, Ink::text, columns, colors), columns);
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  for (int row = 0; row < shape.height; ++row) {
    std::vector<std::vector<CellLine>> titles, pictures;
    for (int column = 0; column < shape.width; ++column) {
      const auto at = static_cast<std::size_t>(row * shape.width + column);
      if (at >= grid.items.size()) break;
      const GridItem& item = grid.items[at];
      std::vector<CellLine> lines;
      for (const std::string& line : splitlines(item.title))
        lines.push_back(title_line(line, item.ink, width, colors));
      titles.push_back(std::move(lines));
      pictures.push_back(picture_lines(item.image, width, colors));
    }
    put_side_by_side(titles, width, true, text);
    put_side_by_side(pictures, width, false, text);
  }
  return text;
}

}  // namespace fastcore
