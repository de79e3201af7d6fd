// SPDX-License-Identifier: MIT
#include "fastcore/plot/raster.h"

#include <algorithm>
#include <cmath>

#include "fastcore/image/resample.h"
#include "fastcore/plot/font.h"

namespace fastcore {

// Part of an edge inside one pixel row: it descends by `height` (signed) while going from x0 to x1.
void Coverage::row_piece(int row, double x0, double x1, double height) {
  float* area = &area_[size_t(row) * (width_ + 2)];
  double limit = width_;
  x0 = std::clamp(x0, 0.0, limit);
  x1 = std::clamp(x1, 0.0, limit);
  double low = std::min(x0, x1), high = std::max(x0, x1);
  int first = static_cast<int>(low), last = static_cast<int>(high);
  if (first == last) {
    double right = height * (first + 1 - (x0 + x1) / 2);  // area to the right of the edge in its pixel
    area[first] += static_cast<float>(right);
    area[first + 1] += static_cast<float>(height - right);
    return;
  }
  double slope = height / (high - low), carried = 0;
  for (int x = first; x <= last; ++x) {
    double from = std::max(low, static_cast<double>(x)), to = std::min(high, x + 1.0);
    double part = slope * (to - from), right = part * (x + 1 - (from + to) / 2);
    area[x] += static_cast<float>(right + carried);
    carried = part - right;
  }
  area[last + 1] += static_cast<float>(carried);
}

void Coverage::edge(Point a, Point b) {
  if (a.y == b.y) return;
  double direction = a.y < b.y ? 1 : -1;
  if (direction < 0) std::swap(a, b);
  double top = std::max(a.y, 0.0), bottom = std::min(b.y, static_cast<double>(height_));
  if (top >= bottom) return;
  double slope = (b.x - a.x) / (b.y - a.y);
  int first = static_cast<int>(top), last = std::min(static_cast<int>(bottom), height_ - 1);
  top_ = std::min(top_, first);
  bottom_ = std::max(bottom_, last + 1);
  for (int row = first; row <= last; ++row) {
    double from = std::max(top, static_cast<double>(row)), to = std::min(bottom, row + 1.0);
    if (to > from)
      row_piece(row, a.x + (from - a.y) * slope, a.x + (to - a.y) * slope, direction * (to - from));
  }
}

void Coverage::add(const std::vector<Point>& polygon) {
  for (const Point& p : polygon)
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) return;
  for (size_t i = 0; i < polygon.size(); ++i) edge(polygon[i], polygon[i + 1 < polygon.size() ? i + 1 : 0]);
}

template <class Paint>
void Coverage::drain(Paint&& paint) {
  for (int y = top_; y < bottom_; ++y) {
    float* area = &area_[size_t(y) * (width_ + 2)];
    float sum = 0;
    for (int x = 0; x < width_; ++x) {
      sum += area[x];
      float share = std::min(std::abs(sum), 1.0f);
      if (share > 1.0f / 512) paint(x, y, share);
    }
    std::fill(area, area + width_ + 2, 0.0f);
  }
  top_ = 1 << 30;
  bottom_ = 0;
}

namespace {

int pixels(double points, double scale) { return std::max(1, static_cast<int>(std::lround(points * scale))); }

const Theme& theme_of(Shade shade) { return shade == Shade::dark ? kDarkTheme : kLightTheme; }

}  // namespace

RasterCanvas::RasterCanvas(double width, double height, const PictureOptions& options)
    : scale_(options.scale),
      theme_(theme_of(options.shade)),
      image_({pixels(height, scale_), pixels(width, scale_)}, 3, 255),
      coverage_(image_.width(), image_.height()) {
  unclip();
}

// Colours are mixed as stored (not as light), like browsers do, so that PNG and SVG look alike.
void RasterCanvas::blend(const Paint& paint) {
  Rgb color = paint.in(theme_);
  coverage_.drain([&](int x, int y, float share) {
    if (x < left_ || x >= right_ || y < top_ || y >= bottom_) return;
    uint8_t* pixel = image_.row(y) + 3 * x;
    double alpha = share * paint.opacity;
    for (int c = 0; c < 3; ++c)
      pixel[c] = static_cast<uint8_t>(std::lround(pixel[c] + (color[c] - pixel[c]) * alpha));
  });
}

