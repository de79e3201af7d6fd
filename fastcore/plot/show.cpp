// SPDX-License-Identifier: MIT
#include "fastcore/plot/show.h"

#include <cstdio>
#include <utility>

#include "fastcore/basics/repr.h"
#include "fastcore/plot/grid_text.h"

namespace fastcore {
namespace {

FigureSink& sink() {
  static FigureSink current;
  return current;
}

void print_text(const std::string& lines) {
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

void show(const ImageGrid& grid, const std::string& name) {
  if (sink()) return sink()(name, grid);
  const Image drawn = grid.draw();
  const TerminalPlot plot = terminal_plot();
  if (plot == TerminalPlot::half || plot == TerminalPlot::ascii)
    print_text(grid_text(grid, picture_columns(), terminal_colors()));
  else show_in_terminal(drawn, plot);
  drawn.save(name + ".png");
  print_line("figure: " + name + ".png");
}

FigureSink set_figure_sink(FigureSink next) { return std::exchange(sink(), std::move(next)); }

}  // namespace fastcore
