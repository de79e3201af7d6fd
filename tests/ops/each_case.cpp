// SPDX-License-Identifier: MIT
// Before each case of test_ops: it has the inputs that it has by itself, as under ctest, which runs one a
// process.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>

#include "tests/ops/op_table.h"

namespace {

struct RestartInputs : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseStarting(const Catch::TestCaseInfo&) override { minitorch::testing::restart_inputs(); }
};
CATCH_REGISTER_LISTENER(RestartInputs)

}  // namespace
