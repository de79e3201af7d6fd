// SPDX-License-Identifier: MIT
// Runs the cases of the op table that match one of the given patterns, where * stands for any text; all
// without patterns. Exit code 1 if one fails. A case tagged [!shouldfail] must fail.
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/ops/op_table.h"

namespace {

bool matches(const char* pattern, const char* name) {
  if (*pattern == '*') return matches(pattern + 1, name) || (*name && matches(pattern, name + 1));
  if (!*pattern || !*name) return !*pattern && !*name;
  return *pattern == *name && matches(pattern + 1, name + 1);
}

bool passes(const Catch::Case& c) {
  Catch::state() = {};
  minitorch::testing::restart_inputs();
  std::string thrown;
  try {
    c.run();
  } catch (const Catch::CaseEnded&) {
  } catch (const std::exception& error) { thrown = error.what(); }
  const bool failed = Catch::state().failures || !thrown.empty();
  if (std::strstr(c.tags, "[!shouldfail]")) return failed;
  if (!thrown.empty()) std::cerr << "threw: " << thrown << "\n";
  if (failed) std::cerr << "FAILED: " << c.name << "\n";
  return !failed;
}

}  // namespace

int main(int argc, char** argv) {
  int ran = 0, failed = 0, checks = 0;
  for (const Catch::Case& c : Catch::cases()) {
    bool wanted = argc < 2;
    for (int i = 1; i < argc; ++i) wanted |= matches(argv[i], c.name);
    if (!wanted) continue;
    ++ran;
    failed += !passes(c);
    checks += Catch::state().checks;
  }
  std::cout << ran << " cases, " << checks << " checks, " << failed << " cases failed" << std::endl;
  return failed || !ran;
}
