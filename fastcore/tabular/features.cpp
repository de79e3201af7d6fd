// SPDX-License-Identifier: MIT
#include "fastcore/tabular/features.h"

#include <algorithm>
#include <cmath>

#include "minitorch/core/errors.h"
#include "minitorch/core/parallel.h"

namespace fastcore {

FeatureTable::FeatureTable(const DataFrame& frame) : names(frame.columns().items()), rows(frame.rows()) {
  for (const Series& column : frame.series()) {
    if (column.is_text())
      throw minitorch::DtypeError(
          "[trees] column '" + column.name() + "' holds texts, not numbers",
          "number its values: df[\"" + column.name() + "\"].cat_codes(), or use Categorify");
    const std::vector<double> values = column.numbers();
    std::vector<float> narrow(values.begin(), values.end());
    for (std::size_t row = 0; row < narrow.size(); ++row)
      if (!std::isfinite(narrow[row]))
        throw minitorch::ValueError("[trees] column '" + column.name() + "' has no finite number in row " +
                                        column.index()[static_cast<int64_t>(row)].text(),
                                    "fill it: df.fillna(...), or use FillMissing");
    columns.push_back(std::move(narrow));
  }
}

std::vector<float> FeatureTable::by_row(int64_t begin, int64_t end) const {
  const std::size_t width = columns.size();
  std::vector<float> block(static_cast<std::size_t>(end - begin) * width);
  for (std::size_t f = 0; f < width; ++f)
    for (int64_t row = begin; row < end; ++row)
      block[static_cast<std::size_t>(row - begin) * width + f] = columns[f][static_cast<std::size_t>(row)];
  return block;
}

CodedTable::CodedTable(const FeatureTable& table)
    : rows(table.rows), codes(table.columns.size()), values(table.columns.size()) {
  minitorch::parallel_for(table.width(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t f = begin; f < end; ++f) {
      const auto at = static_cast<std::size_t>(f);
      const std::vector<float>& column = table.columns[at];
      std::vector<std::pair<float, uint32_t>> sorted;
      sorted.reserve(column.size());
      for (std::size_t row = 0; row < column.size(); ++row)
        sorted.emplace_back(column[row], static_cast<uint32_t>(row));
      std::sort(sorted.begin(), sorted.end());
      codes[at].resize(column.size());
      for (const auto& [value, row] : sorted) {
        if (values[at].empty() || values[at].back() < value) values[at].push_back(value);
        codes[at][row] = static_cast<uint32_t>(values[at].size() - 1);
      }
    }
  });
}

}  // namespace fastcore
