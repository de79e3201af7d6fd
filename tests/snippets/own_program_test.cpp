// SPDX-License-Identifier: MIT
// The front page's program of a learner's own, as it stands there.
#include <catch2/catch.hpp>

#include "tests/temp_folder.h"

#define main own_program  // this program has a main already
//! [mine]
// A net of my own: threes and sevens.
#include "fastcore/basics/external.h"
#include "fastcore/data/factories.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "minitorch/nn/nn.h"

using namespace fastcore;
using namespace minitorch;

static void train(Lesson& lesson) {
  auto dls = ImageDataLoaders::from_folder(lesson.data(urls::MNIST_SAMPLE));
  auto net = nn::Sequential{nn::Flatten(), nn::Linear(3 * 28 * 28, 30), nn::ReLU(), nn::Linear(30, 2)};
  Learner learn(dls, net, {.cbs = RunReport(lesson), .metrics = accuracy});
  learn.fit_one_cycle(lesson.epochs(5, 1), lesson.lr(1e-2));
  lesson.metric("accuracy", learn.recorder->latest("accuracy").value());
}

int main(int argc, char** argv) {
  return run_lesson({.name = "mine", .title = "A net of my own"}, argc, argv, train);
}
//! [mine]
#undef main

TEST_CASE("a program of one's own is a lesson like the others") {
  const TempFolder folder;
  std::string words[] = {"mine", "--quick", "--quiet", "--data", "bundled", "--out", folder / "run"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  CHECK(own_program(static_cast<int>(arguments.size()), arguments.data()) == 0);
  CHECK(Path(folder / "run/report.html").exists());
  CHECK_THAT(Path(folder / "run/run.json").read_text(), Catch::Contains("\"accuracy\": 0.9"));
}
