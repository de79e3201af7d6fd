// SPDX-License-Identifier: MIT
// What nets cost, as a table and as a plot.
#pragma once
#include <string>
#include <vector>

#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "fastcore/vision/measure.h"

using namespace minitorch;
using namespace fastcore;

inline void show_costs(Lesson& lesson, const std::vector<std::string>& nets,
                       const std::vector<ModelCosts>& costs) {
  std::vector<std::vector<std::string>> rows;
  Plot plot("Work on paper, and speed here");
  plot.x_axis = {.label = "multiply-adds for a picture, in millions", .log = true};
  plot.y_axis = {.label = "pictures a second, training at 96 px"};
  Values work, fast;
  for (std::size_t i = 0; i < nets.size(); ++i) {
    rows.push_back({nets[i], format("%.1f M", double(costs[i].parameters) / 1e6),
                    format("%.0f M", costs[i].multiply_adds / 1e6),
                    format("%.1f images/s", costs[i].trains_per_second),
                    format("%.1f images/s", costs[i].predicts_per_second)});
    work.push_back(costs[i].multiply_adds / 1e6);
    fast.push_back(costs[i].trains_per_second);
    plot.note(work.back(), fast.back(), nets[i]);
  }
  lesson.table({"net", "weights", "multiply-adds", "training", "predicting"}, rows);
  lesson.figure("models", plot.scatter(work, fast, {.radius = 4}),
                "Further right is more work on paper, higher is faster here.");
}
