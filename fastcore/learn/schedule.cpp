// SPDX-License-Identifier: MIT
#include "fastcore/learn/schedule.h"

#include <algorithm>
#include <cmath>

#include "minitorch/core/errors.h"

namespace fastcore {

double SchedLin::operator()(double pos) const { return start + pos * (end - start); }
double SchedCos::operator()(double pos) const {
  return start + (1 + std::cos(M_PI * (1 - pos))) * (end - start) / 2;
}
double SchedExp::operator()(double pos) const { return start * std::pow(end / start, pos); }
double SchedPoly::operator()(double pos) const { return start + (end - start) * std::pow(pos, power); }

Schedule combine_scheds(const std::vector<double>& pcts, const std::vector<Schedule>& scheds) {
  double total = 0;
  for (double pct : pcts) total += pct;
  const bool negative = std::any_of(pcts.begin(), pcts.end(), [](double pct) { return !(pct >= 0); });
  if (pcts.empty() || pcts.size() != scheds.size() || negative || std::fabs(total - 1) > 1e-6)
    throw minitorch::ValueError(
        minitorch::format("[combine_scheds] %zu shares that add up to %g for %zu schedules", pcts.size(),
                          total, scheds.size()),
        "give one share for each schedule; together they are 1");
  std::vector<double> starts{0};
  for (double pct : pcts) starts.push_back(starts.back() + pct);
  return [starts, scheds](double pos) {
    // Both are sums of rounded numbers, and a restart that is missed trains a batch at the old cycle's end.
    const double rounding = 1e-10;
    if (pos == 1) return scheds.back()(1);
    std::size_t i = 0;
    while (i + 1 < scheds.size() && starts[i + 1] <= pos + rounding) ++i;
    const double way = std::max(pos - starts[i], 0.0), length = starts[i + 1] - starts[i];
    return scheds[i](way < length ? way / length : 1);
  };
}

Schedule combined_cos(double pct, double start, double middle, double end) {
  if (!(pct >= 0 && pct <= 1))
    throw minitorch::ValueError(minitorch::format("[combined_cos] pct = %g: expected 0 to 1", pct),
                                "it is the share of the way that the first cosine takes");
  return combine_scheds({pct, 1 - pct}, {SchedCos{start, middle}, SchedCos{middle, end}});
}

}  // namespace fastcore
