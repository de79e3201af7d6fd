// SPDX-License-Identifier: MIT
// Failing well: a loss that is no number, memory that is used up.
#include "fastcore/learn/diagnose.h"

#include <cmath>

#include "fastcore/learn/callbacks.h"
#include "minitorch/core/memory.h"
#include "minitorch/core/random.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

TEST_CASE("a loss that is no number ends training, and is traced to its source") {
  QuietTerminal terminal;
  set_seed(42);  // a weight above 0, with which the exponential explodes
  const auto stops = [&](auto net, const Tensor& x, double lr) {
    const auto loader = tensor_loader(x, ones({x.size(0), 1}), {.bs = 2});
    Learner learn(DataLoaders({loader, loader}), net, {.opt_func = SGD});
    try {
      learn.fit(5, lr);
    } catch (const TrainingError& error) {
      CHECK(error.exit_code() == 1);
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  const auto exploding = nn::Lambda([](const Tensor& x) { return exp(x * 1000); });
  CHECK(stops(nn::Sequential(nn::Linear(1, 2), exploding, nn::Linear(2, 1)), tensor({{3.}, {9.}}), .1)
            .find("[fit] the loss is ") == 0);
  CHECK_THAT(
      stops(nn::Sequential(nn::Linear(1, 1), nn::Lambda([](const Tensor& x) { return log(x * 0 - 1); })),
            tensor({{3.}, {9.}}), .1),
      Catch::Equals(
          "[fit] the loss is nan at epoch 0, batch 0 (lr 0.1): the first layer to put out nan is 1 Lambda"));
  CHECK_THAT(stops(nn::Linear(1, 1), tensor({{3.}, {std::nan("")}}), .1),
             Catch::Contains("the batch itself holds nan"));
  CHECK_THAT(stops(nn::Linear(1, 1), tensor({{3.}, {9.}}), 1e9),
             Catch::Contains("(lr 1e+09): the ") || Catch::Contains("the step before was too large"));

  Learner learn(line_data(), line_model(),
                {.loss_func = [](const Tensor& p, const Tensor&) { return mean(log(p - 9)); }});
  learn.fit(2, {.cbs = TerminateOnNaNCallback()});
  CHECK(told(terminal) ==
        Lines{"Training stopped: the loss is nan at epoch 0, batch 0 (lr 0.001): the model's outputs are "
              "fine: it is the loss, a function of one's own"});
  CHECK(learn.model->parameters()[0].item() == 0);  // no step was made
}

TEST_CASE("what took the memory, and how many items might fit") {
  const auto net = nn::Sequential(nn::Linear(10, 1000), nn::ReLU(), nn::Linear(1000, 1));
  const auto loader = tensor_loader(zeros({64, 10}), zeros({64, 1}));
  Learner learn(DataLoaders({loader, loader}), net);
  learn.xb = {zeros({64, 10})};
  const MemoryReport report = describe_memory(learn);
  CHECK(report.text.find(
            "the largest outputs of layers for a batch of 64:\n       0.3 MB  0 Linear (64, 1000)\n") == 0);
  CHECK(report.batch_size >= 1);
  CHECK(report.batch_size <= 32);

  struct Hungry : Callback {
    void after_pred(Learner&) override { empty({int64_t{1} << 45}); }
  };
  const QuietTerminal quiet;
  learn.fit(1);
  const auto in_use = memory_stats(Device::cpu()).in_use;
  try {
    learn.fit(1, {.cbs = Hungry{}});
    FAIL("nothing was thrown");
  } catch (const OutOfMemory& error) {
    CHECK_THAT(error.what(),
               Catch::Contains("in callback Hungry at after_pred") && Catch::Contains("0 Linear (64, 1000)"));
    CHECK_THAT(error.hint(), Catch::Contains("instead of 64"));
    CHECK(error.exit_code() == 5);
  }
  CHECK(memory_stats(Device::cpu()).in_use <= in_use);  // what the step held is free again
}

TEST_CASE("batch norm does not hide what took the memory, and does not count the item that was tried") {
  const QuietTerminal quiet;
  const auto norm = nn::BatchNorm1d(8);
  const auto net = nn::Sequential(nn::Linear(1, 8), norm, nn::Linear(8, 1));
  Learner learn(line_data(8, 8), net);
  learn.fit(1);
  const double mean = norm->running_mean.to_vector<double>()[0];
  net->train();
  norm->eval();
  learn.xb = {ones({8, 1})};
  CHECK_THAT(describe_memory(learn).text, Catch::Contains("1 BatchNorm1d (8, 8)") &&
                                              Catch::Contains("\nweights 0.0 MB, gradients 0.0 MB, "));
  CHECK(net->is_training());
  CHECK_FALSE(norm->is_training());
  CHECK(norm->running_mean.to_vector<double>()[0] == mean);

  struct Hungry : Callback {
    void after_pred(Learner&) override { empty({int64_t{1} << 45}); }
  };
  try {
    learn.fit(1, {.cbs = Hungry{}});
    FAIL("nothing was thrown");
  } catch (const OutOfMemory& error) { CHECK_THAT(error.what(), Catch::Contains("1 BatchNorm1d (8, 8)")); }
}

TEST_CASE("the report of memory counts weights, gradients and the optimiser's state") {
  const QuietTerminal quiet;
  const auto net = nn::Linear(1000, 1000, false);  // 4 MB
  const auto loader = tensor_loader(zeros({4, 1000}), zeros({4, 1000}), {.bs = 4});
  Learner learn(DataLoaders({loader, loader}), net);
  learn.fit(1);
  learn.xb = {zeros({4, 1000})};
  const std::string all = "\nweights 4.0 MB, gradients 4.0 MB, the optimiser's state 8.0 MB";
  CHECK_THAT(describe_memory(learn).text, Catch::EndsWith(all));
  net->weight.set_grad(zeros({1000, 1000}));
  CHECK_THAT(describe_memory(learn).text, Catch::EndsWith(all));
}

TEST_CASE("in the first batch the report of memory counts gradients and averages that are still to come") {
  const auto net = nn::Linear(1000, 1000, false);
  const auto loader = tensor_loader(zeros({4, 1000}), zeros({4, 1000}), {.bs = 4});
  const auto text_with = [&](const OptFunc& opt_func) {
    Learner learn(DataLoaders({loader, loader}), net, {.opt_func = opt_func});
    learn.create_opt();
    learn.xb = {zeros({4, 1000})};
    return describe_memory(learn).text;
  };
  CHECK_THAT(text_with(Adam), Catch::EndsWith("gradients 4.0 MB, the optimiser's state 8.0 MB"));
  CHECK_THAT(text_with(ranger), Catch::EndsWith("gradients 4.0 MB, the optimiser's state 12.0 MB"));
  CHECK_THAT(text_with(SGD), Catch::EndsWith("gradients 4.0 MB, the optimiser's state 0.0 MB"));
}

TEST_CASE("outputs are as large as in training, where that computes in 16 bits") {
  const auto net = nn::Sequential{nn::Linear(10, 1000), nn::ReLU(), nn::Linear(1000, 1)};
  const auto loader = tensor_loader(zeros({640, 10}), zeros({640, 1}));
  Learner learn(DataLoaders({loader, loader}), net);
  learn.xb = {zeros({640, 10})};
  CHECK_THAT(describe_memory(learn).text, Catch::Contains(" 2.6 MB  0 Linear (640, 1000)"));
  to_fp16(learn);
  CHECK_THAT(describe_memory(learn).text, Catch::Contains(" 1.3 MB  0 Linear (640, 1000)"));
}

TEST_CASE("a diagnosis that fails does not hide what it was about") {
  struct Pairs : nn::Module {
    nn::Linear linear = add("linear", nn::Linear(1, 1));
    Tensor forward(const Tensor& x) override {
      if (x.size(0) % 2) throw ValueError("items come in pairs");
      empty({int64_t{1} << 45});
      return linear(x);
    }
  };
  const QuietTerminal quiet;
  Learner learn(line_data(), nn::make<Pairs>());
  CHECK_THROWS_AS(learn.fit(1), OutOfMemory);
}

TEST_CASE("after an error, a new fit starts without the gradients of the batch that failed") {
  const QuietTerminal quiet;
  const auto weights = [](Learner& learn) {
    learn.fit(2, .1);
    return cat({learn.model->parameters()[0].detach().flatten(), learn.model->parameters()[1].detach()});
  };
  Learner fresh(line_data(8, 8), line_model(), {.opt_func = SGD});
  const Tensor expected = weights(fresh);

  Learner learn(line_data(8, 8), line_model(), {.opt_func = SGD});
  const LossFunc loss = learn.loss_func;
  learn.loss_func = [](const Tensor& p, const Tensor&) { return mean(log(p - 9)); };
  CHECK_THROWS_AS(learn.fit(1, .1), TrainingError);
  learn.loss_func = loss;
  CHECK_TENSOR(weights(learn), expected, 1e-6);

  struct Hungry : Callback {
    void after_backward(Learner&) override { empty({int64_t{1} << 45}); }
  };
  Learner hungry(line_data(8, 8), line_model(), {.opt_func = SGD});
  CHECK_THROWS_AS(hungry.fit(1, {.lr = .1, .cbs = Hungry{}}), OutOfMemory);
  CHECK_TENSOR(weights(hungry), expected, 1e-6);
}

TEST_CASE("memory that the machine itself refuses is told as well") {
  struct Hungry : Callback {
    void after_pred(Learner&) override { throw std::bad_alloc(); }
  };
  const QuietTerminal quiet;
  Learner learn(line_data(8, 4), nn::Sequential(nn::Linear(1, 1)));
  try {
    learn.fit(1, {.cbs = Hungry()});
    FAIL("nothing was thrown");
  } catch (const OutOfMemory& error) {
    CHECK_THAT(error.what(), Catch::Contains("[fit] no memory is left on this machine\nthe largest outputs"));
    CHECK_THAT(error.hint(), Catch::Contains("a batch of 2 instead of 4"));
    CHECK(error.exit_code() == 5);
  }
}
