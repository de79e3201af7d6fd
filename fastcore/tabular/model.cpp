// SPDX-License-Identifier: MIT
#include "fastcore/tabular/model.h"

#include <algorithm>
#include <cmath>

#include "fastcore/basics/helpers.h"
#include "minitorch/core/errors.h"
#include "minitorch/ops/join/join.h"

namespace fastcore {
using minitorch::Tensor;
using minitorch::ValueError;
namespace nn = minitorch::nn;

int64_t emb_sz_rule(int64_t n_cat) {
  return std::min<int64_t>(600, std::llrint(1.6 * std::pow(static_cast<double>(n_cat), 0.56)));
}

EmbeddingSizes get_emb_sz(const TabularPrep& prep, const Dict<std::string, int64_t>& given) {
  const ColumnNames& cats = prep.columns().cat_names;
  for (const auto& [name, size] : given)
    if (!cats.contains(name))
      throw ValueError("[emb_szs] '" + name + "' is no category",
                       "there are " + join(L<std::string>(cats.list()), ", "));
  EmbeddingSizes sizes;
  for (const std::string& name : cats) {
    const auto* classes = prep.classes().find(name);
    if (!classes)
      throw ValueError("[emb_szs] column '" + name + "' was not turned into numbers",
                       "add the proc Categorify{}");
    const auto n = static_cast<int64_t>(classes->size());
    const int64_t* size = given.find(name);
    sizes.emplace_back(n, size ? *size : emb_sz_rule(n));
  }
  return sizes;
}

TabularModelModule::TabularModelModule(const EmbeddingSizes& emb_szs, int64_t n_cont, int64_t out_sz,
                                       const std::vector<int64_t>& layers, const TabularConfig& config,
                                       YRange y_range)
    : n_cont_(n_cont) {
  if (config.ps.size() > 1 && config.ps.size() != layers.size())
    throw ValueError("[TabularModel] " + std::to_string(config.ps.size()) + " dropouts for " +
                         std::to_string(layers.size()) + " layers",
                     "give one for each layer, or a single one");
  nn::ModuleList embeds;
  for (const auto& [classes, size] : emb_szs) {
    embeds_.emplace_back(classes, size);
    embeds->append(embeds_.back());
    n_emb_ += size;
  }
  add("embeds", embeds);
  emb_drop_ = add("emb_drop", nn::ModulePtr(nn::Dropout(config.embed_p)));
  if (config.bn_cont && n_cont > 0) bn_cont_ = add("bn_cont", nn::ModulePtr(nn::BatchNorm1d(n_cont)));
  nn::Sequential stack;
  int64_t in = n_emb_ + n_cont;
  for (std::size_t i = 0; i <= layers.size(); ++i) {
    const bool last = i == layers.size();
    const int64_t out = last ? out_sz : layers[i];
    const double p = last || config.ps.empty() ? 0 : config.ps[config.ps.size() == 1 ? 0 : i];
    stack->append(LinBnDrop(in, out,
                            {.bn = config.use_bn && (!last || config.bn_final),
                             .p = p,
                             .act = last ? Act::none : config.act,
                             .lin_first = config.lin_first}));
    in = out;
  }
  if (y_range.given()) stack->append(SigmoidRange(y_range.low, y_range.high));
  layers_ = add("layers", nn::ModulePtr(stack));
}

Tensor TabularModelModule::forward(const nn::Tensors& inputs) {
  std::vector<Tensor> parts;
  for (std::size_t i = 0; i < embeds_.size(); ++i)
    parts.push_back(embeds_[i](inputs.at(0).select(1, static_cast<int64_t>(i))));  // (n, size)
  if (!parts.empty()) parts = {(*emb_drop_)(minitorch::cat(parts, 1))};
  if (n_cont_ > 0) parts.push_back(bn_cont_ ? (*bn_cont_)(inputs.at(1)) : inputs.at(1));
  return (*layers_)(parts.size() == 1 ? parts[0] : minitorch::cat(parts, 1));
}

}  // namespace fastcore
