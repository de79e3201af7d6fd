// SPDX-License-Identifier: MIT
// Ratings: the published curve, what the factors say, and recommendations.
#include "fastcore/collab/collab.h"
#include "fastcore/basics/testing.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <iterator>
#include <set>
#include <sstream>

#include "fastcore/frame/frame.h"
#include "fastcore/learn/recorder.h"
#include "fastcore/tabular/learner.h"
#include "minitorch/core/random.h"
#include "minitorch/minitorch.h"
#include "tests/bundled.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using fastcore::testing::QuietTerminal;

namespace {

Path folder() { return testing::bundled(urls::ML_SAMPLE); }

// Ratings with the films' titles, trained once for all tests that look inside.
Learner& trained() {
  static Learner learn = [] {
    const QuietTerminal terminal;
    minitorch::set_seed(42);
    const DataFrame ratings = read_csv(folder() / "ratings.csv");
    const DataFrame all = merge(ratings, read_csv(folder() / "movies.csv"), {.on = {"movieId"}});
    const auto dls = CollabDataLoaders::from_df(all, {.item_name = "title", .seed = 42});
    Learner made = collab_learner(dls, {.y_range = {0.5, 5.5}});
    made.fit_one_cycle(5, 5e-3, {.wd = 0.1});
    return made;
  }();
  return learn;
}

}  // namespace

TEST_CASE("eigenvectors of a symmetric matrix") {
  const minitorch::Tensor a = minitorch::tensor({{4., 1., 0.}, {1., 3., 1.}, {0., 1., 2.}});
  const Eigen e = eigh(a);
  CHECK_VALUES(e.values, ({3}), 1e-6, 4.7320508, 3, 1.2679492);
  CHECK_TENSOR(a.matmul(e.vectors), e.vectors * e.values, 1e-6);
  CHECK_TENSOR(e.vectors.t().matmul(e.vectors), minitorch::eye(3), 1e-6);
  CHECK_VALUES(eigh(minitorch::tensor({{0., 2.}, {2., 0.}})).values, ({2}), 1e-6, 2, -2);
  CHECK_THROWS_WITH(eigh(minitorch::zeros({2, 3})), "[eigh] (2, 3): expected a square matrix");
}

TEST_CASE("principal axes keep what differs most") {
  minitorch::manual_seed(1);
  const minitorch::Tensor t = minitorch::randn({40, 1});
  const minitorch::Tensor x = minitorch::cat({t * 3, t * -4, minitorch::randn({40, 1}) * 0.1}, 1) + 7.0;
  const minitorch::Tensor p = pca(x, 2);
  CHECK(p.shape() == minitorch::Shape{40, 2});
  CHECK(p.mean({0}).abs().max().item() < 1e-4);
  CHECK(p.select(1, 0).std().item() == Approx(5 * t.std().item()).epsilon(1e-3));
  CHECK(p.select(1, 1).std().item() == Approx(0.1).epsilon(0.3));
  CHECK_THROWS_AS(pca(x, 4), minitorch::ValueError);
}

TEST_CASE("ML_SAMPLE: fine_tune(10) gives fastai's losses") {
  const QuietTerminal terminal;
  minitorch::set_seed(0);
  Learner learn =
      collab_learner(CollabDataLoaders::from_csv(folder() / "ratings.csv"), {.y_range = {0.5, 5.5}});
  learn.fine_tune(10);
  // fastai 2.8.12 with rows drawn without replacement (its TabDataLoader), the same seed; published: 0.676.
  const double valid[] = {1.415341, 1.241406, .917359, .746846, .702177,
                          .688674,  .683456,  .681045, .680067, .679947};
  const double train[] = {1.373856, 1.281865, 1.053001, .811638, .688330,
                          .637056,  .618719,  .596095,  .591506, .592062};
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(learn.recorder->values.at(i).at(0).value() == Approx(train[i]).epsilon(2e-4));
    CHECK(learn.recorder->values.at(i).at(1).value() == Approx(valid[i]).epsilon(2e-4));
  }
}

