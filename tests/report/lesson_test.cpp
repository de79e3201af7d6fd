// SPDX-License-Identifier: MIT
#include "fastcore/report/lesson.h"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>

#include "datasets/table.h"
#include "fastcore/basics/default_device.h"
#include "fastcore/basics/external.h"
#include "fastcore/basics/interrupt.h"
#include "fastcore/plot/plot.h"
#include "fastcore/plot/show.h"
#include "fastcore/report/run_files.h"
#include "minitorch/minitorch.h"
#include "tests/temp_folder.h"

using namespace fastcore;

namespace {

const LessonInfo kInfo{
    .name = "00_test", .title = "A lesson", .options = {{"stars", "a file of stars", "none"}}};

std::optional<LessonOptions> parse(std::vector<const char*> words, int& code) {
  words.insert(words.begin(), "lesson");
  return parse_lesson_options(kInfo, static_cast<int>(words.size()), words.data(), code);
}

LessonOptions parsed(std::vector<const char*> words) {
  int code = -1;
  auto options = parse(std::move(words), code);
  REQUIRE(options);
  return *options;
}

int refused(std::vector<const char*> words) {
  int code = -1;
  REQUIRE_FALSE(parse(std::move(words), code));
  return code;
}

Path scratch(const char* name) {
  static const TempFolder root;
  Path folder = Path(root.path) / name;
  folder.mkdir({.parents = true, .exist_ok = true, .overwrite = true});
  return folder;
}

int run(const Path& out, void (*body)(Lesson&)) {
  std::string folder = out.str();
  std::vector<std::string> words{"lesson", "--out", folder, "--quiet", "--force"};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  return run_lesson(kInfo, static_cast<int>(pointers.size()), pointers.data(), body);
}

std::string field(const RunRecord& record, const std::string& name) {
  for (const auto& [known, value] : record.fields)
    if (known == name) return std::get<std::string>(value);
  return "no such field";
}

}  // namespace

TEST_CASE("options of a lesson") {
  const LessonOptions options =
      parsed({"--epochs", "3", "--lr", "1e-3", "--bs=16", "--seed", "7", "--quick", "--stars", "mine.csv"});
  REQUIRE(options.epochs == 3);
  REQUIRE(options.lr == 1e-3);
  REQUIRE(options.bs == 16);
  REQUIRE(options.seed == 7);
  REQUIRE(options.quick);
  REQUIRE(options.own.at(0) == std::pair<std::string, std::string>("stars", "mine.csv"));
  REQUIRE(parsed({}).own.at(0).second == "none");
  REQUIRE_FALSE(parsed({}).epochs);
  REQUIRE(parsed({"--device", "sim"}).device == minitorch::Device::sim());
}

TEST_CASE("bad usage ends with code 2, help and version with 0") {
  REQUIRE(refused({"--lr", "nan"}) == 2);
  REQUIRE(refused({"--lr", "0"}) == 2);
  REQUIRE(refused({"--epochs", "-1"}) == 2);
  REQUIRE(refused({"--epochs", "many"}) == 2);
  REQUIRE(refused({"--bogus"}) == 2);
  REQUIRE(refused({"--device", "tpu"}) == 2);
  REQUIRE(refused({"--help"}) == 0);
  REQUIRE(refused({"--version"}) == 0);
}

TEST_CASE("a run leaves its report, its numbers and its record") {
  const Path out = scratch("fine");
  REQUIRE(run(out, [](Lesson& lesson) {
            lesson.section("Numbers");
            lesson.print("the answer is %d\n", 42);
            for (int step = 0; step < 3; ++step) lesson.log(step, {{"loss", 1.0 / (step + 1)}});
            lesson.metric("accuracy", 0.5);
            lesson.metric("error", 0.25, "test set");
            lesson.metric("seconds", 3, "");
          }) == 0);
  const std::string html = (out / "report.html").read_text();
  REQUIRE(html.find("the answer is 42") != std::string::npos);
  const auto has_row = [&](const std::string& name, const std::string& value, const std::string& set) {
    const std::string row = "<td>" + name + "</td><td class=\"n\">" + value + "</td><td>" + set + "</td>";
    return html.find(row) != std::string::npos;
  };
  CHECK(has_row("accuracy", "0.5", "validation set"));
  CHECK(has_row("error", "0.25", "test set"));
  CHECK(has_row("seconds", "3", ""));
  REQUIRE((out / "metrics.csv").read_text() ==
          "training,step,loss\nNumbers,0,1.0\nNumbers,1,0.5\nNumbers,2,0.3333333333333333\n");
  const RunRecord record = read_run_json((out / "run.json").str());
  REQUIRE(field(record, "status") == "done");
}

