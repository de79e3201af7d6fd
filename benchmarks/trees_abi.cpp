// SPDX-License-Identifier: MIT
// What trees.py calls: our trees, forests and boosting on the table that scikit-learn gets too.
#include <chrono>
#include <exception>
#include <memory>

#include "fastcore/tabular/boosting.h"
#include "fastcore/tabular/forest.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/parallel.h"

using namespace fastcore;

namespace {

DataFrame all, train;
Series train_y;
std::unique_ptr<TableModel> model;

template <class Model>
std::unique_ptr<TableModel> fitted(Model m) {
  m.fit(train, train_y);
  return std::make_unique<Model>(std::move(m));
}

// The options are those of trees.py.
std::unique_ptr<TableModel> fit(const std::string& kind) {
  if (kind == "tree") return fitted(DecisionTreeClassifier({.min_samples_leaf = 25}));
  if (kind == "forest") return fitted(RandomForestClassifier({.n_estimators = 100, .min_samples_leaf = 5}));
  if (kind == "forest oob")
    return fitted(RandomForestRegressor(
        {.n_estimators = 40, .max_features = 0.5, .min_samples_leaf = 5, .oob_score = true}));
  if (kind == "boosting") return fitted(HistGradientBoostingClassifier({.max_iter = 100}));
  throw minitorch::ValueError("[trees] no model is called '" + kind + "'");
}

template <class F>
double seconds(int threads, F&& f) {
  try {
    minitorch::set_num_threads(threads);
    const auto start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  } catch (const std::exception& error) {
    minitorch::report_error(error);
    return -1;
  }
}

}  // namespace

/// The table, column by column, and what is to be predicted; the first train_rows are learned from.
extern "C" void trees_data(const double* values, const double* y, int64_t rows, int64_t columns,
                           int64_t train_rows) {
  for (int64_t c = 0; c < columns; ++c)
    all["x" + std::to_string(c)] = Series(std::vector<double>(values + c * rows, values + (c + 1) * rows));
  train = all.head(train_rows);
  train_y = Series(std::vector<double>(y, y + train_rows));
}

/// Seconds that fit takes. Below 0: it failed.
extern "C" double trees_fit(const char* kind, int threads) {
  return seconds(threads, [&] { model = fit(kind); });
}

/// Seconds that predictions of all rows take, which are written to `to`.
extern "C" double trees_predict(int threads, double* to) {
  Series predictions;
  const double taken = seconds(threads, [&] { predictions = model->predict(all); });
  if (taken >= 0)
    for (int64_t i = 0; i < predictions.size(); ++i) to[i] = predictions[i].number();
  return taken;
}
