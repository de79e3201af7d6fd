// SPDX-License-Identifier: MIT
// Groups of rows: df.groupby("Sex")["Survived"].mean().
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/frame/data_frame.h"

namespace fastcore {

/// One column in groups. Results have a row for each group, labelled with its key (several keys as
/// "female, 1"), groups in sorted order; rows whose key is missing belong to none. Of declared categories
/// those that occur are groups, as in pandas 3.
class SeriesGroupBy {
 public:
  SeriesGroupBy(Series values, Factors groups) : values_(std::move(values)), groups_(std::move(groups)) {}
  Series sum() const;
  Series mean() const;
  Series median() const;
  Series std() const;
  Series min() const;
  Series max() const;
  Series first() const;
  /// Values that are there.
  Series count() const;
  /// Rows, missing ones too.
  Series size() const;
  Series nunique() const;
  /// f of each group's values.
  Series agg(const std::function<Cell(const Series&)>& f) const;
  /// f of each group's values, given to every row of the group: as long as the column.
  Series transform(const std::function<Cell(const Series&)>& f) const;
  /// By name: sum mean median std min max first count size nunique. @throws ValueError for another
  Series transform(const std::string& f) const;
  Series agg(const std::string& f) const;

 private:
  std::vector<Cell> per_group(const std::function<Cell(const Series&)>& f) const;
  Series values_;
  Factors groups_;
};

/// The rows of a table in groups.
class GroupBy {
 public:
  /// @throws IndexError for a column that is not there
  GroupBy(DataFrame frame, std::vector<std::string> keys);
  SeriesGroupBy operator[](const std::string& column) const;
  /// Rows of each group.
  Series size() const;
  // Of every column of numbers that is no key. A single key labels the rows; several are columns.
  DataFrame sum() const;
  DataFrame mean() const;
  DataFrame median() const;
  DataFrame min() const;
  DataFrame max() const;
  DataFrame count() const;
  /// A column for each pair (column, function): agg({{"Fare", "mean"}, {"Age", "median"}}).
  DataFrame agg(const std::vector<std::pair<std::string, std::string>>& columns) const;
  /// Each group's key and rows.
  std::vector<std::pair<Record, DataFrame>> groups() const;

 private:
  DataFrame all(const std::string& f) const;
  DataFrame keyed(std::vector<Series> columns) const;
  DataFrame frame_;
  std::vector<std::string> keys_;
  Factors groups_;
  std::vector<int64_t> firsts_;  // a row of each group
};

template <ColumnName Name>
GroupBy DataFrame::groupby(const Name& column) const {
  return groupby(std::vector<std::string>{std::string(std::string_view(column))});
}

}  // namespace fastcore
