// SPDX-License-Identifier: MIT
// Series: a column of a table, as in pandas. Values of one type, a name, and a label for each row.
//
//     df["LogFare"] = log(df["Fare"] + 1);
//     print(df["Sex"].value_counts());
//
// A Series is a cheap handle: copies share their values, and a change makes its own copy first. Texts are
// kept once each, with a number for each row, so that grouping and counting never compare texts.
#pragma once
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "fastcore/basics/l.h"
#include "fastcore/frame/cell.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

class TextMethods;
using Words = std::vector<std::string>;

/// The values behind a Series: one of the four lists holds them.
struct ColumnData {
  ColumnType type = ColumnType::number;
  std::vector<int64_t> integers = {};
  std::vector<double> numbers = {};    ///< NaN where missing
  std::vector<uint8_t> booleans = {};  ///< 0 or 1
  std::vector<int32_t> codes = {};     ///< of words; -1 where missing
  std::shared_ptr<const Words> words = {};
  bool categorical = false;  ///< words are the categories that were declared, in their order
};

/// A column: cells of one type, some of them missing, with a name and a label for each.
class Series {
 public:
  Series() = default;
  /// Whole numbers, numbers, truths or texts; a Cell{} among them is missing. Mixed values become texts.
  Series(std::initializer_list<Cell> values, std::string name = "");
  explicit Series(const std::vector<Cell>& values, std::string name = "");
  Series(std::vector<int64_t> values, std::string name = "");
  Series(std::vector<double> values, std::string name = "");
  Series(const std::vector<bool>& values, std::string name = "");
  Series(const std::vector<std::string>& values, std::string name = "");
  Series(const L<std::string>& values, std::string name = "") : Series(values.items(), std::move(name)) {}
  explicit Series(ColumnData data, std::string name = "");
  /// A vector's elements. @throws ShapeError unless values has one axis
  explicit Series(const minitorch::Tensor& values, std::string name = "");

  // --- what it is ---
  const std::string& name() const { return name_; }
  Series rename(std::string name) const;
  ColumnType type() const { return data().type; }
  bool is_text() const { return type() == ColumnType::text; }
  bool is_numeric() const { return type() == ColumnType::integer || type() == ColumnType::number; }
  /// int64, float64, bool, object or category.
  std::string dtype() const;
  int64_t size() const;
  bool empty() const { return size() == 0; }
  /// The labels of the rows: 0, 1, ... unless they were set.
  Series index() const;
  Series with_index(const Series& index) const;
  Cell label(int64_t row) const;
  bool has_index() const { return index_ != nullptr; }
  const std::shared_ptr<const Series>& index_pointer() const { return index_; }
  Series with_index_pointer(std::shared_ptr<const Series> index) const;
  /// What is behind it. @throws IndexError for a column that is not there
  const ColumnData& data() const;

  // --- its values ---
  /// The value at a place; -1 is the last. @throws IndexError
  Cell operator[](int64_t row) const;
  /// The value of the row with this label. @throws IndexError
  Cell at(const Cell& label) const;
  bool is_missing(int64_t row) const;
  /// Changes one value; the type widens where it must.
  void set(int64_t row, const Cell& value);
  /// All values as numbers: truths are 0 and 1, missing is NaN. @throws DtypeError for texts
  std::vector<double> numbers() const;
  /// All values as texts; missing is "".
  Words texts() const;
  std::vector<Cell> cells() const;
  /// (n), float32. @throws DtypeError for texts
  minitorch::Tensor tensor() const;
  /// (n), int64. @throws DtypeError when a value is no whole number
  minitorch::Tensor long_tensor() const;

  // --- rows ---
  /// The rows at these places, with their labels; -1 gives a missing value.
  Series take(const std::vector<int64_t>& rows) const;
  /// The rows where the mask is true: by its labels, if it has some. @throws ShapeError for a mask of another
  /// length, ValueError for one of other labels
  Series operator[](const Series& mask) const;
  /// The first n; with n < 0 all but the last -n. tail likewise.
  Series head(int64_t n = 5) const;
  Series tail(int64_t n = 5) const;
  /// Sorted; missing values last; equal ones stay in order.
  Series sort_values(bool ascending = true) const;
  Series sort_index() const;
  /// The places of the values in sorted order.
  std::vector<int64_t> argsort(bool ascending = true) const;
  Series reset_index() const;

  // --- missing values ---
  Series isna() const;
  Series notna() const;
  Series fillna(const Cell& value) const;
  Series dropna() const;

  // --- statistics: of the values that are there ---
  int64_t count() const;
  /// Whole numbers are summed up as such, and then rounded to a double; DataFrame::sum keeps them.
  double sum() const;
  double mean() const;
  /// Of an even number of values: the mean of the middle two.
  double median() const { return quantile(0.5); }
  /// Divided by n - ddof.
  double std(int ddof = 1) const;
  double var(int ddof = 1) const;
  Cell min() const;
  Cell max() const;
  /// Between two values the line through them. @throws ValueError unless 0 <= q <= 1
  double quantile(double q) const;
  /// The most frequent values, sorted: several when they tie.
  Series mode() const;
  Series unique() const;
  int64_t nunique() const;
  Cell idxmax() const;
  Cell idxmin() const;
  /// Whether one is not 0; of none that is there: any is false, all is true.
  bool any() const;
  bool all() const;
  /// How often each value comes, most frequent first; or, with normalize, its share.
  Series value_counts(bool normalize = false) const;
  /// count, mean, std, min, quartiles, max; of texts count, unique, top, freq.
  Series describe() const;
  double corr(const Series& other) const;

