// SPDX-License-Identifier: MIT
// Activation functions as modules.
#pragma once
#include "minitorch/core/digits.h"
#include "minitorch/nn/module.h"
#include "minitorch/ops/unary/unary.h"

namespace minitorch::nn {

#define MT_ACTIVATION(Name, function)                                           \
  class Name##Module : public Module {                                          \
   public:                                                                      \
    Tensor forward(const Tensor& x) override { return minitorch::function(x); } \
  };                                                                            \
  using Name = Handle<Name##Module>;

MT_ACTIVATION(ReLU, relu)
MT_ACTIVATION(Sigmoid, sigmoid)
MT_ACTIVATION(Tanh, tanh)
MT_ACTIVATION(SiLU, silu)
MT_ACTIVATION(Mish, mish)
#undef MT_ACTIVATION

class GELUModule : public Module {
 public:
  Tensor forward(const Tensor& x) override { return gelu(x); }
  std::string details() const override { return "approximate='none'"; }
};
using GELU = Handle<GELUModule>;

class SoftplusModule : public Module {
 public:
  Tensor forward(const Tensor& x) override { return softplus(x); }
  std::string details() const override { return "beta=1.0, threshold=20.0"; }
};
using Softplus = Handle<SoftplusModule>;

class ReLU6Module : public Module {
 public:
  Tensor forward(const Tensor& x) override { return clamp(x, 0, 6); }
};
using ReLU6 = Handle<ReLU6Module>;

class LeakyReLUModule : public Module {
 public:
  explicit LeakyReLUModule(double slope = 0.01) : slope_(slope) {}
  Tensor forward(const Tensor& x) override { return leaky_relu(x, slope_); }
  std::string details() const override { return "negative_slope=" + python_float(slope_); }

 private:
  double slope_;
};
using LeakyReLU = Handle<LeakyReLUModule>;

class ELUModule : public Module {
 public:
  explicit ELUModule(double alpha = 1) : alpha_(alpha) {}
  Tensor forward(const Tensor& x) override { return elu(x, alpha_); }
  std::string details() const override { return "alpha=" + python_float(alpha_); }

 private:
  double alpha_;
};
using ELU = Handle<ELUModule>;

}  // namespace minitorch::nn
