// SPDX-License-Identifier: MIT
// Schedules: how a hyper-parameter changes in the course of training, from position 0 to 1.
#pragma once
#include <functional>
#include <vector>

namespace fastcore {

/// position in [0, 1] -> value.
using Schedule = std::function<double(double)>;

/// start + pos (end - start).
struct SchedLin {
  double start, end;
  double operator()(double pos) const;
};
/// Half a wave of a cosine from start to end.
struct SchedCos {
  double start, end;
  double operator()(double pos) const;
};
/// start (end / start)^pos.
struct SchedExp {
  double start, end;
  double operator()(double pos) const;
};
/// start, always.
struct SchedNo {
  double start, end;
  double operator()(double) const { return start; }
};
/// start + (end - start) pos^power.
struct SchedPoly {
  double start, end, power;
  double operator()(double pos) const;
};

/// Several schedules one after the other, each over its share of the way.
/// @throws ValueError unless there is a share for each, none negative, that add up to 1
Schedule combine_scheds(const std::vector<double>& pcts, const std::vector<Schedule>& scheds);

/// A cosine from start to middle over the first `pct`, then one from middle to end: one-cycle training.
Schedule combined_cos(double pct, double start, double middle, double end);

}  // namespace fastcore
