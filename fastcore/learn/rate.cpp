// SPDX-License-Identifier: MIT
#include "fastcore/learn/rate.h"

#include "fastcore/basics/helpers.h"
#include "minitorch/core/errors.h"

namespace fastcore {

std::vector<double> Rate::of_groups(std::size_t n) const {
  if (kind_ == kRange) return even_mults(values_[0], values_[1], static_cast<int64_t>(n)).items();
  if (kind_ == kTenth) {
    std::vector<double> rates(n, values_[0] / 10);
    rates.back() = values_[0];
    return rates;
  }
  if (values_.size() == 1) return std::vector<double>(n, values_[0]);
  if (values_.size() != n)
    throw minitorch::ValueError(
        minitorch::format("[Rate] %zu rates for %zu groups of parameters", values_.size(), n),
        "give one rate, one for each group, or slice(first, last)");
  return values_;
}

Rate Rate::scaled(double factor) const {
  Rate copy = *this;
  for (double& value : copy.values_) value *= factor;
  return copy;
}

Rate slice(double first, double last) {
  if (!(first > 0 && last > 0))
    throw minitorch::ValueError(
        minitorch::format("[slice] rates %g to %g: expected both above 0", first, last),
        "rates from the first group to the last: slice(1e-5, 1e-3)");
  Rate rate({first, last});
  rate.kind_ = Rate::kRange;
  return rate;
}

Rate slice(double last) {
  Rate rate(last);
  rate.kind_ = Rate::kTenth;
  return rate;
}

}  // namespace fastcore
