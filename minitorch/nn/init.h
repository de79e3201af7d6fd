// SPDX-License-Identifier: MIT
// How weights start. Names and formulas are PyTorch's; each fills the tensor in place and returns it.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch::nn::init {

enum class Fan { in, out };
/// Which activation follows: its gain keeps the size of signals from layer to layer.
enum class Gain { linear, sigmoid, tanh, relu, leaky_relu };
/// 1, 1, 5/3, sqrt 2, sqrt(2 / (1 + slope^2)).
double gain_of(Gain gain, double slope = 0.01);

/// Inputs and outputs of one weight: (out, in, ...) times the size of the kernel. @throws ShapeError below
/// two axes
int64_t fan(const Tensor& weight, Fan which);

/// While one of these is in scope, the functions below that draw random numbers leave the tensor as it is:
/// for a net whose weights are loaded next.
class Skip {
 public:
  Skip();
  ~Skip();
  Skip(const Skip&) = delete;

 private:
  bool before_;
};

Tensor uniform_(const Tensor& x, double low = 0, double high = 1);
Tensor normal_(const Tensor& x, double mean = 0, double std = 1);
Tensor constant_(const Tensor& x, double value);
/// N(0, gain / sqrt(fan)).
Tensor kaiming_normal_(const Tensor& x, Fan mode = Fan::in, Gain gain = Gain::relu, double slope = 0);
/// U(-b, b) with b = gain sqrt(3 / fan).
Tensor kaiming_uniform_(const Tensor& x, Fan mode = Fan::in, Gain gain = Gain::relu, double slope = 0);
/// N(0, gain sqrt(2 / (in + out))).
Tensor xavier_normal_(const Tensor& x, double gain = 1);
/// U(-b, b) with b = gain sqrt(6 / (in + out)).
Tensor xavier_uniform_(const Tensor& x, double gain = 1);
/// N(0, std), values beyond 2 std folded back: fastai's embeddings.
Tensor trunc_normal_(const Tensor& x, double mean = 0, double std = 1);

/// What PyTorch's linear layers, convolutions and recurrent layers start with, weight and bias alike: a
/// tensor of that shape from U(-b, b) with b = 1 / sqrt(fan); zeros where fan is 0.
Tensor layer_start(const Shape& shape, int64_t fan);

}  // namespace minitorch::nn::init
