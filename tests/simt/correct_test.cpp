// SPDX-License-Identifier: MIT
// Correct kernels give the right numbers in every order, and the simulator says nothing about them.
#include <catch2/catch.hpp>

#include "minitorch/simt/control.h"
#include "tests/simt/device_array.h"

using namespace minitorch;
using simt::Order;

namespace {

void run_all(const std::vector<sim::CorrectCase>& cases) {
  struct Way {
    Order order;
    unsigned seed;
  };
  for (const Way way :
       {Way{Order::kForward, 1}, Way{Order::kReverse, 1}, Way{Order::kRandom, 1}, Way{Order::kRandom, 2}}) {
    simt::set_order(way.order, way.seed);
    for (const auto& one : cases) {
      INFO(one.name << ", order " << static_cast<int>(way.order) << ", seed " << way.seed);
      simt::take_reports();
      CHECK(one.run() == "");
      for (const auto& report : simt::take_reports()) CHECK(report.text == "");
    }
  }
  simt::set_order(Order::kForward);
}

}  // namespace

TEST_CASE("barriers, shared memory, atomics and vector loads") { run_all(sim::correct_basics()); }
TEST_CASE("warp operations and cooperative groups") { run_all(sim::correct_warps()); }
TEST_CASE("half, tensor cores and background copies") { run_all(sim::correct_tensor_cores()); }
