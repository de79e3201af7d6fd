// SPDX-License-Identifier: MIT
#include "fastcore/plot/font.h"

#include <stb/stb_truetype.h>

namespace fastcore {
namespace {

const stbtt_fontinfo& font() {
  static const stbtt_fontinfo info = [] {
    stbtt_fontinfo font;
    stbtt_InitFont(&font, kFontData, 0);
    return font;
  }();
  return info;
}

// A size in points is the height of the em square, as in SVG.
double font_scale(double size) { return stbtt_ScaleForMappingEmToPixels(&font(), static_cast<float>(size)); }

double advance_of(int code_point) {
  int advance, bearing;
  stbtt_GetCodepointHMetrics(&font(), code_point, &advance, &bearing);
  return advance;
}

// Curves become short straight pieces: TrueType has only quadratic ones.
void add_curve(std::vector<Point>& polygon, Point from, Point control, Point to) {
  constexpr int kPieces = 6;
  for (int i = 1; i <= kPieces; ++i) {
    double t = static_cast<double>(i) / kPieces, u = 1 - t;
    polygon.push_back({u * u * from.x + 2 * u * t * control.x + t * t * to.x,
                       u * u * from.y + 2 * u * t * control.y + t * t * to.y});
  }
}

}  // namespace

std::vector<int> code_points(const std::string& text) {
  std::vector<int> points;
  for (size_t i = 0; i < text.size();) {
    auto byte = static_cast<unsigned char>(text[i]);
    int extra = byte < 0x80 ? 0 : byte >> 5 == 6 ? 1 : byte >> 4 == 14 ? 2 : byte >> 3 == 30 ? 3 : -1;
    int value = extra == 0 ? byte : byte & (0x3f >> (extra > 0 ? extra : 0));
    bool whole = extra >= 0 && i + extra < text.size();
    for (int k = 1; whole && k <= extra; ++k) {
      auto next = static_cast<unsigned char>(text[i + k]);
      whole = next >> 6 == 2;
      value = value << 6 | (next & 0x3f);
    }
    points.push_back(whole ? value : '?');
    i += whole ? 1 + extra : 1;
  }
  return points;
}

double text_width(const std::string& line, double size) {
  double width = 0;
  for (int code : code_points(line)) width += advance_of(code);
  return width * font_scale(size);
}

std::string fit_text(const std::string& line, double size, double width) {
  if (text_width(line, size) <= width) return line;
  std::string start = line;
  while (!start.empty() && text_width(start + "…", size) > width) {
    do start.pop_back();
    while (!start.empty() && (static_cast<unsigned char>(start.back()) >> 6 == 2));
    if (!start.empty() && static_cast<unsigned char>(start.back()) >= 0xc0) start.pop_back();
  }
  return start + "…";
}

std::vector<std::vector<Point>> text_outlines(const std::string& line, double size) {
  std::vector<std::vector<Point>> outlines;
  double scale = font_scale(size), x = 0;
  for (int code : code_points(line)) {
    stbtt_vertex* vertices = nullptr;
    int count = stbtt_GetCodepointShape(&font(), code, &vertices);
    auto place = [&](int vx, int vy) { return Point{x + vx * scale, -vy * scale}; };
    for (int i = 0; i < count; ++i) {
      const stbtt_vertex& v = vertices[i];
      Point to = place(v.x, v.y);
      if (v.type == STBTT_vmove) outlines.push_back({to});
      else if (v.type == STBTT_vline) outlines.back().push_back(to);
      else add_curve(outlines.back(), outlines.back().back(), place(v.cx, v.cy), to);
    }
    stbtt_FreeShape(&font(), vertices);
    x += advance_of(code) * scale;
  }
  return outlines;
}

}  // namespace fastcore
