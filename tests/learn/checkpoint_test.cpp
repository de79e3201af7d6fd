// SPDX-License-Identifier: MIT
// Saving, loading, and training that goes on after it was interrupted.
#include "fastcore/learn/checkpoint.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "fastcore/basics/interrupt.h"
#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/tracker.h"
#include "minitorch/core/parallel.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

struct Folder {
  Path path;
  Folder() {
    char name[] = "/tmp/learn_test_XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { path.remove(); }
};

// A net with dropout, batch norm and a frozen group, on shuffled data: everything that draws or remembers.
Learner seeded_learner(const Path& folder) {
  set_seed(42);
  const Tensor x = randn({40, 4}), y = randint(0, 3, {40});
  const DataLoaders dls({tensor_loader(x, y, {.bs = 8, .shuffle = true}), tensor_loader(x, y, {.bs = 16})});
  const auto net =
      nn::Sequential(nn::Linear(4, 16), nn::BatchNorm1d(16), nn::ReLU(), nn::Dropout(0.3), nn::Linear(16, 3));
  const Splitter splitter = [](nn::Module& m) {
    const auto p = m.parameters();
    return std::vector<std::vector<Tensor>>{{p[0], p[1], p[2], p[3]}, {p[4], p[5]}};
  };
  return Learner(dls, net, {.splitter = splitter, .cbs = CheckpointCallback(), .path = folder});
}
std::vector<double> everything(Learner& learn) {
  std::vector<double> all;
  for (const auto& [name, t] : learn.model->state_dict())
    for (double value : t.to_vector<double>()) all.push_back(value);
  for (const auto& [name, t] : learn.opt->state_dict())
    for (double value : t.to_vector<double>()) all.push_back(value);
  for (const auto* list : {&learn.recorder->losses, &learn.recorder->lrs, &learn.recorder->hps["mom"]})
    all.insert(all.end(), list->begin(), list->end());
  for (const auto& row : learn.recorder->values)
    for (const auto& value : row) all.push_back(value.value_or(-1));
  all.push_back(default_generator().uniform());
  return all;
}

// Presses Ctrl-C after so many training batches, counted over all fits, or in the validation after them.
struct PressAt : Callback {
  int64_t left;
  bool in_validation;
  PressAt(int64_t batches, bool validation) : left(batches), in_validation(validation) { order = 80; }
  void after_batch(Learner& learn) override {
    if (learn.training) --left;
    if (left == 0 && learn.training != in_validation) set_interrupted(true);
  }
};

std::vector<double> in_one_go() {
  const Folder folder;
  Learner learn = seeded_learner(folder.path);
  learn.fine_tune(2, 1e-2);
  return everything(learn);
}
std::vector<double> interrupted_at(int64_t batches, bool in_validation) {
  const Folder folder;
  {
    Learner learn = seeded_learner(folder.path);
    learn.add_cbs(PressAt(batches, in_validation));
    learn.freeze();
    learn.fit_one_cycle(1, slice(1e-2), {.pct_start = 0.99});
    if (!interrupted()) {
      learn.unfreeze();
      learn.fit_one_cycle(2, slice(5e-5, 5e-3), {.div = 5, .pct_start = 0.3});
    }
    REQUIRE(interrupted());
    set_interrupted(false);
  }
  for (int i = 0; i < 7; ++i) default_generator().uniform();  // another program, other draws
  Learner learn = seeded_learner(folder.path);
  learn.resume("checkpoint");
  learn.fine_tune(2, 1e-2);
  return everything(learn);
}

}  // namespace

TEST_CASE("the same seed gives the same training, whatever the number of threads") {
  const QuietTerminal quiet;
  const auto once = in_one_go();
  CHECK(once == in_one_go());
  const int before = num_threads();
  for (int threads : {1, 3, 8}) {
    set_num_threads(threads);
    CHECK(once == in_one_go());
  }
  set_num_threads(before);
}

