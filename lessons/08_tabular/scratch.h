// SPDX-License-Identifier: MIT
// The models of lesson 8, from a weighted sum to a deep net, and the loop that trains each of them.
#pragma once
#include <string>
#include <vector>

#include "minitorch/minitorch.h"

namespace scratch {
using namespace minitorch;

const std::vector<std::string> indep_cols{"Age",      "SibSp",      "Parch",      "LogFare",
                                          "Sex_male", "Sex_female", "Pclass_1",   "Pclass_2",
                                          "Pclass_3", "Embarked_C", "Embarked_Q", "Embarked_S"};
constexpr int64_t n_coeff = 12;

//! [model]
using Coeffs = std::vector<Tensor>;  // one tensor for the linear model, several for the nets
struct Model {
  Coeffs (*init_coeffs)();
  Tensor (*calc_preds)(const Coeffs& coeffs, const Tensor& indeps);  // (n, 12) -> (n, 1)
};

inline Tensor calc_loss(const Model& model, const Coeffs& coeffs, const Tensor& indeps, const Tensor& deps) {
  return mean(abs(model.calc_preds(coeffs, indeps) - deps));
}
//! [model]

//! [linear]
inline Coeffs init_linear() { return {rand({n_coeff}) - 0.5}; }
inline Tensor linear(const Coeffs& coeffs, const Tensor& indeps) {
  return (indeps * coeffs[0]).sum({1}, true);
}
//! [linear]

//! [sigmoid]
inline Tensor linear_sigmoid(const Coeffs& coeffs, const Tensor& indeps) {
  return sigmoid((indeps * coeffs[0]).sum({1}, true));
}
//! [sigmoid]

//! [product]
inline Coeffs init_product() { return {rand({n_coeff, 1}) * 0.1}; }
inline Tensor product(const Coeffs& coeffs, const Tensor& indeps) {
  return sigmoid(matmul(indeps, coeffs[0]));
}
//! [product]

//! [net]
inline Coeffs init_net() {
  const int64_t n_hidden = 20;
  const Tensor layer1 = (rand({n_coeff, n_hidden}) - 0.5) / n_hidden;
  const Tensor layer2 = rand({n_hidden, 1}) - 0.3;
  const Tensor constant = rand({1});
  return {layer1, layer2, constant};
}
inline Tensor net(const Coeffs& coeffs, const Tensor& indeps) {
  const Tensor hidden = relu(matmul(indeps, coeffs[0]));  // (n, 20)
  return sigmoid(matmul(hidden, coeffs[1]) + coeffs[2]);
}
//! [net]

//! [deep]
inline Coeffs init_deep() {
  const std::vector<int64_t> sizes{n_coeff, 10, 10, 1};
  const std::size_t n = sizes.size() - 1;
  Coeffs coeffs;
  for (std::size_t i = 0; i < n; ++i)
    coeffs.push_back((rand({sizes[i], sizes[i + 1]}) - 0.3) / sizes[i + 1] * 4);
  for (std::size_t i = 0; i < n; ++i) coeffs.push_back((rand({1}) - 0.5) * 0.1);
  return coeffs;
}
inline Tensor deep(const Coeffs& coeffs, const Tensor& indeps) {
  const std::size_t n = coeffs.size() / 2;  // layers, then their constants
  Tensor result = indeps;
  for (std::size_t i = 0; i < n; ++i) {
    result = matmul(result, coeffs[i]) + coeffs[n + i];
    if (i + 1 < n) result = relu(result);
  }
  return sigmoid(result);
}
//! [deep]

struct Split {
  Tensor trn_indep, trn_dep, val_indep, val_dep;
};

//! [train]
inline void update_coeffs(const Coeffs& coeffs, double lr) {
  for (const Tensor& layer : coeffs) {
    layer.sub_(layer.grad() * lr);
    layer.zero_grad();
  }
}
inline double one_epoch(const Model& model, const Coeffs& coeffs, const Split& data, double lr) {
  const Tensor loss = calc_loss(model, coeffs, data.trn_indep, data.trn_dep);
  loss.backward();
  NoGrad no_grad;
  update_coeffs(coeffs, lr);
  return loss.item();
}
inline Coeffs train_model(const Model& model, const Split& data, int64_t epochs, double lr,
                          std::vector<double>& losses) {
  manual_seed(442);
  const Coeffs coeffs = model.init_coeffs();
  for (const Tensor& layer : coeffs) layer.requires_grad_();
  for (int64_t i = 0; i < epochs; ++i) losses.push_back(one_epoch(model, coeffs, data, lr));
  return coeffs;
}
//! [train]

//! [accuracy]
inline double acc(const Model& model, const Coeffs& coeffs, const Split& data) {
  const Tensor survives = model.calc_preds(coeffs, data.val_indep) > 0.5;
  return (data.val_dep.to(kBool) == survives).to(kFloat32).mean().item();
}
//! [accuracy]

}  // namespace scratch
