// SPDX-License-Identifier: MIT
// Training that goes on after it was interrupted.
#include "fastcore/learn/checkpoint.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/lr_finder.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/learn/tracker.h"
#include "minitorch/core/parallel.h"
#include "minitorch/io/io.h"
#include "tests/learn/seeded.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

std::vector<double> interrupted_at(int64_t batches, bool in_validation) {
  const Folder folder;
  {
    Learner learn = seeded_learner(folder.path);
    learn.add_cbs(PressAt(batches, in_validation));
    REQUIRE_THROWS_AS(learn.fine_tune(2, 1e-2), Interrupted);
    set_interrupted(false);
  }
  for (int i = 0; i < 7; ++i) default_generator().uniform();  // another program, other draws
  Learner learn = seeded_learner(folder.path);
  learn.resume("checkpoint");
  learn.fine_tune(2, 1e-2);
  return everything(learn);
}

}  // namespace

TEST_CASE("interrupted anywhere, training goes on bit for bit") {
  const QuietTerminal quiet;
  const auto once = in_one_go();
  CHECK(once == interrupted_at(3, false));  // in the frozen epoch
  CHECK(once == interrupted_at(5, true));   // in its validation
  CHECK(once == interrupted_at(5, false));  // after its last batch
  CHECK(once == interrupted_at(9, false));  // in the second fit
  CHECK(once == interrupted_at(10, true));  // between its epochs
}

TEST_CASE("interrupted twice in one epoch") {
  const QuietTerminal quiet;
  const auto once = in_one_go();
  const Folder folder;
  for (int64_t batches : {2, 1}) {
    Learner learn = seeded_learner(folder.path);
    learn.add_cbs(PressAt(batches, false));
    if (batches == 1) learn.resume("checkpoint");
    REQUIRE_THROWS_AS(learn.fine_tune(2, 1e-2), Interrupted);
    set_interrupted(false);
  }
  Learner learn = seeded_learner(folder.path);
  learn.resume("checkpoint");
  learn.fine_tune(2, 1e-2);
  CHECK(once == everything(learn));
}

TEST_CASE("Ctrl-C while a callback ends the training: the epoch that it has counted does not come again") {
  struct Stop : Callback {
    bool press;
    explicit Stop(bool press) : press(press) {}
    void after_epoch(Learner& learn) override {
      if (learn.epoch != 1) return;
      if (press) set_interrupted(true);
      throw CancelFit{};
    }
  };
  const QuietTerminal quiet;
  const Folder folder;
  const auto learner = [&](bool press) {
    Learner learn = seeded_learner(folder.path);
    learn.add_cbs(Stop(press));
    return learn;
  };
  Learner whole = learner(false);
  whole.fit(4, 1e-2);
  const auto once = everything(whole);
  REQUIRE_THROWS_AS(learner(true).fit(4, 1e-2), Interrupted);
  set_interrupted(false);
  Learner learn = learner(false);
  learn.resume("checkpoint");
  learn.fit(4, 1e-2);
  CHECK(once == everything(learn));
}

TEST_CASE("a checkpoint belongs to the calls that it was made in") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner first = seeded_learner(folder.path);
  first.fit(2);
  Learner other = seeded_learner(folder.path);
  other.resume("checkpoint");
  CHECK_THROWS_WITH(other.fit(3), "[resume] training was to take 2 epochs, and now 3");
  first.save("weights");
  CHECK_THROWS_WITH(other.resume("weights"),
                    Catch::Contains("weights.safetensors is no checkpoint of a training"));
  CHECK_THROWS_AS(other.resume("nothing"), FileError);
}

