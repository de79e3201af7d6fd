// SPDX-License-Identifier: MIT
#include "fastcore/plot/plot_layout.h"

#include <limits>

#include "fastcore/plot/font.h"

namespace fastcore {
namespace {

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

// An end of an axis that the plot gives, if it can be one.
std::optional<double> given(const std::optional<double>& end, bool log) {
  return end && std::isfinite(*end) && (!log || *end > 0) ? end : std::nullopt;
}

// The range of the data, widened a little so that nothing lies on the frame; bars stand on it. Numbers that
// differ by rounding alone are shown as one.
PlotScale settle(const Plot& plot, bool is_x) {
  const Axis& axis = is_x ? plot.x_axis : plot.y_axis;
  Range range = data_range(plot, is_x);
  if (range.low > range.high) range = {axis.log ? 1.0 : 0.0, axis.log ? 10.0 : 1.0};
  bool bars = has_bars(plot) && !is_x;
  const double most = std::numeric_limits<double>::max();
  if (axis.log) {
    double ratio = std::min(range.high / range.low, most);
    double margin = is_one_number(range.low, range.high) ? 2 : std::pow(ratio, 0.03);
    range = {range.low / margin, range.high * margin};
  } else {
    double margin = is_one_number(range.low, range.high) ? std::max(std::abs(range.low) * 0.1, 0.5)
                                                         : (range.high / 2 - range.low / 2) * 0.08;
    range = {bars && range.low == 0 ? 0 : range.low - margin,
             bars && range.high == 0 ? 0 : range.high + margin};
  }
  const double least = axis.log ? std::numeric_limits<double>::min() : -most;
  double low = given(axis.low, axis.log).value_or(std::clamp(range.low, least, most));
  double high = given(axis.high, axis.log).value_or(std::clamp(range.high, least, most));
  if (is_one_number(low, high)) high = axis.log ? low * 10 : low + std::max(1.0, std::abs(low) * 0.1);
  return {low, high, 0, 1, axis.log, {}};
}

void find_ticks(PlotScale& scale, const Axis& axis, double length, double spacing) {
  if (!axis.names.empty()) {
    for (size_t i = 0; i < axis.names.size(); ++i)
      scale.ticks.push_back({static_cast<double>(i), axis.names[i]});
    return;
  }
  int about = std::max(2, static_cast<int>(length / spacing));
  scale.ticks = scale.log ? log_ticks(scale.low, scale.high, about)
                          : linear_ticks(scale.low, scale.high, about, axis.whole);
}

double widest(const std::vector<Tick>& ticks) {
  double width = 0;
  for (const Tick& tick : ticks) width = std::max(width, text_width(tick.text, kTextSize));
  return width;
}

}  // namespace

PlotLayout lay_out(const Plot& plot, const Box& box) {
  PlotLayout layout{{}, settle(plot, true), settle(plot, false)};
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

}  // namespace fastcore
