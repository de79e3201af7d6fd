// SPDX-License-Identifier: MIT
#include "fastcore/vision/normed_conv.h"

#include <cmath>

#include "minitorch/autograd/graph.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
namespace nn = minitorch::nn;
using minitorch::Tensor;

static Tensor lengths(const Tensor& filters) { return filters.square().sum({1, 2, 3}, true).sqrt(); }

WeightNormConv2dModule::WeightNormConv2dModule(const nn::Conv2dModule& plain, nn::Conv2dOptions options)
    : options_(options), details_(plain.details()) {
  if (plain.bias.defined()) bias = add_parameter("bias", plain.bias.detach());
  weight_g = add_parameter("weight_g", lengths(plain.weight.detach()));
  weight_v = add_parameter("weight_v", plain.weight.detach());
}

Tensor WeightNormConv2dModule::forward(const Tensor& x) {
  return minitorch::conv2d(x, weight_v * (weight_g / lengths(weight_v)), bias,
                           {.stride = options_.stride,
                            .padding = options_.padding,
                            .dilation = options_.dilation,
                            .groups = options_.groups});
}

static Tensor unit(const Tensor& v) { return v * (1 / std::fmax(v.norm().item(), 1e-12)); }

SpectralNormConv1dModule::SpectralNormConv1dModule(int64_t ni, int64_t nf) {
  weight_orig = minitorch::empty({nf, ni, 1});
  const double bound = 1 / std::sqrt(static_cast<double>(ni));
  nn::init::uniform_(weight_orig, -bound, bound);
  add_parameter("weight_orig", weight_orig);
  weight_u = add_buffer("weight_u", unit(minitorch::randn({nf})));
  weight_v = add_buffer("weight_v", unit(minitorch::randn({ni})));
}

Tensor SpectralNormConv1dModule::forward(const Tensor& x) {
  const Tensor w = weight_orig.squeeze(2);  // (out, in)
  if (is_training()) {
    minitorch::NoGrad no_grad;
    weight_v.copy_(unit(w.t().matmul(weight_u)));
    weight_u.copy_(unit(w.matmul(weight_v)));
  }
  // The vectors are constants of this call: later calls change the buffers in place.
  const Tensor u = weight_u.clone(), v = weight_v.clone();
  const Tensor sigma = (u * w.matmul(v)).sum();
  return (w / sigma).matmul(x);
}

std::string SpectralNormConv1dModule::details() const {
  return minitorch::format("%lld, %lld, kernel_size=(1,), bias=False",
                           static_cast<long long>(weight_orig.size(1)),
                           static_cast<long long>(weight_orig.size(0)));
}

}  // namespace fastcore
