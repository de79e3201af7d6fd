// SPDX-License-Identifier: MIT
// The two models of collaborative filtering: the product of two vectors, and a net above them.
#pragma once
#include <string>
#include <vector>

#include "fastcore/tabular/model.h"

namespace fastcore {

/// rating(u, i) = sum over k of user[u, k] item[i, k] + user_bias[u] + item_bias[i], squeezed into y_range.
/// x (n, 2) whole numbers -> (n). Parameters u_weight, i_weight (n, factors), u_bias, i_bias (n, 1), all N(0,
/// .01).
class EmbeddingDotBiasModule : public minitorch::nn::Module {
 public:
  EmbeddingDotBiasModule(int64_t n_factors, int64_t n_users, int64_t n_items, YRange y_range = {});
  /// Knows the names of users and items, by which weight() and bias() look them up.
  EmbeddingDotBiasModule(int64_t n_factors, const std::vector<std::string>& users,
                         const std::vector<std::string>& items, YRange y_range = {});
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
  using Module::forward;

  /// The vectors of items (or users) by name: (n, factors). @throws ValueError for an unknown name
  minitorch::Tensor weight(const std::vector<std::string>& names, bool is_item = true) const;
  /// Their biases: (n).
  minitorch::Tensor bias(const std::vector<std::string>& names, bool is_item = true) const;
  /// The names in the order of the rows; the first is \#na\#.
  const std::vector<std::string>& names(bool is_item = true) const { return is_item ? items_ : users_; }
  YRange y_range() const { return y_range_; }

  Embedding u_weight, i_weight, u_bias, i_bias;

 private:
  minitorch::Tensor rows_of(const std::vector<std::string>& names, bool is_item) const;
  YRange y_range_;
  std::vector<std::string> users_, items_;
};
using EmbeddingDotBias = minitorch::nn::Handle<EmbeddingDotBiasModule>;

/// Vectors of user and item side by side, linear layers above: (n, 2) -> (n, 1). TabularModel without
/// numbers.
class EmbeddingNNModule : public TabularModelModule {
 public:
  EmbeddingNNModule(const EmbeddingSizes& emb_szs, const std::vector<int64_t>& layers,
                    const TabularConfig& config = {}, YRange y_range = {})
      : TabularModelModule(emb_szs, 0, 1, layers, config, y_range) {}
};
using EmbeddingNN = minitorch::nn::Handle<EmbeddingNNModule>;

}  // namespace fastcore
