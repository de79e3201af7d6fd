// SPDX-License-Identifier: MIT
#include "fastcore/report/metrics_table.h"

#include <algorithm>

#include "minitorch/core/errors.h"

namespace fastcore {

bool MetricsTable::has(const std::string& column) const {
  const auto among = [&](const Row& names) {
    return std::find(names.begin(), names.end(), column) != names.end();
  };
  return among(counts_) || among(measured_);
}

void MetricsTable::add(const std::string& training, const Row& header, const Row& cells) {
  for (std::size_t c = 0; c < header.size(); ++c) {
    if (header[c] == "training")
      throw minitorch::ValueError(
          "[metrics.csv] 'training' is the column that says which training a row is of",
          "another name for the number, such as train_loss");
    if (!has(header[c])) (c == 0 ? counts_ : measured_).push_back(header[c]);
  }
  rows_.push_back({training, header, cells});
}

MetricsTable::Row MetricsTable::header() const {
  Row all{"training"};
  all.insert(all.end(), counts_.begin(), counts_.end());
  all.insert(all.end(), measured_.begin(), measured_.end());
  return all;
}

std::vector<MetricsTable::Row> MetricsTable::rows() const {
  const Row columns = header();
  std::vector<Row> all;
  for (const Added& added : rows_) {
    Row& row = all.emplace_back(columns.size());
    row[0] = added.training;
    for (std::size_t c = 0; c < added.header.size(); ++c) {
      const auto place = std::find(columns.begin(), columns.end(), added.header[c]);
      row[static_cast<std::size_t>(place - columns.begin())] = added.cells.at(c);
    }
  }
  return all;
}

}  // namespace fastcore
