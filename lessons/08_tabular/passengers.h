// SPDX-License-Identifier: MIT
// The passengers as nets and as trees want them, and a contest of the two on one prepared table.
#pragma once
#include <string>
#include <vector>

#include "fastcore/frame/frame.h"
#include "fastcore/learn/learn.h"
#include "fastcore/report/lesson.h"
#include "fastcore/tabular/boosting.h"
#include "fastcore/tabular/forest.h"
#include "fastcore/tabular/tabular.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

inline DataFrame cleaned(Lesson& lesson, const Path& path) {
  lesson.section("The passengers");
  //! [clean]
  DataFrame df = read_csv(path / "train.csv");
  lesson.print("missing values:\n%s\n", df.isna().sum().repr().c_str());
  const Record modes = df.mode().iloc(0);
  df.fillna(modes, {.inplace = true});
  df["LogFare"] = log(df["Fare"] + 1);
  //! [clean]
  lesson.figure("fare",
                Figure{.plots = {Plot("Fare").histogram(df["Fare"].numbers(), 30),
                                 Plot("log(Fare + 1)").histogram(df["LogFare"].numbers(), 30)}},
                "A few tickets cost a hundred times as much as most. The logarithm brings them together.");
  //! [dummies]
  df = get_dummies(df, {"Sex", "Pclass", "Embarked"});
  //! [dummies]
  return df;
}

//! [features]
inline void add_features(DataFrame& df) {
  df["LogFare"] = log1p(df["Fare"]);
  df["Deck"] = df["Cabin"].str()[0].map(
      {{"A", "ABC"}, {"B", "ABC"}, {"C", "ABC"}, {"D", "DE"}, {"E", "DE"}, {"F", "FG"}, {"G", "FG"}});
  df["Family"] = df["SibSp"] + df["Parch"];
  df["Alone"] = df["Family"] == 1;
  df["TicketFreq"] = df.groupby("Ticket")["Ticket"].transform("count");
  df["Title"] = df["Name"].str().split(", ")[1].str().split(".")[0];
  df["Title"] = df["Title"].map({{"Mr", "Mr"}, {"Miss", "Miss"}, {"Mrs", "Mrs"}, {"Master", "Master"}});
}
//! [features]

//! [pandas]
inline TabularPandas passengers(const Path& path, uint64_t seed) {
  DataFrame df = read_csv(path / "train.csv");
  add_features(df);
  return TabularPandas(df,
                       {.procs = {Categorify{}, FillMissing{}, Normalize{}},
                        .cat_names = {"Sex", "Pclass", "Embarked", "Deck", "Title"},
                        .cont_names = {"Age", "SibSp", "Parch", "LogFare", "Alone", "TicketFreq", "Family"},
                        .y_names = "Survived",
                        .y_block = CategoryBlock{},
                        .splits = RandomSplitter{.seed = seed}(rows(df))});
}
//! [pandas]

//! [proc]
struct ForTrees {
  std::vector<std::string> columns{"Sex", "Embarked", "Age", "SibSp", "Parch", "LogFare", "Pclass"};
  DataFrame trn_xs, val_xs;
  Series trn_y, val_y;

  explicit ForTrees(const Path& path) {
    DataFrame df = read_csv(path / "train.csv");
    df["Fare"] = df["Fare"].fillna(0);
    df.fillna(df.mode().iloc(0), {.inplace = true});
    df["LogFare"] = log1p(df["Fare"]);
    for (const char* column : {"Sex", "Embarked"}) df[column] = df[column].cat_codes();
    numpy::seed(42);
    const Splits splits = TrainTestSplitter{.test_size = 0.25}(rows(df));
    const DataFrame trn = df.iloc(splits[0]), val = df.iloc(splits[1]);
    trn_xs = trn[columns], trn_y = trn["Survived"];
    val_xs = val[columns], val_y = val["Survived"];
  }
};
//! [proc]

inline double accuracy_of(const Tensor& probs, const Tensor& targets) {
  return (probs.argmax(1) == targets.view({-1})).to(kFloat32).mean().item();
}

//! [contest]
// Accuracies of a forest, boosted trees, a net, and the forest and the net together, on one prepared table.
inline std::vector<double> contest(const TabularPandas& to, Learner learn, void (*train)(Learner&)) {
  const DataFrame xs = to.train().xs(), val_xs = to.valid().xs();
  const Series y = to.train().y();
  const auto forest = RandomForestClassifier({.n_estimators = 100, .min_samples_leaf = 5}).fit(xs, y);
  const auto boosted = HistGradientBoostingClassifier().fit(xs, y);
  train(learn);
  const Predictions net = learn.get_preds();
  const Tensor grown = forest.predict_proba(val_xs);
  return {accuracy_of(grown, net.targs), accuracy_of(boosted.predict_proba(val_xs), net.targs),
          accuracy_of(net.preds, net.targs), accuracy_of((grown + net.preds) / 2, net.targs)};
}
//! [contest]
