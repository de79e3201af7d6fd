// SPDX-License-Identifier: MIT
// How good a yes-or-no question is, and the best question about a column.
#pragma once
#include <algorithm>
#include <utility>

#include "fastcore/frame/frame.h"
#include "fastcore/plot/plot.h"

namespace questions {
using namespace fastcore;

//! [score]
// How unequal the rows on one side are, weighted by how many they are.
inline double side_score(const Series& side, const Series& y) {
  const Series there = y[side];
  return there.size() <= 1 ? 0 : there.std() * double(there.size());
}
inline double score(const Series& column, const Series& y, double split) {
  const Series low = column <= split;
  return (side_score(low, y) + side_score(~low, y)) / double(y.size());
}
//! [score]

//! [min_col]
// Every value of the column as a question, and what each would score.
inline std::pair<Values, Values> all_scores(const Series& column, const Series& y) {
  const Values splits = column.dropna().unique().sort_values().numbers();
  Values scores;
  for (double split : splits) scores.push_back(score(column, y, split));
  return {splits, scores};
}
inline std::pair<double, double> min_col(const Series& column, const Series& y) {
  const auto [splits, scores] = all_scores(column, y);
  const auto best = std::min_element(scores.begin(), scores.end()) - scores.begin();
  return {splits[best], scores[best]};
}
//! [min_col]

}  // namespace questions