TEST_CASE("the record and the numbers are written, though the report cannot be") {
  const Path out = scratch("no_report");
  const auto body = [](Lesson& lesson) {
    lesson.section("Numbers");
    (lesson.folder() / "report.html" / "in the way").mkdir({.parents = true});
    lesson.log(0, {{"loss", 1.0}});
    throw minitorch::ValueError("the lesson's own");
  };
  CHECK(run(out, body) == 2);
  CHECK(field(read_run_json((out / "run.json").str()), "problem") == "the lesson's own");
  CHECK((out / "metrics.csv").read_text() == "training,step,loss\nNumbers,0,1.0\n");
}

TEST_CASE("a second figure of one name is refused where it is given, and the record tells so") {
  const Path out = scratch("twice");
  REQUIRE(run(out, [](Lesson& lesson) {
            lesson.metric("accuracy", 0.5);
            lesson.metric("accuracy", 0.6);
          }) == 2);
  const RunRecord record = read_run_json((out / "run.json").str());
  CHECK(field(record, "status") == "failed");
  CHECK(field(record, "problem") ==
        "[Lesson::metric] there is a figure 'accuracy' already: 0.5\nTry: give each of the two a name of its "
        "own");
  CHECK_THAT((out / "run.json").read_text(), Catch::Contains("\"accuracy\": 0.5"));
}

TEST_CASE("what is shown without a path goes into the folder of the run and its report") {
  const Path out = scratch("shown");
  REQUIRE(run(out, [](Lesson&) {
            const ImageGrid grid{.items = {{Image(Size{8, 8}, 3, 120), "a bird, by its label"}}};
            show(grid, "show_batch");
            show(grid, "show_results");
            show(grid, "show_batch");
          }) == 0);
  for (const char* name : {"show_batch.png", "show_results.png", "show_batch_2.png"})
    CHECK((out / name).exists());
  CHECK((out / "report.html").read_text().find("a bird, by its label") != std::string::npos);
  CHECK(set_figure_sink({}) == nullptr);  // the run is over, and with it the place for its figures
}

TEST_CASE("an option that the lesson never asks for is named at the end") {
  const auto warnings = [](void (*body)(Lesson&)) {
    const Path out = scratch("unused");
    Lesson lesson(kInfo, {.epochs = 3, .bs = 8, .lr = 0.1, .out = out.str(), .quiet = true});
    body(lesson);
    lesson.finish("done", "");
    return (out / "report.html").read_text();
  };
  using Catch::Contains;
  CHECK_THAT(warnings([](Lesson&) {}),
             Contains("--epochs was not used: this lesson sets the length of its trainings itself") &&
                 Contains("--bs was not used: this lesson sets its batch sizes itself") &&
                 Contains("--lr was not used: this lesson sets its rates itself, see lessons/00_test/"));
  CHECK_THAT(warnings([](Lesson& lesson) {
               CHECK(lesson.epochs(5, 1) == 3);
               CHECK(lesson.bs(64) == 8);
             }),
             Contains("--lr was not used") && !Contains("--bs was not used") && !Contains("--epochs was"));
  CHECK_THAT(warnings([](Lesson& lesson) {
               CHECK(lesson.lr(1e-3) == 0.1);
               lesson.epochs(5, 1), lesson.bs(64);
             }),
             !Contains("was not used"));
}

