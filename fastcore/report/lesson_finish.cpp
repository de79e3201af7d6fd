// SPDX-License-Identifier: MIT
// What a run leaves behind: report.html, metrics.csv and run.json.
#include <sys/resource.h>

#include <cstdio>
#include <exception>

#include "fastcore/basics/default_device.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/report/json_line.h"
#include "fastcore/report/lesson.h"
#include "fastcore/report/report.h"
#include "fastcore/report/run_facts.h"
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

}  // namespace

// An option that changed nothing is not passed over in silence.
void Lesson::warn_of_unused_options() {
  const auto warn = [&](bool unused, const std::string& option, const std::string& instead) {
    if (!unused) return;
    const std::string text =
        option + " was not used: this lesson " + instead + ", see lessons/" + info_.name + "/";
    report_->note(Tone::warning, text);
    if (!options_.quiet) std::fprintf(stderr, "warning: %s\n", text.c_str());
  };
  warn(options_.epochs && !epochs_used_, "--epochs", "sets the length of its trainings itself");
  warn(options_.bs && !bs_used_, "--bs", "sets its batch sizes itself");
  warn(options_.lr && !lr_used_, "--lr", "sets its rates itself");
  const bool own_files = !options_.data.empty() && options_.data != "course" && options_.data != "bundled";
  warn(own_files && main_data_.empty(), "--data", "reads no files");
  warn(!options_.device.is_cpu() && !device_used_ && !default_device_used(), "--device",
       "computes on the CPU");
}

void Lesson::finish(const std::string& status, const std::string& problem) {
  const double seconds = Terminal::current().now() - start_;
  settle();
  if (status == "done") warn_of_unused_options();
  if (profile_) {
    const std::string table = profile_->stop().text();
    profile_->write_trace((folder_ / "profile.json").str());
    say("\n" + table + "trace for https://ui.perfetto.dev: " + (folder_ / "profile.json").str() + "\n");
    report_->section("Time and memory by operation").code(table);
  }
  if (!metrics_.empty()) {
    std::vector<TextRow> rows;
    for (const Outcome& one : metrics_)
      rows.push_back({one.name, format("%.6g", one.value), one.measured_on});
    report_->section("What came out").table({"figure", "value", "measured on"}, rows);
  }
  if (!problem.empty()) report_->section("How it ended").note(Tone::bad, problem);
  const RunFields chosen = options_of(options_), versions = versions_here();
  RunFields figures, data_sets;
  for (const Outcome& one : metrics_) figures.emplace_back(one.name, one.value);
  for (const auto& [name, identity] : data_sets_) data_sets.emplace_back(name, identity);
  std::vector<std::pair<std::string, std::string>> facts{{"status", status},
                                                         {"time", format_time(seconds)},
                                                         {"peak memory", format("%.0f MB", peak_memory())},
                                                         {"data", data_note_}};
  if (!options_.resume.empty()) facts.emplace_back("resumed", "from where an earlier run was interrupted");
  for (const auto& [name, identity] : data_sets_) facts.emplace_back("files of " + name, identity);
  for (const auto* group : {&chosen, &versions})
    for (const auto& [name, value] : *group) {
      if (auto* text = std::get_if<std::string>(&value)) facts.emplace_back(name, *text);
      if (auto* number = std::get_if<int64_t>(&value)) facts.emplace_back(name, std::to_string(*number));
      if (auto* flag = std::get_if<bool>(&value)) facts.emplace_back(name, *flag ? "yes" : "no");
      if (auto* real = std::get_if<double>(&value)) facts.emplace_back(name, repr_number(*real));
    }
  report_->section("This run").facts(facts);
  // The smallest first, and each though another one could not be written: the disk may be full.
  std::exception_ptr failed;
  const auto write = [&](auto&& file) {
    try {
      file();
    } catch (const minitorch::Error&) {
      if (!failed) failed = std::current_exception();
    }
  };
  write([&] {
    write_run_json(
        (folder_ / "run.json").str(),
        {{{"lesson", info_.name},
          {"title", info_.title},
          {"status", status},
          {"problem", problem},
          {"data", data_note_},
          {"resumed", !options_.resume.empty()},
          {"seconds", seconds},
          {"peak_memory_mb", peak_memory()}},
         {{"options", chosen}, {"metrics", figures}, {"data_sets", data_sets}, {"versions", versions}}});
  });
  write([&] {
    if (!numbers_.empty())
      write_metrics_csv((folder_ / "metrics.csv").str(), numbers_.header(), numbers_.rows());
  });
  write([&] { report_->save((folder_ / "report.html").str()); });
  if (failed) std::rethrow_exception(failed);
  if (status == "done") remove_checkpoints(folder_);
  if (options_.json) {
    std::string line = "{\"lesson\": " + json_text(info_.name) + ", \"status\": " + json_text(status);
    for (const Outcome& one : metrics_) line += ", " + json_text(one.name) + ": " + json_number(one.value);
    std::printf("%s, \"folder\": %s}\n", line.c_str(), json_text(folder_.str()).c_str());
  }
  const int threads = minitorch::num_threads();
  say(format("\ntook %.1f s on %d thread%s and %.0f MB of memory\nreport: %s\n", seconds, threads,
             threads == 1 ? "" : "s", peak_memory(), (folder_ / "report.html").c_str()));
}

}  // namespace fastcore
