// SPDX-License-Identifier: MIT
// ./course runs [LESSON or FOLDER...]: past runs, their options and figures side by side, their curves in one
// picture. With --index FOLDER..., for ./course lesson all: a page that leads to the reports of these runs.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "fastcore/basics/columns.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/report/report.h"
#include "fastcore/report/runs.h"
#include "fastcore/report/usage.h"

using namespace fastcore;

namespace {

struct Options {
  std::vector<std::string> names;
  std::size_t last = 0;  // 0: three of a lesson, all of the list
  std::string out;
  bool index = false;
};

// On a window a list's lines are cut where it ends; into files and pipes they go whole.
void print_table(const RunTable& table, bool cut = true) {
  std::vector<std::vector<std::string>> rows{table.header};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  const int window = cut ? window_columns(STDOUT_FILENO) : 0;
  std::istringstream lines(aligned(rows));
  for (std::string line; std::getline(lines, line);)
    std::printf("%s\n", window > 0 ? shortened(line, window).c_str() : line.c_str());
}

// Table and curves as runs.html and runs.png in `folder`.
void write_comparison(const std::vector<Run>& runs, const RunTable& table, const Path& folder) {
  Report report("Runs of " + runs.back().text("lesson"));
  report.section("Side by side").table(table.header, table.rows);
  if (const std::string shared = shared_options(runs); !shared.empty())
    report.text("The same in all: " + shared + ".");
  const Figure figure{.plots = overlay_runs(runs)};
  if (!figure.plots.empty()) {
    const RunTable last = last_values(runs);
    report.section("Trainings").table(last.header, last.rows);
    report.section("Curves").figure(figure, "A curve for each run.");
    figure.save((folder / "runs.png").str());
    std::printf("picture: %s\n", (folder / "runs.png").c_str());
  }
  report.save((folder / "runs.html").str());
  std::printf("report:  %s\n", (folder / "runs.html").c_str());
}

int compare(std::vector<Run> runs, const Options& options, const Path& folder) {
  const std::size_t last = options.last ? options.last : 3;
  if (runs.size() > last) {
    std::printf("the last %zu of %zu runs; --last N shows more\n\n", last, runs.size());
    runs.erase(runs.begin(), runs.end() - static_cast<std::ptrdiff_t>(last));
  }
  const RunTable table = compare_runs(runs);
  print_table(table, false);
  if (const std::string shared = shared_options(runs); !shared.empty())
    std::printf("\nthe same in all: %s\n", shared.c_str());
  write_comparison(runs, table, folder);
  return 0;
}

// All of them lesson by lesson, or the latest of all lessons: a run's folder is named after its time.
void list(std::vector<Run> runs, std::size_t last) {
  if (last && runs.size() > last) {
    std::printf("the last %zu of %zu runs\n\n", last, runs.size());
    std::stable_sort(runs.begin(), runs.end(),
                     [](const Run& a, const Run& b) { return a.folder.name() < b.folder.name(); });
    runs.erase(runs.begin(), runs.end() - static_cast<std::ptrdiff_t>(last));
  }
  print_table(list_runs(runs));
  std::printf("\nside by side, with curves: ./course runs %s\n", runs.back().text("lesson").c_str());
}

// A lesson that was killed has a record that says "running" still, or none: it stands in the index all the
// same.
Run ended_run(const Path& folder) {
  Run run{folder, {.fields = {{"lesson", folder.parent().name()}}, .groups = {}}};
  try {
    run = read_run(folder);
    if (run.text("status") != "running") return run;
  } catch (const minitorch::FileError&) {}
  std::erase_if(run.record.fields, [](const auto& field) { return field.first == "status"; });
  run.record.fields.emplace_back("status", std::string("killed"));
  return run;
}

// "05_sgd/2026-03-14_15-09-26/report.html", from the page in `out`; nothing where a run has left no report.
std::string link_to(const Run& run, const Path& out) {
  const Path report = run.folder / "report.html";
  return report.exists() ? report.resolve().relative_to(out.resolve()).str() : "";
}

int write_index(const Options& options, const Path& out) {
  std::vector<Run> runs;
  std::vector<std::string> links;
  for (const std::string& folder : options.names) {
    runs.push_back(ended_run(folder));
    links.push_back(link_to(runs.back(), out));
  }
  const RunTable table = index_runs(runs);
  print_table(table);
  Report page("All lessons");
  if (const std::string shared = shared_options(runs); !shared.empty())
    page.text("Run one after the other with " + shared + ".");
  page.linked_table(table.header, table.rows, links).save((out / "index.html").str());
  std::printf("\nreport: %s\n", (out / "index.html").c_str());
  return 0;
}

int show(const Options& options) {
  const char* set = std::getenv("COURSE_OUT");
  const Path out = set && *set ? set : "out";
  RunList found;
  Path folder = options.out.empty() ? out : Path(options.out);
  if (options.index) return write_index(options, folder);
  if (options.names.empty() && !options.out.empty())
    throw minitorch::ValueError("--out is where runs side by side are written, and a list of all runs is not",
                                "name a lesson: ./course runs 5 --out " + options.out);
  for (const std::string& name : options.names) {
    if ((Path(name) / "run.json").exists()) {
      found.runs.push_back(read_run(name));
      if (!found.runs.back().problem.empty()) found.damaged.push_back(found.runs.back().problem);
      continue;
    }
    RunList more = find_runs(out, name);
    found.runs.insert(found.runs.end(), more.runs.begin(), more.runs.end());
    found.damaged.insert(found.damaged.end(), more.damaged.begin(), more.damaged.end());
    if (options.names.size() == 1 && options.out.empty()) folder = out / name;
  }
  if (options.names.empty()) found = find_runs(out);
  for (const std::string& line : found.damaged) std::fprintf(stderr, "left out: %s\n", line.c_str());
  if (found.runs.empty())
    throw minitorch::ValueError("there are no runs" +
                                    (options.names.empty() ? std::string() : " of " + options.names[0]) +
                                    " below " + out.str(),
                                "./course lesson " + (options.names.empty() ? "3" : options.names[0]));
  if (!options.names.empty()) {
    folder.mkdir({.parents = true, .exist_ok = true});
    return compare(std::move(found.runs), options, folder);
  }
  list(std::move(found.runs), options.last);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Past runs of lessons: all of them as a list, or those of a lesson side by side.",
               "./course runs"};
  Options options;
  app.add_option("names", options.names, "lessons, or folders of runs");
  app.add_option("--last", options.last, "so many runs, the latest ones (3 of a lesson, all in the list)")
      ->check(CLI::Range(1, 50));
  app.add_option("--out", options.out, "where runs.html and runs.png go");
  app.add_flag("--index", options.index, "one page that leads to the reports of these folders of runs");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { return refuse_usage(app, error, "./course runs --help"); }
  try {
    return show(options);
  } catch (const std::exception& error) { return minitorch::report_error(error); }
}
