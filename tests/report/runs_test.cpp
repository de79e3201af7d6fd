// SPDX-License-Identifier: MIT
// Past runs side by side: what `./course runs` is made of, and the program itself.
#include "fastcore/report/runs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>

#include "fastcore/report/metrics_table.h"

using namespace fastcore;

namespace {

// A folder of its own with runs of two lessons, one of them damaged.
struct Runs {
  Path out = Path("/tmp") / ("runs_test_" + std::to_string(getpid()));

  Runs() {
    out.mkdir({.parents = true, .exist_ok = true, .overwrite = true});
    const std::string fit = "training 1";
    add("05_sgd", "2026-03-14_15-09-26", 0.1, {{fit, "0", "0.9"}, {fit, "1", "0.5"}});
    add("05_sgd", "2026-03-14_16-00-00", 0.3, {{fit, "0", "0.8"}, {fit, "1", "0.2"}, {fit, "2", "0.1"}});
    add("05_sgd", "2026-03-13_12-00-00", 0.1, {});
    add("03_quadratic", "2026-03-01_10-00-00", 0.1, {{"a", "0", "4"}, {"a", "1", "3"}, {"a", "0", "2"}});
    (out / "05_sgd" / "broken").mkdir();
    (out / "05_sgd" / "broken" / "run.json").write_text("{");
    (out / "05_sgd" / "of_somebody_else").mkdir();
  }
  ~Runs() { out.remove(); }

  void add(const std::string& lesson, const std::string& run, double lr,
           const std::vector<std::vector<std::string>>& rows) const {
    const Path folder = out / lesson / run;
    folder.mkdir({.parents = true, .exist_ok = true});
    write_run_json(
        (folder / "run.json").str(),
        {{{"lesson", lesson}, {"status", std::string("done")}, {"seconds", 61.0}, {"peak_memory_mb", 45.5}},
         {{"options", {{"seed", int64_t{42}}, {"lr", lr}}}, {"metrics", {{"accuracy", 1 - lr}}}}});
    if (!rows.empty())
      write_metrics_csv((folder / "metrics.csv").str(), {"training", "epoch", "valid_loss"}, rows);
  }

  // Exit code and everything that ./course runs prints.
  std::pair<int, std::string> tool(const std::string& arguments) const {
    char self[4096];
    const auto length = readlink("/proc/self/exe", self, sizeof self);
    const Path program = Path(std::string(self, static_cast<std::size_t>(length))).parent() / "tool_runs";
    FILE* pipe =
        popen(("COURSE_OUT=" + out.str() + " " + program.str() + " " + arguments + " 2>&1").c_str(), "r");
    std::string text;
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
    return {WEXITSTATUS(pclose(pipe)), text};
  }
};

}  // namespace

TEST_CASE_METHOD(Runs, "runs are found, the oldest first, and damaged ones named") {
  const RunList found = find_runs(out, "05_sgd");
  REQUIRE(found.runs.size() == 3);
  CHECK(found.runs[0].folder.name() == "2026-03-13_12-00-00");
  CHECK(found.runs[0].curves.empty());
  CHECK(found.runs[2].curves.at(0).y == Values{0.8, 0.2, 0.1});
  REQUIRE(found.damaged.size() == 1);
  CHECK_THAT(found.damaged[0], Catch::Contains("broken/run.json: not the record of a run"));
  CHECK(find_runs(out).runs.size() == 4);
  CHECK(find_runs(out / "nowhere").runs.empty());
}

TEST_CASE_METHOD(Runs, "a run whose metrics.csv is damaged is kept, and named") {
  const Path folder = out / "05_sgd" / "2026-03-14_15-09-26";
  for (const char* damaged : {"", "\xff\xfe"}) {
    (folder / "metrics.csv").write_text(damaged);
    const RunList found = find_runs(out, "05_sgd");
    REQUIRE(found.runs.size() == 3);
    CHECK(found.runs[1].curves.empty());
    CHECK(found.runs[1].text("status") == "done");
    REQUIRE(found.damaged.size() == 2);
    CHECK_THAT(found.damaged[0], Catch::StartsWith("the curves of " + folder.str() + ": [read_csv]"));
  }
  CHECK_THAT(tool(folder.str()).second, Catch::Contains("left out: the curves of " + folder.str()));
}

