// SPDX-License-Identifier: MIT
// How lesson 9 picks what it shows, and prints tables and lists of films.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fastcore/collab/collab.h"
#include "fastcore/frame/frame.h"
#include "fastcore/report/lesson.h"

using namespace minitorch;
using namespace fastcore;

using TableRows = std::vector<std::vector<std::string>>;

// The n values of a column that come most often; with `step`, every so many of them.
inline std::vector<Cell> most_frequent(const Series& column, int64_t n, int64_t step = 1) {
  std::vector<Cell> chosen;
  const Series values = column.value_counts().index();
  for (int64_t i = 0; i < std::min(n * step, values.size()); i += step) chosen.push_back(values[i]);
  return chosen;
}

inline void show(Lesson& lesson, const DataFrame& table, const Tensor& values) {
  TableRows rows;
  for (int64_t i = 0; i < table.rows(); ++i) {
    std::vector<std::string> cells{table.label(i).text().substr(0, 26)};
    for (double v : values(i).to_vector<double>()) cells.push_back(std::isnan(v) ? "?" : format("%.1f", v));
    rows.push_back(cells);
  }
  std::vector<std::string> header{"film, user"};
  for (const std::string& user : table.columns()) header.push_back(user);
  lesson.table(header, rows);
}

inline void print(Lesson& lesson, const char* what, const Scores& scores) {
  lesson.print("%s\n", what);
  for (const auto& [title, score] : scores) lesson.print("  %5.2f  %s\n", score, title.c_str());
}
