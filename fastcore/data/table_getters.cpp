// SPDX-License-Identifier: MIT
#include "fastcore/data/table_getters.h"

#include <algorithm>

#include "fastcore/basics/helpers.h"
#include "fastcore/data/type_transforms.h"
#include "fastcore/frame/data_frame.h"

namespace fastcore {
using minitorch::ValueError;

Column Column::parse(const std::string& text) {
  if (text.size() > 1 && text.size() < 10 && text[0] == '#' &&
      text.find_first_not_of("0123456789", 1) == std::string::npos)
    return Column(std::stoi(text.substr(1)));
  return Column(text);
}

static const Series& series_of(const Row& row, const Column& column) {
  if (!row.table) throw ValueError("[ColReader] a row without a table");
  const auto& series = row.table->series();
  const Series* found = nullptr;
  if (!column.name.empty()) found = row.table->find(column.name);
  else if (column.place >= 0 && column.place < static_cast<int64_t>(series.size()))
    found = &series[static_cast<std::size_t>(column.place)];
  if (!found) {
    const std::string near = nearest(column.name, row.table->columns());
    throw minitorch::IndexError(
        "[ColReader] no column " + column.str() + " among " + join(row.table->columns(), ", "),
        near.empty() ? "" : "did you mean " + repr(near) + "?");
  }
  return *found;
}

Cell cell_of(const Row& row, const Column& column) { return series_of(row, column)[row.index]; }

namespace {

Value value_of(const Cell& cell) {
  if (cell.is_missing()) return Value();
  if (cell.is_text()) return cell.text();
  if (cell.is_boolean()) return std::string(cell.number() != 0 ? "True" : "False");
  return Numbers{{cell.number()}};
}

bool is_false(const std::string& text) {
  return text.empty() || text == "False" || text == "false" || text == "FALSE";
}

bool is_true(const Cell& cell) {
  return cell.is_text() ? !is_false(cell.text()) : !cell.is_missing() && cell.number() != 0;
}

// A column of truths with gaps holds texts.
bool equals(const Cell& cell, const Cell& wanted) {
  if (!wanted.is_boolean() || !cell.is_text()) return cell == wanted;
  return cell.text() == (wanted.number() != 0 ? "True" : "False");
}

void add_parts(MultiCategory& labels, const std::string& text, const std::string& delimiter) {
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const std::size_t end = std::min(text.find(delimiter, at), text.size());
    labels.labels.push_back(text.substr(at, end - at));
    at = end + delimiter.size();
  }
}

}  // namespace

Value ColReader::operator()(const Row& row) const {
  if (cols.empty()) throw ValueError("[ColReader] no column was named", "ColReader{.cols = \"label\"}");
  const bool affixed = !pref.text.empty() || !suff.empty(), cut = !label_delim.empty();
  if (cols.size() == 1 && !cut) {
    const Value value = value_of(cell_of(row, cols.front()));
    if (!affixed || std::holds_alternative<std::monostate>(value)) return value;
    return pref.text + label_text(value) + suff;
  }
  // What the columns hold decides, not this row: an empty cell among numbers is NaN.
  const bool texts = affixed || cut || std::any_of(cols.begin(), cols.end(), [&](const Column& c) {
                       return series_of(row, c).is_text();
                     });
  Numbers numbers;
  MultiCategory labels;
  for (const Column& column : cols) {
    const Cell cell = cell_of(row, column);
    if (!texts) numbers.values.push_back(cell.number());
    else if (cell.is_missing()) continue;
    else if (cut) add_parts(labels, label_text(value_of(cell)), label_delim);
    else labels.labels.push_back(pref.text + label_text(value_of(cell)) + suff);
  }
  return texts ? Value(labels) : Value(numbers);
}

void ColReader::fields(Fields& f) {
  std::vector<std::string> names;
  for (const Column& column : cols) names.push_back(column.str());
  f("cols", names)("pref", pref.text)("suff", suff)("label_delim", label_delim);
  cols.clear();
  for (const std::string& name : names) cols.push_back(Column::parse(name));
}

Splits ColSplitter::operator()(const Items& items) const {
  Splits splits(2);
  for (int64_t i = 0; i < items.size(); ++i) {
    const auto* row = std::get_if<Row>(&items[i]);
    if (!row)
      throw ValueError("[ColSplitter] the items are no rows of a table: " + describe(items[i]) + " (" +
                           type_of(items[i]) + ")",
                       "split by something else: RandomSplitter{.seed = 42}");
    const Cell cell = cell_of(*row, col);
    const bool valid = on.empty() ? is_true(cell)
                                  : std::any_of(on.begin(), on.end(),
                                                [&](const Cell& wanted) { return equals(cell, wanted); });
    splits[valid ? 1 : 0].push_back(i);
  }
  return splits;
}

Items rows_of(std::shared_ptr<const DataFrame> table) {
  Items items;
  for (int64_t i = 0; i < table->rows(); ++i) items.append(Row{table, i});
  return items;
}

Items rows_of(const DataFrame& table) { return rows_of(std::make_shared<const DataFrame>(table)); }

FC_COMPILE_TRANSFORM(ColReader)

}  // namespace fastcore
