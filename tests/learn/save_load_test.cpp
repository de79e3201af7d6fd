// SPDX-License-Identifier: MIT
// Files of weights: saved, loaded, refused.
#include "minitorch/io/io.h"
#include "tests/learn/seeded.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

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

TEST_CASE("an optimiser's state that does not fit is refused, and neither weights nor optimiser change") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = seeded_learner(folder.path);
  learn.fit(1);
  const Path file = learn.save("mine");
  const auto saved = io::load_safetensors(file.str());
  learn.fit(1);
  const auto present = [&] {
    auto all = everything(learn);
    all.pop_back();  // what is drawn next
    return all;
  };
  const auto before = present();
  for (const std::string name : {"opt.0.step", "opt.0.had_gradient", "opt.lookahead"}) {
    auto damaged = saved.tensors;
    for (auto& [key, value] : damaged)
      if (key == name) value = zeros({2}, {kInt64});
    io::save_safetensors(file.str(), damaged, saved.metadata);
    CHECK_THROWS_WITH(learn.load("mine"),
                      Catch::Contains("mine.safetensors: [load_state_dict] the optimiser state '" +
                                      name.substr(4) + "' of shape (2): expected one number"));
    CHECK(present() == before);
  }
  io::save_safetensors(file.str(), saved.tensors, saved.metadata);
  learn.load("mine");
  CHECK(present() != before);
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
