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

void add(LineCounts& to, const LineCounts& c) {
  to.space = c.space;
  to.accesses += c.accesses;
  to.bytes += c.bytes;
  to.requests += c.requests;
  to.partial += c.partial;
  to.sectors += c.sectors;
  to.needed_sectors += c.needed_sectors;
  to.bank_conflicts += c.bank_conflicts;
}

Counters summary(const std::string& name, const KernelCounts& kernel) {
  Counters out{
      .kernel = name, .launches = kernel.launches, .blocks = kernel.blocks, .threads = kernel.threads};
  LineCounts global, shared;
  for (const auto& [line, c] : kernel.lines) {
    const bool is_global = c.space == Space::kGlobal;
    add(is_global ? global : shared, c);
    double& kind = c.atomic    ? out.atomics
                   : is_global ? (c.write ? out.global_stores : out.global_loads)
                               : (c.write ? out.shared_stores : out.shared_loads);
    kind += per(c.accesses, kernel.threads);
  }
  out.global_bytes = per(global.bytes, kernel.threads);
  out.sectors = per(global.sectors, global.requests);
  out.needed_sectors = per(global.needed_sectors, global.requests);
  out.bank_conflicts = per(shared.bank_conflicts, shared.requests);
  out.barriers = per(kernel.barriers, kernel.blocks);
  for (const auto& [line, c] : kernel.branches) {
    if (c.ways.size() < 2) continue;
    out.branches += per(c.warps, kernel.warps);
    out.divergent_branches += per(c.diverged, kernel.warps);
  }
  return out;
}

// --- the table: several instructions of one line and kind are one row ---

using Rows = std::map<std::pair<std::string, std::string>, std::string>;  // by line and access

std::string row(const std::string& per_thread, uint64_t requests, uint64_t diverged,
                const std::string& sectors, const std::string& conflicts) {
  return text(" %10s %9llu %8.0f%% %16s %9s\n", per_thread.c_str(), static_cast<unsigned long long>(requests),
              100 * per(diverged, requests), sectors.c_str(), conflicts.c_str());
}

void add_accesses(Rows& rows, const KernelCounts& kernel) {
  std::map<std::pair<std::string, std::string>, LineCounts> by_line;
  for (const auto& [key, c] : kernel.lines) add(by_line[{source_line(line_address(key / 2)), kind_of(c)}], c);
  for (const auto& [where, c] : by_line) {
    const bool global = c.space == Space::kGlobal;
    rows[where] =
        row(text("%.2f", per(c.accesses, kernel.threads)), c.requests, c.partial,
            global ? text("%.1f (%.1f)", per(c.sectors, c.requests), per(c.needed_sectors, c.requests)) : "-",
            global ? "-" : text("%.1f", per(c.bank_conflicts, c.requests)));
  }
}

void add_branches(Rows& rows, const KernelCounts& kernel) {
  std::map<std::pair<std::string, std::string>, BranchCounts> by_line;
  for (const auto& [line, c] : kernel.branches) {
    if (c.ways.size() < 2) continue;
    BranchCounts& sum = by_line[{source_line(line_address(line)), "branch"}];
    sum.warps += c.warps;
    sum.diverged += c.diverged;
  }
  for (const auto& [where, c] : by_line)
    if (c.diverged) rows[where] = row("-", c.warps, c.diverged, "-", "-");
}

std::string kernel_table(const std::string& name, const KernelCounts& kernel) {
  const Counters sum = summary(name, kernel);
  std::string out = name + text(": %llu launches, %llu blocks, %llu threads\n",
                                static_cast<unsigned long long>(kernel.launches),
                                static_cast<unsigned long long>(kernel.blocks),
                                static_cast<unsigned long long>(kernel.threads));
  out += text("  %.1f barriers a block; %.1f of %.1f branches of a warp diverge\n", sum.barriers,
              sum.divergent_branches, sum.branches);
  out += text("  %-28s %-14s %10s %9s %9s %16s %9s\n", "line", "access", "per thread", "requests", "diverged",
              "sectors (needed)", "conflicts");
  Rows rows;
  add_accesses(rows, kernel);
  add_branches(rows, kernel);
  for (const auto& [where, numbers] : rows)
    out += text("  %-28s %-14s", where.first.c_str(), where.second.c_str()) + numbers;
  return out;
}

}  // namespace

std::vector<Counters> counters() {
  std::vector<Counters> out;
  for (const auto& [name, kernel] : kernel_counts()) out.push_back(summary(name, kernel));
  return out;
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
