// SPDX-License-Identifier: MIT
// What a GPU's data sheet allows a kernel, by what it asks of memory.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"

using namespace fastcore;

//! [roofline]
// What data sheets promise: float32 operations and bytes a second. A kernel that does x operations for each
// byte it asks of memory cannot be faster than x times the bytes, nor than the arithmetic.
struct DataSheet {
  const char* name;
  double tera_flops, giga_bytes;
};
inline constexpr DataSheet kSheets[] = {
    {"T4", 8.1, 320}, {"RTX 3060", 12.7, 360}, {"A100", 19.5, 1555}, {"H100", 67, 3350}};

inline double allowed(const DataSheet& gpu, double flops_a_byte) {
  return std::min(gpu.tera_flops, flops_a_byte * gpu.giga_bytes / 1e3);
}
//! [roofline]

// `rungs`: names, and operations for each byte; those that stand in one place share a note.
inline void draw_roofline(Lesson& lesson, std::vector<std::pair<std::string, double>> rungs) {
  Plot plot("What memory allows");
  plot.x_axis = {.label = "operations for each byte asked of memory", .low = 0.03, .high = 100, .log = true};
  plot.y_axis = {.label = "TFLOP/s", .low = 0.005, .high = 100, .log = true};
  for (const DataSheet& gpu : kSheets) {
    const double knee = gpu.tera_flops * 1e3 / gpu.giga_bytes;
    plot.line({0.03, knee, 100}, {allowed(gpu, 0.03), gpu.tera_flops, gpu.tera_flops}, {.label = gpu.name});
  }
  std::sort(rungs.begin(), rungs.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::string names;  // below all lines
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    const double x = rungs[i].second;
    names += (names.empty() ? "" : ", ") + rungs[i].first;
    if (i + 1 < rungs.size() && rungs[i + 1].second < 1.05 * x) continue;
    plot.mark_x(x, {.ink = Ink::muted, .width = 1, .dashed = true})
        .note(x, std::max(0.012, allowed(kSheets[0], x) / 16), names);
    names.clear();
  }
  lesson.figure("roofline", plot, "Each dashed line is a rung; a GPU's line says how fast it may be there.");
}
