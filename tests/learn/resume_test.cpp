// SPDX-License-Identifier: MIT
// --resume: a lesson that was interrupted or killed goes on, and ends with the figures of one that was not.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/range.h"
#include "fastcore/basics/terminal.h"
#include "fastcore/basics/testing.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/run_files.h"
#include "minitorch/core/parallel.h"
#include "minitorch/core/random.h"
#include "minitorch/minitorch.h"
#include "tests/temp_folder.h"

using namespace fastcore;
using namespace minitorch;

namespace {

const LessonInfo kInfo{.name = "00_test", .title = "A lesson"};

int64_t trained = 0;                // batches, by all trainings of a run
int64_t stop_at = -1, stop_by = 0;  // the signal that comes after so many

struct StopAt : Callback {
  StopAt() { run_lr_find = false; }
  void after_batch(Learner& learn) override {
    if (learn.training && ++trained == stop_at) raise(static_cast<int>(stop_by));
  }
};

Learner some_learner(Lesson& lesson) {
  const Tensor x = randn({40, 4}), y = (x.sum({1}) > 0).to(kInt64);
  const DataLoaders dls({tensor_loader(x, y, {.bs = 8, .shuffle = true}), tensor_loader(x, y, {.bs = 8})});
  const auto net = nn::Sequential(nn::Linear(4, 8), nn::ReLU(), nn::Dropout(0.3), nn::Linear(8, 2));
  return Learner(dls, net,
                 {.cbs = {RunReport(lesson), StopAt()}, .metrics = accuracy, .path = lesson.folder()});
}

// Two learners and four trainings, 40 batches of training in all; between them predictions, a search for a
// rate and numbers drawn.
void some_lesson(Lesson& lesson) {
  Learner first = some_learner(lesson);
  first.fine_tune(3, 1e-2);
  lesson.metric("first", first.validate()[0]);
  Learner second = some_learner(lesson);
  const double found = second.lr_find({.num_it = 20}).steep.value();
  second.fit_one_cycle(2, found, {.cbs = SaveModelCallback({.monitor = "accuracy"})});
  second.fit(2, 1e-3);
  lesson.metric("rate", found);
  lesson.metric("second", second.get_preds().preds.sum().item());
  lesson.metric("drawn", rand({1}).item());
}

int run(std::vector<std::string> words, void (*body)(Lesson&) = some_lesson) {
  words.insert(words.begin(), "lesson");
  words.push_back("--quiet");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  trained = 0;
  const int code = run_lesson(kInfo, static_cast<int>(pointers.size()), pointers.data(), body);
  set_interrupted(false);
  set_quiet(false, false);
  signal(SIGINT, SIG_DFL), signal(SIGTERM, SIG_DFL);
  return code;
}

struct Scratch : private TempFolder {
  const Path path = TempFolder::path;
};

RunFields group(const Path& out, const std::string& wanted) {
  for (const auto& [name, fields] : read_run_json((out / "run.json").str()).groups)
    if (name == wanted) return fields;
  return {};
}

}  // namespace

TEST_CASE("a lesson that Ctrl-C has interrupted goes on, and ends with the same figures to the last bit") {
  const Scratch scratch;
  stop_at = -1;
  const Path whole = scratch.path / "whole";
  REQUIRE(run({"--out", whole.str()}) == 0);
  REQUIRE(trained == 40);
  CHECK_FALSE((whole / "checkpoints").exists());
  for (int64_t at : {2, 5, 13, 20, 24, 38}) {
    INFO("after batch " << at);
    const Path out = scratch.path / std::to_string(at);
    stop_at = at, stop_by = SIGINT;
    const std::string said = captured(2, [&] { CHECK(run({"--out", out.str()}) == 130); });
    CHECK(said.find("error: stopped by Ctrl-C\n") != std::string::npos);
    CHECK(said.find("the same command goes on from here with --resume " + out.str()) != std::string::npos);
    stop_at = -1;
    REQUIRE(run({"--resume", out.str()}) == 0);
    CHECK(trained == 40 - at);  // none twice
    CHECK(group(out, "metrics") == group(whole, "metrics"));
    CHECK((out / "metrics.csv").read_text() == (whole / "metrics.csv").read_text());
    CHECK_FALSE((out / "checkpoints").exists());
    const auto pieces = [&](const char* part) {
      return split((out / "report.html").read_text(), part).size();
    };
    // The last batch of a training is not its end: the validation is still to come.
    const int64_t complete = (at > 5) + (at > 20) + (at > 30);
    CHECK(pieces("This training was complete before") == complete + 1);
    CHECK(pieces("This training began in the run that was interrupted") == 2);
    CHECK(pieces("moved by") == 4 + 1);
  }
}

