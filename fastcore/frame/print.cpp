// SPDX-License-Identifier: MIT
// Tables as pandas prints them: numbers to the right, six decimals less the zeros that a column has in
// common, the middle left out where there is too much.
#include <algorithm>
#include <cmath>

#include "fastcore/basics/columns.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/frame/column.h"
#include "fastcore/frame/data_frame.h"

namespace fastcore {
using minitorch::format;

namespace {

constexpr int kEdgeRows = 5;      // rows shown at each end of a long table
constexpr int kLongestText = 50;  // a longer text ends in ...

// The numbers of a column, with as many decimals as the one that needs most of six; with powers of ten where
// one would be lost, or is large and takes more room. Before what has no minus stands a space.
Words number_texts(const std::vector<double>& values) {
  const auto text_of = [](double x, const char* as) {
    if (std::isnan(x)) return std::string("NaN");
    const std::string text = std::isfinite(x) ? format(as, x) : x > 0 ? "inf" : "-inf";
    return text[0] != '-' ? " " + text : text;
  };
  Words texts;
  bool large = false, small = false;
  std::size_t zeros = 5;  // that every number ends in, one decimal staying
  for (const double x : values) {
    large = large || std::fabs(x) > 1e6;
    small = small || (x != 0 && std::fabs(x) < 1e-6);
    texts.push_back(text_of(x, "%.6f"));
    if (!std::isfinite(x)) continue;
    const std::string& text = texts.back();
    std::size_t ending = 0;
    while (ending < zeros && text[text.size() - 1 - ending] == '0') ++ending;
    zeros = ending;
  }
  std::size_t longest = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (std::isfinite(values[i])) texts[i].resize(texts[i].size() - zeros);
    longest = std::max(longest, texts[i].size());
  }
  if (small || (large && longest > 12))
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = text_of(values[i], "%.6e");
  return texts;
}

// What is no number with a point, each with a place for its sign where `sign`.
Words texts_of(const Series& column, bool sign) {
  Words texts;
  for (const Cell& cell : column.cells()) {
    const bool minus = cell.is_integer() && cell.integer() < 0;
    std::string text = shortened((sign && !minus ? " " : "") + cell.text(), kLongestText);
    for (char& c : text)
      if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    texts.push_back(std::move(text));
  }
  return texts;
}

Words value_texts(const Series& column) {
  return column.type() == ColumnType::number ? number_texts(column.data().numbers) : texts_of(column, true);
}

// The labels of rows: with a place for a sign only where one of them has one.
Words label_texts(const Series& labels) {
  if (labels.is_text()) return texts_of(labels, false);
  Words texts = value_texts(labels);
  for (std::string& text : texts)
    if (text == "NaN") text = " NaN";
  const bool signs =
      std::any_of(texts.begin(), texts.end(), [](const std::string& x) { return x[0] == '-'; });
  for (std::string& text : texts)
    if (!signs) text.erase(0, 1);
  return texts;
}

int widest(const Words& texts, const std::string& header) {
  int width = text_width(header);
  for (const std::string& text : texts) width = std::max(width, text_width(text));
  return width;
}

// The rows to show; -1 stands for those left out.
std::vector<int64_t> shown_rows(int64_t rows, int64_t most) {
  std::vector<int64_t> shown;
  const int64_t edge = rows <= most ? rows : std::min<int64_t>(kEdgeRows, std::max<int64_t>(1, most / 2));
  for (int64_t i = 0; i < edge; ++i) shown.push_back(i);
  if (edge == rows) return shown;
  shown.push_back(-1);
  for (int64_t i = rows - edge; i < rows; ++i) shown.push_back(i);
  return shown;
}

// One column of the printed table: header and a text for each shown row.
struct Printed {
  std::string header;
  Words texts;
  int width = 0;
  bool to_left = false;
};

// The column of these rows, written by `write`; dots stand for the rows left out (-1).
template <class F>
Printed printed(const Series& column, const std::vector<int64_t>& rows, const std::string& header, F write) {
  std::vector<int64_t> there;
  for (const int64_t row : rows)
    if (row >= 0) there.push_back(row);
  Printed result{.header = header, .texts = write(column.take(there))};
  result.width = widest(result.texts, result.header);
  if (const auto gap = std::find(rows.begin(), rows.end(), -1); gap != rows.end())
    result.texts.insert(result.texts.begin() + (gap - rows.begin()), result.width > 3 ? "..." : "..");
  return result;
}

std::string joined(const std::vector<Printed>& columns, std::size_t row) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Printed& c = columns[i];
    if (i) line += ' ';
    line += c.to_left ? pad_right(c.texts[row], c.width) : pad_left(c.texts[row], c.width);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line + "\n";
}

}  // namespace

