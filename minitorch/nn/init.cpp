// SPDX-License-Identifier: MIT
#include "minitorch/nn/init.h"

#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::nn::init {

double gain_of(Gain gain, double slope) {
  switch (gain) {
    case Gain::linear:
    case Gain::sigmoid: return 1;
    case Gain::tanh: return 5.0 / 3;
    case Gain::relu: return std::sqrt(2.0);
    case Gain::leaky_relu: return std::sqrt(2 / (1 + slope * slope));
  }
  return 1;
}

int64_t fan(const Tensor& weight, Fan which) {
  if (weight.dims() < 2)
    throw ShapeError("[init] a tensor of shape " + to_string(weight.shape()) +
                     " has no fan: expected (out, in, ...)");
  return weight.numel() / (which == Fan::in ? weight.shape()[0] : weight.shape()[1]);
}

static thread_local bool skipping = false;
Skip::Skip() : before_(skipping) { skipping = true; }
Skip::~Skip() { skipping = before_; }

Tensor uniform_(const Tensor& x, double low, double high) {
  if (skipping) return x;
  NoGrad no_grad;
  return x.uniform_(low, high);
}
Tensor normal_(const Tensor& x, double mean, double std) {
  if (skipping) return x;
  NoGrad no_grad;
  return x.normal_(mean, std);
}
Tensor constant_(const Tensor& x, double value) {
  NoGrad no_grad;
  return x.fill_(value);
}

Tensor kaiming_normal_(const Tensor& x, Fan mode, Gain gain, double slope) {
  return normal_(x, 0, gain_of(gain, slope) / std::sqrt(static_cast<double>(fan(x, mode))));
}
Tensor kaiming_uniform_(const Tensor& x, Fan mode, Gain gain, double slope) {
  const double bound = gain_of(gain, slope) * std::sqrt(3.0 / static_cast<double>(fan(x, mode)));
  return uniform_(x, -bound, bound);
}
Tensor xavier_normal_(const Tensor& x, double gain) {
  return normal_(x, 0, gain * std::sqrt(2.0 / static_cast<double>(fan(x, Fan::in) + fan(x, Fan::out))));
}
Tensor xavier_uniform_(const Tensor& x, double gain) {
  const double bound = gain * std::sqrt(6.0 / static_cast<double>(fan(x, Fan::in) + fan(x, Fan::out)));
  return uniform_(x, -bound, bound);
}

Tensor trunc_normal_(const Tensor& x, double mean, double std) {
  if (skipping) return x;
  NoGrad no_grad;
  Tensor numbers = randn(x.shape());
  float* p = numbers.data<float>();
  for (int64_t i = 0; i < numbers.numel(); ++i) p[i] = static_cast<float>(std::fmod(p[i], 2.f) * std + mean);
  return x.copy_(numbers.to(x.device()));
}

Tensor layer_start(const Shape& shape, int64_t fan) {
  const double bound = fan > 0 ? 1 / std::sqrt(static_cast<double>(fan)) : 0;
  return uniform_(empty(shape), -bound, bound);
}

}  // namespace minitorch::nn::init
