// SPDX-License-Identifier: MIT
// MetricsTable: the rows of metrics.csv, of all trainings of a run.
#pragma once
#include <string>
#include <vector>

namespace fastcore {

/// What each training of a run gave by epoch or by step:
///
///     training,epoch,step,train_loss,valid_loss,loss
///     training 1,0,,0.91,0.84,
///     A line by hand,,0,,,2.4
///
/// What counts stands first; cells of other trainings' columns are empty.
class MetricsTable {
 public:
  using Row = std::vector<std::string>;

  /// `header` and `cells`: first what counts (epoch or step), then what was measured.
  /// @throws ValueError for a number by the name of the first column, "training"
  void add(const std::string& training, const Row& header, const Row& cells);
  bool empty() const { return rows_.empty(); }
  Row header() const;
  /// A cell for each name of header().
  std::vector<Row> rows() const;

 private:
  struct Added {
    std::string training;
    Row header, cells;
  };
  bool has(const std::string& column) const;

  Row counts_, measured_;  // columns, as they came
  std::vector<Added> rows_;
};

}  // namespace fastcore
