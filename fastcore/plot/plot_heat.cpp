// SPDX-License-Identifier: MIT
#include "fastcore/plot/plot_heat.h"

#include <algorithm>
#include <cmath>

#include "fastcore/plot/font.h"
#include "fastcore/plot/plot_layout.h"
#include "fastcore/plot/ticks.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

constexpr double kBarWidth = 14;

struct Cells {
  Box area;
  double width, height, low, high;  // of one cell; values at the ends of the colours
  double share(double value) const { return (value / 2 - low / 2) / (high / 2 - low / 2); }
};

double widest(const std::vector<std::string>& names, double limit) {
  double width = 0;
  for (const auto& name : names) width = std::max(width, std::min(limit, text_width(name, kTextSize)));
  return width;
}

bool upright_columns(const Plot::HeatMap& heat, double cell) {
  return widest(heat.options.column_names, 1e9) > cell - 6;
}

Cells lay_out_cells(const Plot& plot, const Box& box) {
  const auto& heat = *plot.heat();
  const auto& options = heat.options;
  Cells cells{};
  cells.low = options.low.value_or(HUGE_VAL), cells.high = options.high.value_or(-HUGE_VAL);
  for (double v : heat.values) {
    if (!std::isfinite(v)) continue;
    if (!options.low) cells.low = std::min(cells.low, v);
    if (!options.high) cells.high = std::max(cells.high, v);
  }
  if (!std::isfinite(cells.low)) cells.low = 0;
  if (is_one_number(cells.low, cells.high)) cells.high = cells.low + std::max(1.0, std::abs(cells.low) * 0.1);
  double left =
      box.x + 16 + widest(options.row_names, box.width / 3) + 8 + (plot.y_axis.label.empty() ? 0 : 20);
  double right = box.right() - 18 - (options.numbers ? 0 : kBarWidth + 56);
  double top = box.y + (plot.title.empty() ? 12 : 36);
  double bottom = box.bottom() - 12 - (plot.x_axis.label.empty() ? 0 : 20);
  double guess = (right - left) / heat.columns;
  if (!options.column_names.empty())
    bottom -= 10 + (upright_columns(heat, guess) ? widest(options.column_names, box.height / 3) : kTextSize);
  cells.width = (right - left) / heat.columns;
  cells.height = (bottom - top) / heat.rows;
  if (options.square) cells.width = cells.height = std::min(cells.width, cells.height);
  double spare = right - left - cells.width * heat.columns;
  cells.area = {left + spare / 2, top, cells.width * heat.columns, cells.height * heat.rows};
  return cells;
}

Image colors_of(const Plot::HeatMap& heat, const Cells& cells) {
  Image image = Image::uninitialized({heat.rows, heat.columns}, 3);
  for (int64_t i = 0; i < int64_t{heat.rows} * heat.columns; ++i) {
    Rgb color = map_color(heat.options.map, cells.share(heat.values[i]));
    std::copy(color.begin(), color.end(), image.data() + 3 * i);
  }
  return image;
}

void draw_numbers(const Plot::HeatMap& heat, const Cells& cells, Canvas& canvas) {
  double longest = 0;
  auto written = [&](double v) { return minitorch::format("%.*f", heat.options.decimals, v); };
  for (double v : heat.values) longest = std::max(longest, text_width(written(v), 1));
  double size = std::min({13.0, cells.height * 0.5, (cells.width - 4) / std::max(longest, 0.1)});
  for (int r = 0; r < heat.rows; ++r)
    for (int c = 0; c < heat.columns; ++c) {
      double value = heat.values[r * heat.columns + c];
      Rgb back = map_color(heat.options.map, cells.share(value));
      bool dark = back[0] * 0.299 + back[1] * 0.587 + back[2] * 0.114 < 140;
      Paint paint = Paint::of(dark ? Rgb{255, 255, 255} : Rgb{8, 48, 107});
      Point at{cells.area.x + (c + 0.5) * cells.width, cells.area.y + (r + 0.5) * cells.height + size * 0.36};
      canvas.text(at, written(value), {size, paint, Align::middle});
    }
}

void draw_names(const Plot& plot, const Cells& cells, const Box& box, Canvas& canvas) {
  const auto& options = plot.heat()->options;
  Paint muted{.ink = Ink::muted};
  for (size_t r = 0; r < options.row_names.size(); ++r)
    canvas.text({cells.area.x - 7, cells.area.y + (r + 0.5) * cells.height + kTextSize * 0.36},
                fit_text(options.row_names[r], kTextSize, box.width / 3), {kTextSize, muted, Align::end});
  bool upright = upright_columns(*plot.heat(), cells.width);
  for (size_t c = 0; c < options.column_names.size(); ++c) {
    double x = cells.area.x + (c + 0.5) * cells.width;
    if (upright)
      canvas.text({x + kTextSize * 0.36, cells.area.bottom() + 7},
                  fit_text(options.column_names[c], kTextSize, box.height / 3),
                  {kTextSize, muted, Align::end, true});
    else
      canvas.text({x, cells.area.bottom() + 7 + kTextSize * 0.8}, options.column_names[c],
                  {kTextSize, muted, Align::middle});
  }
}

void draw_color_bar(const Plot::HeatMap& heat, const Cells& cells, Canvas& canvas) {
  Image ramp = Image::uninitialized({256, 1}, 3);
  for (int i = 0; i < 256; ++i) {
    Rgb color = map_color(heat.options.map, (255 - i) / 255.0);
    std::copy(color.begin(), color.end(), ramp.row(i));
  }
  const Box& a = cells.area;
  Box bar{a.right() + 12, a.y, kBarWidth, a.height};
  canvas.picture(bar, ramp, true);
  for (const Tick& tick : linear_ticks(cells.low, cells.high, std::max(2, static_cast<int>(a.height / 44))))
    canvas.text({bar.right() + 6, bar.bottom() - cells.share(tick.value) * bar.height + kTextSize * 0.36},
                tick.text, {kTextSize, {.ink = Ink::muted}});
}

}  // namespace

Box draw_heat_map(const Plot& plot, Canvas& canvas, const Box& box) {
  Cells cells = lay_out_cells(plot, box);
  canvas.picture(cells.area, colors_of(*plot.heat(), cells), false);
  const Box& a = cells.area;
  canvas.polyline({{a.x, a.y}, {a.right(), a.y}, {a.right(), a.bottom()}, {a.x, a.bottom()}, {a.x, a.y}},
                  {.ink = Ink::frame}, 1, 0);
  if (plot.heat()->options.numbers) draw_numbers(*plot.heat(), cells, canvas);
  else draw_color_bar(*plot.heat(), cells, canvas);
  draw_names(plot, cells, box, canvas);
  return a;
}

}  // namespace fastcore
