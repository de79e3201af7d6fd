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

simt::CountedKernel counted(const char* pattern) {
  simt::set_counting(true);
  CHECK(sim::run_pattern(pattern) == cudaSuccess);
  simt::set_counting(false);
  const auto all = simt::counted_kernels();
  REQUIRE(all.size() == 1);
  CHECK(all[0].kernel == pattern);
  return all[0];
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

TEST_CASE("sectors are counted from the beginning of an array, whatever its length") {
  CHECK(row("neighbours_of_ragged_arrays", "global load") == "1.00 2 0% 4.0 (4.0) -");
  CHECK(row("neighbours_of_ragged_arrays", "global store") == "1.00 2 0% 4.0 (4.0) -");
}

#if !defined(__clang__)  // takes local structs apart before it puts the hooks in
TEST_CASE("a float4 in a local variable is one access, not four") {
  CHECK(row("four_in_a_variable", "global load") == "1.00 2 0% 16.0 (16.0) -");
  CHECK(row("four_in_a_variable", "global store") == "1.00 2 0% 16.0 (16.0) -");
  CHECK(row("four_in_a_variable", "shared load") == "1.00 2 0% - 0.0");
  CHECK(row("four_in_a_variable", "shared store") == "1.00 2 0% - 0.0");
}
#endif

TEST_CASE("bank conflicts: a column of a tile 32 wide is 32 words of one bank") {
  CHECK(row("shared_columns", "shared store") == "16.00 32 0% - 0.0");
  CHECK(row("shared_columns", "shared load") == "1.00 2 0% - 31.0");
}

TEST_CASE("a copy in the background is one access, and atomics on one word go one after the other") {
  CHECK(row("copied_tile", "global load") == "1.00 2 0% 16.0 (16.0) -");
  CHECK(row("copied_tile", "shared store") == "1.00 2 0% - 0.0");
  CHECK(row("counted_together", "shared atomic") == "1.00 2 0% - 31.0");
}

TEST_CASE("divergence: half the lanes are missing") {
  CHECK(row("every_second_lane", "global load") == "0.50 2 100% 4.0 (2.0) -");
}

TEST_CASE("counts come as numbers, too") {
  const simt::CountedKernel kernel = counted("shared_columns");
  CHECK((kernel.launches == 1 && kernel.blocks == 1 && kernel.warps == 2 && kernel.threads == 64));
  CHECK(kernel.barriers == 1);
  REQUIRE(kernel.lines.size() == 3);
  for (const simt::CountedLine& c : kernel.lines) {
    CHECK_THAT(c.line, Catch::StartsWith("memory_patterns.cu:"));
    if (c.access == "global store") CHECK(c.sectors == 8);
    if (c.access == "shared store") CHECK(c.accesses == 64 * 16);
    if (c.access == "shared load") CHECK(c.bank_conflicts == 2 * 31);
  }
  const simt::Counters mean = simt::counters(kernel);
  CHECK((mean.global_loads == 0 && mean.global_stores == 1 && mean.atomics == 0));
  CHECK((mean.shared_stores == 16 && mean.shared_loads == 1));
  CHECK(mean.global_bytes == 4);
  CHECK((mean.sectors == 4 && mean.needed_sectors == 4));
  CHECK(mean.bank_conflicts == Approx(2 * 31 / 34.0));  // of 32 requests that store, and 2 that load
  CHECK(mean.barriers == 1);
  CHECK(simt::counters(counted("last_block_adds")).atomics == Approx(1 / 64.0));
}

TEST_CASE("a branch diverges where lanes of one warp part, and not where whole warps do") {
  CHECK(counted("neighbours").branches == 0);
  CHECK(counted("sum_of_warps").divergent_branches == 0);  // what happens inside of a shuffle is no branch
  const simt::CountedKernel half = counted("every_second_lane");
  CHECK((half.branches == 2 && half.divergent_branches == 2));
  const simt::CountedKernel warps = counted("every_second_warp");
  CHECK((warps.branches == 2 && warps.divergent_branches == 0));
  // The lanes leave the loop one by one, the last two together.
  const simt::Counters rounds = simt::counters(counted("as_often_as_the_lane"));
  CHECK((rounds.branches == 32 && rounds.divergent_branches == 31));
  CHECK_THAT(simt::counters_table(), Catch::Contains("31.0 of 32.0 branches of a warp diverge"));
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
