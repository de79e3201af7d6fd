// SPDX-License-Identifier: MIT
#include "fastcore/learn/item_table.h"

#include <algorithm>
#include <cmath>

#include "fastcore/basics/columns.h"
#include "fastcore/data/batch_kinds.h"
#include "fastcore/frame/data_frame.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/ops/movement/movement.h"

namespace fastcore {
using minitorch::select;
using minitorch::Tensor;

namespace {

constexpr int kLongestText = 100;
constexpr double kLongestNumber = 1e9;

// On one line, and not too long for a cell.
std::string cell_of(const Value& value) {
  std::string line = short_text(value);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return shortened(line, kLongestText);
}

// A number as it was before it was normalised: rounding is not to be seen.
std::string cell_text(const Cell& cell) {
  const bool fraction = !cell.is_missing() && !cell.is_text() && !cell.is_integer() && !cell.is_boolean();
  return fraction ? minitorch::format("%.4g", cell.number()) : cell.text();
}

void add_row(ItemTable& table, const ItemTable& inputs, const std::vector<std::string>& more) {
  table.rows.push_back(inputs.rows.at(0));
  table.rows.back().insert(table.rows.back().end(), more.begin(), more.end());
}

}  // namespace

std::string number_cell(double value, int decimals) {
  if (std::isnan(value)) return "nan";
  return minitorch::format(std::abs(value) < kLongestNumber ? "%.*f" : "%.*e", decimals, value);
}

bool is_picture(const Value& value) {
  const auto* tensor = std::get_if<Tensor>(&value);
  return std::holds_alternative<Image>(value) || std::holds_alternative<TensorImage>(value) ||
         (tensor && (tensor->dims() == 2 || (tensor->dims() == 3 && tensor->size(0) <= 3)));
}

ItemTable input_cells(const std::vector<Value>& x) {
  ItemTable one;
  one.rows.resize(1);
  for (const Value& value : x) {
    const Row* row = std::get_if<Row>(&value);
    if (!row || !row->table) {
      one.header.push_back(x.size() == 1 ? "input" : "input " + std::to_string(one.header.size() + 1));
      one.rows[0].push_back(cell_of(value));
      continue;
    }
    for (const std::string& column : row->table->columns()) {
      const Series values = (*row->table)[column];
      one.header.push_back(column);
      one.rows[0].push_back(values.is_missing(row->index) ? "" : cell_text(values[row->index]));
    }
  }
  return one;
}

ItemTable batch_table(const DataLoader& loader, const Batch& batch, int64_t max_n) {
  ItemTable table;
  for (int64_t i = 0; i < std::min(batch.size(), max_n); ++i) {
    const ItemTable inputs = input_cells(loader.decode_x(batch, i));
    std::vector<std::string> targets;
    for (std::size_t k = 0; k < batch.y.size(); ++k)
      targets.push_back(cell_of(loader.decode_y(select(batch.y[k], 0, i), static_cast<int64_t>(k))));
    if (i == 0) {
      table.header = inputs.header;
      table.header.insert(table.header.end(), targets.size(), "target");
    }
    add_row(table, inputs, targets);
  }
  return table;
}

ItemTable results_table(const DataLoader& loader, const Batch& batch, const Tensor& decoded, int64_t max_n) {
  ItemTable table;
  for (int64_t i = 0; i < std::min(batch.size(), max_n); ++i) {
    const ItemTable inputs = input_cells(loader.decode_x(batch, i));
    const auto text_of = [&](const Tensor& t) { return cell_of(loader.decode_y(select(t, 0, i))); };
    if (i == 0) {
      table.header = inputs.header;
      const auto* named = dynamic_cast<const NamesTargets*>(&loader);
      const auto names = named ? named->target_names() : std::vector<std::string>();
      const bool one = names.size() == 1;
      table.header.push_back(one ? names[0] : "target");
      table.header.push_back(one ? names[0] + "_pred" : "prediction");
    }
    add_row(table, inputs, {text_of(batch.y.at(0)), text_of(decoded)});
  }
  return table;
}

std::string ItemTable::text(int widest) const {
  std::vector<std::vector<std::string>> lines{header};
  lines.insert(lines.end(), rows.begin(), rows.end());
  for (auto& line : lines)
    for (std::string& cell : line) cell = shortened(cell, widest);
  std::string text = aligned(lines);
  text.pop_back();  // whoever prints it ends the line
  return text;
}

}  // namespace fastcore