TEST_CASE("a folder of data that the lesson never reads is named at the end") {
  const auto report = [](const std::string& data) {
    const Path out = scratch("unread");
    Lesson lesson(kInfo, {.data = data, .out = out.str(), .quiet = true});
    lesson.finish("done", "");
    return (out / "report.html").read_text();
  };
  const auto warning = Catch::Contains("--data was not used: this lesson reads no files");
  CHECK_THAT(report("my_pictures"), warning);
  for (const char* set : {"", "course", "bundled"}) CHECK_THAT(report(set), !warning);
}

TEST_CASE("a device on which nothing was computed is named at the end") {
  const auto report = [](void (*body)(Lesson&)) {
    const Path out = scratch("device");
    set_default_device(minitorch::Device::sim());
    Lesson lesson(kInfo, {.device = minitorch::Device::sim(), .out = out.str(), .quiet = true});
    body(lesson);
    lesson.finish("done", "");
    set_default_device(minitorch::Device::cpu());
    return (out / "report.html").read_text();
  };
  using Catch::Contains;
  const auto warning = Contains("--device was not used: this lesson computes on the CPU");
  CHECK_THAT(report([](Lesson&) {}), warning);
  CHECK_THAT(report([](Lesson& lesson) { CHECK(!lesson.device().is_cpu()); }), !warning);
  CHECK_THAT(report([](Lesson&) { CHECK(!default_device().is_cpu()); }), !warning);  // as a Learner does
}

TEST_CASE("options that were not given, or of a run that failed, are not complained of") {
  const Path out = scratch("unused_options");
  {
    Lesson lesson(kInfo, {.out = out.str(), .quiet = true});
    lesson.finish("done", "");
  }
  CHECK_THAT((out / "report.html").read_text(), !Catch::Contains("was not used"));
  Lesson lesson(kInfo, {.lr = 0.1, .out = out.str(), .quiet = true});
  lesson.finish("failed", "no memory");
  CHECK_THAT((out / "report.html").read_text(), !Catch::Contains("was not used"));
}

TEST_CASE("the record of a run names the commit and the files that it read") {
  const Path out = scratch("record"), own = scratch("own_files");
  (own / "a.txt").mk_write("12345");
  {
    Lesson lesson(kInfo, {.data = own.str(), .out = out.str(), .quiet = true});
    CHECK(field(read_run_json((out / "run.json").str()), "status") == "running");
    lesson.data(urls::MNIST_SAMPLE);
    lesson.data(urls::MNIST_SAMPLE);
    lesson.finish("done", "");
  }
  const RunRecord record = read_run_json((out / "run.json").str());
  const auto in_group = [&](const std::string& group, const std::string& name) {
    for (const auto& [own_name, fields] : record.groups)
      for (const auto& [known, value] : fields)
        if (own_name == group && known == name) return std::get<std::string>(value);
    return std::string();
  };
  const std::string commit = in_group("versions", "commit");
  CHECK((commit == "unknown" || commit.size() == 40 || commit.substr(40) == "-dirty"));
  CHECK_THAT(in_group("data_sets", "MNIST_SAMPLE"),
             Catch::StartsWith("1 files, sha256 of their names and sizes "));
  const std::string html = (out / "report.html").read_text();
  CHECK(html.find("files of MNIST_SAMPLE") != std::string::npos);
  CHECK(html.find(commit) != std::string::npos);
}

TEST_CASE("a failed run leaves its report too, marked failed, and the error's code") {
  const Path out = scratch("failed");
  REQUIRE(run(out, [](Lesson&) { throw minitorch::FileError("[test] no such picture", "look <there>"); }) ==
          4);
  REQUIRE(field(read_run_json((out / "run.json").str()), "status") == "failed");
  REQUIRE((out / "report.html").read_text().find("no such picture\nTry: look &lt;there&gt;") !=
          std::string::npos);
}

