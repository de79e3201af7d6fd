// SPDX-License-Identifier: MIT
// Items of a batch as rows of a table: how rows, ratings, texts and numbers are shown, which are no pictures.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/dataloader.h"

namespace fastcore {

/// A header and a row of as many cells for each item.
struct ItemTable {
  std::vector<std::string> header = {};
  std::vector<std::vector<std::string>> rows = {};

  bool empty() const { return rows.empty(); }
  /// In aligned columns, cells cut at `widest`.
  std::string text(int widest = 40) const;
};

/// A number with so many decimals, 1.000000e+12 where it has many digits before them; NaN without the sign
/// that 0/0 gives it on some machines.
std::string number_cell(double value, int decimals);

/// Whether a value can be drawn.
bool is_picture(const Value& value);

/// The inputs of an item as the only row of a table: a row of a table by its columns, a text by its words,
/// numbers as they are.
ItemTable input_cells(const std::vector<Value>& x);

/// The first items of a batch: inputs and targets.
ItemTable batch_table(const DataLoader& loader, const Batch& batch, int64_t max_n);
/// The first items of a batch: inputs, what is true and what was said (`decoded`, the answers). A target
/// that has a name stands below it, its prediction below name_pred.
ItemTable results_table(const DataLoader& loader, const Batch& batch, const minitorch::Tensor& decoded,
                        int64_t max_n);

}  // namespace fastcore