void RasterCanvas::polygon(const std::vector<Point>& points, const Paint& paint) {
  std::vector<Point> scaled;
  for (const Point& p : points) scaled.push_back({p.x * scale_, p.y * scale_});
  coverage_.add(scaled);
  blend(paint);
}

// All pieces of strokes run the same way round, so that they unite where they overlap.
void RasterCanvas::add_segment(Point a, Point b, double half_width) {
  double dx = b.x - a.x, dy = b.y - a.y, length = std::hypot(dx, dy);
  if (length < 1e-9) return;
  double nx = -dy / length * half_width, ny = dx / length * half_width;
  coverage_.add({{a.x - nx, a.y - ny}, {b.x - nx, b.y - ny}, {b.x + nx, b.y + ny}, {a.x + nx, a.y + ny}});
}

void RasterCanvas::add_disc(Point center, double radius) {
  int corners = std::clamp(static_cast<int>(radius * 3) + 8, 8, 64);
  std::vector<Point> polygon;
  for (int i = 0; i < corners; ++i) {
    double angle = 2 * M_PI * i / corners;
    polygon.push_back({center.x + radius * std::cos(angle), center.y + radius * std::sin(angle)});
  }
  coverage_.add(polygon);
}

void RasterCanvas::polyline(const std::vector<Point>& points, const Paint& paint, double width, double dash) {
  double half = width * scale_ / 2, walked = 0, period = 2 * dash * scale_;
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    Point a{points[i].x * scale_, points[i].y * scale_},
        b{points[i + 1].x * scale_, points[i + 1].y * scale_};
    if (i && dash == 0 && half > 0.6) add_disc(a, half);
    double length = std::hypot(b.x - a.x, b.y - a.y);
    if (dash == 0 || !(length > 0)) {
      add_segment(a, b, half);
      continue;
    }
    for (double at = 0; at < length;) {
      double phase = std::fmod(walked + at, period);
      bool on = phase < period / 2;
      double next = std::min(length, at + (on ? period / 2 : period) - phase + 1e-6);
      auto point = [&](double t) {
        return Point{a.x + (b.x - a.x) * t / length, a.y + (b.y - a.y) * t / length};
      };
      if (on) add_segment(point(at), point(next), half);
      at = next;
    }
    walked += length;
  }
  blend(paint);
}

void RasterCanvas::circle(Point center, double radius, const Paint& paint) {
  add_disc({center.x * scale_, center.y * scale_}, radius * scale_);
  blend(paint);
}

void RasterCanvas::text(Point at, const std::string& line, const TextStyle& style) {
  double shift =
      style.align == Align::start ? 0 : text_width(line, style.size) * (style.align == Align::end ? 1 : 0.5);
  for (auto& outline : text_outlines(line, style.size)) {
    for (Point& p : outline) {
      Point q =
          style.upright ? Point{at.x + p.y, at.y - (p.x - shift)} : Point{at.x + p.x - shift, at.y + p.y};
      p = {q.x * scale_, q.y * scale_};
    }
    coverage_.add(outline);
  }
  blend(style.paint);
}

void RasterCanvas::picture(const Box& box, const Image& image, bool smooth) {
  int x0 = static_cast<int>(std::lround(box.x * scale_)), y0 = static_cast<int>(std::lround(box.y * scale_));
  Size size{pixels(box.height, scale_), pixels(box.width, scale_)};
  bool shrinks = size.height < image.height() || size.width < image.width();
  Image scaled =
      resize(image.convert(PixelMode::rgb), size, smooth || shrinks ? Filter::bilinear : Filter::nearest);
  for (int y = std::max(0, top_ - y0); y < size.height && y0 + y < bottom_; ++y)
    for (int x = std::max(0, left_ - x0); x < size.width && x0 + x < right_; ++x)
      for (int c = 0; c < 3; ++c) image_(y0 + y, x0 + x, c) = scaled(y, x, c);
}

void RasterCanvas::clip(const Box& box) {
  left_ = std::clamp(static_cast<int>(std::lround(box.x * scale_)), 0, image_.width());
  top_ = std::clamp(static_cast<int>(std::lround(box.y * scale_)), 0, image_.height());
  right_ = std::clamp(static_cast<int>(std::lround(box.right() * scale_)), left_, image_.width());
  bottom_ = std::clamp(static_cast<int>(std::lround(box.bottom() * scale_)), top_, image_.height());
}

void RasterCanvas::unclip() { left_ = top_ = 0, right_ = image_.width(), bottom_ = image_.height(); }

}  // namespace fastcore
