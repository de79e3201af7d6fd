// SPDX-License-Identifier: MIT
// Drawing as SVG text: one self-contained element, for a file or inside a page.
#pragma once
#include <string>

#include "fastcore/plot/canvas.h"

namespace fastcore {

class SvgCanvas : public Canvas {
 public:
  SvgCanvas(double width, double height, SvgShade shade);
  void polyline(const std::vector<Point>& points, const Paint& paint, double width, double dash) override;
  void polygon(const std::vector<Point>& points, const Paint& paint) override;
  void circle(Point center, double radius, const Paint& paint) override;
  void text(Point at, const std::string& line, const TextStyle& style) override;
  void picture(const Box& box, const Image& image, bool smooth) override;
  void clip(const Box& box) override;
  void unclip() override;
  /// The whole element, with `title` for readers that cannot see it.
  std::string finish(const std::string& title) const;

 private:
  std::string fill(const Paint& paint) const;
  std::string color(const char* attribute, const char* letter, const Paint& paint) const;

  double width_, height_;
  SvgShade shade_;
  std::string body_;
};

/// Text with & < > " ' written so that it stands for itself in HTML and SVG. What these cannot hold is left
/// out, as control characters, or replaced, as bytes that are not UTF-8.
std::string escape_markup(const std::string& text);

/// Bytes in base64, as data: addresses want them.
std::string base64(Bytes bytes);

/// A picture as a data: address: PNG, or for a photo JPEG where that is smaller.
std::string data_uri(const Image& image, bool photo);

}  // namespace fastcore
