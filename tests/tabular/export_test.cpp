// SPDX-License-Identifier: MIT
// Learners of tables as data: what was exported predicts the same in a program that has no training data.
#include <catch2/catch.hpp>

#include "fastcore/learn/export.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/tabular/specs.h"
#include "fastcore/tabular/tabular.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "minitorch/minitorch.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using fastcore::testing::Folder;
using fastcore::testing::QuietTerminal;

namespace {

DataFrame stocked_shops() {
  return {{"town", {"B", "A", {}, "C", "A", "Béziers"}},
          {"area", {10, 20, 30, 40, 50, 60}},
          {"age", {1.1, {}, 3.3, 4.7, {}, 9.9}},
          {"price", {0.25, 1.5, 2.75, 3.5, 1.25, 2.5}},
          {"stock", {3, 1, 4, 1, 5, 9}},
          {"sold", {"no", "yes", "yes", "no", "yes", "no"}}};
}
TabularDataLoaders loaders(ColumnNames y, Procs procs = {Categorify{}, FillMissing{}, Normalize{}}) {
  minitorch::set_seed(7);
  return TabularDataLoaders::from_df(stocked_shops(), {.y_names = std::move(y),
                                                       .cat_names = "town",
                                                       .cont_names = {"area", "age"},
                                                       .procs = std::move(procs),
                                                       .valid_idx = {3},
                                                       .bs = 2});
}
// Rows that were not seen: a new town, a missing number.
DataFrame visitors() {
  return {{"town", {"A", "Z", "Béziers"}}, {"area", {15, 25, 35}}, {"age", {2.2, {}, 7.1}}};
}
void check_same(Learner& a, Learner& b) {
  for (int64_t i = 0; i < 3; ++i) {
    const Prediction first = a.predict(row(visitors(), i)), second = b.predict(row(visitors(), i));
    CHECK(first.label == second.label);
    CHECK_TENSOR(first.probs, second.probs, 0);
  }
}

}  // namespace

TEST_CASE("a classifier of rows is exported, and predicts the same to the last bit") {
  const QuietTerminal terminal;
  const Folder folder;
  Learner learn = tabular_learner(
      loaders("sold"), {.layers = {8, 4},
                        .emb_szs = {{"town", 5}},
                        .config = {.ps = {0.1, 0.2}, .embed_p = 0.1, .bn_final = true, .act = Act::gelu},
                        .path = folder.path});
  learn.fit(2, 0.05);
  const Path file = learn.export_learner("shops.safetensors");
  Learner again = load_learner(file);
  CHECK(to_string(*again.model) == to_string(*learn.model));
  CHECK(again.dls.vocab() == Words{"no", "yes"});
  CHECK(again.dls.valid().items() == 0);
  check_same(learn, again);
  const TabularPrep& prep = tabular_prep(again.dls.train());
  CHECK(prep.classes() == tabular_prep(learn.dls.train()).classes());
  CHECK(prep.columns().cat_names.list() == Words{"town", "age_na"});
  CHECK(again.export_learner("again.safetensors").read_text() == file.read_text());
  // Rows with labels can be judged, and rows can be shown as they were.
  const auto labelled = again.dls.test_dl(rows(stocked_shops()), true);
  CHECK_TENSOR(again.get_preds(*labelled).preds,
               learn.get_preds(*learn.dls.test_dl(rows(stocked_shops()), true)).preds, 0);
  const auto shown = std::get<Row>(labelled->decode_x(labelled->one_batch(), 1)[0]);
  CHECK((*shown.table)["town"].texts() == Words{"A"});
}

TEST_CASE("a regression of rows is exported, in a range or with several targets") {
  const QuietTerminal terminal;
  const Folder folder;
  Learner one = tabular_learner(loaders("price"), {.layers = {6}, .y_range = {0, 4}, .path = folder.path});
  one.fit(2, 0.05);
  Learner one_again = load_learner(one.export_learner());
  check_same(one, one_again);
  CHECK(to_string(*one_again.model).find("SigmoidRange(low=0, high=4)") != std::string::npos);
  Learner two = tabular_learner(loaders({"price", "stock"}), {.layers = {6, 3}, .path = folder.path});
  two.fit(2, 0.05);
  Learner two_again = load_learner(two.export_learner());
  check_same(two, two_again);
  CHECK(two_again.dls.targets().kind == TargetKind::number);
  CHECK(two_again.dls.c() == 2);
}

TEST_CASE("a proc of one's own cannot be written down, and damaged descriptions are refused") {
  const QuietTerminal terminal;
  const Folder folder;
  struct Halve : TabularProc {
    std::string name() const override { return "Halve"; }
    void setup(const DataFrame&, TabularColumns&) override {}
    void encode(DataFrame& rows) const override { rows["area"] = rows["area"] / 2; }
    std::shared_ptr<TabularProc> clone() const override { return std::make_shared<Halve>(*this); }
  };
  Learner own =
      tabular_learner(loaders("sold", {Categorify{}, FillMissing{}, Halve{}}), {.path = folder.path});
  CHECK_THROWS_WITH(own.export_learner(), "[export] the proc Halve has no way to be written down");
  CHECK(folder.path.ls().empty());

  Learner learn = tabular_learner(loaders("sold"), {.layers = {6}, .path = folder.path});
  const auto good = minitorch::io::load_safetensors(learn.export_learner().str());
  const auto changed = [&](const char* key, const std::string& from, const std::string& to) {
    auto notes = good.metadata;
    const auto at = notes[key].find(from);
    REQUIRE(at != std::string::npos);
    notes[key].replace(at, from.size(), to);
    const Path file = folder.path / "bad.safetensors";
    minitorch::io::save_safetensors(file.str(), good.tensors, notes);
    return file;
  };
  using minitorch::FileError, minitorch::ValueError;
  CHECK_THROWS_WITH(load_learner(changed("data", "\"Normalize\"", "\"Halve\"")),
                    "[load_learner] the table: the proc \"Halve\" is unknown");
  CHECK_THROWS_WITH(load_learner(changed("data", "\"version\": 1", "\"version\": 9")),
                    "[load_learner] the table: version 9, but this library reads version 1");
  CHECK_THROWS_AS(load_learner(changed("data", "\"median\"", "\"mean\"")), FileError);
  CHECK_THROWS_AS(load_learner(changed("data", "\"stds\"", "\"std\"")), FileError);
  CHECK_THROWS_AS(load_learner(changed("data", "\"bs\": 2", "\"bs\": 0")), FileError);
  CHECK_THROWS_AS(load_learner(changed("data", "\"c\": 2", "\"c\": 3")), FileError);
  CHECK_THROWS_AS(load_learner(changed("data", "{", "")), FileError);
  CHECK_THROWS_WITH(load_learner(changed("model", "\"layers\":[6.0", "\"layers\":[1e300")),
                    Catch::Contains("[make_model] layers = 1") && Catch::Contains("expected 1 to 16777216"));
  CHECK_THROWS_WITH(load_learner(changed("model", "\"layers\":[6.0", "\"layers\":[16777216,16777216")),
                    "[make_model] 16777216 x 16777216 weights cannot be made");
  CHECK_THROWS_AS(load_learner(changed("model", "\"n_cont\":2", "\"n_cont\":-2")), ValueError);
  CHECK_THROWS_AS(load_learner(changed("model", "\"classes\":[", "\"classes\":[9,")), ValueError);
}