TEST_CASE("between a fit that is passed over and the next, nothing is made of weights that are not there") {
  const QuietTerminal quiet;
  const Folder folder;
  {
    Learner learn = seeded_learner(folder.path);
    learn.fit(1, 1e-2);
    learn.save("stage1");
    learn.add_cbs(PressAt(2, false));
    CHECK_THROWS_AS(learn.fit(1, 1e-2), Interrupted);
    set_interrupted(false);
  }
  const std::string stage1 = (folder.path / "models" / "stage1.safetensors").read_text();
  Learner learn = seeded_learner(folder.path);
  learn.resume("checkpoint");
  CHECK_FALSE(learn.passing_over());
  learn.fit(1, 1e-2);
  CHECK(learn.passing_over());
  const char* told = " the weights of fit number 1 are not in the checkpoint, which is of number 2";
  CHECK_THROWS_WITH(learn.save("stage1"), std::string("[save]") + told);
  CHECK_THROWS_WITH(learn.export_learner(), std::string("[export]") + told);
  CHECK_THROWS_WITH(learn.validate(), std::string("[validate]") + told);
  CHECK_THROWS_WITH(learn.lr_find(), std::string("[lr_find]") + told);
  CHECK((folder.path / "models" / "stage1.safetensors").read_text() == stage1);
  learn.fit(1, 1e-2);
  CHECK_FALSE(learn.passing_over());
  CHECK_NOTHROW(learn.save("stage2"));
}

TEST_CASE("a checkpoint of other metrics, or a damaged one, says what is wrong") {
  const QuietTerminal quiet;
  const Folder folder;
  const auto train = [&](const Metrics& metrics, bool resume) {
    Learner learn = seeded_learner(folder.path);
    learn.metrics = metrics.list();
    if (resume) learn.resume("checkpoint");
    learn.fit(2, {.lr = 1e-2, .cbs = ReduceLROnPlateau()});
  };
  train({}, false);
  CHECK_THROWS_WITH(train(accuracy, true),
                    "[resume] the table of the training had the columns epoch, train_loss, valid_loss, time, "
                    "and has epoch, train_loss, valid_loss, accuracy, time now");
  const std::string file = (folder.path / "models" / "checkpoint.safetensors").str();
  const auto whole = io::load_safetensors(file);
  const auto with = [&](const std::string& part, int64_t numbers) {
    auto tensors = whole.tensors;
    for (auto& [name, tensor] : tensors)
      if (name == part) tensor = zeros({numbers}, {kInt64});
    io::save_safetensors(file, tensors, whole.metadata);
  };
  with("callback.ReduceLROnPlateau.0", 1);
  CHECK_THROWS_WITH(train({}, true), "[resume] what the checkpoint holds of ReduceLROnPlateau is damaged");
  for (const char* part :
       {"recorder.values", "recorder.values_there", "recorder.smooth", "recorder.seconds"}) {
    with(part, 1);
    CHECK_THROWS_WITH(train({}, true), "[resume] the checkpoint's history of the training is damaged");
  }
  with("place", 4);
  CHECK_THROWS_WITH(train({}, true), Catch::Contains("checkpoint.safetensors is damaged"));
  with("nothing", 0);
  CHECK_NOTHROW(train({}, true));
}

TEST_CASE("checkpoints only where training is interrupted") {
  const QuietTerminal quiet;
  const Folder folder;
  const Path file = folder.path / "models" / "checkpoint.safetensors";
  Learner learn = line_learner({.cbs = CheckpointCallback({.every_epoch = 0}), .path = folder.path});
  learn.fit(2);
  CHECK_FALSE(file.exists());
  learn.add_cbs(PressAt(1, false));
  CHECK_THROWS_AS(learn.fit(2), Interrupted);
  set_interrupted(false);
  CHECK(Checkpoint::load(file.str()).batch == 1);
}

