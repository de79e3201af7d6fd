// SPDX-License-Identifier: MIT
// Learning rates: one for the whole model, or one for each group of its layers.
//
//     learn.fit_one_cycle(3, 3e-3);                // the same for all
//     learn.fit_one_cycle(3, slice(1e-6, 1e-4));   // from the earliest layers to the last, geometrically
//     learn.fit_one_cycle(3, slice(1e-3));         // 1e-3 for the last group, a tenth for all before
#pragma once
#include <cstddef>
#include <vector>

namespace fastcore {

/// A value for every group of parameters, told in one of several ways.
class Rate {
 public:
  Rate(double all) : values_{all} {}
  Rate(std::vector<double> each) : values_(std::move(each)) {}

  /// The values of n groups. @throws ValueError when a list has another length
  std::vector<double> of_groups(std::size_t n) const;
  /// The value of the last group.
  double last() const { return values_.back(); }
  /// All values multiplied.
  Rate scaled(double factor) const;

 private:
  friend Rate slice(double, double);
  friend Rate slice(double);
  enum Kind { kList, kTenth, kRange } kind_ = kList;
  std::vector<double> values_;
};

/// Geometric steps from the first group to the last. @throws ValueError unless both are above 0
Rate slice(double first, double last);
/// `last` for the last group, a tenth of it for all others.
Rate slice(double last);

}  // namespace fastcore