TEST_CASE("trainings that are written out have curves by step in the report, each its own, and rows") {
  const Path out = scratch("recorded");
  std::fflush(stdout);
  REQUIRE(run(out, [](Lesson& lesson) {
            lesson.section("By hand");
            for (const char* name : {"slow", "fast"})
              for (int step = 0; step < 30; step += 10)
                lesson.record(name, step, {{"loss", 1. / (step + 1)}, {"error", 0.5}});
          }) == 0);
  const std::string csv = (out / "metrics.csv").read_text(), html = (out / "report.html").read_text();
  CHECK(csv.substr(0, csv.find("slow,10")) == "training,step,loss,error\nslow,0,1.0,0.5\n");
  CHECK_THAT(csv, Catch::Contains("\nfast,20,"));
  for (const char* title : {"slow: loss", "slow: error", "fast: loss", "fast: error"})
    CHECK(html.find(title) != std::string::npos);
  CHECK(html.find(">20<") != std::string::npos);  // the axis counts steps
}

TEST_CASE("a training that is written out ends at a loss that is no number") {
  const Path out = scratch("diverged");
  REQUIRE(run(out, [](Lesson& lesson) {
            lesson.lr(0.1);
            lesson.record("a net", 0, {{"train_loss", 2.5}, {"ratio", NAN}});
            lesson.record("a net", 10, {{"train_loss", -NAN}});
            lesson.metric("never reached", 1);
          }) == 1);
  const RunRecord record = read_run_json((out / "run.json").str());
  CHECK(field(record, "problem") ==
        "[a net] the train_loss is no number any more at step 10: it is nan\nTry: a smaller --lr");
  CHECK_THAT((out / "metrics.csv").read_text(), Catch::Contains("a net,0,2.5"));
}

TEST_CASE("an interrupted run ends with 130") {
  const Path out = scratch("interrupted");
  REQUIRE(run(out, [](Lesson&) { set_interrupted(true); }) == 130);
  set_interrupted(false);
  REQUIRE(field(read_run_json((out / "run.json").str()), "status") == "interrupted");
}

TEST_CASE("Ctrl-C ends a loop that logs, and a lesson at its next section") {
  static int64_t steps;
  for (const bool logs : {true, false}) {
    steps = 0;
    static bool logging;
    logging = logs;
    const int code = run(scratch("stopped"), [](Lesson& lesson) {
      for (; steps < 5; ++steps) {
        if (steps == 2) set_interrupted(true);
        if (logging) lesson.log(steps, {{"loss", 1.}});
      }
      lesson.section("What comes next");
      steps = 100;
    });
    set_interrupted(false);
    REQUIRE(code == 130);
    REQUIRE(steps == (logs ? 2 : 5));
  }
}

TEST_CASE("a run does not write among files of others") {
  const Path out = scratch("others");
  (out / "thesis.txt").mk_write("mine");
  REQUIRE_THROWS_WITH(Lesson(kInfo, {.out = out.str()}),
                      Catch::Contains("holds files that no lesson has written"));
  REQUIRE_NOTHROW(Lesson(kInfo, {.out = out.str(), .force = true}));
}

TEST_CASE("a run does not write over one of another lesson, and does over one of its own") {
  const Path out = scratch("another");
  const auto record = [&](const std::string& text) { (out / "run.json").write_text(text); };
  out.mkdir({.parents = true, .exist_ok = true});
  record("{\"lesson\": \"99_other\", \"status\": \"interrupted\"}");
  REQUIRE_THROWS_WITH(Lesson(kInfo, {.out = out.str()}), Catch::Contains("holds a run of another lesson"));
  CHECK((out / "run.json").read_text().find("99_other") != std::string::npos);
  record("{\"lesson\": \"" + kInfo.name + "\", \"status\": \"done\"}");
  REQUIRE_NOTHROW(Lesson(kInfo, {.out = out.str()}));
  record("{\"lesson\": \"99_o");  // cut off
  REQUIRE_NOTHROW(Lesson(kInfo, {.out = out.str()}));
  record("{\"lesson\": \"99_other\"}");
  REQUIRE_NOTHROW(Lesson(kInfo, {.out = out.str(), .force = true}));
}

