// SPDX-License-Identifier: MIT
#include "fastcore/plot/svg.h"

#include <cmath>

#include "fastcore/image/decode.h"
#include "fastcore/image/png.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/utf8.h"

namespace fastcore {
namespace {

using minitorch::format;

// Two decimals are a hundredth of a point; trailing zeros say nothing.
std::string number(double value) {
  if (!std::isfinite(value)) value = 0;
  std::string text = format("%.2f", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string path(const std::vector<Point>& points) {
  std::string text;
  for (const Point& p : points) text += (text.empty() ? "" : " ") + number(p.x) + "," + number(p.y);
  return text;
}

std::string hex(Rgb c) { return format("#%02x%02x%02x", c[0], c[1], c[2]); }

// Rules that repaint every ink where the reader prefers dark pages.
std::string dark_rules() {
  std::string rules = "<style>@media(prefers-color-scheme:dark){";
  for (int i = 0; i < kInks; ++i) {
    std::string c = hex(kDarkTheme[i]);
    rules += format(".f%d{fill:%s}.s%d{stroke:%s}", i, c.c_str(), i, c.c_str());
  }
  return rules + "}</style>";
}

}  // namespace

std::string escape_markup(const std::string& text) {
  std::string out;
  for (char c : minitorch::as_utf8(text)) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else if (static_cast<unsigned char>(c) >= 32 || c == '\n' || c == '\t') out += c;
    // U+FFFE and U+FFFF are UTF-8, but in no XML file: U+FFFD stands for them.
    if (out.ends_with("\xef\xbf\xbe") || out.ends_with("\xef\xbf\xbf")) out.back() = '\xbd';
  }
  return out;
}

std::string base64(Bytes bytes) {
  const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve(bytes.size() * 4 / 3 + 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t three = bytes[i] << 16;
    if (i + 1 < bytes.size()) three |= bytes[i + 1] << 8;
    if (i + 2 < bytes.size()) three |= bytes[i + 2];
    out += digits[three >> 18];
    out += digits[three >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[three >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[three & 63] : '=';
  }
  return out;
}

std::string data_uri(const Image& image, bool photo) {
  auto png = encode_png(image);
  if (photo) {
    auto jpeg = encode_jpeg(image, 92);
    if (jpeg.size() < png.size()) return "data:image/jpeg;base64," + base64(jpeg);
  }
  return "data:image/png;base64," + base64(png);
}

SvgCanvas::SvgCanvas(double width, double height, SvgShade shade)
    : width_(width), height_(height), shade_(shade) {}

// An ink is written as its colour and, when the page may turn dark, as a class that dark_rules() repaints.
std::string SvgCanvas::color(const char* attribute, const char* letter, const Paint& paint) const {
  const Theme& theme = shade_ == SvgShade::dark ? kDarkTheme : kLightTheme;
  std::string text = format(" %s=\"%s\"", attribute, hex(paint.in(theme)).c_str());
  if (!paint.own && shade_ == SvgShade::automatic)
    text += format(" class=\"%s%d\"", letter, static_cast<int>(paint.ink));
  if (paint.opacity < 1) text += format(" %s-opacity=\"%s\"", attribute, number(paint.opacity).c_str());
  return text;
}

std::string SvgCanvas::fill(const Paint& paint) const { return color("fill", "f", paint); }

void SvgCanvas::polyline(const std::vector<Point>& points, const Paint& paint, double width, double dash) {
  body_ += "<polyline points=\"" + path(points) + "\" fill=\"none\"" + color("stroke", "s", paint) +
           " stroke-width=\"" + number(width) + "\" stroke-linejoin=\"round\"";
  if (dash > 0) body_ += " stroke-dasharray=\"" + number(dash) + "\"";
  body_ += "/>\n";
}

void SvgCanvas::polygon(const std::vector<Point>& points, const Paint& paint) {
  body_ += "<polygon points=\"" + path(points) + "\"" + fill(paint) + "/>\n";
}

void SvgCanvas::circle(Point center, double radius, const Paint& paint) {
  body_ += "<circle cx=\"" + number(center.x) + "\" cy=\"" + number(center.y) + "\" r=\"" + number(radius) +
           "\"" + fill(paint) + "/>\n";
}

void SvgCanvas::text(Point at, const std::string& line, const TextStyle& style) {
  const char* anchor = style.align == Align::start    ? "start"
                       : style.align == Align::middle ? "middle"
                                                      : "end";
  std::string x = number(at.x), y = number(at.y);
  body_ += "<text x=\"" + x + "\" y=\"" + y + "\" font-size=\"" + number(style.size) + "\" text-anchor=\"" +
           anchor + "\"" + fill(style.paint);
  if (style.upright) body_ += " transform=\"rotate(-90 " + x + " " + y + ")\"";
  body_ += ">" + escape_markup(line) + "</text>\n";
}

void SvgCanvas::picture(const Box& box, const Image& image, bool smooth) {
  body_ += "<image x=\"" + number(box.x) + "\" y=\"" + number(box.y) + "\" width=\"" + number(box.width) +
           "\" height=\"" + number(box.height) + "\" preserveAspectRatio=\"none\"";
  if (!smooth) body_ += " style=\"image-rendering:pixelated\"";
  body_ += " href=\"" + data_uri(image, smooth) + "\"/>\n";
}

// A nested svg element clips to its own box, which needs no name that could clash with another plot's on the
// page.
void SvgCanvas::clip(const Box& box) {
  std::string x = number(box.x), y = number(box.y), w = number(box.width), h = number(box.height);
  body_ += "<svg x=\"" + x + "\" y=\"" + y + "\" width=\"" + w + "\" height=\"" + h + "\" viewBox=\"" + x +
           " " + y + " " + w + " " + h + "\">\n";
}

void SvgCanvas::unclip() { body_ += "</svg>\n"; }

std::string SvgCanvas::finish(const std::string& title) const {
  std::string w = number(width_), h = number(height_);
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + w + "\" height=\"" + h +
                     "\" viewBox=\"0 0 " + w + " " + h +
                     "\" role=\"img\" font-family=\"'DejaVu Sans',Verdana,'Segoe UI',sans-serif\">\n";
  text += "<title>" + escape_markup(title) + "</title>\n";
  if (shade_ == SvgShade::automatic) text += dark_rules() + "\n";
  return text + body_ + "</svg>\n";
}

}  // namespace fastcore
