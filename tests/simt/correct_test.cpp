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
TEST_CASE("half and bfloat16, alone and in pairs") { run_all(sim::correct_half()); }
TEST_CASE("tiles, partitions and scans of cooperative groups") { run_all(sim::correct_groups()); }
TEST_CASE("functions of bits, integers and floats") { run_all(sim::correct_intrinsics()); }
TEST_CASE("half, tensor cores and background copies") { run_all(sim::correct_tensor_cores()); }

TEST_CASE("lanes of a branch run together, or in a random order any part of them") {
  std::vector<int> whole;
  for (int lane = 0; lane < 32; ++lane) whole.push_back(lane % 2 == 0 ? 16 : lane % 4 == 1 ? 8 : 0);
  simt::set_order(Order::kReverse);
  CHECK(sim::sizes_of_coalesced_groups() == whole);
  simt::set_order(Order::kRandom, 3);
  CHECK(sim::sizes_of_coalesced_groups() != whole);
  simt::set_order(Order::kForward);
  CHECK(sim::sizes_of_coalesced_groups() == whole);
}
