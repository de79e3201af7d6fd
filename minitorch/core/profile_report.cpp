// SPDX-License-Identifier: MIT
// From what was recorded to the table, as data and as text.
#include <algorithm>

#include "minitorch/core/errors.h"
#include "minitorch/core/profile_recorder.h"

namespace minitorch {

namespace {

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

ProfileRow finish_row(const detail::Row& row, double whole, const MachinePeak& machine) {
  ProfileRow out{.op = row.op,
                 .calls = row.calls,
                 .seconds = row.seconds,
                 .share = ratio(row.seconds, whole),
                 .flops_per_second = ratio(row.flops, row.seconds),
                 .bytes_per_second = ratio(row.bytes, row.seconds),
                 .bytes_at_peak = row.at_peak};
  if (row.device == Device::kCpu) {
    out.share_of_flops = ratio(out.flops_per_second, machine.flops_per_second);
    out.share_of_bytes = ratio(out.bytes_per_second, machine.bytes_per_second);
  }
  return out;
}

// --- text ---
std::string time_text(double seconds) {
  if (seconds >= 1) return format("%.2f s ", seconds);
  if (seconds >= 1e-3) return format("%.2f ms", seconds * 1e3);
  return format("%.1f us", seconds * 1e6);
}
std::string percent_text(double share) { return format("%.1f %%", share * 100); }
std::string rate_text(double per_second) { return per_second > 0 ? format("%.1f", per_second / 1e9) : "-"; }
std::string share_text(double share) { return share > 0 ? format("%.0f %%", share * 100) : "-"; }
std::string memory_text(std::size_t bytes) {
  return bytes ? format("%.1f MB", static_cast<double>(bytes) / 1e6) : "-";
}

std::string row_text(std::size_t width, const ProfileRow& row) {
  return format("%-*s %8s %10s %7s %9s %7s %8s %7s %10s\n", static_cast<int>(width), row.op.c_str(),
                row.calls ? std::to_string(row.calls).c_str() : "-", time_text(row.seconds).c_str(),
                percent_text(row.share).c_str(), rate_text(row.flops_per_second).c_str(),
                share_text(row.share_of_flops).c_str(), rate_text(row.bytes_per_second).c_str(),
                share_text(row.share_of_bytes).c_str(), memory_text(row.bytes_at_peak).c_str());
}

}  // namespace

ProfileReport detail::make_report(const Recorder& r, const MachinePeak& machine) {
  ProfileReport report{.seconds = r.seconds, .events_left_out = r.left_out, .machine = machine};
  for (std::size_t i = Recorder::kDeviceTypes; i < r.rows.size(); ++i)
    if (r.rows[i].calls) report.rows.push_back(finish_row(r.rows[i], r.seconds, machine));
  std::stable_sort(report.rows.begin(), report.rows.end(),
                   [](const ProfileRow& a, const ProfileRow& b) { return a.seconds > b.seconds; });
  Row rest = r.rows[0];
  rest.seconds = std::max(0.0, r.seconds - r.own_kernel_seconds);
  for (int d = 1; d < Recorder::kDeviceTypes; ++d) rest.at_peak += r.rows[d].at_peak;
  report.rows.push_back(finish_row(rest, r.seconds, machine));
  for (const DeviceMemory& m : r.memory)
    if (m.peak >= report.peak_bytes) {
      report.peak_bytes = m.peak;
      report.before_bytes = m.before_at_peak;
    }
  return report;
}

std::string ProfileReport::text(std::size_t rows_wanted) const {
  const std::size_t ops = rows.empty() ? 0 : rows.size() - 1, shown = std::min(ops, rows_wanted);
  ProfileRow more{.op = format("%zu more", ops - shown)};
  std::size_t width = 16;
  for (std::size_t i = 0; i < ops; ++i) {
    if (i < shown) width = std::max(width, rows[i].op.size());
    else {
      more.calls += rows[i].calls;
      more.seconds += rows[i].seconds;
      more.share += rows[i].share;
      more.bytes_at_peak += rows[i].bytes_at_peak;
    }
  }
  std::string text = format("%-*s %8s %10s %7s %9s %7s %8s %7s %10s\n", static_cast<int>(width), "op",
                            "calls", "time", "share", "GFLOP/s", "of peak", "GB/s", "of peak", "memory");
  for (std::size_t i = 0; i < shown; ++i) text += row_text(width, rows[i]);
  if (shown < ops) text += row_text(width, more);
  if (!rows.empty()) text += row_text(width, rows.back());
  text += format("%-*s %8s %10s\n", static_cast<int>(width), "in all", "", time_text(seconds).c_str());
  text +=
      format("peak of memory: %s, of which %s were in use before; \"memory\" is what each op held of it\n",
             memory_text(peak_bytes).c_str(), memory_text(before_bytes).c_str());
  if (machine.threads)
    text += format("this machine, %d thread%s: %.0f GFLOP/s, %.1f GB/s%s\n", machine.threads,
                   machine.threads == 1 ? "" : "s", machine.flops_per_second / 1e9,
                   machine.bytes_per_second / 1e9,
                   std::any_of(rows.begin(), rows.end(), [](auto& row) { return row.share_of_bytes > 1; })
                       ? "; above 100 % of the latter, data came from the caches"
                       : "");
  if (events_left_out > 0)
    text += format("the trace lacks the last %lld events: raise max_events for all of them\n",
                   static_cast<long long>(events_left_out));
  return text;
}

}  // namespace minitorch
