// SPDX-License-Identifier: MIT
// Drawing as pixels: polygons with exact area coverage, everything else made of polygons.
#pragma once
#include "fastcore/plot/canvas.h"

namespace fastcore {

/// Collects polygons and says how much of each pixel they cover.
///
/// Every edge adds, to the pixel it crosses, the signed area to its right, and to the next pixel the rest of
/// its height; a running sum along each row then gives the coverage. Cost: pixels of the box plus pixels
/// crossed. Overlapping polygons that run the same way round unite; one that runs the other way cuts a hole.
class Coverage {
 public:
  Coverage(int width, int height) : width_(width), height_(height), area_((width + 2) * size_t(height)) {}
  void add(const std::vector<Point>& polygon);
  /// Calls paint(x, y, share) for each pixel with share in (0, 1], row by row, and starts afresh.
  template <class Paint>
  void drain(Paint&& paint);

 private:
  void edge(Point a, Point b);
  void row_piece(int row, double x0, double x1, double height);

  int width_, height_;
  int top_ = 1 << 30, bottom_ = 0;  // rows touched since the last drain
  std::vector<float> area_;         // (height, width + 2)
};

/// A canvas of width x height points, `scale` pixels each.
class RasterCanvas : public Canvas {
 public:
  RasterCanvas(double width, double height, const PictureOptions& options);
  void polyline(const std::vector<Point>& points, const Paint& paint, double width, double dash) override;
  void polygon(const std::vector<Point>& points, const Paint& paint) override;
  void circle(Point center, double radius, const Paint& paint) override;
  void text(Point at, const std::string& line, const TextStyle& style) override;
  void picture(const Box& box, const Image& image, bool smooth) override;
  void clip(const Box& box) override;
  void unclip() override;
  /// What has been drawn: (height, width, 3).
  const Image& image() const { return image_; }

 private:
  void add_segment(Point a, Point b, double half_width);
  void add_disc(Point center, double radius);
  void blend(const Paint& paint);

  double scale_;
  const Theme& theme_;
  Image image_;
  Coverage coverage_;
  int left_ = 0, top_ = 0, right_, bottom_;  // the clipping box in pixels
};

}  // namespace fastcore
