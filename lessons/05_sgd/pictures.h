// SPDX-License-Identifier: MIT
// The pictures of lesson 5.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/image_tensors.h"
#include "fastcore/plot/image_grid.h"
#include "fastcore/plot/plot.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// Points (x, y) with a column of ones in x, and the line a.
inline Plot line_plot(const Tensor& x, const Tensor& y, const Tensor& a, const std::string& title) {
  Plot plot(title);
  plot.x_axis.label = "x";
  plot.y_axis = {.label = "y", .low = -3, .high = 7};
  plot.scatter(x(all, 0).to_vector<double>(), y.to_vector<double>(), {.radius = 2});
  const Values w = a.detach().to_vector<double>();
  return plot.line({-1, 1}, {w[1] - w[0], w[1] + w[0]});
}

// Measured speeds, and the parabola after 0, 1, 3 and 10 steps.
inline Plot speed_plot(const Tensor& time, const Tensor& speed, const std::vector<Tensor>& curves) {
  Plot plot("Speed, measured and modelled");
  plot.x_axis.label = "seconds", plot.y_axis.label = "speed";
  plot.scatter(time.to_vector<double>(), speed.to_vector<double>(), {.radius = 3});
  for (const std::size_t step : {0, 1, 3, 10})
    plot.line(time.to_vector<double>(), curves[step].to_vector<double>(),
              {.label = format("after %zu", step)});
  return plot;
}

inline ImageGrid mean_digits(const Tensor& mean_3, const Tensor& mean_7, const Tensor& three) {
  return {.items = {{to_image(mean_3), "the mean three"},
                    {to_image(mean_7), "the mean seven"},
                    {to_image(three), "a three"}},
          .rows = 1,
          .cell = 110};
}
