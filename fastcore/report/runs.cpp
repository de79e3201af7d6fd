// SPDX-License-Identifier: MIT
#include "fastcore/report/runs.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "fastcore/basics/terminal.h"
#include "fastcore/frame/csv.h"

namespace fastcore {
using minitorch::format;

namespace {

std::string to_text(const RunValue& value) {
  if (auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  if (auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (auto* real = std::get_if<double>(&value)) return std::isnan(*real) ? "nan" : format("%.4g", *real);
  if (auto* text = std::get_if<std::string>(&value)) return *text;
  return "a list";
}

const RunFields& group_of(const RunRecord& record, const std::string& name) {
  static const RunFields kNone;
  if (name.empty()) return record.fields;
  for (const auto& [known, fields] : record.groups)
    if (known == name) return fields;
  return kNone;
}

// Names of a group over all runs, in first-seen order.
std::vector<std::string> names_of(const std::vector<Run>& runs, const std::string& group) {
  std::vector<std::string> names;
  for (const Run& run : runs)
    for (const auto& [name, value] : group_of(run.record, group))
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

bool all_equal(const std::vector<Run>& runs, const std::string& option) {
  return std::all_of(runs.begin(), runs.end(), [&](const Run& run) {
    return run.text(option, "options") == runs.front().text(option, "options");
  });
}

// "03-14_15-09-26": the folder's name without its year, so that several fit on a line.
std::string short_name(const Run& run) {
  const std::string name = run.folder.name();
  const bool dated = name.size() > 5 && name.compare(0, 2, "20") == 0 && name[4] == '-';
  return dated ? name.substr(5) : name;
}

// How the run ended. One that says it is at work, and whose process is no more, was killed.
std::string status_of(const Run& run) {
  const std::string status = run.text("status");
  for (const auto& [name, value] : run.record.fields)
    if (auto* id = std::get_if<int64_t>(&value); id && name == "process" && status == "running")
      return *id > 0 && kill(static_cast<pid_t>(*id), 0) != 0 && errno == ESRCH ? "killed" : status;
  return status;
}

// Above this a number in a run.json is no time, and no memory: the file is damaged.
constexpr double kMostPlausible = 1e9;

std::string time_of(const Run& run) {
  for (const auto& [name, value] : run.record.fields)
    if (auto* seconds = std::get_if<double>(&value);
        seconds && name == "seconds" && *seconds >= 0 && *seconds < kMostPlausible)
      return format_time(*seconds);
  return "-";
}

std::string memory_of(const Run& run) {
  for (const auto& [name, value] : run.record.fields)
    if (auto* mb = std::get_if<double>(&value); mb && name == "peak_memory_mb" && *mb < kMostPlausible)
      return format("%.0f MB", *mb);
  return "-";
}

// "accuracy 0.91, loss 0.3": at most so many of the figures that the run is judged by.
std::string first_figures(const Run& run, std::size_t most) {
  std::string figures;
  const RunFields& metrics = group_of(run.record, "metrics");
  for (std::size_t i = 0; i < std::min(most, metrics.size()); ++i)
    figures += (i ? ", " : "") + metrics[i].first + " " + to_text(metrics[i].second);
  return figures.empty() ? "-" : figures;
}

bool rises(const Values& x) {
  for (std::size_t i = 1; i < x.size(); ++i)
    if (!(x[i] > x[i - 1])) return false;
  return true;
}

// The rows of one training: its first column with a number counts, the others are measured.
void add_curves(std::vector<RunCurve>& curves, const std::string& training, const DataFrame& rows) {
  std::string count;
  Values places;
  for (const std::string& name : rows.columns()) {
    const Series column = rows[name];
    if (name == "training" || !column.is_numeric() || column.count() == 0) continue;
    if (!count.empty()) {
      curves.push_back({training, count, name, places, column.numbers()});
      continue;
    }
    count = name;
    places = column.numbers();
  }
}

// Whether some run has more than one training, so that they have to be told apart.
bool several_trainings(const std::vector<Run>& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const Run& run) {
    return !run.curves.empty() && run.curves.front().training != run.curves.back().training;
  });
}

std::string title_of(const RunCurve& curve, bool several) {
  return several ? curve.training + ": " + curve.name : curve.name;
}

}  // namespace

std::string Run::text(const std::string& name, const std::string& group) const {
  for (const auto& [known, value] : group_of(record, group))
    if (known == name) return to_text(value);
  return "";
}

static std::vector<RunCurve> read_curves(const Path& file) {
  std::vector<RunCurve> curves;
  const DataFrame table = read_csv(file);
  const Words names =
      table.has("training") ? table["training"].texts() : Words(static_cast<std::size_t>(table.rows()));
  std::vector<std::pair<std::string, std::vector<int64_t>>> trainings;  // in the order of the file
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto one = std::find_if(trainings.begin(), trainings.end(),
                            [&](const auto& known) { return known.first == names[i]; });
    if (one == trainings.end()) one = trainings.insert(one, {names[i], {}});
    one->second.push_back(static_cast<int64_t>(i));
  }
  for (const auto& [training, rows] : trainings) add_curves(curves, training, table.take(rows));
  return curves;
}

Run read_run(const Path& folder) {
  Run run{folder, read_run_json((folder / "run.json").str())};
  const Path file = folder / "metrics.csv";
  if (!file.exists()) return run;
  try {
    run.curves = read_curves(file);
  } catch (const minitorch::Error& error) {
    run.problem = "the curves of " + folder.str() + ": " + error.what();
  }
  return run;
}

RunList find_runs(const Path& out, const std::string& lesson) {
  RunList found;
  if (!out.is_dir()) return found;
  for (const Path& below : out.ls()) {
    if (!below.is_dir() || (!lesson.empty() && below.name() != lesson)) continue;
    for (const Path& folder : below.ls()) {
      if (!(folder / "run.json").exists()) continue;
      try {
        found.runs.push_back(read_run(folder));
        if (const std::string& problem = found.runs.back().problem; !problem.empty())
          found.damaged.push_back(problem);
      } catch (const minitorch::FileError& error) { found.damaged.push_back(error.what()); }
    }
  }
  return found;
}

RunTable list_runs(const std::vector<Run>& runs) {
  RunTable table{{"lesson", "run", "status", "time", "figures"}};
  for (const Run& run : runs)
    table.rows.push_back(
        {run.text("lesson"), short_name(run), status_of(run), time_of(run), first_figures(run, 2)});
  return table;
}

RunTable index_runs(const std::vector<Run>& runs) {
  RunTable table{{"lesson", "status", "time", "memory", "figures"}};
  for (const Run& run : runs) {
    const std::string title = run.text("title"), status = run.text("status");
    const std::string problem = run.text("problem").substr(0, run.text("problem").find('\n'));
    table.rows.push_back({title.empty() ? run.text("lesson") : title, status, time_of(run), memory_of(run),
                          status == "done" || problem.empty() ? first_figures(run, 3) : problem});
  }
  return table;
}

RunTable compare_runs(const std::vector<Run>& runs) {
  RunTable table{{"run"}};
  const auto add = [&](const std::string& name, auto&& value_of) {
    std::vector<std::string> row{name};
    for (const Run& run : runs) row.push_back(value_of(run));
    for (std::string& cell : row)
      if (cell.empty()) cell = "-";
    table.rows.push_back(row);
  };
  for (const Run& run : runs) table.header.push_back(short_name(run));
  add("status", status_of);
  add("time", time_of);
  add("memory, MB", [](const Run& run) { return run.text("peak_memory_mb"); });
  for (const std::string& name : names_of(runs, "options"))
    if (!all_equal(runs, name)) add("--" + name, [&](const Run& run) { return run.text(name, "options"); });
  for (const std::string& name : names_of(runs, "metrics"))
    add(name, [&](const Run& run) { return run.text(name, "metrics"); });
  return table;
}

std::string shared_options(const std::vector<Run>& runs) {
  std::string line;
  for (const std::string& name : names_of(runs, "options"))
    if (const std::string value = runs.front().text(name, "options"); all_equal(runs, name) && !value.empty())
      line += (line.empty() ? "" : ", ") + name + " " + value;
  return line;
}

RunTable last_values(const std::vector<Run>& runs) {
  RunTable table{{"at the end"}};
  const bool several = several_trainings(runs);
  for (std::size_t r = 0; r < runs.size(); ++r) {
    table.header.push_back(short_name(runs[r]));
    for (const RunCurve& curve : runs[r].curves) {
      const std::string title = title_of(curve, several);
      auto row = std::find_if(table.rows.begin(), table.rows.end(),
                              [&](const std::vector<std::string>& known) { return known[0] == title; });
      if (row == table.rows.end()) {
        row = table.rows.insert(row, std::vector<std::string>(runs.size() + 1, "-"));
        row->front() = title;
      }
      (*row)[r + 1] = to_text(curve.y.back());
    }
  }
  return table;
}

std::vector<Plot> overlay_runs(const std::vector<Run>& runs) {
  std::vector<Plot> plots;
  const bool several = several_trainings(runs);
  for (std::size_t r = 0; r < runs.size(); ++r) {
    for (const RunCurve& curve : runs[r].curves) {
      const std::string title = title_of(curve, several);
      const bool counts = rises(curve.x);
      auto plot = std::find_if(plots.begin(), plots.end(), [&](const Plot& p) { return p.title == title; });
      if (plot == plots.end()) {
        plot = plots.insert(plots.end(), Plot(title));
        plot->x_axis = {.label = counts ? curve.count : "row: " + curve.count + " starts anew",
                        .whole = true};
        plot->y_axis.label = curve.name;
      }
      // Earlier runs are drawn broader, so that one that came out the same does not hide them.
      const double width = 1.8 + 1.6 * static_cast<double>(std::min<std::size_t>(runs.size() - 1 - r, 5));
      // A run has its colour in all plots, though others may lack a curve there.
      const SeriesOptions options{
          .label = short_name(runs[r]), .ink = series_ink(static_cast<int>(r)), .width = width};
      if (counts) plot->line(curve.x, curve.y, options);
      else plot->curve(curve.y, options);
    }
  }
  return plots;
}

}  // namespace fastcore
