// SPDX-License-Identifier: MIT
// Where the parts of a plot are on its canvas: the area inside the frame, and what maps values to places.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "fastcore/plot/plot.h"
#include "fastcore/plot/ticks.h"

namespace fastcore {

inline constexpr double kTextSize = 11, kTickLength = 4, kGap = 6;
inline constexpr double kFar = 1e5;  // no coordinate is drawn farther out than this

/// An axis with its range settled: maps values to places on the canvas.
struct PlotScale {
  double low, high, from, to;
  bool log;
  std::vector<Tick> ticks;

  double at(double value) const {
    double a = log ? std::log10(low) : low, b = log ? std::log10(high) : high,
           v = log ? std::log10(value) : value;
    // Halves: the difference of two large numbers may be infinite.
    return std::clamp(from + (v / 2 - a / 2) / (b / 2 - a / 2) * (to - from), -kFar, kFar);
  }
  bool holds(double value) const { return std::isfinite(value) && (!log || value > 0); }
};

struct PlotLayout {
  Box area;  ///< inside the frame
  PlotScale x, y;
  bool upright_names = false;
};

/// The axes' ranges, from the data where the plot does not say, their ticks, and the room that is left.
PlotLayout lay_out(const Plot& plot, const Box& box);

}  // namespace fastcore
