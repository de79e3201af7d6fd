// SPDX-License-Identifier: MIT
// What a trained net says of the pixels of pictures kept back, and what that is worth.
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "lessons/07_segmentation/masks.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;
using Doubles = std::vector<double>;

//! [iou]
// For each code the pixels where mask and prediction agree on it, over those where either has it. Not a
// number where neither has.
inline Doubles iou(const Tensor& said, const Tensor& truth, int64_t codes) {
  Doubles scores;
  for (int64_t code = 0; code < codes; ++code) {
    const Tensor a = (said == double(code)).to(kFloat32), b = (truth == double(code)).to(kFloat32);
    const double both = (a * b).sum().item();
    scores.push_back(both / (a.sum().item() + b.sum().item() - both));
  }
  return scores;
}
inline double mean_of(const Doubles& scores) {
  double sum = 0, count = 0;
  for (double score : scores)
    if (std::isfinite(score)) sum += score, ++count;
  return sum / count;
}
//! [iou]

// A net that has been trained: what it says about the pictures kept back, and what that is worth.
struct Judged {
  std::string name;
  Tensor said, truth;  // (n, h, w): codes
  Doubles iou;
  double accuracy;
  int64_t parameters;
  double seconds;
};

template <class Train>
Judged judged(Lesson& lesson, const std::string& name, Learner learn, Train train) {
  lesson.section(name);
  learn.add_cbs(RunReport(lesson));
  const auto start = std::chrono::steady_clock::now();
  train(learn);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Predictions p = learn.get_preds({.with_decoded = true});
  const Doubles scores = iou(p.decoded, p.targs, learn.dls.c());
  const double accuracy = learn.recorder->latest("foreground_acc").value();
  lesson.print("pixel accuracy %.3f, mean IoU %.3f\n", accuracy, mean_of(scores));
  return {name, p.decoded, p.targs, scores, accuracy, learn.model->parameter_count(), seconds};
}

// Every so-many-th of the pictures kept back, four in all if there are as many, their masks, and what a net
// says.
inline ImageGrid side_by_side(const DataLoader& valid, const Judged& net, const Legend& legend,
                              int64_t every) {
  ImageGrid grid{.items = {}, .columns = 3};
  every = std::max<int64_t>(every, 1);
  for (int64_t i = 0; i < std::min(4 * every, valid.items()); i += every) {
    grid.items.push_back({Image::open(valid.item_name(i)), "picture"});
    grid.items.push_back({legend.picture(net.truth[i]), "mask"});
    grid.items.push_back({legend.picture(net.said[i]), "prediction"});
  }
  return grid;
}
