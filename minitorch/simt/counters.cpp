// SPDX-License-Identifier: MIT
// Averages of what the checker has counted.
#include <algorithm>

#include "minitorch/simt/control.h"

namespace minitorch::simt {
namespace {

double per(uint64_t count, uint64_t of) {
  return static_cast<double>(count) / static_cast<double>(std::max<uint64_t>(of, 1));
}

}  // namespace

Counters counters(const CountedKernel& kernel) {
  Counters out;
  CountedLine global, shared;
  for (const CountedLine& c : kernel.lines) {
    const bool is_global = c.access.starts_with("global");
    double& kind = c.access.ends_with("atomic") ? out.atomics
                   : c.access == "global load"  ? out.global_loads
                   : c.access == "global store" ? out.global_stores
                   : c.access == "shared load"  ? out.shared_loads
                                                : out.shared_stores;
    kind += per(c.accesses, kernel.threads);
    CountedLine& sum = is_global ? global : shared;
    sum.bytes += c.bytes;
    sum.requests += c.requests;
    sum.sectors += c.sectors;
    sum.needed_sectors += c.needed_sectors;
    sum.bank_conflicts += c.bank_conflicts;
  }
  out.global_bytes = per(global.bytes, kernel.threads);
  out.sectors = per(global.sectors, global.requests);
  out.needed_sectors = per(global.needed_sectors, global.requests);
  out.bank_conflicts = per(shared.bank_conflicts, shared.requests);
  out.barriers = per(kernel.barriers, kernel.blocks);
  out.branches = per(kernel.branches, kernel.warps);
  out.divergent_branches = per(kernel.divergent_branches, kernel.warps);
  return out;
}

}  // namespace minitorch::simt
