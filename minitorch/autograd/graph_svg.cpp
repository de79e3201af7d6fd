// SPDX-License-Identifier: MIT
#include "minitorch/autograd/graph_svg.h"

#include <algorithm>
#include <cmath>

#include "minitorch/autograd/graph_layout.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/utf8.h"

namespace minitorch::detail {
namespace {

constexpr double kMargin = 28, kPadding = 14, kBoxHeight = 44, kGapX = 22, kGapY = 34;
constexpr double kTitleSize = 13, kShapeSize = 11.5;

// Widths of common sans-serif letters, in ems; on the generous side, since the reader's font is not known.
double text_width(const std::string& text, double size) {
  double ems = 0;
  for (char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) continue;  // the rest of a letter in UTF-8
    if (std::string("ijl.,:;()|' ").find(c) != std::string::npos) ems += 0.36;
    else if (c == 'm' || c == 'w' || c == 'M' || c == 'W') ems += 0.92;
    else ems += c >= 'A' && c <= 'Z' ? 0.7 : 0.62;
  }
  return ems * size;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : as_utf8(text)) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out;
}

// 1234567 as 1,234,567
std::string with_commas(int64_t n) {
  const std::string digits = std::to_string(n);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

const char* class_of(const GraphBox& box) {
  return box.kind == GraphBox::leaf ? "leaf" : box.kind == GraphBox::root ? "root" : "op";
}

// A curve that leaves and enters vertically, straight where it passes a layer.
std::string curve(LayoutPoint from, LayoutPoint to, const std::vector<LayoutPoint>& through) {
  std::string path = format("M%.1f %.1f", from.x, from.y);
  LayoutPoint at = from;
  const auto bend = [&](LayoutPoint next) {
    if (std::fabs(next.x - at.x) < 0.05) path += format("V%.1f", next.y);
    else {
      const double middle = (at.y + next.y) / 2;
      path += format("C%.1f %.1f %.1f %.1f %.1f %.1f", at.x, middle, next.x, middle, next.x, next.y);
    }
    at = next;
  };
  for (const LayoutPoint& point : through) {
    bend({point.x, point.y - kBoxHeight / 2});
    bend({point.x, point.y + kBoxHeight / 2});
  }
  bend(to);
  return path;
}

constexpr const char* kStyle =
    "<style>\n"
    "text{font-family:'DejaVu Sans',Verdana,'Segoe "
    "UI',Helvetica,sans-serif;text-anchor:middle;fill:#1f2a37}\n"
    ".t{font-size:13px;font-weight:600}.s{font-size:11.5px;fill:#5a6675}.h{font-size:16px;font-weight:600}\n"
    ".k{font-size:11.5px;fill:#5a6675;text-anchor:start}\n"
    "rect{stroke-width:1.3}.op rect{fill:#eaf1fd;stroke:#4a7bd0}.leaf rect{fill:#e6f6ec;stroke:#2f9e5f}\n"
    ".root rect{fill:#fdf0e2;stroke:#e07b1f;stroke-width:2}\n"
    ".e{fill:none;stroke:#8a94a3;stroke-width:1.4}.w{stroke:#8fc7a5}\n"
    "g:hover>rect{stroke-width:2.6}\n"
    "</style>\n"
    "<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7.2\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
    "orient=\"auto\"><path d=\"M0.5 0.8 7.5 4 0.5 7.2 2 4z\" fill=\"#78828f\"/></marker></defs>\n";

std::string box_text(const GraphBox& box, LayoutPoint centre, double width) {
  const double left = centre.x - width / 2, top = centre.y - kBoxHeight / 2;
  const double radius = box.kind == GraphBox::leaf ? kBoxHeight / 2 : 9;
  return format(
      "<g class=\"%s\"><title>%s %s, %s numbers</title>"
      "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"/>"
      "<text class=\"t\" x=\"%.1f\" y=\"%.1f\">%s</text><text class=\"s\" x=\"%.1f\" "
      "y=\"%.1f\">%s</text></g>\n",
      class_of(box), escaped(box.title).c_str(), box.shape.c_str(), with_commas(box.numel).c_str(), left, top,
      width, kBoxHeight, radius, centre.x, centre.y - 4, escaped(box.title).c_str(), centre.x, centre.y + 13,
      box.shape.c_str());
}

// What the colours mean, and how much there is of each.
std::string legend(const std::vector<GraphBox>& boxes, double y, double& width) {
  int64_t leaves = 0, numbers = 0;
  for (auto& box : boxes)
    if (box.kind == GraphBox::leaf) {
      ++leaves;
      numbers += box.numel;
    }
  const auto ops = static_cast<int64_t>(boxes.size()) - leaves;
  const std::pair<const char*, std::string> entries[] = {
      {"leaf", format("%s %s, %s numbers", with_commas(leaves).c_str(), leaves == 1 ? "leaf" : "leaves",
                      with_commas(numbers).c_str())},
      {"op", format("%s %s", with_commas(ops).c_str(), ops == 1 ? "op" : "ops")}};
  std::string svg;
  double x = kMargin;
  for (auto& [kind, text] : entries) {
    svg += format(
        "<g class=\"%s\"><rect x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"12\" rx=\"%d\"/></g>"
        "<text class=\"k\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
        kind, x, y - 10, kind[0] == 'l' ? 6 : 3, x + 23, y, text.c_str());
    x += 23 + text_width(text, kShapeSize) + 22;
  }
  width = std::max(width, x - 22 + kMargin);
  return svg;
}

}  // namespace

