// SPDX-License-Identifier: MIT
// How lesson 9 picks what it shows, and prints tables and lists of films.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fastcore/collab/collab.h"
#include "fastcore/frame/frame.h"
#include "fastcore/learn/learn.h"
#include "fastcore/report/lesson.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

using TableRows = std::vector<std::vector<std::string>>;

// The n values of a column that come most often; with `step`, every so many of them, unless they are too few.
inline std::vector<Cell> most_frequent(const Series& column, int64_t n, int64_t step = 1) {
  std::vector<Cell> chosen;
  const Series values = column.value_counts().index();
  step = std::clamp<int64_t>(values.size() / n, 1, step);
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

// A row of a table of trainings: its first cells, the last training loss, the validation losses.
inline std::vector<std::string> by_epoch(std::vector<std::string> cells, const Recorder& recorder) {
  cells.push_back(format("%.3f", *recorder.latest("train_loss")));
  for (const LogValues& epoch : recorder.values) cells.push_back(format("%.3f", *epoch[1]));
  return cells;
}
inline std::vector<std::string> header_by_epoch(std::vector<std::string> cells, int64_t epochs) {
  for (int64_t i = 0; i < epochs; ++i) cells.push_back("valid " + std::to_string(i + 1));
  return cells;
}
// The same of the last epoch alone.
inline std::vector<std::string> at_the_end(std::vector<std::string> cells, const Recorder& recorder) {
  for (const char* loss : {"train_loss", "valid_loss"})
    cells.push_back(format("%.3f", *recorder.latest(loss)));
  return cells;
}

inline void print(Lesson& lesson, const char* what, const Scores& scores) {
  lesson.print("%s\n", what);
  for (const auto& [title, score] : scores) lesson.print("  %5.2f  %s\n", score, title.c_str());
}