TEST_CASE("the model is a product of factors and biases") {
  EmbeddingDotBias model(3, std::vector<std::string>{"#na#", "u"},
                         std::vector<std::string>{"#na#", "Alien", "Heat"});
  const minitorch::NoGrad no_grad;
  model->u_weight->weight.fill_(2);
  model->i_weight->weight.fill_(0.5);
  model->u_bias->weight.fill_(0.25);
  model->i_bias->weight.fill_(1);
  CHECK_VALUES(model(minitorch::tensor({1, 2, 0, 1}).reshape({2, 2})), ({2}), 1e-6, 4.25, 4.25);
  CHECK_VALUES(model->bias({"Heat", "Alien"}), ({2}), 1e-6, 1, 1);
  CHECK(model->weight({"Heat"}).shape() == minitorch::Shape{1, 3});
  CHECK_THROWS_WITH(model->bias({"Heet"}), "[EmbeddingDotBias] there is no item 'Heet'");
  CHECK(to_string(*model).substr(0, 45) == "EmbeddingDotBias(\n  (u_weight): Embedding(2, ");
}

TEST_CASE("titles, biases, neighbours and recommendations") {
  Learner& learn = trained();
  CHECK(learn.recorder->latest("valid_loss").value() < 0.72);
  const Scores best = most_liked(learn), worst = least_liked(learn);
  CHECK(best.size() == 5);
  CHECK(best[0].second > best[4].second);
  CHECK(worst[0].second < 0);
  std::set<std::string> top;
  for (const auto& [title, score] : best) top.insert(title);
  CHECK((top.count("Shawshank Redemption, The") || top.count("Godfather, The") || top.count("Pulp Fiction")));
  const Scores near = nearest_items(learn, "Toy Story");
  CHECK(near.size() == 5);
  CHECK(near[0].second <= 1);
  CHECK(near[0].first != "Toy Story");

  const DataFrame ratings = read_csv(folder() / "ratings.csv");
  const DataFrame all = merge(ratings, read_csv(folder() / "movies.csv"), {.on = {"movieId"}});
  const Words seen = all[all["userId"] == 598]["title"].texts();
  const Scores films = recommend(learn, 598, 5);
  CHECK(films.size() == 5);
  for (const auto& [title, score] : films) {
    CHECK(std::find(seen.begin(), seen.end(), title) == seen.end());
    CHECK((score > 0.5 && score < 5.5));
  }
  CHECK(films[0].second >= films[1].second);
  CHECK_THROWS_WITH(recommend(learn, 1), "[recommend] there is no user 1");
  CHECK_THROWS_AS(nearest_items(learn, "No such film"), minitorch::ValueError);
  CHECK(recommend(learn, 598, 0).empty());
  for (const auto& ask :
       {+[](Learner& l) { return recommend(l, 598, -1); }, +[](Learner& l) { return most_liked(l, -1); },
        +[](Learner& l) { return nearest_items(l, "Toy Story", -1); }})
    CHECK_THROWS_WITH(ask(learn), Catch::Contains("-1 items: expected a number from 0 on"));
  CHECK(plot_factors(learn, {"Toy Story", best[0].first, worst[0].first, worst[1].first})
            .svg()
            .find("Toy Story") != std::string::npos);
  for (const int64_t axis : {-1, 50})
    CHECK_THROWS_WITH(plot_factors(learn, {"Toy Story"}, axis, 1),
                      "[plot_factors] axis " + std::to_string(axis) + " of 50 factors");
}

TEST_CASE("show_batch prints users, titles and ratings") {
  const DataFrame ratings{{"userId", {7, 7, 9, 9}},
                          {"movieId", {1, 2, 1, 3}},
                          {"rating", {4.0, 2.5, 5.0, 3.0}},
                          {"title", {"Toy Story", "Heat", "Toy Story", "Alien"}}};
  const auto dls = CollabDataLoaders::from_df(ratings, {.valid_pct = 0.25, .item_name = "title", .seed = 1});
  const auto words = [](const std::string& line) {
    std::istringstream in(line);
    return Words(std::istream_iterator<std::string>(in), {});
  };
  std::multiset<Words> shown;
  for (int64_t part = 0; part < 2; ++part) {
    const auto loader = dls.pointer(part)->with({.bs = 4, .shuffle = false, .drop_last = false});
    std::istringstream lines(captured(1, [&] { loader->show_batch(); }));
    std::string line;
    REQUIRE(std::getline(lines, line));
    CHECK(words(line) == Words{"userId", "title", "rating"});
    while (std::getline(lines, line)) {
      Words cells = words(line);
      cells.erase(cells.begin());  // the row's number
      shown.insert(cells);
    }
  }
  CHECK(shown == std::multiset<Words>{{"7", "Toy", "Story", "4.0"},
                                      {"7", "#na#", "2.5"},  // a title that only the validation row has
                                      {"9", "Toy", "Story", "5.0"},
                                      {"9", "Alien", "3.0"}});
}

