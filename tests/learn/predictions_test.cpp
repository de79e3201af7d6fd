// SPDX-License-Identifier: MIT
#include "fastcore/learn/predictions.h"

#include "fastcore/data/data_block.h"
#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/metrics.h"
#include "minitorch/core/random.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// Gives back its input: outputs are what the loader hands out.
struct Echo : nn::Module {
  Tensor scale = add_parameter("scale", ones({1}));
  Tensor forward(const Tensor& x) override { return x * scale; }
};

const Tensor logits = tensor({{2., 0., 0.}, {0., 1., 0.}, {0., 0., 3.}, {1., 0., 0.}, {0., 4., 0.}});
const Tensor labels = tensor({0, 1, 2, 1, 1});

DataLoaders three_classes() {
  const Targets targets{TargetKind::category, 3, {"ant", "bee", "cat"}};
  return DataLoaders(
      {tensor_loader(logits, labels, {.bs = 2, .shuffle = true, .drop_last = true, .targets = targets}),
       tensor_loader(logits, labels, {.bs = 2, .targets = targets})});
}

// Adds 1 to its inputs in passes with the transforms of training.
class Shifted : public TensorLoader {
 public:
  Shifted(Tensor x, Tensor y, int split) : TensorLoader({split == 0 ? x + 1 : x}, {y}), x_(x), y_(y) {}
  std::shared_ptr<DataLoader> with(const LoaderChanges& changes) const override {
    return std::make_shared<Shifted>(x_, y_, changes.split.value_or(1));
  }

 private:
  Tensor x_, y_;
};

// Hands out its items sorted by their size, as texts are.
class Sorted : public TensorLoader {
 public:
  Sorted() : TensorLoader({tensor({1., 3., 5.})}, {tensor({10., 30., 50.})}) {}
  std::shared_ptr<DataLoader> with(const LoaderChanges&) const override { return std::make_shared<Sorted>(); }
  std::vector<int64_t> idxs() const override { return {2, 0, 1}; }  // items were 3, 5, 1
};

// In training only, behind IntToFloatTensor.
struct Brighter {
  static constexpr int split = 0;
  static constexpr double order = 50;
  TensorImage encode(const TensorImage& image) const { return {image.tensor + 1}; }
};

}  // namespace

TEST_CASE("get_preds: activated outputs, targets, answers and losses") {
  const QuietTerminal quiet;
  Learner learn(three_classes(), nn::make<Echo>());
  const Predictions p = learn.get_preds({.with_input = true, .with_decoded = true, .with_loss = true});
  CHECK_TENSOR(p.preds, softmax(logits, 1), 1e-6);
  CHECK_TENSOR(p.targs, labels, 0);
  CHECK_VALUES(p.decoded, ({5}), 0, 0, 1, 2, 0, 1);
  CHECK_TENSOR(p.losses, cross_entropy(logits, labels, {.reduction = Reduction::none}), 1e-6);
  CHECK_TENSOR(p.inputs.at(0), logits, 0);
  CHECK_FALSE(learn.get_preds().losses.defined());
  CHECK_TENSOR(learn.get_preds({.act = [](const Tensor& x) { return x; }}).preds, logits, 0);
}

TEST_CASE("get_preds takes all training items, in their order") {
  const QuietTerminal quiet;
  Learner learn(three_classes(), nn::make<Echo>());
  CHECK_TENSOR(learn.get_preds({.ds_idx = 0}).targs, labels, 0);
}

TEST_CASE("get_preds takes all items of a loader that shuffles and leaves some out, in their order") {
  const QuietTerminal quiet;
  const Tensor x = arange(10).to(kFloat32).unsqueeze(1);
  const auto loader = tensor_loader(x, x, {.bs = 4, .shuffle = true, .drop_last = true});
  Learner learn(DataLoaders({loader, loader}), nn::Sequential(nn::Identity()), {.loss_func = MSELossFlat{}});
  const Predictions p = learn.get_preds(*loader);
  CHECK_TENSOR(p.preds, x, 0);
  CHECK_TENSOR(p.targs, x, 0);
}

