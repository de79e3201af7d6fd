// SPDX-License-Identifier: MIT
// Lesson 8: tables. The Titanic from a weighted sum to a deep net, then trees and forests; Adult with both.
#include "fastcore/basics/external.h"
#include "fastcore/frame/frame.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "fastcore/tabular/interpret.h"
#include "fastcore/tabular/tabular.h"
#include "lessons/08_tabular/passengers.h"
#include "lessons/08_tabular/questions.h"
#include "lessons/08_tabular/scratch.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- from scratch --------------------------------------------------------------------------------------

static void first_step(Lesson& lesson, const Tensor& t_indep, const Tensor& t_dep) {
  lesson.section("A first step");
  //! [first]
  manual_seed(442);
  const Tensor coeffs = (rand({scratch::n_coeff}) - 0.5).requires_grad_();
  auto calc_loss = [&] { return mean(abs((t_indep * coeffs).sum({1}) - t_dep)); };
  lesson.print("coeffs:\n%s\nloss: %.4f\n", to_string(coeffs.detach()).c_str(), calc_loss().item());

  calc_loss().backward();
  lesson.print("gradient:\n%s\n", to_string(coeffs.grad()).c_str());
  calc_loss().backward();
  lesson.print("gradient after a second backward():\n%s\n", to_string(coeffs.grad()).c_str());
  calc_loss().backward();
  NoGrad no_grad;
  coeffs.sub_(coeffs.grad() * 0.1);
  coeffs.zero_grad();
  lesson.print("loss after a step: %.4f\n", calc_loss().item());
  //! [first]
}

static void train_models(Lesson& lesson, const scratch::Split& data) {
  using namespace scratch;
  Plot plot("Training loss");
  plot.x_axis = {.label = "epoch", .whole = true};
  auto train = [&](const char* name, const Model& model, int64_t epochs, double lr) {
    Values losses;
    const Coeffs coeffs = train_model(model, data, epochs, lr, losses);
    for (std::size_t i = 0; i < losses.size(); ++i)
      lesson.print("%.3f;%s", losses[i], i % 10 == 9 || i + 1 == losses.size() ? "\n" : " ");
    lesson.print("accuracy: %.4f\n", acc(model, coeffs, data));
    lesson.metric(name, acc(model, coeffs, data));
    plot.curve(losses, {.label = name});
    return coeffs;
  };
  lesson.section("A linear model");
  const Coeffs lin = train("linear", {init_linear, linear}, 18, 0.2);
  lesson.section("With a sigmoid");
  const Coeffs sig = train("with a sigmoid", {init_linear, linear_sigmoid}, 30, 100);
  std::vector<std::vector<std::string>> rows;
  const Values a = lin[0].to_vector<double>(), b = sig[0].to_vector<double>();
  for (std::size_t i = 0; i < indep_cols.size(); ++i)
    rows.push_back({indep_cols[i], format("%.4f", a[i]), format("%.4f", b[i])});
  lesson.table({"coefficient", "linear", "with a sigmoid"}, rows);
  lesson.section("As a matrix product");
  train("matrix product", {init_product, product}, 30, 100);
  lesson.section("A neural net, lr 1.4");
  train("one hidden layer, lr 1.4", {init_net, net}, 30, 1.4);
  lesson.section("A neural net, lr 20");
  train("one hidden layer, lr 20", {init_net, net}, 30, 20);
  lesson.section("Deep learning");
  train("deep", {init_deep, deep}, 30, 4);
  lesson.figure("losses", plot, "The same loss, the same passengers: what each model makes of them.");
}

static void from_scratch(Lesson& lesson, const Path& path) {
  using scratch::indep_cols;
  const DataFrame df = cleaned(lesson, path);
  //! [tensors]
  const Tensor t_dep = df["Survived"].tensor();
  Tensor t_indep = df[indep_cols].tensor();   // (891, 12)
  t_indep = t_indep / t_indep.max(0).values;  // each column by its largest
  //! [tensors]
  first_step(lesson, t_indep, t_dep);
  //! [split]
  const Splits splits = RandomSplitter{.seed = 42}(rows(df));
  const Tensor trn = tensor(splits[0]), val = tensor(splits[1]);
  const scratch::Split data{t_indep(trn), t_dep(trn)(all, none), t_indep(val), t_dep(val)(all, none)};
  //! [split]
  train_models(lesson, data);
}

// --- with the framework --------------------------------------------------------------------------------

static void framework(Lesson& lesson, const Path& path) {
  lesson.section("With the framework");
  //! [framework]
  const auto dls = passengers(path, 42).dataloaders({.bs = lesson.bs(64)});
  auto learn = tabular_learner(dls, {.layers = {10, 10}, .cbs = RunReport(lesson), .metrics = accuracy});
  learn.fit(16, 0.03);
  //! [framework]

  //! [ensemble]
  DataFrame tst_df = read_csv(path / "test.csv");
  tst_df["Fare"] = tst_df["Fare"].fillna(0);
  add_features(tst_df);
  const auto tst_dl = dls.test_dl(tst_df);

  std::vector<Tensor> valid_preds, test_preds;
  for (int i = 0; i < 5; ++i) {
    auto learn = compared(lesson, format("net %d", i + 1), tabular_learner(dls, {.layers = {10, 10}}));
    learn.fit(16, 0.03);
    valid_preds.push_back(learn.get_preds().preds);
    test_preds.push_back(learn.get_preds(*tst_dl).preds);
  }
  //! [ensemble]
  const Tensor truth = learn.get_preds().targs;
  for (const Tensor& preds : valid_preds) lesson.print("alone: %.3f\n", accuracy_of(preds, truth));
  lesson.print("all five: %.3f\n", accuracy_of(stack(valid_preds).mean({0}), truth));
  //! [submission]
  tst_df["Survived"] = Series(stack(test_preds).mean({0}).argmax(1));
  to_csv(tst_df[{"PassengerId", "Survived"}], lesson.folder() / "submission.csv");
  //! [submission]
  lesson.print("submission.csv: %d passengers, %d of them survive\n", int(tst_df.rows()),
               int(tst_df["Survived"].sum()));
}

