// SPDX-License-Identifier: MIT
// Draws a plot on a canvas: ranges, margins, axes, series, legend.
#include <algorithm>
#include <cmath>

#include "fastcore/plot/font.h"
#include "fastcore/plot/notes.h"
#include "fastcore/plot/plot.h"
#include "fastcore/plot/plot_heat.h"
#include "fastcore/plot/ticks.h"

namespace fastcore {
namespace {

constexpr double kTitleSize = 14, kTextSize = 11, kTickLength = 4, kGap = 6;
constexpr double kFar = 1e5;  // no coordinate is drawn farther out than this

// An axis with its range settled: maps values to places on the canvas.
struct Scale {
  double low, high, from, to;
  bool log;
  std::vector<Tick> ticks;

  double at(double value) const {
    double a = log ? std::log10(low) : low, b = log ? std::log10(high) : high,
           v = log ? std::log10(value) : value;
    return std::clamp(from + (v - a) / (b - a) * (to - from), -kFar, kFar);
  }
  bool holds(double value) const { return std::isfinite(value) && (!log || value > 0); }
};

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void include(double value, bool log) {
    if (!std::isfinite(value) || (log && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

Range data_range(const Plot& plot, bool is_x) {
  Range range;
  bool log = is_x ? plot.x_axis.log : plot.y_axis.log;
  for (const auto& s : plot.series()) {
    if (s.kind == Plot::Series::mark_y && is_x) continue;
    if (s.kind == Plot::Series::mark_x && !is_x) continue;
    for (double v : is_x ? s.x : s.y) range.include(v, log);
    if (s.kind == Plot::Series::bars) {
      if (!is_x) range.include(0, log);
      for (double v : is_x ? s.x : Values{})
        range.include(v - s.bar_width / 2, log), range.include(v + s.bar_width / 2, log);
    }
  }
  return range;
}

bool has_bars(const Plot& plot) {
  return std::any_of(plot.series().begin(), plot.series().end(),
                     [](const auto& s) { return s.kind == Plot::Series::bars; });
}

// The range of the data, widened a little so that nothing lies on the frame; bars stand on it.
Scale settle(const Plot& plot, bool is_x) {
  const Axis& axis = is_x ? plot.x_axis : plot.y_axis;
  Range range = data_range(plot, is_x);
  if (range.low > range.high) range = {axis.log ? 1.0 : 0.0, axis.log ? 10.0 : 1.0};
  bool bars = has_bars(plot) && !is_x;
  if (axis.log) {
    double margin = std::max(std::pow(range.high / range.low, 0.03), range.low == range.high ? 2.0 : 1.0);
    range = {range.low / margin, range.high * margin};
  } else {
    double margin =
        range.high > range.low ? (range.high - range.low) * 0.04 : std::max(std::abs(range.low) * 0.1, 0.5);
    range = {bars && range.low == 0 ? 0 : range.low - margin,
             bars && range.high == 0 ? 0 : range.high + margin};
  }
  double low = axis.low.value_or(range.low), high = axis.high.value_or(range.high);
  if (!(high > low)) high = axis.log ? low * 10 : low + 1;
  return {low, high, 0, 1, axis.log, {}};
}

void find_ticks(Scale& scale, const Axis& axis, double length, double spacing) {
  if (!axis.names.empty()) {
    for (size_t i = 0; i < axis.names.size(); ++i)
      scale.ticks.push_back({static_cast<double>(i), axis.names[i]});
    return;
  }
  int about = std::max(2, static_cast<int>(length / spacing));
  scale.ticks =
      scale.log ? log_ticks(scale.low, scale.high, about) : linear_ticks(scale.low, scale.high, about);
}

double widest(const std::vector<Tick>& ticks) {
  double width = 0;
  for (const Tick& tick : ticks) width = std::max(width, text_width(tick.text, kTextSize));
  return width;
}

struct Layout {
  Box area;  // inside the frame
  Scale x, y;
  bool upright_names = false;
};

Layout lay_out(const Plot& plot, const Box& box) {
  Layout layout{{}, settle(plot, true), settle(plot, false)};
  double top = box.y + (plot.title.empty() ? 12 : 34);
  double bottom =
      box.bottom() - 14 - kTextSize - kTickLength - kGap - (plot.x_axis.label.empty() ? 0 : kTextSize + 8);
  find_ticks(layout.y, plot.y_axis, bottom - top, 44);
  double left =
      box.x + 14 + widest(layout.y.ticks) + kTickLength + 4 + (plot.y_axis.label.empty() ? 0 : kTextSize + 8);
  double right = box.right() - 18;
  find_ticks(layout.x, plot.x_axis, right - left, 74);
  if (!plot.x_axis.names.empty()) {
    double room = (right - left) / static_cast<double>(plot.x_axis.names.size());
    layout.upright_names = widest(layout.x.ticks) > room - 4;
    if (layout.upright_names) {
      for (Tick& tick : layout.x.ticks) tick.text = fit_text(tick.text, kTextSize, box.height / 3);
      bottom -= widest(layout.x.ticks) - kTextSize;
    }
  }
  layout.area = {left, top, right - left, bottom - top};
  layout.x.from = left, layout.x.to = right;
  layout.y.from = bottom, layout.y.to = top;
  return layout;
}

void draw_axes(const Plot& plot, const Layout& layout, Canvas& canvas) {
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

void draw_line(const Plot::Series& s, const Layout& layout, Canvas& canvas) {
  Paint paint{s.ink, s.options.opacity};
  double dash = s.options.dashed ? 6 : 0;
  std::vector<Point> piece;
  auto flush = [&] {
    if (piece.size() == 1) canvas.circle(piece[0], s.options.width, paint);
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

void draw_bars(const Plot::Series& s, const Layout& layout, Canvas& canvas) {
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

void draw_series(const Plot::Series& s, const Layout& layout, Canvas& canvas) {
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

// How many data points a box would hide; lines count at their points and half way between.
int hidden_points(const Plot& plot, const Layout& layout, const Box& box) {
  int hidden = 0;
  for (const auto& s : plot.series())
    for (size_t i = 0; i < s.x.size(); ++i) {
      if (!layout.x.holds(s.x[i]) || !layout.y.holds(s.y[i])) continue;
      double x = layout.x.at(s.x[i]), y = layout.y.at(s.y[i]);
      double base = s.kind == Plot::Series::bars ? layout.area.bottom() : y;
      hidden += x >= box.x && x <= box.right() && y <= box.bottom() && base >= box.y;
    }
  return hidden;
}

void draw_legend(const Plot& plot, const Layout& layout, Canvas& canvas) {
  constexpr double kLine = 18, kSample = 22, kPad = 8;
  double width = 0;
  int entries = 0;
  for (const auto& s : plot.series())
    if (!s.options.label.empty()) width = std::max(width, text_width(s.options.label, kTextSize)), ++entries;
  if (!entries) return;
  const Box& a = layout.area;
  Box best{}, box{0, 0, width + kSample + 3 * kPad, entries * kLine + kPad};
  int fewest = -1;
  for (bool low : {false, true})
    for (bool left : {false, true}) {
      box.x = left ? a.x + 10 : a.right() - box.width - 6;
      box.y = low ? a.bottom() - box.height - 10 : a.y + 6;
      int hidden = hidden_points(plot, layout, box);
      if (fewest < 0 || hidden < fewest) best = box, fewest = hidden;
    }
  canvas.rectangle(best, {Ink::paper, 0.85});
  canvas.polyline({{best.x, best.y},
                   {best.right(), best.y},
                   {best.right(), best.bottom()},
                   {best.x, best.bottom()},
                   {best.x, best.y}},
                  {.ink = Ink::grid}, 1, 0);
  double y = best.y + kPad / 2 + kLine / 2;
  for (const auto& s : plot.series()) {
    if (s.options.label.empty()) continue;
    double x = best.x + kPad;
    Paint paint{s.ink, s.options.opacity};
    if (s.kind == Plot::Series::points) canvas.circle({x + kSample / 2, y}, s.options.radius, paint);
    else if (s.kind == Plot::Series::bars) canvas.rectangle({x, y - 5, kSample, 10}, paint);
    else
      canvas.polyline({{x, y}, {x + kSample, y}}, paint, std::max(s.options.width, 1.5),
                      s.options.dashed ? 5 : 0);
    canvas.text({x + kSample + kPad, y + kTextSize * 0.36}, s.options.label, {kTextSize, {.ink = Ink::text}});
    y += kLine;
  }
}

void draw_notes(const Plot& plot, const Layout& layout, Canvas& canvas) {
  std::vector<Point> points;
  std::vector<std::string> texts;
  for (const auto& note : plot.notes()) {
    if (!layout.x.holds(note.at.x) || !layout.y.holds(note.at.y)) continue;
    points.push_back({layout.x.at(note.at.x), layout.y.at(note.at.y)});
    texts.push_back(note.text);
  }
  const auto places = place_notes(points, texts, kTextSize, layout.area);
  for (std::size_t i = 0; i < texts.size(); ++i)
    canvas.text(places[i].at, texts[i], {kTextSize, {.ink = Ink::text}, places[i].align});
}

void draw_labels(const Plot& plot, const Box& box, const Box& area, Canvas& canvas) {
  Paint text{.ink = Ink::text};
  std::string title = fit_text(plot.title, kTitleSize, box.width - 16);
  canvas.text({area.x + area.width / 2, box.y + 22}, title, {kTitleSize, text, Align::middle});
  canvas.text({area.x + area.width / 2, box.bottom() - 11}, plot.x_axis.label,
              {kTextSize + 1, text, Align::middle});
  canvas.text({box.x + 10 + kTextSize * 0.8, area.y + area.height / 2}, plot.y_axis.label,
              {kTextSize + 1, text, Align::middle, true});
}

}  // namespace

void draw_plot(const Plot& plot, Canvas& canvas, const Box& box) {
  if (plot.heat()) {
    Box area = draw_heat_map(plot, canvas, box);
    return draw_labels(plot, box, area, canvas);
  }
  Layout layout = lay_out(plot, box);
  draw_axes(plot, layout, canvas);
  canvas.clip({layout.area.x - 3, layout.area.y - 3, layout.area.width + 6, layout.area.height + 6});
  for (const auto& series : plot.series()) draw_series(series, layout, canvas);
  canvas.unclip();
  draw_notes(plot, layout, canvas);
  draw_legend(plot, layout, canvas);
  draw_labels(plot, box, layout.area, canvas);
}

}  // namespace fastcore
