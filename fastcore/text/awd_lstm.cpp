// SPDX-License-Identifier: MIT
#include "fastcore/text/awd_lstm.h"

#include "fastcore/learn/learner.h"
#include "fastcore/text/tokenizer.h"
#include "minitorch/core/random.h"
#include "minitorch/nn/containers.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

AwdLstmConfig AwdLstmConfig::dropped(double mult) const {
  AwdLstmConfig other = *this;
  for (double* p : {&other.output_p, &other.hidden_p, &other.input_p, &other.embed_p, &other.weight_p})
    *p *= mult;
  return other;
}

// --- one layer ---

WeightDropLstmModule::WeightDropLstmModule(int64_t input_size, int64_t hidden_size, double weight_p)
    : input_size_(input_size), hidden_size_(hidden_size), weight_p_(weight_p) {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
  const auto start = [&](const Shape& shape) { return empty(shape).uniform_(-bound, bound); };
  weight_hh_ = add_parameter("weight_hh_l0_raw", start({4 * hidden_size, hidden_size}));
  weight_ih_ = add_parameter("module.weight_ih_l0", start({4 * hidden_size, input_size}));
  bias_ih_ = add_parameter("module.bias_ih_l0", start({4 * hidden_size}));
  bias_hh_ = add_parameter("module.bias_hh_l0", start({4 * hidden_size}));
}

void WeightDropLstmModule::reset() { h_ = c_ = Tensor(); }

Tensor WeightDropLstmModule::forward(const Tensor& x) {  // (T, N, in)
  const int64_t n = x.size(1);
  if (!h_.defined() || h_.size(0) != n || h_.device() != x.device())
    h_ = c_ = zeros({n, hidden_size_}, x.options());
  const Tensor hh = dropout(weight_hh_, weight_p_, is_training());
  const LstmResult result = lstm(x, h_, c_, weight_ih_, hh, bias_ih_, bias_hh_);
  h_ = result.h.detach();
  c_ = result.c.detach();
  return result.output;  // (T, N, H)
}

std::string WeightDropLstmModule::details() const {
  return std::to_string(input_size_) + ", " + std::to_string(hidden_size_);
}

// --- the encoder ---

AwdLstmModule::AwdLstmModule(int64_t vocab_sz, AwdLstmConfig config) : config_(config) {
  Tensor weight = empty({vocab_sz, config.emb_sz}).uniform_(-0.1, 0.1);
  weight_ = add_parameter("encoder.weight", weight);
  for (int64_t i = 0; i < config.n_layers; ++i) {
    const int64_t in = i == 0 ? config.emb_sz : config.n_hid;
    const int64_t out = i + 1 == config.n_layers ? config.emb_sz : config.n_hid;
    layers_.push_back(add("rnns." + std::to_string(i), WeightDropLstm(in, out, config.weight_p)));
  }
}

void AwdLstmModule::reset() {
  for (const WeightDropLstm& layer : layers_) layer->reset();
}
std::vector<Tensor*> AwdLstmModule::memory() {
  std::vector<Tensor*> all;
  for (const WeightDropLstm& layer : layers_)
    for (Tensor* tensor : layer->memory()) all.push_back(tensor);
  return all;
}

// One mask for all steps of a sequence: (1, N, features).
static Tensor drop_steps(const Tensor& x, double p, bool training) {
  if (!training || p == 0) return x;
  return x * dropout_mask({1, x.size(1), x.size(2)}, p, x.options());
}

Tensor AwdLstmModule::forward(const Tensor& words) {  // (N, T)
  if (words.dims() != 2)
    throw ShapeError("[AWD_LSTM] words " + to_string(words.shape()) + ": expected (batch, steps)");
  const Tensor index = words.t().contiguous();                              // (T, N)
  Tensor x = minitorch::embedding(weight_, index, special::kPaddingIndex);  // (T, N, emb)
  if (is_training() && config_.embed_p > 0) {  // a dropped word is dropped wherever it stands
    const Tensor kept = dropout_mask({weight_.size(0), 1}, config_.embed_p, weight_.options());
    x = x * minitorch::embedding(kept, index);
  }
  x = drop_steps(x, config_.input_p, is_training());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Tensor out = layers_[i](x);
    const bool last = i + 1 == layers_.size();
    x = drop_steps(out, last ? config_.output_p : config_.hidden_p, is_training());
    if (last) raw = out.transpose(0, 1);
  }
  dropped = x.transpose(0, 1);
  return dropped;  // (N, T, emb)
}

// --- the language model ---

LinearDecoderModule::LinearDecoderModule(int64_t n_out, int64_t n_hid, const Tensor& tied) {
  const double bound = 0.1;
  weight_ =
      add_parameter("decoder.weight", tied.defined() ? tied : empty({n_out, n_hid}).uniform_(-bound, bound));
  bias_ = add_parameter("decoder.bias", zeros({n_out}));
}

Tensor LinearDecoderModule::forward(const Tensor& states) {
  return linear(states.contiguous(), weight_, bias_);  // (N, T, vocabulary)
}

nn::ModulePtr language_model(int64_t vocab_sz, const AwdLstmConfig& config) {
  const AwdLstm encoder(vocab_sz, config);
  const Tensor tied = config.tie_weights ? encoder->embedding() : Tensor();
  return nn::Sequential{encoder, LinearDecoder(vocab_sz, config.emb_sz, tied)};
}

void RnnRegularizer::after_loss(Learner& learn) {
  if (!learn.training) return;
  for (auto& [name, module] : learn.model->named_modules()) {
    auto* rnn = dynamic_cast<RnnOutputs*>(module);
    if (!rnn || !rnn->raw.defined()) continue;
    if (alpha_ != 0) learn.loss_grad = learn.loss_grad + square(rnn->dropped).mean() * alpha_;
    const int64_t steps = rnn->raw.size(1);
    if (beta_ == 0 || steps < 2) return;
    const Tensor change = rnn->raw.slice(1, 1, steps) - rnn->raw.slice(1, 0, steps - 1);
    learn.loss_grad = learn.loss_grad + square(change).mean() * beta_;
    return;  // a SentenceEncoder's outputs are all that the AwdLstm in it has given
  }
}

}  // namespace fastcore
