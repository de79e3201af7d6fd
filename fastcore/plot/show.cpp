// SPDX-License-Identifier: MIT
#include "fastcore/plot/show.h"

#include <utility>

#include "fastcore/basics/repr.h"
#include "fastcore/plot/terminal.h"

namespace fastcore {
namespace {

FigureSink& sink() {
  static FigureSink current;
  return current;
}

}  // namespace

void show(const ImageGrid& grid, const std::string& name) {
  if (sink()) return sink()(name, grid);
  const Image drawn = grid.draw();
  show_in_terminal(drawn);
  drawn.save(name + ".png");
  print_line("figure: " + name + ".png");
}

FigureSink set_figure_sink(FigureSink next) { return std::exchange(sink(), std::move(next)); }

}  // namespace fastcore
