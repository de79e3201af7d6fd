// SPDX-License-Identifier: MIT
// One tree of gradient boosting. What learners use is boosting.h.
#pragma once
#include <cstdint>
#include <vector>

#include "fastcore/tabular/boosting.h"

namespace fastcore {

/// A table whose columns are cut into bins.
struct BinnedTable {
  BinnedTable(const CodedTable& table, int64_t max_bins);
  int64_t rows = 0;
  std::vector<std::vector<uint8_t>> bins;  ///< for each feature and row
  std::vector<std::vector<double>>
      edges;  ///< values <= edges[f][b] lie in bin b or below; one less than bins
  int64_t width() const { return static_cast<int64_t>(bins.size()); }
};

/// Grows a tree on the slope and curvature of the loss at each row, and adds `learning_rate` times its values
/// to `raw`, which are the predictions so far. `gains` collects what each feature gained.
Tree grow_boosted(const BinnedTable& x, const std::vector<float>& gradients,
                  const std::vector<float>& hessians, const BoostingOptions& options, double* raw,
                  int64_t raw_stride, std::vector<double>& gains);

}  // namespace fastcore
