// SPDX-License-Identifier: MIT
#include "minitorch/nn/clip.h"

#include <algorithm>
#include <cmath>

#include "minitorch/autograd/graph.h"

namespace minitorch::nn {

static void check_limit(const char* function, double limit) {
  if (!(limit > 0))
    throw ValueError(format("[%s] a limit of %g: expected a number above 0", function, limit));
}

double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm, double norm_type) {
  check_limit("clip_grad_norm_", max_norm);
  NoGrad no_grad;
  const bool largest = std::isinf(norm_type);
  double total = 0;
  for (const Tensor& p : parameters)
    if (p.grad().defined()) {
      const double own = p.grad().norm(norm_type).item();
      total = largest ? std::max(total, own) : total + std::pow(own, norm_type);
    }
  if (!largest) total = std::pow(total, 1 / norm_type);
  const double scale = max_norm / (total + 1e-6);
  if (scale < 1)
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
