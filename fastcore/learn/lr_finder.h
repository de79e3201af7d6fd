// SPDX-License-Identifier: MIT
// The learning rate finder: losses for ever larger rates, and what they suggest.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastcore/learn/learner.h"
#include "fastcore/plot/plot.h"

namespace fastcore {

/// Losses by rate; every suggestion is a rate.
struct LrCurve {
  std::vector<double> lrs, losses;

  /// The first tenth and the last five points left out, cut at the first loss that is not finite.
  LrCurve trimmed(int64_t num_it) const;
  /// Two thirds down the longest stretch along which losses fall: fastai's own suggestion. The stretch is the
  /// longest falling subsequence; the first rate when losses never fall.
  double valley() const;
  /// Where, coming from the largest rates, the slope changes by no more than `thresh` over lr_diff points.
  /// @throws ValueError with fewer than lr_diff + 1 points
  double slide(int lr_diff = 15, double thresh = 0.005, double adjust = 1) const;
  /// A tenth of the rate of the lowest loss.
  double minimum() const;
  /// Where the loss falls fastest against the logarithm of the rate.
  double steep() const;
  /// Loss by rate, with a mark at each of the given suggestions. The last skip_end points are left out.
  Plot plot(const std::vector<std::pair<std::string, double>>& marks = {}, int64_t skip_end = 5) const;
};

/// What lr_find found; a suggestion is empty where there are too few points.
struct SuggestedLRs {
  std::optional<double> valley, slide, minimum, steep;
  LrCurve curve;

  /// SuggestedLRs(valley=0.0008, slide=0.003, ...): as fastai prints them.
  std::string repr() const;
  Plot plot() const;
};

}  // namespace fastcore
