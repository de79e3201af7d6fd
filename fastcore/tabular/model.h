// SPDX-License-Identifier: MIT
// TabularModel: a table of vectors for each category, the numbers beside them, and linear layers above.
#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "fastcore/learn/layers.h"
#include "fastcore/tabular/tabular_pandas.h"
#include "minitorch/nn/module.h"

namespace fastcore {

/// How many values stand for a category of n classes (\#na\# included): min(600, round(1.6 n^0.56)).
int64_t emb_sz_rule(int64_t n_cat);

/// (classes, vector size) of each category.
using EmbeddingSizes = std::vector<std::pair<int64_t, int64_t>>;
/// By the rule, or for the columns named in `given` as said there. @throws ValueError for a name that is no
/// category
EmbeddingSizes get_emb_sz(const TabularPrep& prep, const Dict<std::string, int64_t>& given = {});

/// What can be changed of the net.
struct TabularConfig {
  std::vector<double> ps = {};  ///< dropout after each hidden layer; one number for all
  double embed_p = 0;           ///< dropout of the vectors
  bool use_bn = true, bn_final = false, bn_cont = true, lin_first = true;
  Act act = Act::relu;
};

/// x = {categories (n, k) int64, numbers (n, m)} -> (n, out). Each category's vector and the numbers (batch
/// norm first) side by side, then for each of `layers` linear, ReLU, batch norm, dropout, then linear.
class TabularModelModule : public minitorch::nn::Module {
 public:
  /// @throws ValueError when ps are neither one nor as many as layers
  TabularModelModule(const EmbeddingSizes& emb_szs, int64_t n_cont, int64_t out_sz,
                     const std::vector<int64_t>& layers, const TabularConfig& config = {},
                     YRange y_range = {});
  minitorch::Tensor forward(const minitorch::nn::Tensors& inputs) override;
  /// Of a table without numbers: the categories alone.
  minitorch::Tensor forward(const minitorch::Tensor& x) override {
    return forward(minitorch::nn::Tensors{x});
  }
  const std::vector<Embedding>& embeds() const { return embeds_; }

 private:
  std::vector<Embedding> embeds_;
  minitorch::nn::ModulePtr emb_drop_, bn_cont_, layers_;
  int64_t n_emb_ = 0, n_cont_;
};
using TabularModel = minitorch::nn::Handle<TabularModelModule>;

}  // namespace fastcore
