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
