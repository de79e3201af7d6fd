// SPDX-License-Identifier: MIT
// DataFrame: a small table, as in pandas. Named columns of equal length, a label for each row.
//
//     auto df = read_csv(path / "train.csv");
//     df.fillna(df.mode().iloc(0), {.inplace = true});
//     df["LogFare"] = log(df["Fare"] + 1);
//     df = get_dummies(df, {"Sex", "Pclass", "Embarked"});
//
// Copies share their columns until one of them changes.
#pragma once
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fastcore/frame/series.h"

namespace fastcore {

class DataFrame;
class GroupBy;

/// A single name: as a template, so that {"a", "b"} is never taken for the two ends of one text.
template <class T>
concept ColumnName = std::is_convertible_v<const T&, std::string_view>;

/// What df["name"] gives: the column, and a place to assign one to.
class ColumnRef : public Series {
 public:
  ColumnRef(DataFrame& frame, const Series& column) : Series(column), frame_(&frame) {}
  ColumnRef(const ColumnRef&) = default;
  /// Replaces or adds the column, as DataFrame::set. @throws ShapeError, ValueError
  const ColumnRef& operator=(const Series& column) const;
  const ColumnRef& operator=(const ColumnRef& column) const {
    return *this = static_cast<const Series&>(column);
  }
  /// The same value in every row.
  const ColumnRef& operator=(const Cell& value) const;

 private:
  DataFrame* frame_;
};

struct FillOptions {
  bool inplace = false;  ///< change the table itself too
};
struct DescribeOptions {
  bool texts = false;  ///< the columns of texts instead of the numbers
};
struct PrintOptions {
  int64_t max_rows = 60;  ///< a longer table shows its first and last five rows
  int max_columns = 20;
  int width = 0;  ///< columns of the screen; 0: as many as there are
};

/// A table: columns (Series) of one length with names, and a label for each row.
class DataFrame {
 public:
  DataFrame() = default;
  // Compiled once, in data_frame.cpp.
  DataFrame(const DataFrame&);
  DataFrame(DataFrame&&) noexcept;
  DataFrame& operator=(const DataFrame&);
  DataFrame& operator=(DataFrame&&) noexcept;
  ~DataFrame();
  /// DataFrame({{"age", {22, 38}}, {"sex", {"male", "female"}}}).
  /// @throws ShapeError when lengths differ, ValueError for two columns of one name
  DataFrame(std::initializer_list<std::pair<std::string, Series>> columns);
  explicit DataFrame(std::vector<Series> columns);
  /// (rows, columns). @throws ShapeError unless the matrix has a column for each name
  DataFrame(const minitorch::Tensor& values, const std::vector<std::string>& names);

  // --- what it is ---
  int64_t rows() const { return rows_; }
  int64_t size() const { return rows_; }
  bool empty() const { return rows_ == 0; }
  /// (rows, columns).
  std::pair<int64_t, int64_t> shape() const { return {rows_, static_cast<int64_t>(columns_.size())}; }
  L<std::string> columns() const;
  bool has(std::string_view column) const { return find(column) != nullptr; }
  /// Each column's type: int64, float64, bool, object, category.
  Series dtypes() const;
  Series index() const;
  Cell label(int64_t row) const { return index_ ? (*index_)[row] : Cell(row); }
  bool has_index() const { return index_ != nullptr; }

  // --- columns ---
  /// @throws IndexError naming the nearest column, when it is used
  template <ColumnName Name>
  Series operator[](const Name& column) const {
    return column_of(std::string(std::string_view(column)));
  }
  template <ColumnName Name>
  ColumnRef operator[](const Name& column) {
    return ColumnRef(*this, column_of(std::string(std::string_view(column))));
  }
  /// @throws IndexError when there is none of that name
  DataFrame operator[](const std::vector<std::string>& names) const { return select(names); }
  DataFrame operator[](std::initializer_list<const char*> names) const {
    return select({names.begin(), names.end()});
  }
  DataFrame operator[](const L<std::string>& names) const { return select(names.items()); }
  /// Replaces or adds a column: by its labels, if it has some; else its values go in as they come.
  /// @throws ShapeError when it has another length, ValueError for other labels than the table's
  DataFrame& set(const std::string& name, const Series& column);
  DataFrame drop(const std::vector<std::string>& columns) const;
  /// @throws ValueError when two columns would have one name
  DataFrame rename(const Dict<std::string, std::string>& names) const;
  /// The columns of one of these types.
  DataFrame select_dtypes(const std::vector<ColumnType>& types) const;

