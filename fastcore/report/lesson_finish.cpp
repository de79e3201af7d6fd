// SPDX-License-Identifier: MIT
// What a run leaves behind: report.html, metrics.csv and run.json.
#include <sys/resource.h>
#include <sys/utsname.h>

#include <cstdio>

#include "fastcore/basics/terminal.h"
#include "fastcore/report/json_line.h"
#include "fastcore/report/lesson.h"
#include "fastcore/report/report.h"
#include "fastcore/report/run_files.h"
#include "minitorch/core/parallel.h"
#include "minitorch/core/profile.h"

namespace fastcore {
using minitorch::format;

namespace {

// The largest amount of memory the program has held, in MB.
double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

RunFields options_of(const LessonOptions& options) {
  RunFields chosen{{"device", to_string(options.device)},
                   {"threads", int64_t{minitorch::num_threads()}},
                   {"seed", options.seed},
                   {"quick", options.quick},
                   {"data", options.data}};
  if (options.epochs) chosen.emplace_back("epochs", *options.epochs);
  if (options.bs) chosen.emplace_back("bs", *options.bs);
  if (options.lr) chosen.emplace_back("lr", *options.lr);
  for (const auto& [name, value] : options.own) chosen.emplace_back(name, value);
  return chosen;
}

// What computed the figures.
RunFields versions_here() {
  utsname system{};
  uname(&system);
  return {{"course", std::string("0.1.0")},
          {"compiler", std::string(__VERSION__)},
          {"system", std::string(system.sysname) + " " + system.release + ", " + system.machine}};
}

}  // namespace

void Lesson::finish(const std::string& status, const std::string& problem) {
  const double seconds = Terminal::current().now() - start_;
  settle();
  if (profile_) {
    const std::string table = profile_->stop().text();
    profile_->write_trace((folder_ / "profile.json").str());
    say("\n" + table + "trace for https://ui.perfetto.dev: " + (folder_ / "profile.json").str() + "\n");
    report_->section("Time and memory by operation").code(table);
  }
  if (!problem.empty()) report_->section("How it ended").note(Tone::bad, problem);
  const RunFields chosen = options_of(options_), versions = versions_here();
  RunFields figures;
  for (const auto& [name, value] : metrics_) figures.emplace_back(name, value);
  std::vector<std::pair<std::string, std::string>> facts{{"status", status},
                                                         {"time", format_time(seconds)},
                                                         {"peak memory", format("%.0f MB", peak_memory())},
                                                         {"data", data_note_}};
  for (const auto* group : {&chosen, &versions})
    for (const auto& [name, value] : *group) {
      if (auto* text = std::get_if<std::string>(&value)) facts.emplace_back(name, *text);
      if (auto* number = std::get_if<int64_t>(&value)) facts.emplace_back(name, std::to_string(*number));
      if (auto* flag = std::get_if<bool>(&value)) facts.emplace_back(name, *flag ? "yes" : "no");
      if (auto* real = std::get_if<double>(&value)) facts.emplace_back(name, repr_number(*real));
    }
  report_->section("This run").facts(facts);
  report_->save((folder_ / "report.html").str());
  if (!header_.empty()) write_metrics_csv((folder_ / "metrics.csv").str(), header_, rows_);
  write_run_json((folder_ / "run.json").str(),
                 {{{"lesson", info_.name},
                   {"status", status},
                   {"problem", problem},
                   {"data", data_note_},
                   {"seconds", seconds},
                   {"peak_memory_mb", peak_memory()}},
                  {{"options", chosen}, {"metrics", figures}, {"versions", versions}}});
  if (options_.json) {
    std::string line = "{\"lesson\": " + json_text(info_.name) + ", \"status\": " + json_text(status);
    for (const auto& [name, value] : metrics_) line += ", " + json_text(name) + ": " + json_number(value);
    std::printf("%s, \"folder\": %s}\n", line.c_str(), json_text(folder_.str()).c_str());
  }
  say("\nreport: " + (folder_ / "report.html").str() + "\n");
}

}  // namespace fastcore