  // --- element by element ---
  /// f of each value that is there, as numbers.
  Series map(const std::function<double(double)>& f) const;
  /// f of each text that is there.
  Series map(const std::function<Cell(const std::string&)>& f) const;
  /// Looked up; what is not among the keys becomes missing.
  Series map(const Dict<Cell, Cell>& table) const;
  Series replace(const Dict<Cell, Cell>& table) const;
  Series isin(const std::vector<Cell>& values) const;
  Series between(double low, double high) const;
  /// Whole numbers stay whole unless a bound that is none takes the place of one.
  Series clip(double low, double high) const;
  Series astype(ColumnType type) const;
  Series shift(int64_t rows = 1) const;
  Series cumsum() const;
  Series rank() const;

  // --- texts and categories ---
  /// The methods of texts: df["Cabin"].str()[0].
  TextMethods str() const;
  /// Declares the categories and their order; other values become missing.
  Series set_categories(const std::vector<std::string>& categories) const;
  bool is_categorical() const { return data().categorical; }
  /// The numbers of the values in sorted (or declared) order; -1 where missing.
  Series cat_codes() const;
  /// The values there are in sorted order, or the declared categories.
  Words categories() const;

  /// As pandas prints it.
  std::string repr() const;
  friend std::ostream& operator<<(std::ostream& out, const Series& x) {
    detail::write_to(out, x.repr());
    return out;
  }

 protected:
  std::shared_ptr<ColumnData> data_;
  std::shared_ptr<const Series> index_;
  std::string name_;
};

/// The methods of texts; missing values stay missing.
class TextMethods {
 public:
  explicit TextMethods(Series texts) : texts_(std::move(texts)) {}
  /// The character at a place; missing where the text is shorter.
  Series operator[](int64_t place) const;
  Series slice(int64_t begin, int64_t end) const;
  Series lower() const;
  Series upper() const;
  Series strip() const;
  Series len() const;
  /// Whether a part is in the text; false where it is missing, as in the next two.
  Series contains(const std::string& part) const;
  Series startswith(const std::string& part) const;
  Series endswith(const std::string& part) const;
  Series replace(const std::string& part, const std::string& by) const;
  /// The parts between separators: split(", ")[1] is the second of each, missing where there is none.
  class Parts {
   public:
    Parts(Series texts, std::string separator) : texts_(std::move(texts)), separator_(std::move(separator)) {}
    Series operator[](int64_t part) const;

   private:
    Series texts_;
    std::string separator_;
  };
  Parts split(const std::string& separator) const { return Parts(texts_, separator); }

 private:
  Series each(const std::function<Cell(const std::string&)>& f) const;
  Series mask(const std::function<bool(const std::string&)>& f) const;
  Series texts_;
};

// --- arithmetic: whole numbers stay whole but for / ---
// Here and below rows are matched by their labels, which are 0, 1, ... unless they were set: where both sides
// have the same in another order, the result is sorted by them. All throw ShapeError when the lengths differ,
// ValueError when the labels do (pandas would make missing values), these DtypeError for texts.
Series operator+(const Series& a, const Series& b);
Series operator-(const Series& a, const Series& b);
Series operator*(const Series& a, const Series& b);
Series operator/(const Series& a, const Series& b);
Series operator+(const Series& a, const Cell& b);
Series operator-(const Series& a, const Cell& b);
Series operator*(const Series& a, const Cell& b);
Series operator/(const Series& a, const Cell& b);
Series operator+(const Cell& a, const Series& b);
Series operator-(const Cell& a, const Series& b);
Series operator*(const Cell& a, const Series& b);
Series operator/(const Cell& a, const Series& b);
Series operator-(const Series& a);

// --- comparisons: false where a value is missing, but for !=; categories in their declared order ---
// The texts True and False of a column that has no others equal truths: so read_csv reads truths with gaps.
// <, <=, > and >= throw DtypeError for texts beside numbers, ValueError for a text that is not among the
// categories.
Series operator==(const Series& a, const Series& b);
Series operator!=(const Series& a, const Series& b);
Series operator<(const Series& a, const Series& b);
Series operator<=(const Series& a, const Series& b);
Series operator>(const Series& a, const Series& b);
Series operator>=(const Series& a, const Series& b);
Series operator==(const Series& a, const Cell& b);
Series operator!=(const Series& a, const Cell& b);
Series operator<(const Series& a, const Cell& b);
Series operator<=(const Series& a, const Cell& b);
Series operator>(const Series& a, const Cell& b);
Series operator>=(const Series& a, const Cell& b);

// --- truths ---
Series operator&(const Series& a, const Series& b);
Series operator|(const Series& a, const Series& b);
Series operator~(const Series& a);

Series log(const Series& x);
Series log1p(const Series& x);
Series exp(const Series& x);
Series sqrt(const Series& x);
Series abs(const Series& x);
/// Halves go to the even neighbour; decimals < 0 rounds to tens, hundreds ... Whole numbers stay whole.
Series round(const Series& x, int decimals = 0);
/// a where the condition holds, elsewhere b; in the condition's order.
Series where(const Series& condition, const Series& a, const Series& b);
/// The places where the condition holds: np.where(condition)[0].
std::vector<int64_t> where(const Series& condition);

/// Each value's number among the distinct values: what grouping, counting and encoding stand on.
struct Factors {
  std::vector<int32_t> codes;  ///< -1 where missing
  Series values;               ///< the distinct values
};
/// Distinct values sorted (declared categories in their order, all of them), or by first appearance.
Factors factorize(const Series& x, bool sort = true);

}  // namespace fastcore
