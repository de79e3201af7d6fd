// SPDX-License-Identifier: MIT
// Four rules for a step of training, on tensors, and how they are applied to groups of parameters.
#pragma once
#include <cmath>
#include <vector>

#include "minitorch/minitorch.h"

using namespace minitorch;

//! [rules]
// What is kept for one parameter, and four rules for a step with it.
struct Kept {
  Tensor m, v;
  int t = 0;
};
using Rule = void (*)(const Tensor& p, const Tensor& g, Kept& kept, double lr);

inline void sgd(const Tensor& p, const Tensor& g, Kept&, double lr) { p -= g * lr; }

inline void momentum(const Tensor& p, const Tensor& g, Kept& kept, double lr) {
  kept.m = kept.m * 0.9 + g;
  p -= kept.m * lr;
}
inline void rms_prop(const Tensor& p, const Tensor& g, Kept& kept, double lr) {
  kept.v = kept.v * 0.99 + g * g * 0.01;
  p -= g * lr / (sqrt(kept.v) + 1e-8);
}
inline void adam(const Tensor& p, const Tensor& g, Kept& kept, double lr) {
  kept.m = kept.m * 0.9 + g * 0.1;
  kept.v = kept.v * 0.99 + g * g * 0.01;
  ++kept.t;
  p -= kept.m * (lr / (1 - std::pow(0.9, kept.t))) / (sqrt(kept.v / (1 - std::pow(0.99, kept.t))) + 1e-5);
}
//! [rules]

//! [groups]
// One step over two groups of parameters: the first layer's rate is a tenth of the last's.
inline void step_by_hand(Rule rule, const std::vector<Tensor>& params, std::vector<Kept>& kept, double lr) {
  NoGrad no_grad;
  for (std::size_t i = 0; i < params.size(); ++i) {
    rule(params[i], params[i].grad(), kept[i], i < 2 ? lr / 10 : lr);
    params[i].zero_grad();
  }
}
inline optim::Groups two_groups(const std::vector<Tensor>& p) {
  return std::vector<std::vector<Tensor>>{{p[0], p[1]}, {p[2], p[3]}};
}
//! [groups]