TEST_CASE_METHOD(Runs, "options that differ and figures stand side by side") {
  const auto runs = find_runs(out, "05_sgd").runs;
  const RunTable table = compare_runs(runs);
  CHECK(table.header ==
        std::vector<std::string>{"run", "03-13_12-00-00", "03-14_15-09-26", "03-14_16-00-00"});
  CHECK(table.rows == std::vector<std::vector<std::string>>{{"status", "done", "done", "done"},
                                                            {"time", "01:01", "01:01", "01:01"},
                                                            {"memory, MB", "45.5", "45.5", "45.5"},
                                                            {"--lr", "0.1", "0.1", "0.3"},
                                                            {"accuracy", "0.9", "0.9", "0.7"}});
  CHECK(shared_options(runs) == "seed 42");
  const auto both = compare_runs(find_runs(out).runs);
  CHECK(both.rows.back().size() == 5);
}

TEST_CASE_METHOD(Runs, "a run whose process is gone without a word was killed") {
  const auto status = [&](int64_t process) {
    const RunRecord record{
        {{"lesson", std::string("05_sgd")}, {"status", std::string("running")}, {"process", process}}, {}};
    const std::vector<Run> runs{{out / "05_sgd" / "a_run", record}};
    CHECK(compare_runs(runs).rows[0] == std::vector<std::string>{"status", list_runs(runs).rows[0][2]});
    return list_runs(runs).rows[0][2];
  };
  CHECK(status(getpid()) == "running");
  const pid_t child = fork();
  if (child == 0) _exit(0);
  int code = 0;
  waitpid(child, &code, 0);
  CHECK(status(child) == "killed");
}

TEST_CASE_METHOD(Runs, "times and memory that no run can have are none") {
  const RunRecord record{{{"lesson", std::string("05_sgd")}, {"seconds", 1e300}, {"peak_memory_mb", 1e300}},
                         {}};
  const std::vector<Run> runs{{out / "05_sgd" / "a_run", record}};
  CHECK(list_runs(runs).rows[0][3] == "-");
  CHECK(index_runs(runs).rows[0][2] == "-");
  CHECK(index_runs(runs).rows[0][3] == "-");
}

TEST_CASE_METHOD(Runs, "an index has a row for each lesson, with what went wrong where it failed") {
  const RunRecord failed{{{"lesson", std::string("06_cnn")},
                          {"title", std::string("Lesson 6: digits")},
                          {"status", std::string("failed")},
                          {"problem", std::string("no such file\nexpected: a folder")}},
                         {{"metrics", {{"accuracy", 0.5}}}}};
  const auto runs = find_runs(out, "03_quadratic").runs;
  const RunTable table = index_runs({runs.at(0), {out / "06_cnn", failed}});
  CHECK(table.rows ==
        std::vector<std::vector<std::string>>{{"03_quadratic", "done", "01:01", "46 MB", "accuracy 0.9"},
                                              {"Lesson 6: digits", "failed", "-", "-", "no such file"}});
}

TEST_CASE_METHOD(Runs, "curves lie over each other, by epoch where that rises") {
  const auto plots = overlay_runs(find_runs(out, "05_sgd").runs);
  REQUIRE(plots.size() == 1);
  CHECK(plots[0].title == "valid_loss");
  CHECK(plots[0].x_axis.label == "epoch");
  REQUIRE(plots[0].series().size() == 2);  // the third run has no curve
  CHECK(plots[0].series()[1].options.label == "03-14_16-00-00");
  CHECK(plots[0].series()[1].ink == series_ink(2));  // that of the third run in each plot
  CHECK(plots[0].series()[0].options.width > plots[0].series()[1].options.width + 1);  // seen below it
  CHECK(plots[0].series()[1].x == Values{0, 1, 2});
  const auto twice = overlay_runs(find_runs(out, "03_quadratic").runs);
  CHECK(twice.at(0).x_axis.label == "row: epoch starts anew");
  CHECK(twice[0].series()[0].x == Values{0, 1, 2});
}