TEST_CASE("get_preds gives sorted items back in their own order") {
  const QuietTerminal quiet;
  const auto loader = std::make_shared<Sorted>();
  Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
  CHECK_VALUES(learn.get_preds().targs, ({3}), 0, 30, 50, 10);
}

TEST_CASE("get_preds leaves sorted items as the loader gives them where that is asked for") {
  const QuietTerminal quiet;
  const auto loader = std::make_shared<Sorted>();
  Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
  CHECK_VALUES(learn.get_preds({.reorder = false}).targs, ({3}), 0, 10, 30, 50);
}

TEST_CASE("get_preds of batches that are there already") {
  const QuietTerminal quiet;
  Learner learn(three_classes(), nn::make<Echo>());
  const Predictions p = learn.get_preds(*batches_loader({Batch{{logits}, {}}}));
  CHECK(p.preds.shape() == Shape{5, 3});
  CHECK_FALSE(p.targs.defined());
  CHECK_THROWS_WITH(learn.get_preds(*batches_loader({})), "[get_preds] the loader gave no batch");
}

TEST_CASE("predict: a label, its number, and probabilities") {
  const QuietTerminal quiet;
  Learner learn(three_classes(), nn::make<Echo>());
  const auto [label, index, probs] = learn.predict(tensor({0., 3., 0.}));
  CHECK(label == "bee");
  CHECK(index.item() == 1);
  CHECK_VALUES(probs, ({3}), 1e-4, .0453, .9094, .0453);
  CHECK_THROWS_WITH(learn.predict(Value(std::string("bee"))),
                    "[test_dl] an item is text, and this loader holds tensors");
}

TEST_CASE("test-time augmentation: three quarters of passes as in training, one quarter without") {
  const QuietTerminal quiet;
  const auto loader = std::make_shared<Shifted>(tensor({1., 2.}), tensor({0., 0.}), 1);
  Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
  CHECK_VALUES(learn.tta().preds, ({2}), 1e-6, 1.75, 2.75);
  CHECK_VALUES(learn.tta({.beta = 1}).preds, ({2}), 0, 1, 2);
  CHECK_VALUES(learn.tta({.use_max = true}).preds, ({2}), 0, 2, 3);
  const Predictions both = learn.tta({.beta = {}});
  CHECK_VALUES(both.preds, ({2}), 0, 2, 3);
  CHECK_VALUES(both.plain, ({2}), 0, 1, 2);
  CHECK_FALSE(learn.tta().plain.defined());
}

TEST_CASE("test-time augmentation of another loader, and with other transforms") {
  const QuietTerminal quiet;
  const auto zero = std::make_shared<Shifted>(tensor({0.}), tensor({0.}), 1);
  const auto loader = std::make_shared<Shifted>(tensor({1., 2.}), tensor({0., 0.}), 1);
  Learner learn(DataLoaders({loader, loader}), nn::make<Echo>());
  CHECK_VALUES(learn.tta({.dl = zero}).preds, ({1}), 1e-6, .75);
  CHECK_THROWS_WITH(learn.tta({.item_tfms = Transforms()}),
                    "[tta] the loader has no transforms that others could take the place of");

  // Pictures of 4 x 4 pixels, all of them 51 / 255.
  const auto pictures = DataBlock{
      .blocks = {ImageBlock(), RegressionBlock()},
      .splitter = IndexSplitter{.valid_idx = {1}},
      .get_x =
          [](const Numbers&) {
            return Image({4, 4}, 3, 51);
          },
      .get_y =
          [](const Numbers&) {
            return Numbers{{0, 0, 0}};
          }}.dataloaders(Items{Value(Numbers{{0}}), Value(Numbers{{1}})}, {.bs = 1});
  Learner seeing(pictures, nn::Sequential(nn::AdaptiveAvgPool2d(1), nn::Flatten()),
                 {.loss_func = MSELossFlat{}});
  CHECK(seeing.tta().preds.to_vector<float>()[0] == Approx(0.2));
  CHECK(seeing.tta({.batch_tfms = Brighter()}).preds.to_vector<float>()[0] == Approx(0.95));
  CHECK(seeing.tta({.item_tfms = Resize{.size = 2}, .batch_tfms = Brighter(), .beta = 0}).preds.size(0) == 1);
}

