// SPDX-License-Identifier: MIT
// ./course lesson NAME --watch: builds and runs the lesson on every save, and shows its report in the
// browser.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/path.h"
#include "fastcore/report/usage.h"
#include "minitorch/core/errors.h"
#include "tools/watch/page.h"
#include "tools/watch/program.h"
#include "tools/watch/sources.h"

using fastcore::Path;

namespace {

struct Options {
  std::string root, build, lesson;
  int port = 8000;
  std::vector<std::string> further = {};  // for the lesson
};

// Each run writes into the folder that is served.
void refuse_folders(const Options& options) {
  for (const std::string& word : options.further)
    for (const std::string name : {"--out", "--resume"})
      if (word == name || word.starts_with(name + "="))
        throw minitorch::ValueError(
            name + " does not go with --watch, which keeps the report where it is served",
            "leave it out; the files are in " + options.build + "/watch/" + options.lesson);
}

// What ./course holds while it builds: two terminals, one build at a time. Where it cannot be had at all, a
// build does without, as there.
class BuildLock {
 public:
  explicit BuildLock(const std::string& build)
      : file_(open((build + "/.lock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) {}
  ~BuildLock() {
    if (file_ >= 0) close(file_);
  }
  BuildLock(const BuildLock&) = delete;
  BuildLock& operator=(const BuildLock&) = delete;

  /// False while another program builds.
  bool take() const { return file_ < 0 || flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

 private:
  int file_;
};

// What the compiler says, without what CMake, ninja and make say of themselves: the first error is to stand
// on top. All of it where nothing would remain.
std::string compiler_messages(const std::string& log) {
  std::istringstream lines(log);
  std::string kept;
  bool command = false;  // that failed: ninja writes it out in the line behind "FAILED:"
  for (std::string line; std::getline(lines, line);) {
    const bool counts = line.size() > 2 && line[0] == '[' &&
                        (line[1] == ' ' || std::isdigit(static_cast<unsigned char>(line[1])));
    const bool chatter = counts || line.starts_with("-- ") || line.starts_with("ninja:") ||
                         line.starts_with("make") || line.starts_with("gmake") || line.starts_with("FAILED:");
    if (!chatter && !command) kept += line + "\n";
    command = line.starts_with("FAILED:");
  }
  return kept.empty() ? log : kept;
}

class Watch {
 public:
  explicit Watch(const Options& options)
      : options_(options),
        folder_(Path(options.build) / "watch" / options.lesson),
        sources_({options.root + "/lessons/" + options.lesson, options.root + "/fastcore",
                  options.root + "/minitorch", options.root + "/datasets"}),
        page_(options.lesson, folder_.str(), options.port) {
    folder_.mkdir({.parents = true, .exist_ok = true});
    std::printf("the report: http://127.0.0.1:%d, anew after every save; Ctrl-C ends this\n", page_.port());
    std::fflush(stdout);
  }

  void until_interrupted() {
    while (!fastcore::interrupted()) {
      if (builds()) run();
      else wait_for_save();
    }
  }

 private:
  bool builds() {
    const BuildLock lock(options_.build);
    for (bool told = false; !lock.take(); told = true) {
      if (fastcore::interrupted()) return false;
      if (!told) page_.say("waiting for another build");
      usleep(100'000);
    }
    page_.say("building");
    const Path log = folder_ / "build.log";
    sources_.changed_by_now();  // saved before the build, and in it
    int code;
    do code = build(log);
    while (!fastcore::interrupted() && saved_meanwhile());
    if (code == 0) return true;
    const std::string messages = compiler_messages(log.read_text());
    std::fprintf(stderr, "%s\n", messages.c_str());
    page_.say("does not build", watch::Page::Tone::bad, messages);
    return false;
  }

  // Its exit code.
  int build(const Path& log) const {
    const char* jobs = std::getenv("COURSE_JOBS");
    watch::Program build({"cmake", "--build", options_.build, "-j", jobs && *jobs ? jobs : "2", "--target",
                          "lesson_" + options_.lesson},
                         log.str());
    return build.wait();
  }

  // Whether files were saved during the build. What was made of the text before is newer than they are, and
  // would pass for up to date: they are given a later time.
  bool saved_meanwhile() {
    const auto files = sources_.changed_by_now();
    tell(files);
    sources_.touch(files);
    return !files.empty();
  }

  // The lesson once; ended without a word when a file changes, for its report would be that of an older text.
  // Then waits for the next change.
  void run() {
    page_.say("running");
    std::vector<std::string> words{options_.build + "/lesson_" + options_.lesson, "--out", folder_.str(),
                                   "--force"};
    words.insert(words.end(), options_.further.begin(), options_.further.end());
    watch::Program lesson(words);
    while (!lesson.ended() && !fastcore::interrupted())
      if (changed(0.2)) return;
    if (fastcore::interrupted()) return lesson.wait(5);  // it has heard the Ctrl-C, too, and ends its step
    page_.renew();
    const int code = lesson.wait();
    if (code == 0) page_.say("done");
    else
      page_.say("ended with exit code " + std::to_string(code) + ": see the terminal",
                watch::Page::Tone::bad);
    wait_for_save();
  }

  void wait_for_save() {
    std::printf("\nwaiting for the next save\n");
    std::fflush(stdout);
    while (!fastcore::interrupted() && !changed(0.5)) {}
  }

  bool changed(double seconds) {
    const auto files = sources_.wait(seconds);
    if (sources_.polls() && !told_polling_) {
      std::printf("this file system does not say when files change: looking every two seconds\n");
      told_polling_ = true;
    }
    tell(files);
    return !files.empty();
  }

  static void tell(const std::vector<std::string>& changed) {
    if (!changed.empty()) std::printf("\n%s has changed\n", Path(changed.front()).name().c_str());
  }

  Options options_;
  Path folder_;
  watch::Sources sources_;
  watch::Page page_;
  bool told_polling_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Builds and runs a lesson on every save, and serves its report on this machine."};
  Options options;
  app.add_option("root", options.root, "the course's folder")->required();
  app.add_option("build", options.build, "the folder it is built in")->required();
  app.add_option("lesson", options.lesson, "the lesson's folder")->required();
  app.add_option("--port", options.port, "where the report is served (8000)")->check(CLI::Range(0, 65000));
  app.prefix_command();
  try {
    app.parse(argc, argv);
    options.further = app.remaining();
  } catch (const CLI::ParseError& error) {
    return fastcore::refuse_usage(app, error, "./course lesson 3 --watch --port 8000");
  }
  try {
    refuse_folders(options);
    fastcore::catch_interrupts();
    Watch(options).until_interrupted();
    return 130;
  } catch (const std::exception& error) { return minitorch::report_error(error); }
}