// --- trees and forests ---------------------------------------------------------------------------------

static void trees(Lesson& lesson, const ForTrees& data) {
  const DataFrame &trn_xs = data.trn_xs, &val_xs = data.val_xs;
  const Series &trn_y = data.trn_y, &val_y = data.val_y;
  lesson.section("Trees");
  //! [tree]
  const auto tree = DecisionTreeClassifier({.max_leaf_nodes = 4}).fit(trn_xs, trn_y);
  lesson.print("%s\n", draw_tree(tree).c_str());
  lesson.print("four leaves: MAE %.4f\n", mean_absolute_error(val_y, tree.predict(val_xs)));
  const auto deeper = DecisionTreeClassifier({.min_samples_leaf = 50}).fit(trn_xs, trn_y);
  lesson.print("fifty in a leaf, %d leaves: MAE %.4f\n", int(deeper.get_n_leaves()),
               mean_absolute_error(val_y, deeper.predict(val_xs)));
  //! [tree]

  lesson.section("Forests");
  //! [bagging]
  auto get_tree = [&](double prop) {
    const auto idxs = numpy::choice(trn_y.size(), int64_t(double(trn_y.size()) * prop));
    return DecisionTreeClassifier({.min_samples_leaf = 5}).fit(trn_xs.iloc(idxs), trn_y.take(idxs));
  };
  Series sum = get_tree(0.75).predict(val_xs);
  for (int i = 1; i < 100; ++i) sum = sum + get_tree(0.75).predict(val_xs);
  lesson.print("mean of 100 trees: MAE %.4f\n", mean_absolute_error(val_y, sum / 100));
  //! [bagging]
  //! [forest]
  const auto rf = RandomForestClassifier({.n_estimators = 100, .min_samples_leaf = 5}).fit(trn_xs, trn_y);
  lesson.print("random forest: MAE %.4f\n", mean_absolute_error(val_y, rf.predict(val_xs)));
  //! [forest]
  lesson.figure("importance", plot_fi(rf), "What the forest asks about.");
}

// --- forests against nets ------------------------------------------------------------------------------

static void against(Lesson& lesson, const Path& titanic) {
  lesson.section("Forests against nets: the Titanic");
  const int64_t trials = lesson.quick() ? 3 : 20;
  //! [trials]
  std::vector<Tensor> results;
  for (int64_t seed = 0; seed < trials; ++seed) {
    const TabularPandas to = passengers(titanic, uint64_t(seed));
    auto learn = tabular_learner(to.dataloaders({.bs = lesson.bs(64)}), {.layers = {10, 10}});
    learn = compared(lesson, format("trial %d", int(seed) + 1), std::move(learn));
    results.push_back(tensor(contest(to, std::move(learn), [](Learner& learn) { learn.fit(16, 0.03); })));
  }
  const Tensor all_results = stack(results);  // (trials, 4)
  //! [trials]
  const Values means = all_results.mean({0}).to_vector<double>(),
               stds = all_results.std({0}).to_vector<double>();
  const char* const names[] = {"forest", "boosted trees", "net", "forest and net"};
  std::vector<std::vector<std::string>> lines;
  for (int i = 0; i < 4; ++i) lines.push_back({names[i], format("%.3f", means[i]), format("%.3f", stds[i])});
  lesson.table({"model", "mean accuracy", "deviation"}, lines);

  lesson.section("Forests against nets: Adult");
  const Path path = lesson.data(urls::ADULT_SAMPLE);
  //! [adult]
  const DataFrame df = read_csv(path / "adult.csv", {.skipinitialspace = true});
  const TabularPandas to(
      df, {.procs = {Categorify{}, FillMissing{}, Normalize{}},
           .cat_names = {"workclass", "education", "marital-status", "occupation", "relationship", "race"},
           .cont_names = {"age", "fnlwgt", "education-num"},
           .y_names = "salary",
           .splits = RandomSplitter{.seed = 42}(rows(df))});
  auto learn = tabular_learner(to.dataloaders(), {.cbs = RunReport(lesson), .metrics = accuracy});
  const auto found = contest(to, std::move(learn), [](Learner& learn) { learn.fit_one_cycle(3); });
  //! [adult]
  lines.clear();
  for (int i = 0; i < 4; ++i) lines.push_back({names[i], format("%.4f", found[i])});
  lesson.table({"model", "accuracy"}, lines);
}

static void tables(Lesson& lesson) {
  const Path path = lesson.data(urls::TITANIC);
  from_scratch(lesson, path);
  framework(lesson, path);
  const ForTrees data(path);
  questions::one_question(lesson, data);
  trees(lesson, data);
  against(lesson, path);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "08_tabular", .title = "Lesson 8: tables"}, argc, argv, tables);
}