TEST_CASE("values in a few words") {
  CHECK(short_text(Category{1, "bee"}) == "bee");
  CHECK(short_text(MultiCategory{{0, 2}, {"ant", "cat"}}) == "ant, cat");
  CHECK(short_text(Numbers{{1.5, 2}}) == "1.5000, 2.0000");
  CHECK(short_text(tensor({3, 4})) == "3, 4");
  CHECK(short_text(tensor({.5})) == "0.5000");
}

TEST_CASE("a summary in fastai's layout") {
  const QuietTerminal quiet;
  const auto net =
      nn::Sequential(nn::Conv2d(3, 8, 3, {.stride = 2, .padding = 1, .bias = false}), nn::BatchNorm2d(8),
                     nn::ReLU(), nn::AdaptiveAvgPool2d(1), nn::Flatten(), nn::Linear(8, 2));
  const auto loader = tensor_loader(zeros({20, 3, 32, 32}), zeros({20}).to(kInt64), {.bs = 16});
  Learner learn(DataLoaders({loader, loader}), net);
  const std::string line(76, '='), rule(76, '_');
  const std::string layers = "Sequential (Input shape: 16 x 3 x 32 x 32)\n" + line +
                             "\nLayer (type)         Output Shape         Param #    Trainable \n" + line +
                             "\n                     16 x 8 x 16 x 16    "
                             "\nConv2d                                    216        True      "
                             "\nBatchNorm2d                               16         True      "
                             "\nReLU                                                           "
                             "\n" +
                             rule +
                             "\n                     16 x 8 x 1 x 1      "
                             "\nAdaptiveAvgPool2d                                              "
                             "\n" +
                             rule +
                             "\n                     16 x 8              "
                             "\nFlatten                                                        "
                             "\n" +
                             rule +
                             "\n                     16 x 2              "
                             "\nLinear                                    18         True      "
                             "\n" +
                             rule + "\n\n";
  const std::string rest = "\n\nOptimizer used: Adam\nLoss function: FlattenedLoss of CrossEntropyLoss()\n\n";
  const std::string callbacks = "Callbacks:\n  - TrainEvalCallback\n  - Recorder\n  - ProgressCallback\n";
  CHECK(learn.summary() ==
        layers + "Total params: 250\nTotal trainable params: 250\nTotal non-trainable params: 0" + rest +
            callbacks);
  learn.create_opt();
  CHECK(learn.summary().find("Model unfrozen\n\nCallbacks") != std::string::npos);
  learn.splitter = [](nn::Module& m) {
    const auto p = m.parameters();
    return std::vector<std::vector<Tensor>>{{p[0], p[1], p[2]}, {p[3], p[4]}};
  };
  learn.create_opt();
  learn.freeze();
  const std::string frozen = learn.summary();
  CHECK(frozen.find("Conv2d                                    216        False ") != std::string::npos);
  CHECK(frozen.find("Total trainable params: 34\nTotal non-trainable params: 216") != std::string::npos);
  CHECK(frozen.find("Model frozen up to parameter group #1\n") != std::string::npos);
}

TEST_CASE("a layer that is called again and again stands once in the summary") {
  struct Loop : nn::Module {
    nn::Linear step = add("step", nn::Linear(3, 3));
    Tensor forward(const Tensor& x) override { return step(step(step(x))); }
  };
  const QuietTerminal quiet;
  Learner learn(three_classes(), nn::make<Loop>());
  const std::string text = learn.summary();
  CHECK(text.find("Linear", text.find("Linear") + 1) == std::string::npos);
  CHECK(text.find("Total params: 12\n") != std::string::npos);
}

