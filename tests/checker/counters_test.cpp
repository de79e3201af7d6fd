// SPDX-License-Identifier: MIT
// The counters on kernels whose traffic can be counted by hand.
#include <catch2/catch.hpp>
#include <sstream>

#include "minitorch/simt/control.h"
#include "tests/checker/memory_patterns.h"

using namespace minitorch;

namespace {

// The row of the kernel's table for "global load" and so on, its columns separated by single spaces, without
// the line.
std::string row(const char* pattern, const std::string& access) {
  simt::set_counting(true);
  CHECK(sim::run_pattern(pattern) == cudaSuccess);
  simt::set_counting(false);
  std::istringstream table(simt::counters_table());
  std::string line;
  while (std::getline(table, line)) {
    if (line.find(access) == std::string::npos) continue;
    std::istringstream words(line.substr(line.find(access) + access.size()));
    std::string word, out;
    while (words >> word) out += (out.empty() ? "" : " ") + word;
    return out;
  }
  return "no such row";
}

}  // namespace

// Columns: accesses per thread, requests, diverged, sectors (needed), conflicts.
TEST_CASE("sectors: neighbours share them, strides waste them, one word is one sector") {
  CHECK(row("neighbours", "global load") == "1.00 2 0% 4.0 (4.0) -");
  CHECK(row("every_eighth", "global load") == "1.00 2 0% 32.0 (4.0) -");
  CHECK(row("one_for_all", "global load") == "1.00 2 0% 1.0 (1.0) -");
  CHECK(row("four_at_once", "global load") == "1.00 2 0% 16.0 (16.0) -");
  CHECK(row("three_rounds", "global load") == "3.00 6 0% 4.0 (4.0) -");
}

TEST_CASE("bank conflicts: a column of a tile 32 wide is 32 words of one bank") {
  CHECK(row("shared_columns", "shared store") == "16.00 32 0% - 0.0");
  CHECK(row("shared_columns", "shared load") == "1.00 2 0% - 31.0");
}

TEST_CASE("divergence: half the lanes are missing") {
  CHECK(row("every_second_lane", "global load") == "0.50 2 100% 4.0 (2.0) -");
}

TEST_CASE("counts come as numbers, too") {
  simt::set_counting(true);
  CHECK(sim::run_pattern("shared_columns") == cudaSuccess);
  simt::set_counting(false);
  const auto kernels = simt::counted_kernels();
  REQUIRE(kernels.size() == 1);
  CHECK(kernels[0].kernel == "shared_columns");
  CHECK(kernels[0].launches == 1);
  CHECK(kernels[0].threads == 64);
  CHECK(kernels[0].barriers == 1);
  REQUIRE(kernels[0].lines.size() == 3);
  for (const simt::CountedLine& c : kernels[0].lines) {
    CHECK_THAT(c.line, Catch::StartsWith("memory_patterns.cu:"));
    if (c.access == "global store") CHECK(c.sectors == 8);
    if (c.access == "shared store") CHECK(c.accesses == 64 * 16);
    if (c.access == "shared load") CHECK(c.bank_conflicts == 2 * 31);
  }
}

TEST_CASE("the picture names the thread of each word") {
  simt::set_counting(true);
  CHECK(sim::run_pattern("every_eighth") == cudaSuccess);
  simt::set_counting(false);
  const std::string svg = simt::counters_svg("every_eighth");
  CHECK_THAT(svg, Catch::StartsWith("<svg ") && Catch::EndsWith("</svg>\n"));
  CHECK_THAT(svg, Catch::Contains("<title>word 40: read by thread 5; </title>"));
  CHECK_THAT(svg, Catch::Contains("<title>word 5: written by thread 5; </title>"));
  CHECK_THAT(svg, Catch::Contains("device memory (argument 1 of the kernel), from word 0"));
  CHECK(simt::counters_svg("neighbours").empty());
}
