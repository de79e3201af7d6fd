// SPDX-License-Identifier: MIT
// From tables and files to loaders: which columns are taken, what is refused, what is shown.
#include "fastcore/tabular/dataloaders.h"
#include "fastcore/basics/testing.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/learn/metrics.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/core/random.h"
#include "minitorch/minitorch.h"
#include "tests/learn/synth.h"
#include "tests/tabular/shops.h"

using namespace fastcore;
using namespace fastcore::testing;

TEST_CASE("without cont_names every other column of numbers is one, and texts are left out") {
  DataFrame df = shops();
  df["open"] = Series({true, false, true, true, false, true});
  df["street"] = Series({"a", "b", "c", "d", "e", "f"});
  const auto made = [&](const TabularDataOptions& options) {
    return TabularDataLoaders::from_df(df, options);
  };
  const Procs procs = {Categorify{}, FillMissing{}, Normalize{}};
  const TabularDataLoaders named = made({.y_names = "sold", .cat_names = "town", .procs = procs, .bs = 2});
  CHECK(named.prep().columns().cont_names.list() == Words{"area", "age", "open"});
  CHECK(named.train().one_batch().x[1].shape() == minitorch::Shape{2, 3});
  const TabularDataLoaders numbers = made({.y_names = "sold", .cont_names = "area", .bs = 2});
  CHECK(numbers.prep().columns().cat_names.empty());
  CHECK(numbers.prep().columns().cont_names.list() == Words{"area"});
  // A table that has nothing but categories gives a net of categories alone.
  const TabularDataLoaders categories = TabularDataLoaders::from_df(
      df[{"town", "street", "sold"}],
      {.y_names = "sold", .cat_names = {"town", "street"}, .procs = procs, .valid_idx = {1}, .bs = 2});
  CHECK(categories.prep().columns().cont_names.empty());
  const QuietTerminal terminal;
  Learner learn = tabular_learner(categories, {.layers = {4}});
  learn.fit(1);
  CHECK(learn.get_preds().preds.shape() == minitorch::Shape{1, 2});
}

TEST_CASE("missing numbers that nothing fills are refused: a net would make nan of them") {
  const auto made = [](const Procs& procs) {
    return TabularPandas(shops(), {.procs = procs, .cont_names = {"area", "age"}, .y_names = "sold"});
  };
  const TabularPandas to = made(Normalize{});
  CHECK(to.items()["age"].is_missing(1));  // trees and tables may keep them
  try {
    to.dataloaders({.bs = 2});
    FAIL("nothing was thrown");
  } catch (const minitorch::ValueError& error) {
    CHECK(std::string(error.what()) ==
          "[TabularPandas] column 'age' has missing numbers: a net makes nan of them");
    CHECK(error.hint() == "fill them: {.procs = {FillMissing{}, ...}}, or leave 'age' out of cont_names");
  }
  CHECK(made({FillMissing{}, Normalize{}}).dataloaders({.bs = 2}).train().items() == 6);
}

TEST_CASE("a row as the course shows it is known: spaces behind commas are no part of Adult's values") {
  const QuietTerminal terminal;
  minitorch::set_seed(1);
  const TabularDataLoaders dls = adult();
  const Words& jobs = dls.prep().classes().at("workclass");
  CHECK(Words(jobs.begin(), jobs.begin() + 5) ==
        Words{"#na#", "?", "Federal-gov", "Local-gov", "Never-worked"});
  for (const std::string& column : kCats)
    for (const std::string& name : dls.prep().classes().at(column)) CHECK(name.front() != ' ');
  const DataFrame typed{{"workclass", {"Private"}},
                        {"education", {"Masters"}},
                        {"marital-status", {"Divorced"}},
                        {"occupation", {"Exec-managerial"}},
                        {"relationship", {"Not-in-family"}},
                        {"race", {"White"}},
                        {"age", {44}},
                        {"fnlwgt", {236746}},
                        {"education-num", {14}}};
  const Batch batch = dls.test_dl(typed)->one_batch();
  CHECK(batch.x[0].slice(1, 0, 6).min().item() > 0);  // none is #na#
  Learner learn = tabular_learner(dls, {.metrics = accuracy});
  learn.fit_one_cycle(1);
  const Prediction about = learn.predict(row(typed, 0));
  DataFrame unknown = typed;
  for (const std::string& column : kCats) unknown[column] = Series({"nothing"});
  CHECK((about.label == "<50k" || about.label == ">=50k"));
  CHECK(about.probs.sum().item() == Approx(1));
  CHECK(std::fabs(about.probs[1].item() - learn.predict(row(unknown, 0)).probs[1].item()) > 0.01);
}

