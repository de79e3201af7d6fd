// SPDX-License-Identifier: MIT
// What every lesson stands on: options, the folder of the run, its report, and an orderly end.
//
//     static void fit_quadratic(Lesson& lesson) { ... }
//
//     int main(int argc, char** argv) {
//       return run_lesson({.name = "03_quadratic", .title = "Fit a quadratic"}, argc, argv, fit_quadratic);
//     }
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fastcore/basics/path.h"
#include "fastcore/report/metrics_table.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {
class Profile;
}
namespace datasets {
struct Dataset;
}

namespace fastcore {

class Image;
class Plot;
class Report;
struct Figure;
struct Frame;
struct ImageGrid;

/// An option of one lesson only: `--stars FILE`.
struct LessonOption {
  std::string name;           ///< without the dashes
  std::string help;           ///< one line
  std::string standard = "";  ///< the value when it is not given
};

/// What a lesson says of itself on the command line: name, title, options of its own.
struct LessonInfo {
  std::string name;   ///< the folder's: "03_quadratic"
  std::string title;  ///< one line, above the report
  std::vector<LessonOption> options = {};
};

/// The options that all lessons share.
struct LessonOptions {
  minitorch::Device device = minitorch::Device::cpu();
  int threads = 0;  ///< 0: as many as there are cores
  int64_t seed = 42;
  std::optional<int64_t> epochs = {}, bs = {};
  std::optional<double> lr = {};
  std::string data = "";    ///< "", "course", "bundled" or a folder
  std::string out = "";     ///< "": out/LESSON/TIME
  std::string resume = "";  ///< the folder of an earlier run that goes on
  bool quick = false, profile = false, json = false, quiet = false, force = false;
  std::vector<std::pair<std::string, std::string>> own = {};  ///< the lesson's own, by name
};

/// A number that a lesson logs under a name: from a number or a tensor of one element.
struct Logged {
  Logged(const char* name, double value) : name(name), value(value) {}
  Logged(const char* name, const minitorch::Tensor& value) : name(name), value(value.item()) {}
  const char* name;
  double value;
};

/// One run of a lesson.
class Lesson {
 public:
  /// @throws ValueError for an --out that holds files of others, and for a --resume of another lesson, of
  /// other options or of a run that was complete; FileError for one that is no run
  Lesson(LessonInfo info, LessonOptions options);
  ~Lesson();
  Lesson(const Lesson&) = delete;
  Lesson& operator=(const Lesson&) = delete;

  // --- what was asked for ---
  const LessonOptions& options() const { return options_; }
  /// The value of an option of the lesson's own. @throws ValueError for a name that LessonInfo does not list
  const std::string& option(const std::string& name) const;
  bool quick() const { return options_.quick; }
  /// Where learners train (default_device); a lesson without one asks here. Where neither is asked, the end
  /// of the run says so.
  minitorch::Device device() const {
    device_used_ = true;
    return options_.device;
  }
  /// --epochs where given, else `full`, or `quick` with --quick; and in the same way --bs and --lr. Where one
  /// of the three is given and the lesson never asks for it, the end of the run says so.
  int64_t epochs(int64_t full, int64_t quick) const;
  int64_t bs(int64_t standard) const;
  double lr(double standard) const;
  /// The folder of the data: by --data the course's own, what is bundled, or the folder named there, which
  /// stands for the first data set that a lesson asks for. Without --data the course's own where it is on
  /// this machine, else what is bundled. Says on screen and in the report which it is.
  /// @throws as untar_data; FileError for a folder that is not there
  Path data(const datasets::Dataset& set);
  /// The same for a data set that a folder named by --data never stands for, whatever the order.
  Path side_data(const datasets::Dataset& set);

