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

// The numbers of a column, with as many decimals as the one that needs most of six.
Words number_texts(const std::vector<double>& values) {
  bool large = false, small = false;
  std::size_t longest = 0;
  for (const double x : values) {
    if (!std::isfinite(x)) continue;
    large = large || std::fabs(x) > 1e6;
    small = small || (x != 0 && std::fabs(x) < 1e-6);
    longest = std::max(longest, format("%.6f", x).size());
  }
  const bool scientific = small || (longest > 12 && large && longest > 15);
  Words texts;
  std::size_t zeros = 5;  // that every number ends in, one decimal staying
  for (const double x : values) {
    texts.push_back(std::isnan(x)   ? "NaN"
                    : std::isinf(x) ? (x > 0 ? "inf" : "-inf")
                                    : format(scientific ? "%.6e" : "%.6f", x));
    if (!std::isfinite(x)) continue;
    const std::string& text = texts.back();
    std::size_t ending = 0;
    while (ending < zeros && text[text.size() - 1 - ending] == '0') ++ending;
    zeros = ending;
  }
  if (!scientific)
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (std::isfinite(values[i])) texts[i].resize(texts[i].size() - zeros);
  return texts;
}

Words texts_of(const Series& column) {
  if (column.type() == ColumnType::number) return number_texts(column.data().numbers);
  Words texts;
  for (const Cell& cell : column.cells()) {
    std::string text = shortened(cell.text(), kLongestText);
    for (char& c : text)
      if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    texts.push_back(std::move(text));
  }
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

// With `lead`, a space before each, but not before the dots of rows left out: pandas' place for a sign.
Printed printed(const Series& column, const std::vector<int64_t>& rows, const std::string& header,
                bool lead) {
  std::vector<int64_t> there;
  for (const int64_t row : rows)
    if (row >= 0) there.push_back(row);
  const Words texts = texts_of(column.take(there));
  const std::string space = lead ? " " : "";
  Printed result;
  result.header = space + header;
  std::size_t next = 0;
  for (const int64_t row : rows) result.texts.push_back(row >= 0 ? space + texts[next++] : "..");
  result.width = widest(result.texts, result.header);
  if (result.width > 3 && header.size())
    for (std::string& text : result.texts)
      if (text == "..") text = "...";
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
  const std::vector<int64_t> rows = shown_rows(size(), 60);
  std::vector<Printed> columns{printed(index(), rows, "", false), printed(*this, rows, "", false)};
  columns[0].to_left = true;
  for (std::string& text : columns[1].texts)
    if (text == "..") text = "...";
  columns[1].width = widest(columns[1].texts, "");
  columns[1].width += 3;  // pandas leaves four columns between labels and values
  std::string text = index_ && !index_->name().empty() ? index_->name() + "\n" : "";
  if (empty()) return "Series([], dtype: " + dtype() + ")";
  for (std::size_t row = 0; row < rows.size(); ++row) text += joined(columns, row);
  if (!name_.empty()) text += "Name: " + name_ + ", ";
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
  Printed labels = printed(index(), rows, "", false);
  if (index_) labels.width = std::max(labels.width, text_width(index_->name()));
  labels.to_left = true;
  // Columns from both ends towards the middle, as many as fit.
  const std::size_t n = columns_.size();
  std::vector<Printed> front{labels}, back;
  int used = labels.width + 5;  // room for the ... of what is left out
  std::size_t shown = 0;
  for (std::size_t i = 0; i < n && shown < static_cast<std::size_t>(options.max_columns); ++i) {
    const std::size_t j = i % 2 ? n - 1 - i / 2 : i / 2;
    Printed next = printed(columns_[j], rows, columns_[j].name(), j == 0 || !columns_[j].is_text());
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
