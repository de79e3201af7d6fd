// SPDX-License-Identifier: MIT
// The counters as numbers for a program and as a table for a reader.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "minitorch/simt/checker/counters.h"
#include "minitorch/simt/control.h"

namespace minitorch::simt {
namespace {

template <class... A>
std::string text(const char* pattern, A... arguments) {
  char line[160];
  std::snprintf(line, sizeof line, pattern, arguments...);
  return line;
}

double per(uint64_t count, uint64_t of) {
  return static_cast<double>(count) / static_cast<double>(std::max<uint64_t>(of, 1));
}

std::string kind_of(const LineCounts& c) {
  const std::string space = c.space == Space::kGlobal ? "global " : "shared ";
  return space + (c.atomic ? "atomic" : c.write ? "store" : "load");
}

// Several instructions of one line and kind are one row.
std::vector<CountedLine> by_source_line(const KernelCounts& kernel) {
  std::map<std::pair<std::string, std::string>, CountedLine> rows;
  for (const auto& [key, c] : kernel.lines) {
    const std::string line = source_line(line_address(key / 2)), access = kind_of(c);
    CountedLine& row = rows[{line, access}];
    row.line = line;
    row.access = access;
    row.accesses += c.accesses;
    row.bytes += c.bytes;
    row.requests += c.requests;
    row.diverged += c.partial;
    row.sectors += c.sectors;
    row.needed_sectors += c.needed_sectors;
    row.bank_conflicts += c.bank_conflicts;
  }
  std::vector<CountedLine> lines;
  for (auto& [where, row] : rows) lines.push_back(std::move(row));
  return lines;
}

// Where warps have diverged: a row of requests only.
std::vector<CountedLine> branch_lines(const KernelCounts& kernel) {
  std::map<std::string, CountedLine> rows;
  for (const auto& [at, c] : kernel.branches) {
    if (c.diverged == 0 || is_simulator_code(line_address(at))) continue;
    const std::string line = source_line(line_address(at));
    CountedLine& row = rows[line];
    row.line = line;
    row.access = "branch";
    row.requests += c.warps;
    row.diverged += c.diverged;
  }
  std::vector<CountedLine> lines;
  for (auto& [line, row] : rows) lines.push_back(std::move(row));
  return lines;
}

CountedKernel counted(const std::string& name, const KernelCounts& k) {
  CountedKernel out{.kernel = name,
                    .launches = k.launches,
                    .blocks = k.blocks,
                    .warps = k.warps,
                    .threads = k.threads,
                    .barriers = k.barriers,
                    .lines = by_source_line(k)};
  for (const auto& [line, c] : k.branches) {
    if (c.ways.size() < 2 || is_simulator_code(line_address(line))) continue;
    out.branches += c.warps;
    out.divergent_branches += c.diverged;
  }
  return out;
}

std::string table_row(const CountedLine& c, const CountedKernel& kernel) {
  const bool global = c.access.starts_with("global"), shared = c.access.starts_with("shared");
  return text("  %-28s %-14s %10s %9llu %8.0f%% %16s %9s\n", c.line.c_str(), c.access.c_str(),
              global || shared ? text("%.2f", per(c.accesses, kernel.threads)).c_str() : "-",
              static_cast<unsigned long long>(c.requests), 100 * per(c.diverged, c.requests),
              global
                  ? text("%.1f (%.1f)", per(c.sectors, c.requests), per(c.needed_sectors, c.requests)).c_str()
                  : "-",
              shared ? text("%.1f", per(c.bank_conflicts, c.requests)).c_str() : "-");
}

std::string kernel_table(const std::string& name, const KernelCounts& counts) {
  const CountedKernel kernel = counted(name, counts);
  const Counters mean = counters(kernel);
  std::string out = name + text(": %llu launches, %llu blocks, %llu threads\n",
                                static_cast<unsigned long long>(kernel.launches),
                                static_cast<unsigned long long>(kernel.blocks),
                                static_cast<unsigned long long>(kernel.threads));
  out += text("  %.1f barriers a block; %.1f of %.1f branches of a warp diverge\n", mean.barriers,
              mean.divergent_branches, mean.branches);
  out += text("  %-28s %-14s %10s %9s %9s %16s %9s\n", "line", "access", "per thread", "requests", "diverged",
              "sectors (needed)", "conflicts");
  std::vector<CountedLine> lines = kernel.lines;
  for (CountedLine& branch : branch_lines(counts)) lines.push_back(std::move(branch));
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  for (const CountedLine& line : lines) out += table_row(line, kernel);
  return out;
}

}  // namespace

std::vector<CountedKernel> counted_kernels() {
  std::vector<CountedKernel> all;
  for (const auto& [name, kernel] : kernel_counts()) all.push_back(counted(name, kernel));
  return all;
}

std::string counters_table() {
  std::string out;
  for (const auto& [name, kernel] : kernel_counts()) out += kernel_table(name, kernel);
  return out;
}

void print_counters() {
  if (!counting()) return;
  std::fputs(counters_table().c_str(), stderr);
  const char* folder = std::getenv("MT_SIM_PICTURES");
  if (!folder) return;
  for (const auto& [name, kernel] : kernel_counts()) {
    std::string file;
    for (const char c : name) file += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    const std::string path = std::string(folder) + "/" + file.substr(0, 120) + ".svg";
    if (FILE* out = std::fopen(path.c_str(), "w")) {
      std::fputs(counters_svg(name).c_str(), out);
      std::fclose(out);
    } else {
      std::fprintf(stderr, "cannot write %s: MT_SIM_PICTURES must name a folder that is there\n",
                   path.c_str());
      return;
    }
  }
}

}  // namespace minitorch::simt