std::string Series::repr() const {
  const std::string named = name_.empty() ? "" : "Name: " + name_ + ", ";
  if (empty()) return "Series([], " + named + "dtype: " + dtype() + ")";
  const std::vector<int64_t> rows = shown_rows(size(), 60);
  Printed labels = printed(index(), rows, "", label_texts), values = printed(*this, rows, "", value_texts);
  labels.to_left = true;
  if (rows.size() < static_cast<std::size_t>(size())) {  // the dots stand in the middle, without a label
    const std::size_t gap = kEdgeRows;
    labels.texts[gap].clear();
    std::string& dots = values.texts[gap];
    const auto room = static_cast<std::size_t>(values.width) - dots.size();
    dots += std::string((room + (dots == "...")) / 2, ' ');  // as Python's center has it
  }
  values.width += 2;  // between labels and values there are three columns
  std::string text = index_ && !index_->name().empty() ? index_->name() + "\n" : "";
  for (std::size_t row = 0; row < rows.size(); ++row) text += joined({labels, values}, row);
  text += named;
  if (rows.size() < static_cast<std::size_t>(size())) text += "Length: " + std::to_string(size()) + ", ";
  return text + "dtype: " + dtype();
}

std::string DataFrame::to_string(PrintOptions options) const {
  if (columns_.empty() || rows_ == 0) {
    std::string names;
    for (const Series& c : columns_) names += (names.empty() ? "" : ", ") + c.name();
    return "Empty DataFrame\nColumns: [" + names + "]\nIndex: []";
  }
  const int width = options.width > 0 ? options.width : Terminal::current().columns();
  const std::vector<int64_t> rows = shown_rows(rows_, options.max_rows);
  Printed labels = printed(index(), rows, index_ ? index_->name() : "", label_texts);
  labels.header.clear();
  labels.to_left = true;
  // Columns from both ends towards the middle, as many as fit.
  const std::size_t n = columns_.size();
  std::vector<Printed> front{labels}, back;
  int used = labels.width + 5;  // room for the ... of what is left out
  std::size_t shown = 0;
  for (std::size_t i = 0; i < n && shown < static_cast<std::size_t>(options.max_columns); ++i) {
    const std::size_t j = i % 2 ? n - 1 - i / 2 : i / 2;
    const std::string sign = columns_[j].is_text() ? "" : " ";  // pandas' header of numbers has its place too
    Printed next = printed(columns_[j], rows, sign + columns_[j].name(), value_texts);
    if (shown >= 2 && used + 1 + next.width > width + (i + 1 == n ? 5 : 0)) break;
    used += 1 + next.width;
    (i % 2 ? back : front).push_back(std::move(next));
    ++shown;
  }
  if (shown < n) front.push_back({" ...", Words(rows.size(), "..."), 4});
  front.insert(front.end(), back.rbegin(), back.rend());
  for (Printed& c : front) c.texts.insert(c.texts.begin(), c.header);
  std::string text;
  for (std::size_t row = 0; row <= rows.size(); ++row) {
    text += joined(front, row);
    if (row == 0 && index_ && !index_->name().empty()) text += index_->name() + "\n";
  }
  text.pop_back();
  if (shown < n || rows.size() < static_cast<std::size_t>(rows_))
    text += "\n\n[" + std::to_string(rows_) + " rows x " + std::to_string(n) + " columns]";
  return text;
}

}  // namespace fastcore