TEST_CASE("the neural variant learns, too") {
  const QuietTerminal terminal;
  minitorch::set_seed(3);
  Learner learn = collab_learner(CollabDataLoaders::from_csv(folder() / "ratings.csv"),
                                 {.use_nn = true, .layers = {100, 50}, .y_range = {0.5, 5.5}});
  CHECK(to_string(*learn.model).substr(0, 12) == "EmbeddingNN(");
  learn.fit_one_cycle(3, 5e-3, {.wd = 0.1});
  CHECK(learn.recorder->latest("valid_loss").value() < 0.78);
  CHECK(recommend(learn, 598, 3).size() == 3);
  CHECK_THROWS_WITH(most_liked(learn), "[collab] the model has no factors that belong to items alone");
}

TEST_CASE("recommendations need ratings") {
  const DataFrame people{{"job", {"a", "b", "a", "b"}}, {"pay", {1.5, 2.5, 3.5, 4.5}}};
  const auto dls = TabularDataLoaders::from_df(
      people, {.y_names = "pay", .cat_names = "job", .procs = Categorify{}, .valid_idx = {1}, .bs = 2});
  CHECK_THROWS_WITH(recommend(tabular_learner(dls), "a"),
                    "[recommend] the data are no ratings of items by users");
}

TEST_CASE("ratings need three columns") {
  CHECK_THROWS_WITH(CollabDataLoaders::from_df(DataFrame{{"a", {1}}, {"b", {2}}}),
                    "[CollabDataLoaders] the table has 2 columns: expected a user, an item and a rating");
  CHECK_THROWS_AS(CollabDataLoaders::from_df(read_csv(folder() / "ratings.csv"), {.item_name = "film"}),
                  minitorch::IndexError);
}

TEST_CASE("a user is named as Categorify names it: 7.0 is 7") {
  const DataFrame ratings{{"user", {7, 7, 9, 9, 11, {}}},
                          {"item", {"a", "b", "a", "c", "b", "c"}},
                          {"rating", {4.0, 2.5, 5.0, 3.0, 1.0, 2.0}}};
  minitorch::set_seed(1);
  const auto dls = CollabDataLoaders::from_df(ratings, {.valid_pct = 0.1, .seed = 1, .bs = 2});
  const Learner learn = collab_learner(dls, {.n_factors = 3});
  const Cell user = ratings["user"][2];
  REQUIRE(user.text() == "9.0");
  CHECK(recommend(learn, user) == recommend(learn, 9));
  CHECK_THROWS_WITH(recommend(learn, 7.5), Catch::Contains("there is no user 7.5"));
}

TEST_CASE("results stand below the names of the ratings; use_nn has a layer of n_factors by default") {
  QuietTerminal terminal;
  minitorch::set_seed(1);
  const DataFrame ratings{
      {"user", {7, 7, 9, 9, 11}}, {"item", {"a", "b", "a", "c", "b"}}, {"rating", {4.0, 2.5, 5.0, 3.0, 1.0}}};
  const auto dls = CollabDataLoaders::from_df(ratings, {.seed = 1, .bs = 2});
  Learner learn = collab_learner(dls, {.n_factors = 6, .use_nn = true});
  learn.show_results({.max_n = 1});
  CHECK(terminal.lines.back().find("user  item  rating  rating_pred\n") == 0);
  CHECK(to_string(*learn.model).find("out_features=6") != std::string::npos);
}