TEST_CASE("show_batch prints rows as they were") {
  TabularLoader loader(prepared(), {.bs = 3}, true);
  CHECK(captured(1, [&] { loader.show_batch(); }) ==
        "  town age_na  area  age sold\n0    A   True  50.0  2.0  yes\n"
        "1    B  False  10.0  1.0   no\n2    A   True  20.0  2.0  yes\n");
  CHECK(captured(1, [&] { loader.show_batch({.max_n = 1}); }) ==
        "  town age_na  area  age sold\n0    A   True  50.0  2.0  yes\n");
}

TEST_CASE("a column age_na of the table's own is kept, or refused where its contents would be lost") {
  const auto made = [](const Series& own, const ColumnNames& cats, const ColumnNames& conts = "age") {
    DataFrame df = shops();
    df["age_na"] = own;
    return TabularPandas(
        df,
        {.procs = {Categorify{}, FillMissing{}}, .cat_names = cats, .cont_names = conts, .y_names = "sold"});
  };
  const std::vector<bool> gaps{false, true, false, false, true, false};
  const Series truths(gaps), numbers({0, 1, 0, 0, 1, 0}), other({"x", "y", "x", "y", "x", "y"});
  for (const Series& same : {truths, numbers, truths.astype(ColumnType::text)}) {
    const TabularPandas to = made(same, {"town", "age_na"});
    CHECK(to.cat_names().list() == Words{"town", "age_na"});
    CHECK(to.classes().at("age_na") == Words{"#na#", "False", "True"});
    CHECK(made(same, "town").cat_names().list() == Words{"town", "age_na"});
  }
  const auto refusal = Catch::Contains("[FillMissing] the table has a column 'age_na' of its own");
  CHECK_THROWS_WITH(made(other, {"town", "age_na"}), refusal);
  CHECK_THROWS_WITH(made(other, "town"), refusal);
  CHECK_THROWS_WITH(made(numbers, "town", {"age", "age_na"}), refusal);
  const TabularPandas without(
      shops(), {.procs = FillMissing(FillStrategy::median, false), .cont_names = "age", .y_names = "sold"});
  CHECK(without.cat_names().empty());
}

TEST_CASE("a row is counted from either end, and beyond them is none") {
  const DataFrame df = shops();
  CHECK((*row(df, -1).table)["area"][0].number() == 60);
  CHECK((*row(df, -6).table)["area"][0].number() == 10);
  CHECK((*row(df, 5).table)["area"][0].number() == 60);
  for (const int64_t beyond : {-7, 6, 100})
    CHECK_THROWS_WITH(row(df, beyond), "[row] row " + std::to_string(beyond) + " of 6");
  CHECK_THROWS_AS(row(df, -7), minitorch::IndexError);
}

TEST_CASE("texts in a column of numbers are refused by the column's name") {
  const TabularPandas to = prepared();
  const DataFrame more{{"town", {"A"}}, {"area", {"much"}}, {"age", {2}}};
  CHECK_THROWS_WITH(to.create_new(more),
                    "[TabularPandas] column 'area' is among the numbers, but holds texts");
  CHECK_THROWS_WITH(
      TabularPandas(shops(), {.cont_names = "area", .y_names = "sold", .y_block = RegressionBlock{}}),
      "[TabularPandas] target 'sold' is a number, but the column holds texts");
}

TEST_CASE("results of a table stand below the names of its columns") {
  QuietTerminal terminal;
  tabular_learner(prepared().dataloaders({.bs = 2}), {.layers = {4}}).show_results({.max_n = 1});
  const std::string& text = terminal.lines.back();
  CHECK(text.substr(0, text.find('\n')).ends_with("age  sold  sold_pred"));
}
