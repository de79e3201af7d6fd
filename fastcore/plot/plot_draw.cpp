// SPDX-License-Identifier: MIT
// Draws a plot on a canvas: axes, series, legend, notes.
#include <algorithm>
#include <cmath>
#include <optional>

#include "fastcore/plot/font.h"
#include "fastcore/plot/notes.h"
#include "fastcore/plot/plot.h"
#include "fastcore/plot/plot_heat.h"
#include "fastcore/plot/plot_labels.h"
#include "fastcore/plot/plot_layout.h"

namespace fastcore {
namespace {

void draw_axes(const Plot& plot, const PlotLayout& layout, Canvas& canvas) {
  const Box& a = layout.area;
  Paint grid{.ink = Ink::grid}, frame{.ink = Ink::frame}, text{.ink = Ink::muted};
  for (const Tick& tick : layout.y.ticks) {
    double y = layout.y.at(tick.value);
    if (y < a.y - 0.01 || y > a.bottom() + 0.01) continue;
    canvas.line({a.x, y}, {a.right(), y}, grid, 1);
    canvas.text({a.x - kTickLength - 4, y + kTextSize * 0.36}, tick.text, {kTextSize, text, Align::end});
  }
  for (const Tick& tick : layout.x.ticks) {
    double x = layout.x.at(tick.value);
    if (x < a.x - 0.01 || x > a.right() + 0.01) continue;
    if (plot.x_axis.names.empty()) canvas.line({x, a.y}, {x, a.bottom()}, grid, 1);
    canvas.line({x, a.bottom()}, {x, a.bottom() + kTickLength}, frame, 1);
    if (layout.upright_names)
      canvas.text({x + kTextSize * 0.36, a.bottom() + kTickLength + 5}, tick.text,
                  {kTextSize, text, Align::end, true});
    else
      canvas.text({x, a.bottom() + kTickLength + kGap + kTextSize * 0.8}, tick.text,
                  {kTextSize, text, Align::middle});
  }
  canvas.polyline({{a.x, a.y}, {a.x, a.bottom()}, {a.right(), a.bottom()}}, frame, 1, 0);
}

void draw_line(const Plot::Series& s, const PlotLayout& layout, Canvas& canvas) {
  Paint paint{s.ink, s.options.opacity};
  double dash = s.options.dashed ? 6 : 0;
  std::vector<Point> piece;
  auto flush = [&] {
    if (piece.size() == 1) canvas.circle(piece[0], std::max(s.options.width, 3.0), paint);
    if (piece.size() > 1) canvas.polyline(piece, paint, s.options.width, dash);
    piece.clear();
  };
  for (size_t i = 0; i < s.x.size(); ++i) {
    if (layout.x.holds(s.x[i]) && layout.y.holds(s.y[i]))
      piece.push_back({layout.x.at(s.x[i]), layout.y.at(s.y[i])});
    else flush();
  }
  flush();
}

void draw_bars(const Plot::Series& s, const PlotLayout& layout, Canvas& canvas) {
  double ground = layout.y.log ? layout.y.from : layout.y.at(0);
  for (size_t i = 0; i < s.x.size(); ++i) {
    if (!layout.y.holds(s.y[i])) continue;
    double left = layout.x.at(s.x[i] - s.bar_width / 2), right = layout.x.at(s.x[i] + s.bar_width / 2);
    double top = layout.y.at(s.y[i]);
    double gap = right - left > 4 ? 0.5 : 0;
    canvas.rectangle({left + gap, std::min(top, ground), right - left - 2 * gap, std::abs(ground - top)},
                     {s.ink, 0.9 * s.options.opacity});
  }
}

void draw_series(const Plot::Series& s, const PlotLayout& layout, Canvas& canvas) {
  const Box& a = layout.area;
  double dash = s.options.dashed ? 6 : 0;
  Paint paint{s.ink, s.options.opacity};
  switch (s.kind) {
    case Plot::Series::line: return draw_line(s, layout, canvas);
    case Plot::Series::bars: return draw_bars(s, layout, canvas);
    case Plot::Series::points:
      for (size_t i = 0; i < s.x.size(); ++i)
        if (layout.x.holds(s.x[i]) && layout.y.holds(s.y[i]))
          canvas.circle({layout.x.at(s.x[i]), layout.y.at(s.y[i])}, s.options.radius, paint);
      return;
    case Plot::Series::mark_x:
      return canvas.polyline({{layout.x.at(s.x[0]), a.y}, {layout.x.at(s.x[0]), a.bottom()}}, paint, 1.2,
                             dash);
    case Plot::Series::mark_y:
      return canvas.polyline({{a.x, layout.y.at(s.y[0])}, {a.right(), layout.y.at(s.y[0])}}, paint, 1.2,
                             dash);
  }
}

// Places that have something drawn on them: points, and along lines, marks and bars every few points of the
// canvas.
std::vector<Point> ink_of(const Plot& plot, const PlotLayout& layout) {
  const Box& a = layout.area;
  std::vector<Point> ink;
  const auto along = [&](Point from, Point to) {
    const double length = std::min(std::hypot(to.x - from.x, to.y - from.y), 2 * (a.width + a.height));
    for (double t = 0; t < length; t += 4)
      ink.push_back({from.x + t / length * (to.x - from.x), from.y + t / length * (to.y - from.y)});
    ink.push_back(to);
  };
  for (const auto& s : plot.series()) {
    std::optional<Point> last;
    for (size_t i = 0; i < std::max(s.x.size(), s.y.size()); ++i) {
      if (s.kind == Plot::Series::mark_x)
        along({layout.x.at(s.x[0]), a.y}, {layout.x.at(s.x[0]), a.bottom()});
      else if (s.kind == Plot::Series::mark_y)
        along({a.x, layout.y.at(s.y[0])}, {a.right(), layout.y.at(s.y[0])});
      else if (!layout.x.holds(s.x[i]) || !layout.y.holds(s.y[i])) last.reset();
      else {
        const Point p{layout.x.at(s.x[i]), layout.y.at(s.y[i])};
        if (s.kind == Plot::Series::bars) along({p.x, a.bottom()}, p);
        else if (s.kind == Plot::Series::line && last) along(*last, p);
        else ink.push_back(p);
        last = p;
      }
    }
  }
  return ink;
}

constexpr double kLegendLine = 18, kLegendSample = 22, kLegendPad = 8;

// A long name is not to run out of the picture.
std::string legend_label(const Plot::Series& s, const PlotLayout& layout) {
  const double room = layout.area.width - 16 - kLegendSample - 3 * kLegendPad;
  return fit_text(s.options.label, kTextSize, std::max(40.0, room));
}

// Where the legend stands, if there is one.
std::optional<Box> legend_box(const Plot& plot, const PlotLayout& layout, const std::vector<Point>& ink) {
  double width = 0;
  int entries = 0;
  for (const auto& s : plot.series())
    if (!s.options.label.empty())
      width = std::max(width, text_width(legend_label(s, layout), kTextSize)), ++entries;
  if (!entries) return std::nullopt;
  return emptiest_corner(width + kLegendSample + 3 * kLegendPad, entries * kLegendLine + kLegendPad,
                         layout.area, ink);
}

void draw_legend(const Plot& plot, const PlotLayout& layout, const Box& box, Canvas& canvas) {
  canvas.rectangle(box, {Ink::paper, 0.85});
  canvas.polyline({{box.x, box.y},
                   {box.right(), box.y},
                   {box.right(), box.bottom()},
                   {box.x, box.bottom()},
                   {box.x, box.y}},
                  {.ink = Ink::grid}, 1, 0);
  double y = box.y + kLegendPad / 2 + kLegendLine / 2;
  for (const auto& s : plot.series()) {
    if (s.options.label.empty()) continue;
    double x = box.x + kLegendPad;
    Paint paint{s.ink, s.options.opacity};
    if (s.kind == Plot::Series::points) canvas.circle({x + kLegendSample / 2, y}, s.options.radius, paint);
    else if (s.kind == Plot::Series::bars) canvas.rectangle({x, y - 5, kLegendSample, 10}, paint);
    else
      canvas.polyline({{x, y}, {x + kLegendSample, y}}, paint, std::max(s.options.width, 1.5),
                      s.options.dashed ? 5 : 0);
    canvas.text({x + kLegendSample + kLegendPad, y + kTextSize * 0.36}, legend_label(s, layout),
                {kTextSize, {.ink = Ink::text}});
    y += kLegendLine;
  }
}

void draw_notes(const Plot& plot, const PlotLayout& layout, const Obstacles& obstacles, Canvas& canvas) {
  std::vector<Point> points;
  std::vector<std::string> texts;
  for (const auto& note : plot.notes()) {
    if (!layout.x.holds(note.at.x) || !layout.y.holds(note.at.y)) continue;
    points.push_back({layout.x.at(note.at.x), layout.y.at(note.at.y)});
    texts.push_back(note.text);
  }
  const auto places = place_notes(points, texts, kTextSize, layout.area, obstacles);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (places[i].far) canvas.line(points[i], places[i].near, {.ink = Ink::muted, .opacity = 0.6}, 0.7);
    canvas.text(places[i].at, texts[i], {kTextSize, {.ink = Ink::text}, places[i].align});
  }
}

}  // namespace

void draw_plot(const Plot& plot, Canvas& canvas, const Box& box) {
  if (plot.heat()) {
    Box area = draw_heat_map(plot, canvas, box);
    return draw_labels(plot, box, area, canvas);
  }
  PlotLayout layout = lay_out(plot, box);
  draw_axes(plot, layout, canvas);
  canvas.clip({layout.area.x - 3, layout.area.y - 3, layout.area.width + 6, layout.area.height + 6});
  for (const auto& series : plot.series()) draw_series(series, layout, canvas);
  canvas.unclip();
  Obstacles obstacles{.ink = ink_of(plot, layout)};
  const auto legend = legend_box(plot, layout, obstacles.ink);
  if (legend) draw_legend(plot, layout, *legend, canvas), obstacles.boxes.push_back(*legend);
  draw_notes(plot, layout, obstacles, canvas);
  draw_labels(plot, box, layout.area, canvas);
}

}  // namespace fastcore
