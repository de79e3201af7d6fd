// SPDX-License-Identifier: MIT
// Rows of a table as inputs of a DataBlock.
#include "fastcore/tabular/tabular_block.h"

#include <catch2/catch.hpp>

#include "fastcore/data/data_block.h"
#include "fastcore/frame/frame.h"
#include "fastcore/learn/export.h"
#include "fastcore/learn/model_spec.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/nn/nn.h"
#include "minitorch/ops/ops.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using namespace fastcore::testing;

namespace {
DataFrame people() {
  return {{"job", {"cook", "clerk", "cook", "pilot"}},
          {"age", {20, {}, 40, 60}},
          {"rich", {"no", "no", "yes", "yes"}},
          {"is_valid", {0, 0, 0, 1}}};
}
struct JobAndAge : minitorch::nn::Module {
  minitorch::nn::Embedding job{add("job", minitorch::nn::Embedding(3, 2))};
  minitorch::nn::Linear out{add("out", minitorch::nn::Linear(3, 2))};
  using Module::forward;
  minitorch::Tensor forward(const minitorch::nn::Tensors& xs) override {
    return out(minitorch::cat({job(xs[0]).flatten(1), xs[1]}, 1));
  }
};
}  // namespace

TEST_CASE("a tabular block prepares rows as the training rows teach") {
  const Procs procs = {Categorify{}, FillMissing{}, Normalize{}};
  auto dls = DataBlock{.blocks = {TabularBlock{.cat_names = {"job"}, .procs = procs},
                                  TabularBlock{.cont_names = {"age"}, .procs = procs}, CategoryBlock{}},
                       .splitter = ColSplitter{},
                       .get_y = ColReader{.cols = "rich"}}
                 .dataloaders(people(), {.bs = 3, .shuffle = false});
  const Batch train = dls.train().one_batch(), valid = dls.valid().one_batch();
  REQUIRE(train.x.size() == 2);
  // clerk is 1, cook 2; a pilot was not seen in training.
  CHECK_VALUES(train.x[0], ({3, 1}), 0, 2, 1, 2);
  CHECK(train.x[0].dtype() == minitorch::kInt64);
  CHECK_VALUES(valid.x[0], ({1, 1}), 0, 0);
  // 20, the median 30, 40: mean 30, deviation sqrt(200 / 3).
  CHECK_VALUES(train.x[1], ({3, 1}), 1e-4, -1.22474, 0, 1.22474);
  CHECK_VALUES(valid.x[1], ({1, 1}), 1e-4, 3.67423);
  CHECK(train.x[1].dtype() == minitorch::kFloat32);
  CHECK_VALUES(train.y[0], ({3}), 0, 0, 0, 1);
  CHECK(dls.test_dl(Items(rows_of(people())))->one_batch().x.size() == 2);
}

TEST_CASE("a learner on tabular blocks is exported, and prepares further rows as before") {
  const QuietTerminal quiet;
  const Folder folder;
  const Procs procs = {Categorify{}, FillMissing{}, Normalize{}};
  const auto learner_of = [&](const Procs& kinds) {
    const DataBlock block{.blocks = {TabularBlock{.cat_names = {"job"}, .procs = kinds},
                                     TabularBlock{.cont_names = {"age"}, .procs = kinds}, CategoryBlock{}},
                          .splitter = ColSplitter{},
                          .get_y = ColReader{.cols = "rich"}};
    block.summary(people(), {}, [](const std::string&) {});  // shows what it can of any procs
    return Learner(block.dataloaders(people(), {.bs = 2}), make_model({"test_job_and_age", {}}),
                   {.path = folder.path});
  };
  register_model("test_job_and_age", [](const Settings&) { return minitorch::nn::make<JobAndAge>(); });
  Learner learn = learner_of(procs);
  learn.model_spec = {"test_job_and_age", {}};
  Learner again = load_learner(learn.export_learner());
  const DataFrame others{{"job", {"clerk", "baker", "cook"}}, {"age", {33, 20, {}}}};
  const auto preds = [&](Learner& l) { return l.get_preds(*l.dls.test_dl(Items(rows_of(others)))).preds; };
  CHECK_TENSOR(preds(again), preds(learn), 0);
  CHECK(again.dls.vocab() == std::vector<std::string>{"no", "yes"});

  struct Own : Categorify {
    std::string name() const override { return "Own"; }
    std::shared_ptr<TabularProc> clone() const override { return std::make_shared<Own>(*this); }
  };
  Learner own = learner_of({Own{}, FillMissing{}});
  own.model_spec = learn.model_spec;
  CHECK_THROWS_WITH(own.export_learner("own.safetensors"),
                    "[export] the proc Own has no way to be written down");
}

TEST_CASE("a tabular block takes categories or numbers, of rows") {
  CHECK_THROWS_WITH(TransformBlock(TabularBlock{}),
                    "[TabularBlock] no columns: expected either cat_names or cont_names");
  CHECK_THROWS_WITH(TransformBlock(TabularBlock{.cat_names = {"a"}, .cont_names = {"b"}}),
                    "[TabularBlock] categories and numbers: expected either cat_names or cont_names");
  CHECK_THROWS_WITH(set_up(Pipeline(TransformBlock(TabularBlock{.cat_names = {"a"}}).type_tfms), {Path("a")}),
                    "[TabularBlock] the items are no rows of a table: a (Path)");
}