TEST_CASE("a callback may validate and predict in the middle of training, which goes on as without it") {
  struct Curious : Callback {
    std::vector<double> valid, after_epochs;
    void after_batch(Learner& learn) override {
      if (learn.training) ask(learn);
    }
    void after_epoch(Learner& learn) override {
      ask(learn);
      after_epochs.push_back(valid.back());
    }
    void ask(Learner& learn) {
      const int64_t epoch = learn.epoch, iter = learn.iter;
      const bool training = learn.training;
      valid.push_back(learn.validate()[0]);
      CHECK(learn.get_preds().preds.size(0) == 12);
      CHECK(learn.get_preds(learn.dls.train()).preds.size(0) == 12);
      learn.predict(tensor({1.}));
      learn.show_results();
      learn.tta({.n = 2});
      learn.summary();
      CHECK(learn.fitting);
      CHECK(learn.training == training);
      CHECK(learn.epoch == epoch);
      CHECK(learn.iter == iter);
    }
  };
  QuietTerminal terminal;
  const auto train = [&](const Callbacks& cbs) {
    terminal.lines.clear();
    set_seed(3);
    const Tensor x = randn({12, 1}), y = x * 2 + 3;
    const auto shuffled = tensor_loader(x, y, {.bs = 4, .shuffle = true}),
               loader = tensor_loader(x, y, {.bs = 4});
    const auto net = nn::Sequential(nn::Linear(1, 4), nn::BatchNorm1d(4), nn::Dropout(0.3), nn::Linear(4, 1));
    Learner learn(DataLoaders({shuffled, loader}), net, {.metrics = mae});
    learn.fit_one_cycle(3, 0.1, {.cbs = {GradientAccumulation({.n_acc = 8}), cbs}});
    std::erase_if(terminal.lines, [](const std::string& line) { return !std::isdigit(line[0]); });
    return std::tuple(*learn.recorder, terminal.lines, RandomState::now(learn).generators);
  };
  const auto [plain, rows, random] = train({});  // rows of the table
  auto curious = std::make_shared<Curious>();
  const auto [asked, asked_rows, asked_random] = train(curious);
  CHECK(asked.losses == plain.losses);
  CHECK(asked.lrs == plain.lrs);
  CHECK(asked.values == plain.values);
  CHECK(asked_rows == rows);
  CHECK(asked_random == random);
  CHECK(rows.size() == 3);
  CHECK(curious->valid.size() == 3 * (3 + 1));
  for (std::size_t i = 0; i < 3; ++i) CHECK(curious->after_epochs[i] == Approx(*plain.values.at(i)[1]));
}

TEST_CASE("a metric that counts training batches goes on after a pass in their midst") {
  struct Validate : Callback {
    void after_batch(Learner& learn) override {
      if (learn.training) learn.validate();
    }
  };
  struct Counted : AvgMetric {  // has no fresh() of its own: starts again, and does not become an AvgMetric
    Counted() : AvgMetric("counted", [](const Tensor&, const Tensor&) { return 1.0; }) {}
  };
  const QuietTerminal quiet;
  const auto train = [&](const Callbacks& cbs) {
    const auto loader = tensor_loader(linspace(0, 1, 12).reshape({12, 1}), zeros({12, 1}), {.bs = 4});
    Learner learn(DataLoaders({loader, loader}), line_model(), {.metrics = {mae, rmse}});
    learn.recorder->train_metrics = true;
    learn.fit(2, 0.1, {.cbs = cbs});
    CHECK(learn.metrics[0]->value().has_value());
    return learn.recorder->values;
  };
  CHECK(train(Validate()) == train({}));
  CHECK(Counted().fresh() == nullptr);
}