TEST_CASE("checkpoints of others, in a folder that a run was forced into, stay") {
  const Path out = scratch("forced"), theirs = out / "checkpoints";
  (out / "thesis.txt").mk_write("mine");
  (theirs / "best.pt").mk_write("a week of training");
  (theirs / "training_01_notes.txt").mk_write("mine");
  const auto body = [](Lesson& lesson) { lesson.next_checkpoint().mk_write("a checkpoint"); };
  for (int again = 0; again < 2; ++again) {  // the second finds the run.json of the first
    REQUIRE(run(out, body) == 0);
    CHECK((out / "thesis.txt").read_text() == "mine");
    CHECK(theirs.ls().attrgot(&Path::name) == L<std::string>{"best.pt", "training_01_notes.txt"});
  }
}

TEST_CASE("of its own checkpoints a run leaves nothing, once it has ended well") {
  const Path out = scratch("own");
  REQUIRE(run(out, [](Lesson& lesson) {
            lesson.next_checkpoint().mk_write("a checkpoint");
            Path(lesson.folder() / "checkpoints" / "training_02_checkpoint.safetensors.tmp-7-1")
                .write_text("what a killed run was writing");
          }) == 0);
  CHECK_FALSE((out / "checkpoints").exists());
}

TEST_CASE("runs that start in one second have a folder each") {
  setenv("COURSE_OUT", scratch("same_second").c_str(), 1);
  std::vector<std::string> folders(16);
  std::atomic<int> ready = 0;
  std::vector<std::thread> threads;
  for (std::string& folder : folders)
    threads.emplace_back([&] {
      ++ready;
      while (ready < 16) {}
      folder = Lesson(kInfo, {.quiet = true}).folder().str();
    });
  for (std::thread& thread : threads) thread.join();
  unsetenv("COURSE_OUT");
  CHECK(std::set<std::string>(folders.begin(), folders.end()).size() == folders.size());
}

TEST_CASE("a run keeps nothing of the one before it in its folder that would be taken for its own") {
  const Path out = scratch("again");
  REQUIRE(run(out, [](Lesson& lesson) {
            lesson.record("a line", 0, {{"loss", 1.0}});
            lesson.next_checkpoint();
            lesson.training_figure("losses", Plot("Loss").curve({2, 1}), "");
          }) == 0);
  REQUIRE((out / "metrics.csv").exists());
  REQUIRE((out / "training_01_losses.png").exists());
  (out / "mine.png").mk_write("mine");
  REQUIRE(run(out, [](Lesson&) { throw minitorch::ValueError("at once"); }) == 2);
  CHECK_FALSE((out / "metrics.csv").exists());
  CHECK_FALSE((out / "training_01_losses.png").exists());
  CHECK((out / "mine.png").exists());
}

TEST_CASE("epochs follow --epochs, then --quick") {
  const Path out = scratch("epochs");
  REQUIRE(Lesson(kInfo, {.out = out.str()}).epochs(10, 2) == 10);
  REQUIRE(Lesson(kInfo, {.out = out.str(), .quick = true}).epochs(10, 2) == 2);
  REQUIRE(Lesson(kInfo, {.epochs = 5, .out = out.str(), .quick = true}).epochs(10, 2) == 5);
}

TEST_CASE("a folder given by --data stands for the first data set that a lesson asks for") {
  const Path out = scratch("data_out"), own = scratch("data_own");
  static std::string numbers, pictures, films, again;
  std::vector<std::string> words{"lesson", "--out", out.str(), "--quiet", "--force", "--data", own.str()};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  const int code = run_lesson(kInfo, static_cast<int>(pointers.size()), pointers.data(), [](Lesson& lesson) {
    numbers = lesson.side_data(datasets::urls::HUMAN_NUMBERS).str();  // asked for before, and set aside
    pictures = lesson.data(datasets::urls::PICTURES_SAMPLE).str();
    films = lesson.data(datasets::urls::ML_SAMPLE).str();
    again = lesson.data(datasets::urls::PICTURES_SAMPLE).str();
  });
  REQUIRE(code == 0);
  REQUIRE(numbers != own.str());
  REQUIRE(Path(numbers + "/train.txt").exists());
  REQUIRE(pictures == own.str());
  REQUIRE(films != own.str());
  REQUIRE(Path(films + "/ratings.csv").exists());
  REQUIRE(again == own.str());
}
