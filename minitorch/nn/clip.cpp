// SPDX-License-Identifier: MIT
#include "minitorch/nn/clip.h"

#include "minitorch/autograd/graph.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::nn {

static void check_limit(const char* function, double limit) {
  if (!(limit > 0))
    throw ValueError(format("[%s] a limit of %g: expected a number above 0", function, limit));
}

Tensor clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, double norm_type) {
  check_limit("clip_grad_norm_", max_norm);
  NoGrad no_grad;
  std::vector<Tensor> norms;
  for (const Tensor& p : parameters)
    if (p.grad().defined()) norms.push_back(p.grad().norm(norm_type));
  if (norms.empty()) return tensor(0.0);
  const Tensor total = stack(norms).norm(norm_type);
  const Tensor scale = clamp(max_norm / (total + 1e-6), 0, 1);
  for (const Tensor& p : parameters)
    if (p.grad().defined()) p.grad().mul_(scale);
  return total;
}

void clip_grad_value_(const std::vector<Tensor>& parameters, double limit) {
  check_limit("clip_grad_value_", limit);
  NoGrad no_grad;
  for (const Tensor& p : parameters)
    if (p.grad().defined()) p.grad().clamp_(-limit, limit);
}

}  // namespace minitorch::nn
