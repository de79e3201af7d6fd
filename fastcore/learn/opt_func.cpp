// SPDX-License-Identifier: MIT
#include "fastcore/learn/opt_func.h"

#include "fastcore/learn/layers.h"

namespace fastcore {
using namespace minitorch;

OptFunc::OptFunc(const OptFunc&) = default;
OptFunc::OptFunc(OptFunc&&) noexcept = default;
OptFunc& OptFunc::operator=(const OptFunc&) = default;
OptFunc& OptFunc::operator=(OptFunc&&) noexcept = default;
OptFunc::~OptFunc() = default;

template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(SGD)>);
template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(RMSProp)>);
template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(Adam)>);
template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(RAdam)>);
template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(QHAdam)>);
template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(Larc)>);
template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(Lamb)>);

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
