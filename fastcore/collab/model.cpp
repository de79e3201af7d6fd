// SPDX-License-Identifier: MIT
#include "fastcore/collab/model.h"

#include <algorithm>

#include "fastcore/basics/helpers.h"
#include "minitorch/core/errors.h"
#include "minitorch/minitorch.h"

namespace fastcore {
using minitorch::Tensor;

EmbeddingDotBiasModule::EmbeddingDotBiasModule(int64_t n_factors, int64_t n_users, int64_t n_items,
                                               YRange y_range)
    : u_weight(add("u_weight", Embedding(n_users, n_factors))),
      i_weight(add("i_weight", Embedding(n_items, n_factors))),
      u_bias(add("u_bias", Embedding(n_users, int64_t{1}))),
      i_bias(add("i_bias", Embedding(n_items, int64_t{1}))),
      y_range_(y_range) {}

EmbeddingDotBiasModule::EmbeddingDotBiasModule(int64_t n_factors, const std::vector<std::string>& users,
                                               const std::vector<std::string>& items, YRange y_range)
    : EmbeddingDotBiasModule(n_factors, static_cast<int64_t>(users.size()),
                             static_cast<int64_t>(items.size()), y_range) {
  users_ = users;
  items_ = items;
}

Tensor EmbeddingDotBiasModule::forward(const Tensor& x) {
  const Tensor users = x.select(1, 0), items = x.select(1, 1);
  const Tensor dot = (u_weight(users) * i_weight(items)).sum({1});  // (n)
  const Tensor rating = dot + u_bias(users).squeeze(1) + i_bias(items).squeeze(1);
  return y_range_.given() ? sigmoid_range(rating, y_range_.low, y_range_.high) : rating;
}

Tensor EmbeddingDotBiasModule::rows_of(const std::vector<std::string>& wanted, bool is_item) const {
  const std::vector<std::string>& known = names(is_item);
  if (known.empty())
    throw minitorch::ValueError("[EmbeddingDotBias] the model knows no names",
                                "make it with collab_learner, or give the names when it is made");
  Dict<std::string, int64_t> place;
  for (std::size_t i = 0; i < known.size(); ++i) place[known[i]] = static_cast<int64_t>(i);
  std::vector<int64_t> rows;
  for (const std::string& name : wanted) {
    const int64_t* row = place.find(name);
    if (!row) {
      const std::string meant = nearest(name, L<std::string>(known));
      throw minitorch::ValueError(
          "[EmbeddingDotBias] there is no " + std::string(is_item ? "item " : "user ") + repr_text(name),
          meant.empty() ? "names() lists them" : "did you mean " + repr_text(meant) + "?");
    }
    rows.push_back(*row);
  }
  return minitorch::tensor(rows);
}

Tensor EmbeddingDotBiasModule::weight(const std::vector<std::string>& wanted, bool is_item) const {
  const Tensor& all = (is_item ? i_weight : u_weight)->weight;
  return all.detach().cpu().index_select(0, rows_of(wanted, is_item));
}
Tensor EmbeddingDotBiasModule::bias(const std::vector<std::string>& wanted, bool is_item) const {
  const Tensor& all = (is_item ? i_bias : u_bias)->weight;
  return all.detach().cpu().index_select(0, rows_of(wanted, is_item)).squeeze(1);
}

}  // namespace fastcore
