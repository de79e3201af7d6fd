// SPDX-License-Identifier: MIT
// Models of ratings as data: what was exported rates the same in a program that has no ratings.
#include <catch2/catch.hpp>

#include "fastcore/collab/collab.h"
#include "fastcore/learn/export.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "minitorch/minitorch.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using fastcore::testing::Folder;
using fastcore::testing::QuietTerminal;

namespace {

CollabDataLoaders ratings() {
  minitorch::set_seed(5);
  DataFrame all{{"user", {7, 7, 9, 9, 11, 11, 12, 12}},
                {"film", {"Heat", "Alien", "Heat", "Amélie", "Alien", "Amélie", "Heat", "Alien"}},
                {"rating", {4.0, 2.5, 5.0, 3.0, 1.5, 4.5, 3.5, 2.0}}};
  return CollabDataLoaders::from_df(all, {.seed = 1, .bs = 2});
}
void check_same(Learner& a, Learner& b) {
  const DataFrame pairs{{"user", {7, 9, 1000}}, {"film", {"Amélie", "Alien", "Heat"}}};  // 1000 is nobody
  for (int64_t i = 0; i < 3; ++i) {
    const Prediction first = a.predict(row(pairs, i)), second = b.predict(row(pairs, i));
    CHECK(first.label == second.label);
    CHECK_TENSOR(first.probs, second.probs, 0);
  }
  CHECK_TENSOR(a.get_preds(*a.dls.test_dl(rows(pairs))).preds, b.get_preds(*b.dls.test_dl(rows(pairs))).preds,
               0);
}

}  // namespace

TEST_CASE("a product of factors is exported with the names of users and items") {
  const QuietTerminal terminal;
  const Folder folder;
  Learner learn = collab_learner(ratings(), {.n_factors = 4, .y_range = {0.5, 5.5}, .path = folder.path});
  learn.fit(3, 0.05);
  const Path file = learn.export_learner();
  Learner again = load_learner(file);
  CHECK(to_string(*again.model) == to_string(*learn.model));
  check_same(learn, again);
  CHECK(most_liked(again, 3) == most_liked(learn, 3));
  CHECK(nearest_items(again, "Heat", 2) == nearest_items(learn, "Heat", 2));
  CHECK(recommend(again, 9, 5).size() == 3);  // it has no ratings: no film is known to be seen
  CHECK(again.export_learner("again.safetensors").read_text() == file.read_text());
}

TEST_CASE("the neural variant is exported") {
  const QuietTerminal terminal;
  const Folder folder;
  for (const YRange range : {YRange{}, YRange{0.5, 5.5}}) {
    Learner learn = collab_learner(ratings(), {.use_nn = true,
                                               .emb_szs = {{"film", 3}},
                                               .layers = {6, 4},
                                               .config = {.ps = {0.1}},
                                               .y_range = range,
                                               .path = folder.path});
    learn.fit(2, 0.05);
    Learner again = load_learner(learn.export_learner());
    CHECK(to_string(*again.model) == to_string(*learn.model));
    check_same(learn, again);
    CHECK(recommend(again, 9, 2).size() == 2);
  }
}

TEST_CASE("factors of impossible sizes are refused") {
  const QuietTerminal terminal;
  const Folder folder;
  Learner learn = collab_learner(ratings(), {.n_factors = 4, .path = folder.path});
  const auto good = minitorch::io::load_safetensors(learn.export_learner().str());
  for (const char* wrong : {"\"n_factors\":-4", "\"n_factors\":16777217", "\"n_factor\":4"}) {
    auto notes = good.metadata;
    const std::string right = "\"n_factors\":4";
    REQUIRE(notes["model"].find(right) != std::string::npos);
    notes["model"].replace(notes["model"].find(right), right.size(), wrong);
    const Path file = folder.path / "bad.safetensors";
    minitorch::io::save_safetensors(file.str(), good.tensors, notes);
    CHECK_THROWS_WITH(load_learner(file), Catch::Contains("[make_model]"));
  }
}
