// SPDX-License-Identifier: MIT
// How good a yes-or-no question is, the best question about a column, and the best of all columns.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fastcore/frame/frame.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "lessons/08_tabular/passengers.h"

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

inline void one_question(Lesson& lesson, const ForTrees& data) {
  lesson.section("One question");
  const DataFrame &trn_xs = data.trn_xs, &val_xs = data.val_xs;
  const Series &trn_y = data.trn_y, &val_y = data.val_y;
  //! [rules]
  const auto women = (val_xs["Sex"] == 0).astype(ColumnType::integer);
  const auto dear = (val_xs["LogFare"] > 2.7).astype(ColumnType::integer);
  lesson.print("women survive: MAE %.4f\n", mean_absolute_error(val_y, women));
  lesson.print("LogFare > 2.7 survive: MAE %.4f\n", mean_absolute_error(val_y, dear));
  lesson.print("score of Sex <= 0.5: %.4f\n", score(trn_xs["Sex"], trn_y, 0.5));
  lesson.print("score of LogFare <= 2.7: %.4f\n", score(trn_xs["LogFare"], trn_y, 2.7));
  //! [rules]
  std::vector<std::vector<std::string>> rows;
  //! [best]
  for (const auto& column : data.columns) {
    const auto [split, score] = min_col(trn_xs[column], trn_y);
    rows.push_back({column + format(" <= %.5g", split), format("%.5f", score)});
  }
  //! [best]
  lesson.table({"best question", "score"}, rows);
  const auto [ages, scores] = all_scores(trn_xs["Age"], trn_y);
  Plot plot("Where to split the ages");
  plot.x_axis.label = "Age <=";
  plot.y_axis.label = "score";
  lesson.figure("ages", plot.line(ages, scores), "The lowest point, at 6, is the best question about age.");
}

}  // namespace questions