TEST_CASE("a killed run leaves the last checkpoint whole") {
  const QuietTerminal quiet;
  const Folder folder;
  const Path file = folder.path / "models" / "checkpoint.safetensors";
  for (int milliseconds : {1, 4, 9, 16, 25, 36}) {
    std::remove(file.c_str());
    const pid_t child = fork();
    if (child == 0) {
      set_num_threads(1);  // the pool's other threads did not come along
      Learner learn = seeded_learner(folder.path);
      learn.fit(1'000'000);
      _exit(0);
    }
    for (int waited = 0; waited < 20'000 && !file.exists(); ++waited) usleep(1000);
    usleep(static_cast<useconds_t>(milliseconds) * 1000);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    CHECK(Checkpoint::load(file.str()).epoch > 0);
    CHECK_NOTHROW(seeded_learner(folder.path).resume("checkpoint"));
  }
}

TEST_CASE("accumulated gradients and trackers survive an interruption") {
  const QuietTerminal quiet;
  const auto train = [](const Path& folder, int64_t press, bool resume) {
    Learner learn = seeded_learner(folder);
    if (resume) learn.resume("checkpoint");
    if (press) learn.add_cbs(PressAt(press, false));
    may_be_pressed([&] {
      learn.fit(
          3, {.lr = 1e-2, .cbs = {GradientAccumulation({.n_acc = 16}), ReduceLROnPlateau({.min_delta = 1})}});
    });
    return everything(learn);
  };
  const Folder a, b;
  const auto once = train(a.path, 0, false);
  train(b.path, 8, false);
  CHECK(once == train(b.path, 0, true));
}

TEST_CASE("the table of a resumed training is whole, on the screen and in the file") {
  const Folder a, b;
  const auto train = [](const Path& folder, int64_t press, bool resume) {
    QuietTerminal terminal;
    Learner learn = seeded_learner(folder);
    if (resume) learn.resume("checkpoint");
    if (press) learn.add_cbs(PressAt(press, false));
    may_be_pressed([&] { learn.fit(3, {.lr = 1e-2, .cbs = CSVLogger()}); });
    return terminal.lines;
  };
  const auto once = train(a.path, 0, false);
  CHECK(once.size() == 4);
  train(b.path, 12, false);  // in the third epoch
  CHECK(train(b.path, 0, true) == once);
  CHECK((b.path / "history.csv").read_text() == (a.path / "history.csv").read_text());
  CHECK(train(b.path, 0, true) == once);  // of one that was complete
  CHECK((b.path / "history.csv").read_text() == (a.path / "history.csv").read_text());
}

TEST_CASE("a log that is added to has each epoch of a resumed training once") {
  const Folder a, b;
  const auto train = [](const Path& folder, int64_t press, bool resume) {
    const QuietTerminal quiet;
    (folder / "history.csv").write_text("of another training\n");
    Learner learn = seeded_learner(folder);
    const auto csv = std::make_shared<CSVLogger>(CSVLoggerOptions{.append = true});
    if (press) {
      const Scope pressed = learn.added_cbs(PressAt(press, false));
      may_be_pressed([&] { learn.fit(3, {.lr = 1e-2, .cbs = csv}); });
    }
    const std::string half = (folder / "history.csv").read_text();
    Learner again = seeded_learner(folder);
    if (resume) again.resume("checkpoint");
    if (!press || resume) again.fit(3, {.lr = 1e-2, .cbs = csv});
    const std::string whole = (folder / "history.csv").read_text();
    CHECK(whole.substr(0, half.size()) == half);
    return whole;
  };
  const std::string once = train(a.path, 0, false);
  CHECK(once.substr(0, 26) == "of another training\nepoch,");
  for (int64_t press : {2, 12, 15}) CHECK(train(b.path, press, true) == once);
}

TEST_CASE("a row that was written after the checkpoint does not stand twice, and what others wrote stays") {
  struct Killed : Callback {
    Killed() { order = 65; }  // after the log, before the checkpoint
    void after_epoch(Learner& learn) override {
      if (learn.epoch == 2) throw std::runtime_error("killed");
    }
  };
  const auto train = [](const Path& folder, bool resume, const Callbacks& more) {
    const QuietTerminal quiet;
    Learner learn = seeded_learner(folder);
    learn.add_cbs(more);
    if (resume) learn.resume("checkpoint");
    learn.fit(4, {.lr = 1e-2, .cbs = CSVLogger({.append = true})});
  };
  const Folder a;
  train(a.path, false, {});
  const std::string once = (a.path / "history.csv").read_text();
  const std::string half = "3,0.5", of_another = "epoch,train_loss\n0,0.5\n";
  for (const std::string& more : {std::string(), half, of_another}) {
    const Folder b;
    const Path file = b.path / "history.csv";
    CHECK_THROWS_WITH(train(b.path, false, Killed()), Catch::Contains("killed"));
    const std::string killed = file.read_text();
    CHECK(killed == once.substr(0, killed.size()));
    file.write_text(killed + more);
    train(b.path, true, {});
    if (more == of_another) CHECK(file.read_text().substr(0, (killed + more).size()) == killed + more);
    else CHECK(file.read_text() == once);
  }
}

TEST_CASE("a resumed table tells NaN from no value") {
  const Folder folder;
  const QuietTerminal quiet;
  const auto make = [&] {
    const AvgMetric none("none", [](const Tensor&, const Tensor&) { return NAN; });
    Learner learn(line_data(), line_model(),
                  {.cbs = {CheckpointCallback(), SkipToEpoch(1)}, .metrics = none, .path = folder.path});
    return learn;
  };
  Learner once = make(), again = make();
  once.fit(2);
  again.resume("checkpoint");
  again.fit(2);
  CHECK(again.recorder->row(0).list() == "[0, None, None, None, '00:00']");
  CHECK(again.recorder->row(1).list() == once.recorder->row(1).list());
  CHECK(again.recorder->row(1).cells()[3] == "nan");
}

namespace {

// Each batch sees the sum of all before it in this pass.
struct Sums : nn::Module, Resettable {
  nn::Linear step = add("step", nn::Linear(4, 3));
  Tensor sum;
  bool tells;
  explicit Sums(bool tells_where) : tells(tells_where) {}
  Tensor forward(const Tensor& x) override {
    sum = (sum.defined() ? sum + x.mean({0}) : x.mean({0})).detach();
    return step(x + sum);
  }
  void reset() override { sum = Tensor(); }
  std::vector<Tensor*> memory() override {
    return tells ? std::vector<Tensor*>{&sum} : std::vector<Tensor*>{};
  }
};

}  // namespace

TEST_CASE("what a recurrent net remembers survives, or its epoch starts again") {
  const QuietTerminal quiet;
  const auto train = [](const Path& folder, bool tells, int64_t press, bool resume, int64_t& steps) {
    Learner learn = seeded_learner(folder);
    learn.model = nn::make<Sums>(tells);
    learn.splitter = trainable_params;
    learn.add_cbs(ModelResetter());
    auto trace = std::make_shared<Trace>();
    if (resume) learn.resume("checkpoint");
    if (press) learn.add_cbs(PressAt(press, false));
    may_be_pressed([&] { learn.fit(2, {.lr = 1e-2, .cbs = trace}); });
    steps = std::count(trace->seen.begin(), trace->seen.end(), "before_step");
    return everything(learn);
  };
  for (bool tells : {true, false}) {
    const Folder a, b;
    int64_t steps = 0;
    const auto once = train(a.path, tells, 0, false, steps);
    CHECK(steps == 10);
    train(b.path, tells, 8, false, steps);
    CHECK(once == train(b.path, tells, 0, true, steps));
    CHECK(steps == (tells ? 2 : 5));
  }
}

TEST_CASE("metrics of training that are half counted start again with their epoch") {
  const QuietTerminal quiet;
  const auto train = [](const Path& folder, int64_t press, bool resume) {
    Learner learn = seeded_learner(folder);
    learn.metrics = Metrics(accuracy).list();
    learn.recorder->train_metrics = true;
    if (resume) learn.resume("checkpoint");
    if (press) learn.add_cbs(PressAt(press, false));
    may_be_pressed([&] { learn.fit(2, 1e-2); });
    return everything(learn);
  };
  const Folder a, b;
  const auto once = train(a.path, 0, false);
  train(b.path, 8, false);
  CHECK(once == train(b.path, 0, true));
}