  // --- what is shown, on screen and in the report ---
  /// The folder of this run; it exists.
  const Path& folder() const { return folder_; }
  Report& report() { return *report_; }
  /// Where the next training keeps its checkpoint. With --resume the file is there already for those that the
  /// earlier run had begun; a run that ends well leaves none.
  Path next_checkpoint();
  /// Starts a section of the report and writes its name on the screen.
  /// @throws Interrupted when Ctrl-C has been pressed; so do record() and log()
  void section(const std::string& name);
  /// printf to standard output, unless --quiet or --json; the text stands in the report too, as it is.
  void print(const char* pattern, ...) __attribute__((format(printf, 2, 3)));
  /// Aligned columns on the screen, a table in the report.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
  /// Writes NAME.png into the run's folder, puts the figure into the report and says where the file is. What
  /// show_batch and show_results show without a path comes here, too: show_batch.png, then show_batch_2.png.
  void figure(const std::string& name, const Plot& plot, const std::string& caption);
  void figure(const std::string& name, const Figure& figure, const std::string& caption);
  void figure(const std::string& name, const ImageGrid& grid, const std::string& caption);
  void figure(const std::string& name, const Image& image, const std::string& caption);
  /// The same for an animation, which runs again and again: frames from fastcore/image/png.h.
  void animation(const std::string& name, const std::vector<Frame>& frames, const std::string& caption);
  /// Keeps the numbers of a training that is written out, under its name: curves in the report, a row of
  /// metrics.csv. Nothing appears on the screen.
  ///
  ///     lesson.record("a line by hand", step, {{"loss", loss}});
  ///
  /// Ctrl-C ends the training here. @throws ValueError for a number called "training"; TrainingError for a
  /// loss (a name that ends so) that is no number
  void record(const std::string& training, int64_t step, const std::vector<Logged>& values);
  /// Prints "step=3; loss=2.40" and keeps the numbers under the name of the section.
  void log(int64_t step, const std::vector<Logged>& values);
  /// A figure that the run is judged by: into run.json, a table at the end of the report and, with --json,
  /// the last line of the output. The report says which items it was measured on; "": on none.
  /// @throws ValueError for a name that another figure has
  void metric(const std::string& name, double value, const std::string& measured_on = "validation set");
  /// A remark on how the run goes, with what to try: framed in the report, in lines of 80 columns on the
  /// screen.
  void note(const std::string& text);
  /// A figure of the latest training, as figure() but without a word on the screen: training_02_NAME.png.
  void training_figure(const std::string& name, const Plot& plot, const std::string& caption);
  void training_figure(const std::string& name, const Figure& figure, const std::string& caption);
  void training_figure(const std::string& name, const ImageGrid& grid, const std::string& caption);
  /// The table of a training, which is on the screen already: into the report and, as of `name` or, without
  /// one, of "training 2 (the section's name)", into metrics.csv. `exact` are the rows with all digits, which
  /// programs read: losses may be smaller than a table for people shows.
  void training_table(const std::string& name, const std::vector<std::string>& header,
                      const std::vector<std::vector<std::string>>& rows,
                      const std::vector<std::vector<std::string>>& exact);
  /// Starts the part of the report that is about the latest training: `name` or, without one, "training 2".
  void training_heading(const std::string& name);
  /// Text and curves so far go into the report, before something else is added there.
  void settle();

  /// Writes report.html, metrics.csv and run.json. `problem` is empty for a run that went well.
  void finish(const std::string& status, const std::string& problem);

 private:
  void say(const std::string& text);
  std::string training_name(const std::string& name) const;
  std::string training_title(const std::string& name) const;
  template <class Picture>
  void add_training_figure(const std::string& name, const Picture& picture, const std::string& caption);
  template <class Picture>
  Path add_figure(const std::string& name, const Picture& picture, const std::string& caption);
  void announce_figure(const Path& file);
  Path find_data(const datasets::Dataset& set, const std::string& wanted);
  void warn_of_unused_options();

  struct Outcome {
    std::string name;
    double value;
    std::string measured_on;
  };
  struct Curve {
    std::string training, name;
    std::vector<double> steps, values;
  };

  LessonInfo info_;
  LessonOptions options_;
  Path folder_;
  std::unique_ptr<Report> report_;
  std::string section_;                                         // the one at hand
  std::string data_note_, pending_;                             // text that is still to go into the report
  std::vector<std::pair<std::string, std::string>> data_sets_;  // which files each of them was
  std::string main_data_;                                       // for which a folder of --data stands
  int trainings_ = 0;
  mutable bool epochs_used_ = false, bs_used_ = false, lr_used_ = false, device_used_ = false;
  std::vector<Outcome> metrics_;
  MetricsTable numbers_;
  std::vector<Curve> curves_;  // that are still to go into the report
  std::unique_ptr<minitorch::Profile> profile_;
  double start_ = 0;
};

/// The options of a lesson from its command line; on --help, --version and bad usage the text is printed and
/// nothing is returned, `code` being what the program ends with.
std::optional<LessonOptions> parse_lesson_options(const LessonInfo& info, int argc, const char* const* argv,
                                                  int& code);

/// Reads the options, seeds every generator, runs `body`, writes the report whatever happens.
/// @returns the exit code: 0 fine, 1 failed, 2 bad usage, 3 environment, 4 data, 5 memory, 130 interrupted
int run_lesson(const LessonInfo& info, int argc, char** argv, void (*body)(Lesson&));

}  // namespace fastcore
