// SPDX-License-Identifier: MIT
#include "fastcore/learn/layers.h"

#include "fastcore/data/fields.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/unary/unary.h"

namespace fastcore {
namespace nn = minitorch::nn;
using minitorch::Tensor;

Tensor sigmoid_range(const Tensor& x, double low, double high) {
  return minitorch::sigmoid(x) * (high - low) + low;
}

void range_field(Fields& f, YRange& range) {
  std::vector<double> ends;
  if (range.given()) ends = {range.low, range.high};
  f("y_range", ends);
  if (ends.size() == 2) range = {ends[0], ends[1]};
}
void act_field(Fields& f, Act& act) {
  f("act", act, {"none", "relu", "relu6", "leaky_relu", "sigmoid", "tanh", "gelu", "silu", "mish"});
}

SigmoidRangeModule::SigmoidRangeModule(double low, double high) : low_(low), high_(high) {
  if (!(low < high))
    throw minitorch::ValueError(
        minitorch::format("[SigmoidRange] from %g to %g: expected low < high", low, high),
        "y_range is {lowest, highest}");
}
std::string SigmoidRangeModule::details() const { return minitorch::format("low=%g, high=%g", low_, high_); }

EmbeddingModule::EmbeddingModule(int64_t count, int64_t dim, double std) : nn::EmbeddingModule(count, dim) {
  nn::init::trunc_normal_(weight, 0, std);
}

static void start_norm(nn::BatchNorm1dModule& norm, NormStart start) {
  if (!norm.weight.defined()) return;
  nn::init::constant_(norm.bias, 1e-3);
  if (start == NormStart::zero) nn::init::constant_(norm.weight, 0);
}
BatchNorm1d::BatchNorm1d(int64_t features, nn::NormOptions options, NormStart start)
    : nn::BatchNorm1d(features, options) {
  start_norm(**this, start);
}
BatchNorm2d::BatchNorm2d(int64_t features, nn::NormOptions options, NormStart start)
    : nn::BatchNorm2d(features, options) {
  start_norm(**this, start);
}

nn::ModulePtr activation(Act act) {
  switch (act) {
    case Act::none: return nullptr;
    case Act::relu: return nn::ReLU();
    case Act::relu6: return nn::ReLU6();
    case Act::leaky_relu: return nn::LeakyReLU();
    case Act::sigmoid: return nn::Sigmoid();
    case Act::tanh: return nn::Tanh();
    case Act::gelu: return nn::GELU();
    case Act::silu: return nn::SiLU();
    case Act::mish: return nn::Mish();
  }
  return nullptr;
}

LinBnDropModule::LinBnDropModule(int64_t n_in, int64_t n_out, LinBnDropOptions o) {
  auto linear = [&] {
    append(nn::Linear(n_in, n_out, !o.bn));
    if (o.act != Act::none) append(activation(o.act));
  };
  if (o.lin_first) linear();
  if (o.bn) append(BatchNorm1d(o.lin_first ? n_out : n_in));
  if (o.p != 0) append(nn::Dropout(o.p));
  if (!o.lin_first) linear();
}

bool is_norm(const nn::Module& module) {
  return dynamic_cast<const nn::BatchNorm1dModule*>(&module) ||
         dynamic_cast<const nn::LayerNormModule*>(&module) ||
         dynamic_cast<const nn::GroupNormModule*>(&module);
}

Tensor kaiming_normal(const Tensor& weight) { return nn::init::kaiming_normal_(weight); }

void init_default(nn::Module& module, const Init& init) {
  if (Tensor weight = module.own_parameter("weight"); weight.defined()) init(weight);
  if (Tensor bias = module.own_parameter("bias"); bias.defined()) nn::init::constant_(bias, 0);
}

void apply_init(nn::Module& module, const Init& init) {
  module.apply([&](nn::Module& m) {
    if (is_norm(m)) return;
    const Tensor weight = m.own_parameter("weight");
    if (weight.defined() && weight.dims() > 1 && weight.requires_grad()) init_default(m, init);
  });
}

LinBnDrop::LinBnDrop(int64_t n_in, int64_t n_out, LinBnDropOptions options)
    : Handle(std::make_shared<LinBnDropModule>(n_in, n_out, options)) {}

}  // namespace fastcore
