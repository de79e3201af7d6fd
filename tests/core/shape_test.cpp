// SPDX-License-Identifier: MIT
#include "minitorch/core/shape.h"

#include <catch2/catch.hpp>

#include "minitorch/core/errors.h"
#include "minitorch/core/memory.h"

using namespace minitorch;

TEST_CASE("broadcasting aligns shapes at the last axis") {
  CHECK(broadcast_shapes("add", {2, 3}, {3}) == Shape{2, 3});
  CHECK(broadcast_shapes("add", {2, 1}, {1, 5}) == Shape{2, 5});
  CHECK(broadcast_shapes("add", {}, {4}) == Shape{4});
  CHECK_THROWS_WITH(broadcast_shapes("add", {2, 3}, {4}),
                    "[add] (2, 3) and (4): at axis 1 from the end the sizes 3 and 4 differ and neither is 1");
}

TEST_CASE("an error names the line of the caller") {
  try {
    broadcast_shapes("add", {2}, {3});
  } catch (const Error& error) {
    CHECK(error.where() == "tests/core/shape_test.cpp:" + std::to_string(__LINE__ - 2));
    CHECK(error.exit_code() == 1);
  }
}

TEST_CASE("freed memory is handed out again") {
  void* first = allocate(Device::cpu(), 1000);
  release(Device::cpu(), first, 1000);
  void* second = allocate(Device::cpu(), 1010);
  CHECK(first == second);
  release(Device::cpu(), second, 1010);
  CHECK_THROWS_AS(allocate(Device::cpu(), std::size_t{1} << 50), OutOfMemory);
}
