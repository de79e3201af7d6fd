// SPDX-License-Identifier: MIT
#include "fastcore/learn/opt_func.h"

#include "fastcore/learn/layers.h"

namespace fastcore {
using namespace minitorch;

template OptFunc::OptFunc(std::remove_const_t<decltype(SGD)>);
template OptFunc::OptFunc(std::remove_const_t<decltype(RMSProp)>);
template OptFunc::OptFunc(std::remove_const_t<decltype(Adam)>);
template OptFunc::OptFunc(std::remove_const_t<decltype(RAdam)>);
template OptFunc::OptFunc(std::remove_const_t<decltype(QHAdam)>);
template OptFunc::OptFunc(std::remove_const_t<decltype(Larc)>);
template OptFunc::OptFunc(std::remove_const_t<decltype(Lamb)>);

optim::Groups trainable_params(nn::Module& model) {
  std::vector<Tensor> params;
  for (const Tensor& p : model.parameters())
    if (p.requires_grad()) params.push_back(p);
  return params;
}

std::vector<Tensor> norm_bias_params(nn::Module& model, bool biases) {
  std::vector<Tensor> params;
  for (auto& [name, module] : model.named_modules()) {
    const bool norm = is_norm(*module);
    for (const char* own : {"weight", "bias"}) {
      const Tensor p = norm || (biases && *own == 'b') ? module->own_parameter(own) : Tensor();
      if (p.defined()) params.push_back(p);
    }
  }
  return params;
}

}  // namespace fastcore