TEST_CASE_METHOD(Runs, "every training of a run has its curves, its last values and columns of its own") {
  MetricsTable numbers;
  numbers.add("training 1", {"epoch", "train_loss", "accuracy"}, {"0", "0.9", "0.5"});
  numbers.add("training 1", {"epoch", "train_loss", "accuracy"}, {"1", "0.8", "0.6"});
  numbers.add("by hand", {"step", "loss"}, {"10", "7"});
  numbers.add("training 2", {"epoch", "train_loss", "mse"}, {"0", "0.7", "None"});
  numbers.add("training 2", {"epoch", "train_loss", "mse"}, {"1", "0.6", "0.02"});
  CHECK(numbers.header() ==
        MetricsTable::Row{"training", "epoch", "step", "train_loss", "accuracy", "loss", "mse"});
  CHECK(numbers.rows()[2] == MetricsTable::Row{"by hand", "", "10", "", "", "7", ""});
  CHECK_THROWS_WITH(numbers.add("a", {"step", "training"}, {"0", "1"}),
                    Catch::Contains("'training' is the column"));

  const Path folder = out / "05_sgd" / "2026-03-15_09-00-00";
  folder.mkdir();
  write_run_json(
      (folder / "run.json").str(),
      {.fields = {{"lesson", std::string("05_sgd")}, {"status", std::string("done")}}, .groups = {}});
  write_metrics_csv((folder / "metrics.csv").str(), numbers.header(), numbers.rows());
  const Run run = read_run(folder);
  REQUIRE(run.curves.size() == 5);
  CHECK(run.curves[2].training == "by hand");
  CHECK(run.curves[2].count == "step");
  CHECK(run.curves[2].x == Values{10});
  CHECK(run.curves[4].name == "mse");
  CHECK(std::isnan(run.curves[4].y[0]));

  const auto both = {read_run(out / "05_sgd" / "2026-03-14_15-09-26"), run};
  const auto plots = overlay_runs(both);
  REQUIRE(plots.size() == 6);
  CHECK(plots[0].title == "training 1: valid_loss");
  CHECK(plots[3].title == "by hand: loss");
  CHECK(plots[4].title == "training 2: train_loss");
  CHECK(plots[4].series()[0].y == Values{0.7, 0.6});
  CHECK(last_values(both).rows[4] == std::vector<std::string>{"training 2: train_loss", "-", "0.6"});
}

TEST_CASE_METHOD(Runs, "the program: a list, a comparison, and errors") {
  const auto list = tool("");
  CHECK(list.first == 0);
  CHECK_THAT(list.second, Catch::Contains("03_quadratic  03-01_10-00-00  done    01:01  accuracy 0.9") &&
                              Catch::Contains("left out: ") && Catch::Contains("./course runs 05_sgd"));
  const auto compared = tool("05_sgd --last 2");
  CHECK(compared.first == 0);
  CHECK_THAT(compared.second,
             Catch::Contains("the last 2 of 3 runs") && Catch::Contains("the same in all: seed 42"));
  CHECK((out / "05_sgd" / "runs.html").read_text().find("valid_loss") != std::string::npos);
  CHECK((out / "05_sgd" / "runs.png").size() > 1000);
  const auto folders =
      tool(out.str() + "/05_sgd/2026-03-14_16-00-00 " + out.str() + "/03_quadratic/2026-03-01_10-00-00");
  CHECK(folders.first == 0);
  CHECK((out / "runs.html").exists());
  const auto latest = tool("--last 1");
  CHECK(latest.first == 0);
  CHECK_THAT(latest.second, Catch::Contains("the last 1 of 4 runs") &&
                                Catch::Contains("05_sgd  03-14_16-00-00") && !Catch::Contains("03-14_15") &&
                                !Catch::Contains("03_quadratic"));
  CHECK_THAT(list.second, !Catch::Contains("the last"));
  const auto list_elsewhere = tool("--out " + out.str());
  CHECK(list_elsewhere.first == 2);
  CHECK_THAT(list_elsewhere.second,
             Catch::Contains("error: --out is where runs side by side are written") &&
                 Catch::Contains("try:   name a lesson: ./course runs 5 --out " + out.str()));
  CHECK(tool("07_nothing").first == 2);
  CHECK(tool("--last 0").first == 2);
}
