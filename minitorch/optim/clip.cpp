// SPDX-License-Identifier: MIT
#include "minitorch/optim/clip.h"

#include <algorithm>
#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/ops/reduce/reduce.h"

namespace minitorch::optim {

double clip_grad_norm_(const std::vector<Tensor>& params, double max_norm, double norm_type) {
  const NoGrad no_grad;
  const bool largest = std::isinf(norm_type);
  double total = 0;
  for (const Tensor& p : params)
    if (const Tensor g = p.grad(); g.defined()) {
      const double own = norm(g.detach(), norm_type).item();
      total = largest ? std::max(total, own) : total + std::pow(own, norm_type);
    }
  if (!largest) total = std::pow(total, 1 / norm_type);
  const double scale = max_norm / (total + 1e-6);
  if (scale < 1)
    for (const Tensor& p : params)
      if (const Tensor g = p.grad(); g.defined()) g.mul_(scale);
  return total;
}

}  // namespace minitorch::optim
