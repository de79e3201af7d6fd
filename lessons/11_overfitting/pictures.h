// SPDX-License-Identifier: MIT
// The plots of lesson 11.
#pragma once
#include <string>

#include "fastcore/plot/plot.h"
#include "lessons/11_overfitting/polynomials.h"

using namespace fastcore;

// Points, the polynomial with weights w, and, dashed, what the points were drawn from.
inline Plot fit_plot(const std::string& title, const Doubles& xs, const Doubles& ys, const Doubles& w,
                     double (*truth)(double)) {
  Plot plot(title);
  plot.x_axis = {.label = "x", .low = -1, .high = 1};
  plot.y_axis = {.label = "y", .low = -2.5, .high = 2.5};
  Doubles x, y, t;
  for (double at = -1; at <= 1.001; at += 0.01)
    x.push_back(at), y.push_back(value(w, at)), t.push_back(truth(at));
  return plot.line(x, t, {.dashed = true}).line(x, y).scatter(xs, ys);
}

inline Plot loss_plot(const char* title, const Doubles& train, const Doubles& valid) {
  Plot plot(title);
  plot.x_axis.label = "fifteenth of the run";
  plot.y_axis = {.label = "loss", .low = 0, .high = 1.5};
  return plot.curve(train, {.label = "training"}).curve(valid, {.label = "validation"});
}
