// SPDX-License-Identifier: MIT
// From the command line to the exit code: the folder of the run, or that of an earlier one that goes on.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>

#include "fastcore/basics/default_device.h"
#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/plot/show.h"
#include "fastcore/report/lesson.h"
#include "fastcore/report/report.h"
#include "fastcore/report/run_facts.h"
#include "fastcore/report/run_files.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/core/parallel.h"
#include "minitorch/core/profile.h"
#include "minitorch/core/python_random.h"
#include "minitorch/core/random.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;

namespace {

// "2026-03-14_15-09-26", in local time.
std::string time_stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d_%H-%M-%S", &parts);
  return text;
}

// What is not to be taken for this run's, should it fail or have fewer trainings. The report stays until
// there is another: somebody may be reading it.
void forget_earlier_run(const Path& folder) {
  if (!(folder / "run.json").exists()) return;  // no lesson has written here: whatever there is, is another's
  remove_checkpoints(folder);
  for (const Path& file : folder.ls())
    if (file.name() == "metrics.csv" || (file.name().starts_with("training_") && file.suffix() == ".png"))
      file.remove();
}

// Of the runs that a folder may hold, only those of this lesson are written over unasked.
void check_not_of_others(const LessonInfo& info, const Path& folder) {
  if (!folder.exists() || folder.ls().empty()) return;
  if (!(folder / "run.json").exists())
    throw ValueError("--out " + folder.str() + " holds files that no lesson has written",
                     "another folder, or --force to write among them");
  RunRecord there;
  try {
    there = read_run_json((folder / "run.json").str());
  } catch (const minitorch::Error&) { return; }  // a run that was cut off
  for (const auto& [name, value] : there.fields)
    if (name == "lesson" && value != RunValue(info.name))
      throw ValueError("--out " + folder.str() + " holds a run of another lesson",
                       "another folder, or --force to write over it");
}

// A folder of our own: new, empty, or one that a run of this lesson has written before.
Path new_folder(const LessonInfo& info, const LessonOptions& options) {
  Path folder = options.out;
  if (options.out.empty()) {
    const char* root = std::getenv("COURSE_OUT");
    const Path base = Path(root && *root ? root : "out") / info.name;
    const std::string stamp = time_stamp();
    folder = base / stamp;
    base.mkdir({.parents = true, .exist_ok = true});
    std::error_code failed;  // mkdir, below, says why
    for (int again = 2; !std::filesystem::create_directory(folder.str(), failed) && !failed; ++again)
      folder = base / (stamp + "-" + std::to_string(again));  // another run of the same second has that one
  } else if (!options.force) {
    check_not_of_others(info, folder);
  }
  folder.mkdir({.parents = true, .exist_ok = true});
  forget_earlier_run(folder);
  return folder;
}

const RunFields& options_of(const RunRecord& record) {
  static const RunFields kNone;
  for (const auto& [name, fields] : record.groups)
    if (name == "options") return fields;
  return kNone;
}

// Of two runs, the first option that one has otherwise than the other; the number of threads changes nothing.
std::string first_difference(const RunFields& a, const RunFields& b) {
  for (const auto& field : a)
    if (field.first != "threads" && std::find(b.begin(), b.end(), field) == b.end()) return field.first;
  return "";
}

// The folder of a run that was not complete, and had the same options.
Path folder_to_resume(const LessonInfo& info, const LessonOptions& options) {
  const Path folder = options.resume;
  const std::string which = "--resume " + folder.str() + ": that run ";
  const RunRecord before = read_run_json((folder / "run.json").str());
  for (const auto& [name, value] : before.fields) {
    if (name == "lesson" && value != RunValue(info.name))
      throw ValueError(which + "is of another lesson", "out/" + info.name + " holds the runs of this one");
    if (name == "status" && value == RunValue(std::string("done")))
      throw ValueError(which + "is complete", "run the lesson anew, without --resume");
  }
  const RunFields now = options_of(options), then = options_of(before);
  std::string other = first_difference(now, then);
  if (other.empty()) other = first_difference(then, now);
  if (!other.empty())
    throw ValueError(which + "had another --" + other, "repeat its options: they are in its run.json");
  return folder;
}

}  // namespace

Lesson::Lesson(LessonInfo info, LessonOptions options)
    : info_(std::move(info)),
      options_(std::move(options)),
      folder_(options_.resume.empty() ? new_folder(info_, options_) : folder_to_resume(info_, options_)),
      report_(std::make_unique<Report>(info_.title)),
      section_(info_.title),
      start_(Terminal::current().now()) {
  if (options_.profile)
    profile_ = std::make_unique<minitorch::Profile>(minitorch::ProfileOptions{.trace = "", .print = false});
  write_run_json((folder_ / "run.json").str(), {{{"lesson", info_.name},
                                                 {"title", info_.title},
                                                 {"status", std::string("running")},
                                                 {"process", int64_t{getpid()}}},
                                                {{"options", options_of(options_)}}});
  set_figure_sink(
      [this, shown = std::map<std::string, int>()](const std::string& name, const ImageGrid& grid) mutable {
        const int times = ++shown[name];
        figure(times == 1 ? name : format("%s_%d", name.c_str(), times), grid, "");
      });
}

Lesson::~Lesson() { set_figure_sink({}); }

Path Lesson::next_checkpoint() {
  ++trainings_;
  return folder_.resolve() / "checkpoints" / checkpoint_file(trainings_);
}

// The message and, where there is one, the report of a run that did not end well. @returns the exit code
static int end_badly(Lesson* lesson, const std::exception& error) {
  std::fflush(stdout);
  const int code = minitorch::report_error(error);
  try {
    const auto* ours = dynamic_cast<const minitorch::Error*>(&error);
    const std::string advice = ours && !ours->hint().empty() ? "\nTry: " + ours->hint() : "";
    if (lesson) lesson->finish(code == 130 ? "interrupted" : "failed", error.what() + advice);
  } catch (const std::exception& second) { minitorch::report_error(second); }
  return code;
}

int run_lesson(const LessonInfo& info, int argc, char** argv, void (*body)(Lesson&)) {
  int code = 0;
  const auto options = parse_lesson_options(info, argc, argv, code);
  if (!options) return code;
  std::unique_ptr<Lesson> lesson;
  try {
    if (options->threads > 0) minitorch::set_num_threads(options->threads);
    minitorch::manual_seed(static_cast<uint64_t>(options->seed));
    minitorch::numpy::seed(static_cast<uint32_t>(options->seed));
    minitorch::python::seed(static_cast<uint64_t>(options->seed));
    set_quiet(options->quiet || options->json, options->quiet || options->json);
    set_default_device(options->device);
    lesson = std::make_unique<Lesson>(info, *options);
    minitorch::zeros({1}).to(options->device);  // a device that is not there is said before anything is done
    catch_interrupts();
    body(*lesson);
    stop_if_interrupted();
    lesson->finish("done", "");
    return 0;
  } catch (const Interrupted& stopped) {
    const bool kept = has_checkpoints(lesson->folder());
    return end_badly(lesson.get(), Interrupted(kept ? "the same command goes on from here with --resume " +
                                                          lesson->folder().str()
                                                    : stopped.hint()));
  } catch (const std::exception& error) { return end_badly(lesson.get(), error); }
}

}  // namespace fastcore