  // --- rows ---
  /// The rows where the mask is true: by its labels, if it has some. @throws ShapeError for a mask of another
  /// length, ValueError for one of other labels
  DataFrame operator[](const Series& mask) const;
  /// One row; -1 is the last. @throws IndexError
  Record iloc(int64_t row) const;
  DataFrame iloc(const std::vector<int64_t>& rows) const { return take(rows); }
  /// The row with this label. @throws IndexError
  Record loc(const Cell& label) const;
  /// The rows at these places, with their labels; -1 gives a row of missing values. @throws IndexError
  DataFrame take(const std::vector<int64_t>& rows) const;
  /// The first n; with n < 0 all but the last -n. tail likewise.
  DataFrame head(int64_t n = 5) const;
  DataFrame tail(int64_t n = 5) const;
  /// n different rows at random, drawn from numpy's generator. @throws ValueError when there are fewer
  DataFrame sample(int64_t n) const;
  template <ColumnName Name>
  DataFrame sort_values(const Name& by, bool ascending = true) const {
    return sort_values(std::vector<std::string>{std::string(std::string_view(by))}, ascending);
  }
  DataFrame sort_values(const std::vector<std::string>& by, bool ascending = true) const;
  DataFrame sort_index() const;
  DataFrame drop_duplicates(const std::vector<std::string>& columns = {}) const;
  /// Labels 0, 1, ...; the old ones become the first column, of their name or "index", unless they are
  /// dropped or were never set. @throws ValueError when there is a column of that name
  DataFrame reset_index(bool drop = false) const;
  DataFrame set_index(const std::string& column) const;
  DataFrame with_index(const Series& index) const;

  // --- missing values ---
  DataFrame isna() const;
  DataFrame fillna(const Cell& value, FillOptions options = {});
  /// Each column with its own value.
  DataFrame fillna(const Record& values, FillOptions options = {});
  /// The rows that miss nothing (in these columns).
  DataFrame dropna(const std::vector<std::string>& columns = {}) const;

  // --- statistics: one value for each column of numbers ---
  Series sum() const;
  Series mean() const;
  Series median() const;
  Series std() const;
  Series min() const;
  Series max() const;
  Series count() const;
  Series nunique() const;
  /// Each column's most frequent values, sorted; fewer than others end in missing ones.
  DataFrame mode() const;
  /// Each column of numbers' describe; or, without such columns, that of the others.
  DataFrame describe(DescribeOptions options = {}) const;
  /// How the columns of numbers go together: Pearson's coefficient of each pair.
  DataFrame corr() const;

  template <ColumnName Name>
  GroupBy groupby(const Name& column) const;
  GroupBy groupby(const std::vector<std::string>& columns) const;
  /// The columns as a matrix: (rows, columns), float32. @throws DtypeError naming a column of texts
  minitorch::Tensor tensor() const;

  /// As pandas prints it.
  std::string repr() const { return to_string({}); }
  std::string to_string(PrintOptions options) const;
  friend std::ostream& operator<<(std::ostream& out, const DataFrame& x) {
    detail::write_to(out, x.repr());
    return out;
  }

  const std::vector<Series>& series() const { return columns_; }
  const Series* find(std::string_view column) const;

 private:
  Series column_of(const std::string& name) const;
  Series fitted(const std::string& name, const Series& column);
  DataFrame select(const std::vector<std::string>& names) const;
  std::vector<std::string> or_all(const std::vector<std::string>& names) const;
  Series with_labels(const Series& column) const { return column.with_index_pointer(index_); }
  DataFrame each(const std::function<Series(const Series&)>& f) const;
  Series reduced(const std::function<Cell(const Series&)>& f, bool numbers_only = true) const;

  std::vector<Series> columns_;  // without labels of their own
  std::shared_ptr<const Series> index_;
  int64_t rows_ = 0;
};

}  // namespace fastcore
