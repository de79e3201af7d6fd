// SPDX-License-Identifier: MIT
// Models and loaders of tables as data: what an exported learner holds instead of code.
#pragma once
#include <string>

#include "fastcore/learn/model_spec.h"
#include "fastcore/tabular/dataloaders.h"
#include "fastcore/tabular/model.h"

namespace fastcore {

/// The sizes of a TabularModel and all that can be changed of it.
struct TabularShape {
  EmbeddingSizes emb_szs = {};
  int64_t n_cont = 0, n_out = 1;
  std::vector<int64_t> layers = {};
  TabularConfig config = {};
  YRange y_range = {};

  Settings to_settings() const;
  /// @throws ValueError for sizes that no net for a table has
  static TabularShape from_settings(const Settings& settings);
};

/// How tabular_learner made its model.
ModelSpec tabular_spec(const TabularShape& shape);

/// How rows are prepared, as JSON: columns, procs with what they learned, targets. No row is in it.
/// @throws ValueError for a proc of one's own
std::string prep_json(const TabularPrep& prep);
/// @throws FileError for text that is not such a description
std::shared_ptr<const TabularPrep> prep_from_json(const std::string& text);
/// The same of a loader, with the size of its batches. @throws as prep_json
std::string table_json(const TabularLoader& loader);
/// A loader without rows that prepares others in the same way. @throws FileError for text that is not such a
/// description
std::shared_ptr<TabularLoader> table_from_json(const std::string& text);

/// Makes models and loaders of tables known to make_model, export and load_learner.
void register_tabular();

}  // namespace fastcore