TEST_CASE("a lesson that was killed goes on from the end of its last epoch") {
  const Scratch scratch;
  stop_at = -1;
  const Path whole = scratch.path / "whole", out = scratch.path / "killed";
  REQUIRE(run({"--out", whole.str()}) == 0);
  for (int64_t at : {3, 12, 33}) {
    INFO("after batch " << at);
    const pid_t child = fork();
    if (child == 0) {
      set_num_threads(1);  // the pool's other threads did not come along
      stop_at = at, stop_by = SIGKILL;
      _exit(run({"--out", out.str()}));
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(run({"--resume", out.str()}) == 0);
    CHECK(trained == 40 - at / 5 * 5);  // five batches are an epoch
    CHECK(group(out, "metrics") == group(whole, "metrics"));
    CHECK((out / "metrics.csv").read_text() == (whole / "metrics.csv").read_text());
  }
}

TEST_CASE("what an earlier run has left in the folder is not gone on with unasked") {
  const Scratch scratch;
  const Path out = scratch.path / "twice";
  stop_at = 30, stop_by = SIGINT;
  captured(2, [&] { CHECK(run({"--out", out.str()}) == 130); });
  stop_at = 3;
  captured(2, [&] { CHECK(run({"--out", out.str()}) == 130); });
  CHECK((out / "checkpoints").ls().size() == 1);
  stop_at = -1;
  REQUIRE(run({"--out", out.str()}) == 0);
  CHECK(trained == 40);
}

TEST_CASE("a run of other options, another lesson, or one that was complete is not resumed") {
  const Scratch scratch;
  const Path out = scratch.path / "run";
  stop_at = 3, stop_by = SIGINT;
  captured(2, [&] { CHECK(run({"--out", out.str(), "--lr", "0.1"}) == 130); });
  stop_at = -1;
  const auto refused = [&](std::vector<std::string> words, int code) {
    return captured(2, [&] { CHECK(run(std::move(words)) == code); });
  };
  CHECK(refused({"--resume", out.str()}, 2).find("that run had another --lr") != std::string::npos);
  CHECK(
      refused({"--resume", out.str(), "--lr", "0.1", "--seed", "7"}, 2).find("that run had another --seed") !=
      std::string::npos);
  CHECK(refused({"--resume", out.str(), "--out", "x"}, 2).find("--out") != std::string::npos);
  CHECK(refused({"--resume", (scratch.path / "nothing").str()}, 2).find("--resume") != std::string::npos);
  CHECK(refused({"--resume", scratch.path.str()}, 4).find("run.json") != std::string::npos);
  REQUIRE(run({"--resume", out.str(), "--lr", "0.1", "--threads", "2"}) == 0);
  CHECK(refused({"--resume", out.str(), "--lr", "0.1"}, 2).find("that run is complete") != std::string::npos);

  write_run_json((out / "run.json").str(), {{{"lesson", std::string("01_other")}}, {}});
  CHECK(refused({"--resume", out.str()}, 2).find("that run is of another lesson") != std::string::npos);
}

TEST_CASE("two trainings that keep their best under one name: each gets its own back") {
  const auto lesson_of_two = [](Lesson& lesson) {
    Learner first = some_learner(lesson);
    first.fit(4, {.lr = 0.3, .cbs = SaveModelCallback()});
    lesson.metric("first", first.validate()[0]);
    Learner second = some_learner(lesson);
    second.fit(4, {.lr = 0.1, .cbs = SaveModelCallback()});
    lesson.metric("second", second.validate()[0]);
    lesson.metric("drawn", rand({1}).item());
  };
  const Scratch scratch;
  stop_at = -1;
  const Path whole = scratch.path / "whole";
  REQUIRE(run({"--out", whole.str()}, lesson_of_two) == 0);
  for (int64_t at : {18, 33, 38}) {
    INFO("after batch " << at);
    const Path out = scratch.path / std::to_string(at);
    stop_at = at, stop_by = SIGINT;
    captured(2, [&] { CHECK(run({"--out", out.str()}, lesson_of_two) == 130); });
    stop_at = -1;
    REQUIRE(run({"--resume", out.str()}, lesson_of_two) == 0);
    CHECK(trained == 40 - at);
    CHECK(group(out, "metrics") == group(whole, "metrics"));
  }
}

TEST_CASE("a training that has stopped early is complete: resumed, it trains no further") {
  const auto lesson_of_two = [](Lesson& lesson) {
    Learner first = some_learner(lesson);
    first.fit(9, {.lr = 1e-3, .cbs = EarlyStoppingCallback({.min_delta = 100})});
    lesson.metric("first", first.validate()[0]);
    Learner second = some_learner(lesson);
    second.fit(2, 1e-2);
    lesson.metric("second", second.validate()[0]);
  };
  const Scratch scratch;
  stop_at = -1;
  const Path whole = scratch.path / "whole", out = scratch.path / "out";
  REQUIRE(run({"--out", whole.str()}, lesson_of_two) == 0);
  REQUIRE(trained == 10 + 10);  // two epochs of nine
  stop_at = 13, stop_by = SIGINT;
  captured(2, [&] { CHECK(run({"--out", out.str()}, lesson_of_two) == 130); });
  stop_at = -1;
  REQUIRE(run({"--resume", out.str()}, lesson_of_two) == 0);
  CHECK(trained == 7);
  CHECK(group(out, "metrics") == group(whole, "metrics"));
  CHECK((out / "metrics.csv").read_text() == (whole / "metrics.csv").read_text());
}

TEST_CASE("a run that SIGTERM ends says so, and goes on like one that Ctrl-C has ended") {
  const Scratch scratch;
  const Path out = scratch.path / "run";
  stop_at = 3, stop_by = SIGTERM;
  const std::string said = captured(2, [&] { CHECK(run({"--out", out.str()}) == 130); });
  CHECK(said.find("error: stopped by SIGTERM\n") != std::string::npos);
  stop_at = -1;
  REQUIRE(run({"--resume", out.str()}) == 0);
  CHECK(trained == 40 - 3);
}

TEST_CASE("a bare training that was interrupted leaves no checkpoint to the ones after it") {
  const Scratch scratch;
  stop_at = -1;
  captured(2, [&] {
    CHECK(run({"--out", scratch.path.str(), "--force"}, [](Lesson& lesson) {
            Learner learn = some_learner(lesson);
            set_interrupted(true);
            learn.fit(2);
            lesson.metric("never reached", 1);
          }) == 130);
  });
  CHECK_FALSE((scratch.path / "checkpoints").exists());
  CHECK(group(scratch.path, "metrics").empty());
}
