// SPDX-License-Identifier: MIT
#include "fastcore/collab/factors.h"

#include <algorithm>
#include <numeric>

#include "fastcore/basics/helpers.h"
#include "fastcore/collab/dataloaders.h"
#include "fastcore/collab/pca.h"
#include "fastcore/tabular/dataloaders.h"
#include "minitorch/core/errors.h"
#include "minitorch/minitorch.h"

namespace fastcore {
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

const EmbeddingDotBiasModule& dot_model(const Learner& learn) {
  const auto* model = dynamic_cast<const EmbeddingDotBiasModule*>(learn.model.get());
  if (!model)
    throw ValueError("[collab] the model has no factors that belong to items alone",
                     "collab_learner without use_nn makes one that has");
  return *model;
}

// The n best of the rows from 1 on: row 0 is #na#.
Scores best(const std::vector<std::string>& names, const std::vector<double>& scores, int64_t n, bool highest,
            const std::vector<char>& skip = {}) {
  if (n < 0)
    throw ValueError("[collab] " + std::to_string(n) + " items: expected a number from 0 on",
                     "so many are told, the first one first: recommend(learn, user, 5)");
  std::vector<std::size_t> order;
  for (std::size_t i = 1; i < names.size(); ++i)
    if (skip.empty() || !skip[i]) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return highest ? scores[a] > scores[b] : scores[a] < scores[b];
  });
  Scores chosen;
  for (std::size_t i = 0; i < order.size() && static_cast<int64_t>(i) < n; ++i)
    chosen.emplace_back(names[order[i]], scores[order[i]]);
  return chosen;
}

Scores by_bias(const Learner& learn, int64_t n, bool highest) {
  const EmbeddingDotBiasModule& model = dot_model(learn);
  return best(model.names(), model.i_bias->weight.detach().cpu().to_vector<double>(), n, highest);
}

// Which items (by code) this user has rated, in training or in validation.
std::vector<char> rated(const Learner& learn, int64_t user, std::size_t items) {
  std::vector<char> seen(items);
  for (int64_t l = 0; l < learn.dls.size(); ++l) {
    const auto* loader = dynamic_cast<const TabularLoader*>(learn.dls.pointer(l).get());
    if (!loader) continue;
    const TabularPandas& rows = loader->rows();
    const std::vector<double> users = rows.items()[rows.cat_names().list()[0]].numbers();
    const std::vector<double> rated = rows.items()[rows.cat_names().list()[1]].numbers();
    for (std::size_t i = 0; i < users.size(); ++i)
      if (static_cast<int64_t>(users[i]) == user && rated[i] >= 0 && rated[i] < static_cast<double>(items))
        seen[static_cast<std::size_t>(rated[i])] = true;
  }
  return seen;
}

}  // namespace

Scores most_liked(const Learner& learn, int64_t n) { return by_bias(learn, n, true); }
Scores least_liked(const Learner& learn, int64_t n) { return by_bias(learn, n, false); }

Scores nearest_items(const Learner& learn, const std::string& item, int64_t n) {
  const EmbeddingDotBiasModule& model = dot_model(learn);
  const minitorch::NoGrad no_grad;
  const Tensor all = model.i_weight->weight.detach().cpu(), one = model.weight({item});  // (items, f), (1, f)
  const Tensor lengths = all.square().sum({1}).sqrt() * one.square().sum().sqrt();
  const Tensor cosine = (all * one).sum({1}) / lengths.clamp(1e-8, 1e30);
  std::vector<char> skip(model.names().size());
  skip[static_cast<std::size_t>(std::find(model.names().begin(), model.names().end(), item) -
                                model.names().begin())] = true;
  return best(model.names(), cosine.to_vector<double>(), n, true, skip);
}

Scores recommend(const Learner& learn, const Cell& user, int64_t k) {
  const TabularPrep& prep = ratings_prep(learn.dls, "recommend");
  const std::vector<std::string>& columns = prep.columns().cat_names.list();
  const std::vector<std::string>& users = prep.classes().at(columns.at(0));
  const std::vector<std::string>& items = prep.classes().at(columns.at(1));
  const auto found = std::find(users.begin() + 1, users.end(), category_name(user));
  if (found == users.end())
    throw ValueError("[recommend] there is no user " + user.repr(),
                     "users are the values of column '" + columns[0] + "', such as " + users.back());
  const auto code = static_cast<int64_t>(found - users.begin());
  const auto n = static_cast<int64_t>(items.size());
  std::vector<int64_t> pairs;
  for (int64_t item = 0; item < n; ++item) pairs.insert(pairs.end(), {code, item});
  const minitorch::NoGrad no_grad;
  const bool was_training = learn.model->is_training();
  learn.model->eval();
  const Tensor predicted = (*learn.model)(minitorch::tensor(pairs, {n, 2}).to(learn.device)).cpu();
  learn.model->train(was_training);
  return best(items, predicted.reshape({-1}).to_vector<double>(), k, true, rated(learn, code, items.size()));
}

Plot plot_factors(const Learner& learn, const std::vector<std::string>& items, int64_t x_axis,
                  int64_t y_axis) {
  const Tensor factors = dot_model(learn).weight(items);
  for (const int64_t axis : {x_axis, y_axis})
    if (axis < 0 || axis >= factors.size(1))
      throw ValueError("[plot_factors] axis " + std::to_string(axis) + " of " +
                           std::to_string(factors.size(1)) + " factors",
                       "axes are counted from 0: plot_factors(learn, titles, 0, 2)");
  const Tensor places = pca(factors, std::max(x_axis, y_axis) + 1);
  const Values x = places.select(1, x_axis).to_vector<double>(),
               y = places.select(1, y_axis).to_vector<double>();
  Plot plot("What sets them apart: principal axes of the factors");
  plot.width = 900;
  plot.height = 700;
  plot.x_axis.label = "axis " + std::to_string(x_axis + 1);
  plot.y_axis.label = "axis " + std::to_string(y_axis + 1);
  plot.scatter(x, y);
  for (std::size_t i = 0; i < items.size(); ++i)
    plot.note(x[i], y[i], items[i].substr(0, items[i].find(" (", 1)));
  return plot;
}

}  // namespace fastcore
