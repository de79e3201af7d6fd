// SPDX-License-Identifier: MIT
// For tests of reports: run a broken kernel of bugs.cu, and compare what is said about it, lines included.
#pragma once
#include <catch2/catch.hpp>
#include <fstream>

#include "minitorch/simt/control.h"
#include "tests/simt/device_array.h"

namespace minitorch::testing {

// "{off_by_one}" becomes "bugs.cu:31", the line that ends in the comment "// off_by_one".
inline std::string with_lines(std::string text) {
  const std::string folder = std::string(__FILE__).substr(0, std::string(__FILE__).rfind('/') + 1);
  for (const std::string name : {"bugs.cu", "bugs_memory.cu", "bugs_access.cu"}) {
    std::ifstream file(folder + name);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      const auto comment = line.find("// ");
      if (comment == std::string::npos) continue;
      const std::string mark = "{" + line.substr(comment + 3) + "}";
      for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
        text.replace(at, mark.size(), name + ":" + std::to_string(number));
    }
  }
  return text;
}

struct Forward {  // puts the natural order back, whatever the test or MT_SIM_ORDER has set
  Forward() { simt::set_order(simt::Order::kForward); }
  ~Forward() { simt::set_order(simt::Order::kForward); }
};

inline std::string report_of(const std::string& bug, cudaError_t expected) {
  simt::take_reports();
  CHECK(sim::run_bug(bug) == expected);
  const auto reports = simt::take_reports();
  for (const auto& report : reports) CHECK(!report.advice.empty());
  return reports.empty() ? "" : reports[0].text;
}

/// A broken kernel, and what is said about it; `advice` where it matters.
struct Expected {
  const char* bug;
  cudaError_t error;
  const char* report;
  const char* advice = nullptr;
};
/// Each is told in exactly these words.
template <std::size_t kCount>
void check_reports(const Expected (&bugs)[kCount]) {
  const Forward forward;
  for (const Expected& e : bugs) {
    INFO(e.bug);
    simt::take_reports();
    CHECK(sim::run_bug(e.bug) == e.error);
    const auto reports = simt::take_reports();
    REQUIRE(!reports.empty());
    CHECK(reports[0].text == with_lines(e.report));
    if (e.advice) CHECK(reports[0].advice == e.advice);
  }
}

}  // namespace minitorch::testing
