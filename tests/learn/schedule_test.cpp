// SPDX-License-Identifier: MIT
#include "fastcore/learn/schedule.h"

#include <catch2/catch.hpp>

#include "fastcore/learn/metric.h"
#include "fastcore/learn/rate.h"
#include "minitorch/core/errors.h"

using namespace fastcore;

namespace {
// A schedule before each of n batches, as training asks for it.
std::vector<double> course(const Schedule& sched, int n) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back(sched(static_cast<double>(i) / n));
  return values;
}
void check(const std::vector<double>& got, const std::vector<double>& expected, double relative) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i] == Approx(expected[i]).epsilon(relative));
  }
}
}  // namespace

TEST_CASE("the simple schedules") {
  CHECK(SchedLin{2, 4}(.25) == 2.5);
  CHECK(SchedNo{2, 4}(.25) == 2);
  CHECK(SchedExp{1, 100}(.5) == Approx(10));
  CHECK(SchedPoly{0, 8, 3}(.5) == 1);
  CHECK(SchedCos{1, 3}(0) == 1);
  CHECK(SchedCos{1, 3}(.5) == Approx(2));
  CHECK(SchedCos{1, 3}(1) == 3);
}

TEST_CASE("one cycle of rates and momentum, as fastai computes them") {
  const double lr = 1e-3;
  check(course(combined_cos(.25, lr / 25, lr, lr / 1e5), 10),
        {4.000000e-5, 3.716719e-4, 9.083282e-4, 9.890739e-4, 9.045094e-4, 7.500025e-4, 5.522687e-4,
         3.454981e-4, 1.654430e-4, 4.323687e-5},
        1e-6);
  check(course(combined_cos(.25, .95, .85, .95), 10),
        {.95, .915451, .859549, .851093, .859549, .875, .894774, .915451, .933457, .945677}, 1e-6);
}

TEST_CASE("constant, then a cosine") {
  check(course(combined_cos(.75, 1e-3, 1e-3, 1e-8), 10),
        {1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 9.0451e-4, 3.4550e-4}, 1e-5);
}

TEST_CASE("schedules one after the other") {
  const Schedule both = combine_scheds({.25, .75}, {SchedLin{0, 1}, SchedLin{5, 8}});
  CHECK(both(0) == 0);
  CHECK(both(.125) == .5);
  CHECK(both(.25) == 5);
  CHECK(both(.5) == 6);
  CHECK(both(1) == 8);
  CHECK_THROWS_WITH(combine_scheds({.5, .6}, {SchedNo{1, 1}, SchedNo{1, 1}}),
                    "[combine_scheds] 2 shares that add up to 1.1 for 2 schedules");
  CHECK_THROWS_AS(combine_scheds({1}, {}), minitorch::ValueError);
}

TEST_CASE("where a schedule ends the next begins, however the shares are rounded") {
  for (int n = 1; n <= 200; ++n) {
    const auto count = static_cast<std::size_t>(n);
    const Schedule saw =
        combine_scheds(std::vector<double>(count, 1. / n), std::vector<Schedule>(count, SchedLin{1, 0}));
    for (int cycle = 0; cycle < n; ++cycle) {
      CAPTURE(n, cycle);
      CHECK(saw(static_cast<double>(cycle) / n) == Approx(1));
      CHECK(saw((cycle + .5) / n) == Approx(.5));
    }
    CHECK(saw(1) == 0);
  }
  double pos = 0;
  for (int batch = 0; batch < 8; ++batch) pos += .1;
  CHECK(pos < .8);  // as training adds it up, batch by batch
  CHECK(combine_scheds({.8, .2}, {SchedLin{0, 1}, SchedLin{5, 8}})(pos) == 5);
  CHECK(combine_scheds({1, 0}, {SchedLin{0, 1}, SchedLin{5, 8}})(1 - 1e-12) == 8);  // a share of nothing
}

TEST_CASE("rates for groups of layers") {
  CHECK(Rate(.1).of_groups(3) == std::vector<double>{.1, .1, .1});
  CHECK(slice(1).of_groups(3) == std::vector<double>{.1, .1, 1});
  check(slice(1e-6, 1e-4).of_groups(3), {1e-6, 1e-5, 1e-4}, 1e-12);
  CHECK(slice(1e-6, 1e-4).of_groups(1) == std::vector<double>{1e-4});
  CHECK(Rate({1, 2, 3}).of_groups(3) == std::vector<double>{1, 2, 3});
  CHECK_THROWS_WITH(Rate({1, 2}).of_groups(3), "[Rate] 2 rates for 3 groups of parameters");
  CHECK_THROWS_AS(slice(0, 1e-3), minitorch::ValueError);
}

TEST_CASE("the smoothed loss is corrected for its start") {
  AvgSmoothLoss smooth;
  CHECK_FALSE(smooth.value().has_value());
  std::vector<double> values;
  for (double loss : {2., 1.5, 1., 3.}) {
    smooth.add(loss);
    values.push_back(*smooth.value());
  }
  check(values, {1.999998, 1.747473, 1.493265, 1.881439}, 1.5e-6);  // the first in float32: 2 in double
}
