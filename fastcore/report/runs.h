// SPDX-License-Identifier: MIT
// Runs of lessons, found by their folders and put side by side: what `./course runs` shows.
#pragma once
#include <string>
#include <vector>

#include "fastcore/basics/path.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/run_files.h"

namespace fastcore {

/// What one training measured, epoch by epoch or step by step.
struct RunCurve {
  std::string training;  ///< "training 1 (What is taken for what)", or as the lesson calls it
  std::string count;     ///< what x is: epoch or step
  std::string name;      ///< what y is: valid_loss
  Values x = {}, y = {};
};

/// One run, as its folder tells it.
struct Run {
  Path folder;
  RunRecord record;                   ///< run.json
  std::vector<RunCurve> curves = {};  ///< metrics.csv, training by training
  std::string problem = {};           ///< why there are none: what is wrong with metrics.csv

  /// A field of run.json as text, "" when it is not there; of a group ("options", "metrics") where named.
  std::string text(const std::string& name, const std::string& group = "") const;
};

/// The run in a folder; without its curves where only metrics.csv is damaged. @throws FileError naming the
/// run.json that is missing or damaged
Run read_run(const Path& folder);

/// Runs that could be read, the oldest first by the names of their folders, and what is wrong with the
/// others, or with the curves of some.
struct RunList {
  std::vector<Run> runs = {};
  std::vector<std::string> damaged = {};
};
/// All runs below out/LESSON/RUN; of one lesson only where `lesson` is not empty.
RunList find_runs(const Path& out, const std::string& lesson = "");

/// A header and rows of as many cells.
struct RunTable {
  std::vector<std::string> header = {};
  std::vector<std::vector<std::string>> rows = {};
};
/// A row for each run: lesson, run, how it ended (killed, where its process is gone without a word), its
/// time, and its first figures.
RunTable list_runs(const std::vector<Run>& runs);
/// A row for each of the runs of different lessons: title, how it ended, time, memory, and its first figures
/// or what went wrong.
RunTable index_runs(const std::vector<Run>& runs);
/// A column for each run; rows are how it ended, time and memory, the options in which they differ, and all
/// figures. "-" stands where a run has no such value.
RunTable compare_runs(const std::vector<Run>& runs);
/// "device cpu, seed 42": the options that are the same in all runs.
std::string shared_options(const std::vector<Run>& runs);
/// What each training came to: a row for each of its measured columns, a column for each run.
RunTable last_values(const std::vector<Run>& runs);
/// A plot for each measured column of each training, with a curve for each run that has it. The horizontal
/// axis is what counts there, or, where that starts anew, the row.
std::vector<Plot> overlay_runs(const std::vector<Run>& runs);

}  // namespace fastcore