std::string graph_svg(const std::vector<GraphBox>& boxes, const std::string& title) {
  std::vector<LayoutBox> sized;
  for (auto& box : boxes)
    sized.push_back({.width = std::ceil(2 * kPadding + std::max(text_width(box.title, kTitleSize) * 1.08,
                                                                text_width(box.shape, kShapeSize))),
                     .height = kBoxHeight,
                     .from = box.from,
                     .floating = box.kind == GraphBox::leaf});
  Layout layout = lay_out(sized, kGapX, kGapY);
  const double top = kMargin + (title.empty() ? 0 : 30);
  double width = layout.width + 2 * kMargin;
  if (!title.empty()) width = std::max(width, text_width(title, 16) * 1.08 + 2 * kMargin);
  const std::string key = legend(boxes, top + layout.height + 36, width);
  const double height = top + layout.height + 36 + 20, shift = (width - layout.width) / 2;
  const auto moved = [&](LayoutPoint p) { return LayoutPoint{p.x + shift, p.y + top}; };

  std::string svg = format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" "
      "role=\"img\">\n<title>%s</title>\n",
      width, height, width, height, escaped(title.empty() ? "The graph of a loss" : title).c_str());
  svg += kStyle;
  svg += format("<path d=\"M0 0H%.0fV%.0fH0z\" fill=\"#ffffff\"/>\n", width, height);
  if (!title.empty())
    svg += format("<text class=\"h\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", width / 2, kMargin + 12,
                  escaped(title).c_str());
  for (LayoutEdge& edge : layout.edges) {
    for (auto& point : edge.points) point = moved(point);
    LayoutPoint from = moved(layout.centres[edge.from]), to = moved(layout.centres[edge.to]);
    from.y += kBoxHeight / 2;
    to.y -= kBoxHeight / 2;
    svg += format("<path class=\"e%s\" marker-end=\"url(#a)\" d=\"%s\"/>\n",
                  boxes[edge.from].kind == GraphBox::leaf ? " w" : "", curve(from, to, edge.points).c_str());
  }
  for (std::size_t i = 0; i < boxes.size(); ++i)
    svg += box_text(boxes[i], moved(layout.centres[i]), sized[i].width);
  return svg + key + "</svg>\n";
}

}  // namespace minitorch::detail
