// SPDX-License-Identifier: MIT
// What a plot holds; how it is drawn is in plot_draw.cpp.
#include "fastcore/plot/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "fastcore/image/decode.h"
#include "fastcore/plot/raster.h"
#include "fastcore/plot/svg.h"
#include "fastcore/plot/ticks.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using minitorch::format;
using minitorch::ShapeError;

Values counting(size_t n) {
  Values x(n);
  std::iota(x.begin(), x.end(), 0.0);
  return x;
}

}  // namespace

Plot::Plot(std::string title) : title(std::move(title)) {}
Plot::Plot(const Plot&) = default;
Plot::Plot(Plot&&) noexcept = default;
Plot& Plot::operator=(const Plot&) = default;
Plot& Plot::operator=(Plot&&) noexcept = default;
Plot::~Plot() = default;

Plot& Plot::add(Series::Kind kind, Values x, Values y, SeriesOptions options) {
  if (x.size() != y.size())
    throw ShapeError(
        format("[Plot] %zu x values and %zu y values: a series needs as many of each", x.size(), y.size()));
  int colored = 0;
  for (const Series& s : series_) colored += !s.options.ink;
  Ink ink = options.ink.value_or(series_ink(colored));
  series_.push_back({kind, std::move(x), std::move(y), std::move(options), ink});
  return *this;
}

Plot& Plot::curve(Values y, SeriesOptions options) {
  Values x = counting(y.size());
  return add(Series::line, std::move(x), std::move(y), std::move(options));
}

Plot& Plot::line(Values x, Values y, SeriesOptions options) {
  return add(Series::line, std::move(x), std::move(y), std::move(options));
}

Plot& Plot::scatter(Values x, Values y, SeriesOptions options) {
  return add(Series::points, std::move(x), std::move(y), std::move(options));
}

Plot& Plot::bars(std::vector<std::string> names, Values values, SeriesOptions options) {
  if (names.size() != values.size())
    throw ShapeError(format("[Plot::bars] %zu names for %zu values", names.size(), values.size()));
  x_axis.names = std::move(names);
  Values x = counting(values.size());
  double share = options.width < 1 ? options.width : 0.75;
  add(Series::bars, std::move(x), std::move(values), std::move(options));
  series_.back().bar_width = share;
  return *this;
}

Plot& Plot::histogram(const Values& values, int bins, SeriesOptions options) {
  if (bins < 1)
    throw minitorch::ValueError(format("[Plot::histogram] bins: expected at least 1, got %d", bins));
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (double v : values)
    if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  if (low > high) low = 0, high = 1;
  if (is_one_number(low, high)) {
    const double margin = std::max(0.5, std::abs(low) * 1e-6);
    low -= margin, high += margin;
  }
  const double half = (high / 2 - low / 2) / bins;  // of a part: high - low may be infinite
  Values x, counts(bins);
  for (int i = 0; i < bins; ++i) x.push_back(2 * (low / 2 + (i + 0.5) * half));
  for (double v : values)
    if (std::isfinite(v)) ++counts[std::min(bins - 1, static_cast<int>((v / 2 - low / 2) / half))];
  add(Series::bars, std::move(x), std::move(counts), std::move(options));
  series_.back().bar_width = std::min(2 * half, std::numeric_limits<double>::max());
  return *this;
}

Plot& Plot::mark_x(double x, SeriesOptions options) {
  if (!options.ink) options.ink = Ink::muted;
  return add(Series::mark_x, {x}, {0}, std::move(options));
}

Plot& Plot::mark_y(double y, SeriesOptions options) {
  if (!options.ink) options.ink = Ink::muted;
  return add(Series::mark_y, {0}, {y}, std::move(options));
}

Plot& Plot::note(double x, double y, std::string text) {
  notes_.push_back({{x, y}, std::move(text)});
  return *this;
}

Plot& Plot::heat_map(int rows, int columns, Values values, HeatOptions options) {
  if (rows < 1 || columns < 1 || values.size() != static_cast<size_t>(rows) * columns)
    throw ShapeError(format("[Plot::heat_map] %zu values for %d x %d cells", values.size(), rows, columns));
  heat_ = HeatMap{rows, columns, std::move(values), std::move(options)};
  return *this;
}

Plot confusion_plot(const std::vector<std::string>& names, const std::vector<int64_t>& counts,
                    bool normalized) {
  int n = static_cast<int>(names.size());
  if (counts.size() != names.size() * names.size())
    throw ShapeError(
        format("[confusion_plot] %zu counts for %d classes: expected %d x %d", counts.size(), n, n, n));
  Values values(counts.begin(), counts.end());
  for (int row = 0; normalized && row < n; ++row) {
    double sum = std::accumulate(values.begin() + row * n, values.begin() + (row + 1) * n, 0.0);
    for (int c = 0; c < n; ++c) values[row * n + c] = sum > 0 ? values[row * n + c] / sum : 0;
  }
  Plot plot("Confusion matrix");
  plot.x_axis.label = "Predicted";
  plot.y_axis.label = "Actual";
  double side = std::clamp(130.0 + 44 * n, 300.0, 900.0);
  plot.width = side + 40;
  plot.height = side;
  plot.heat_map(n, n, std::move(values),
                {.map = ColorMap::blues,
                 .row_names = names,
                 .column_names = names,
                 .numbers = n <= 40,
                 .decimals = normalized ? 2 : 0,
                 .low = 0.0});
  return plot;
}

void write_text_file(const std::string& path, const std::string& text) {
  write_whole_file(path, {text.begin(), text.end()});
}

namespace {

Box natural_box(const Figure& figure) {
  int columns = std::max(1, figure.columns), count = static_cast<int>(figure.plots.size());
  int rows = (count + columns - 1) / columns;
  if (figure.plots.empty()) return {0, 0, 1, 1};
  return {0, 0, figure.plots[0].width * std::min(columns, count), figure.plots[0].height * rows};
}

void draw_figure(const Figure& figure, Canvas& canvas) {
  canvas.rectangle(natural_box(figure), {.ink = Ink::paper});
  int columns = std::max(1, figure.columns);
  for (size_t i = 0; i < figure.plots.size(); ++i) {
    double width = figure.plots[0].width, height = figure.plots[0].height;
    draw_plot(figure.plots[i], canvas, {(i % columns) * width, (i / columns) * height, width, height});
  }
}

}  // namespace

std::string Figure::svg(SvgShade shade) const {
  Box box = natural_box(*this);
  SvgCanvas canvas(box.width, box.height, shade);
  draw_figure(*this, canvas);
  return canvas.finish(plots.empty() ? "" : plots[0].title);
}

Image Figure::draw(const PictureOptions& options) const {
  Box box = natural_box(*this);
  RasterCanvas canvas(box.width, box.height, options);
  draw_figure(*this, canvas);
  return canvas.image();
}

void Figure::save(const std::string& path, const PictureOptions& options) const {
  if (path.ends_with(".svg"))
    write_text_file(path, svg(options.shade == Shade::dark ? SvgShade::dark : SvgShade::light));
  else if (path.ends_with(".png")) draw(options).save(path, {.compression = 9});
  else
    throw minitorch::ValueError("[Plot::save] " + path + ": unknown ending", "end the name in .svg or .png");
}

std::string Plot::svg(SvgShade shade) const { return Figure{{*this}, 1}.svg(shade); }
Image Plot::draw(const PictureOptions& options) const { return Figure{{*this}, 1}.draw(options); }
void Plot::save(const std::string& path, const PictureOptions& options) const {
  Figure{{*this}, 1}.save(path, options);
}

}  // namespace fastcore
