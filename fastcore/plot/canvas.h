// SPDX-License-Identifier: MIT
// What a plot is drawn on: a handful of shapes, which become SVG elements (svg.h) or pixels (raster.h).
#pragma once
#include <string>
#include <vector>

#include "fastcore/image/image.h"
#include "fastcore/plot/theme.h"

namespace fastcore {

/// A place on a canvas: x to the right, y down, in points of a picture at its natural size.
struct Point {
  double x, y;
};

struct Box {
  double x, y, width, height;
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

enum class Align { start, middle, end };

struct TextStyle {
  double size = 12;
  Paint paint = {};
  Align align = Align::start;
  bool upright = false;  ///< turned a quarter anticlockwise, to be read from the right
};

/// A drawing surface. Coordinates grow to the right and down; later shapes cover earlier ones.
class Canvas {
 public:
  virtual ~Canvas() = default;
  /// A line through the points; `dash` is the length of dashes and gaps, 0 for none.
  virtual void polyline(const std::vector<Point>& points, const Paint& paint, double width, double dash) = 0;
  /// A filled polygon, closed by itself.
  virtual void polygon(const std::vector<Point>& points, const Paint& paint) = 0;
  virtual void circle(Point center, double radius, const Paint& paint) = 0;
  /// One line of UTF-8 text; `at` is on its baseline.
  virtual void text(Point at, const std::string& line, const TextStyle& style) = 0;
  /// A picture stretched over the box; `smooth` mixes neighbouring pixels where it is enlarged.
  virtual void picture(const Box& box, const Image& image, bool smooth) = 0;
  /// Until unclip(), nothing is drawn outside the box. Boxes do not nest.
  virtual void clip(const Box& box) = 0;
  virtual void unclip() = 0;

  void rectangle(const Box& b, const Paint& paint) {
    polygon({{b.x, b.y}, {b.right(), b.y}, {b.right(), b.bottom()}, {b.x, b.bottom()}}, paint);
  }
  void line(Point a, Point b, const Paint& paint, double width) { polyline({a, b}, paint, width, 0); }
};

/// How a drawing becomes a file or a picture.
enum class Shade { light, dark };

struct PictureOptions {
  Shade shade = Shade::light;
  double scale = 2;  ///< pixels per point; 2 is sharp on today's screens
};

enum class SvgShade {
  light,
  dark,
  automatic  ///< light, and dark where the reader's browser asks for dark
};

}  // namespace fastcore
