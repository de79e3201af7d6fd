// SPDX-License-Identifier: MIT
// Plots: what is to be shown, told once, drawn as SVG or PNG in light or dark.
//
//     Plot plot("Loss");
//     plot.x_axis.label = "batch";
//     plot.curve(losses, {.label = "train"}).line(epochs, valid_losses, {.label = "valid"});
//     plot.save("loss.svg");
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastcore/plot/canvas.h"

namespace fastcore {

using Values = std::vector<double>;

/// One of the two axes. What is left out is found from the data.
struct Axis {
  std::string label = {};
  std::optional<double> low = {}, high = {};
  bool log = false;                     ///< logarithmic; values of 0 and below are left out
  bool whole = false;                   ///< numbers at whole places only: batches, epochs
  std::vector<std::string> names = {};  ///< names of the places 0, 1, 2 ... instead of numbers
};

/// Options of one series.
struct SeriesOptions {
  std::string label = {};       ///< for the legend; series without one are not in it
  std::optional<Ink> ink = {};  ///< else the next of the ten
  double width = 1.8;           ///< of lines; of bars as a share of their distance when below 1
  double radius = 3;            ///< of points
  double opacity = 1;
  bool dashed = false;
};

/// Options of a heat map.
struct HeatOptions {
  ColorMap map = ColorMap::viridis;
  std::vector<std::string> row_names = {}, column_names = {};
  bool numbers = false;                       ///< write the value into each cell
  int decimals = 0;                           ///< of those numbers
  bool square = true;                         ///< cells as wide as high
  std::optional<double> low = {}, high = {};  ///< values at the ends of the colours
};

/// A plot with one pair of axes. Series are drawn in the order in which they were added; values that are not
/// finite are left out and break a line.
class Plot {
 public:
  explicit Plot(std::string title);
  // Compiled once, in plot.cpp.
  Plot(const Plot&);
  Plot(Plot&&) noexcept;
  Plot& operator=(const Plot&);
  Plot& operator=(Plot&&) noexcept;
  ~Plot();

  std::string title;
  Axis x_axis, y_axis;
  double width = 560, height = 360;  ///< natural size in points

  /// A line through (0, y0), (1, y1) ...: losses, schedules.
  Plot& curve(Values y, SeriesOptions options = {});
  /// A line through (x, y). @throws ShapeError when x and y differ in length
  Plot& line(Values x, Values y, SeriesOptions options = {});
  /// A point at each (x, y). @throws ShapeError when x and y differ in length
  Plot& scatter(Values x, Values y, SeriesOptions options = {});
  /// A bar from 0 to each value, named. @throws ShapeError when names and values differ in number
  Plot& bars(std::vector<std::string> names, Values values, SeriesOptions options = {});
  /// How many values fall into each of `bins` equal parts of their range; the last part includes its end.
  /// @throws ValueError unless bins >= 1
  Plot& histogram(const Values& values, int bins, SeriesOptions options = {});
  /// A vertical, a horizontal line across the whole plot.
  Plot& mark_x(double x, SeriesOptions options = {});
  Plot& mark_y(double y, SeriesOptions options = {});
  /// A short text beside the point (x, y).
  Plot& note(double x, double y, std::string text);
  /// A matrix as colours, row 0 at the top; values row by row.
  /// @throws ShapeError unless there are rows * columns values
  Plot& heat_map(int rows, int columns, Values values, HeatOptions options = {});

  std::string svg(SvgShade shade = SvgShade::light) const;
  Image draw(const PictureOptions& options = {}) const;
  /// Writes an .svg or a .png file, whole or not at all.
  /// @throws FileError when it cannot be written; ValueError for another ending
  void save(const std::string& path, const PictureOptions& options = {}) const;

  // What the drawing code reads (plot_draw.cpp).
  struct Series {
    enum Kind { line, points, bars, mark_x, mark_y } kind;
    Values x, y;
    SeriesOptions options;
    Ink ink;
    double bar_width = 0;  // in x units
  };
  struct Note {
    Point at;
    std::string text;
  };
  struct HeatMap {
    int rows, columns;
    Values values;
    HeatOptions options;
  };
  const std::vector<Series>& series() const { return series_; }
  const std::vector<Note>& notes() const { return notes_; }
  const std::optional<HeatMap>& heat() const { return heat_; }

 private:
  Plot& add(Series::Kind kind, Values x, Values y, SeriesOptions options);

  std::vector<Series> series_;
  std::vector<Note> notes_;
  std::optional<HeatMap> heat_;
};

/// fastai's confusion matrix: rows are what was, columns what was predicted, counts in the cells (or,
/// normalised, each row divided by its sum, with two decimals). `counts` row by row.
/// @throws ShapeError unless there are names.size() squared counts
Plot confusion_plot(const std::vector<std::string>& names, const std::vector<int64_t>& counts,
                    bool normalized);

/// Several plots as one figure, in rows of `columns`. Sizes are those of the first plot.
struct Figure {
  std::vector<Plot> plots = {};
  int columns = 2;

  std::string svg(SvgShade shade = SvgShade::light) const;
  Image draw(const PictureOptions& options = {}) const;
  /// @throws as Plot::save
  void save(const std::string& path, const PictureOptions& options = {}) const;
};

/// Draws a plot into a box of a canvas.
void draw_plot(const Plot& plot, Canvas& canvas, const Box& box);

/// Writes text as a file, whole or not at all. @throws FileError when it cannot be written
void write_text_file(const std::string& path, const std::string& text);

}  // namespace fastcore
