// SPDX-License-Identifier: MIT
// Items that are rows of a table: reading their columns, and splitting by one.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/splitters.h"
#include "fastcore/frame/cell.h"

namespace fastcore {

class DataFrame;

/// A column by name or by position: "label", 1.
struct Column {
  std::string name = {};
  int64_t place = -1;  ///< where the name is empty
  Column(const char* name) : name(name) {}
  Column(std::string name) : name(std::move(name)) {}
  Column(int place) : place(place) {}

  std::string str() const { return name.empty() ? "#" + std::to_string(place) : name; }
  /// Of str().
  static Column parse(const std::string& text);
};

/// One column or several: `.cols = "label"`, `.cols = {"a", "b"}`.
struct ColumnList : std::vector<Column> {
  ColumnList() = default;
  ColumnList(const char* name) : std::vector<Column>{Column(name)} {}
  ColumnList(std::string name) : std::vector<Column>{Column(std::move(name))} {}
  ColumnList(int place) : std::vector<Column>{Column(place)} {}
  ColumnList(std::initializer_list<Column> columns) : std::vector<Column>(columns) {}
};

/// What stands before a value: a text, or a folder with its slash.
struct Prefix {
  std::string text = {};
  Prefix() = default;
  Prefix(const char* text) : text(text) {}
  Prefix(std::string text) : text(std::move(text)) {}
  Prefix(const Path& folder) : text(folder.str().empty() ? "" : folder.str() + "/") {}
};

/// The value of a column: pref + value + suff for a text, several labels where it is cut at label_delim, a
/// number as it is, nothing where it is missing. Of several columns all values: labels where one of them
/// holds texts, or pref, suff or label_delim makes texts of them; else numbers, NaN where one is missing and
/// 1 and 0 for truths.
struct ColReader {
  ColumnList cols = {};
  Prefix pref = {};
  std::string suff = {};
  std::string label_delim = {};  ///< "": not cut

  /// @throws IndexError naming the columns there are
  Value operator()(const Row& row) const;
  void fields(Fields& f);
};

/// Rows whose column is true (or equal to one of `on`) validate. Of texts False, false, FALSE and "" are not
/// true, as a missing value is not.
struct ColSplitter {
  Column col = "is_valid";
  std::vector<Cell> on = {};
  /// @throws ValueError for items that are no rows, IndexError for a column that is not there
  Splits operator()(const Items& items) const;
};

/// The rows of a table as items.
Items rows_of(const DataFrame& table);
Items rows_of(std::shared_ptr<const DataFrame> table);

/// The value of a column in a row. @throws IndexError naming the columns there are
Cell cell_of(const Row& row, const Column& column);

FC_DECLARE_TRANSFORM(ColReader)

}  // namespace fastcore