TEST_CASE("kernels that share their work leave the digits as they are") {
  const QuietTerminal quiet;
  const auto train = [](int threads) {
    set_num_threads(threads);
    set_seed(7);
    const Tensor x = randn({24, 3, 32, 32}), y = randint(0, 4, {24});
    const auto loader = tensor_loader(x, y, {.bs = 8, .shuffle = true});
    const auto net = nn::Sequential(nn::Conv2d(3, 16, 3, {.padding = 1}), nn::BatchNorm2d(16), nn::ReLU(),
                                    nn::MaxPool2d(2), nn::Conv2d(16, 32, 3, {.stride = 2, .padding = 1}),
                                    nn::ReLU(), nn::Flatten(), nn::Dropout(0.2), nn::Linear(32 * 8 * 8, 64),
                                    nn::ReLU(), nn::Linear(64, 4));
    Learner learn(DataLoaders({loader, loader}), net);
    learn.fit_one_cycle(2, 1e-2);
    return everything(learn);
  };
  const int before = num_threads();
  const auto alone = train(1);
  for (int threads : {2, 5}) CHECK(alone == train(threads));
  CHECK(alone == train(1));
  set_num_threads(before);
}

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
    learn.freeze();
    learn.fit_one_cycle(1, slice(1e-2), {.pct_start = 0.99});
    REQUIRE(interrupted());
    set_interrupted(false);
  }
  Learner learn = seeded_learner(folder.path);
  learn.resume("checkpoint");
  learn.fine_tune(2, 1e-2);
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
    learn.fit(
        3, {.lr = 1e-2, .cbs = {GradientAccumulation({.n_acc = 16}), ReduceLROnPlateau({.min_delta = 1})}});
    set_interrupted(false);
    return everything(learn);
  };
  const Folder a, b;
  const auto once = train(a.path, 0, false);
  train(b.path, 8, false);
  CHECK(once == train(b.path, 0, true));
}

TEST_CASE("saved and loaded: weights, and what the optimiser remembers") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = seeded_learner(folder.path);
  learn.fit(1);
  const Path file = learn.save("mine");
  CHECK(file == folder.path / "models" / "mine.safetensors");
  const auto saved = everything(learn);
  learn.fit(1);
  learn.load("mine");
  Learner fresh = seeded_learner(folder.path);
  fresh.load("mine");
  fresh.opt->set_hyper("lr", 1e-3);
  const std::size_t weights = 4 * 16 + 16 + 16 * 4 + 1 + 16 * 3 + 3;
  for (Learner* one : {&learn, &fresh}) {
    const auto now = everything(*one);
    CHECK(std::equal(now.begin(), now.begin() + 2 * weights, saved.begin()));
  }
  learn.save("plain", false);
  CHECK(io::load_safetensors((folder.path / "models" / "plain.safetensors").str()).tensors[0].first ==
        "model.0.weight");
  learn.save("theirs.pth");
  fresh.load("theirs.pth");
  CHECK_TENSOR(fresh.model->parameters()[0].detach(), learn.model->parameters()[0].detach(), 0);
}

TEST_CASE("weights of another architecture are refused, name by name, and nothing changes") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = seeded_learner(folder.path);
  learn.fit(1);
  learn.save("mine");
  const auto net = nn::Sequential(nn::Linear(4, 8), nn::Linear(8, 3));
  Learner other(learn.dls, net, {.path = folder.path});
  const Tensor before = net->parameters()[0].detach().clone();
  try {
    other.load("mine");
    FAIL("nothing was thrown");
  } catch (const ShapeError& error) {
    const std::string text = error.what();
    CHECK(text.find("models/mine.safetensors: [load_state_dict] the weights do not fit Sequential") !=
          std::string::npos);
    CHECK(text.find("0.weight: (8, 4) in the module, (16, 4) in the file") != std::string::npos);
    CHECK(text.find("unexpected:\n  1.running_mean") != std::string::npos);
  }
  CHECK_TENSOR(net->parameters()[0].detach(), before, 0);
  CHECK_THROWS_AS(other.load("nothing"), FileError);

  learn.fit(2);
  other.resume("checkpoint");
  other.fit(1);  // this call was complete
  CHECK_THROWS_WITH(other.fit(2), Catch::Contains("0.weight: (8, 4) in the module, (16, 4) in the file"));
  CHECK_TENSOR(net->parameters()[0].detach(), before, 0);
}
