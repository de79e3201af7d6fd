// SPDX-License-Identifier: MIT
// AWD-LSTM: three LSTM layers with dropout everywhere it can be put, the text model of the course.
#pragma once
#include "fastcore/learn/callback.h"
#include "minitorch/nn/attention.h"
#include "minitorch/nn/layers.h"

namespace fastcore {

/// Sizes and dropouts. The defaults are those of a language model; AwdLstmConfig::classifier() has more
/// dropout.
struct AwdLstmConfig {
  int64_t emb_sz = 400, n_hid = 1152, n_layers = 3;
  double output_p = 0.1;  ///< on the last layer's output
  double hidden_p = 0.15, input_p = 0.25, embed_p = 0.02, weight_p = 0.2;
  bool tie_weights = true;  ///< the decoder shares the embedding's weights

  static AwdLstmConfig classifier() {
    return {.output_p = 0.4, .hidden_p = 0.3, .input_p = 0.4, .embed_p = 0.05, .weight_p = 0.5};
  }
  /// All dropouts times `mult`.
  AwdLstmConfig dropped(double mult) const;
};

/// An LSTM layer whose recurrent weights lose a random share in each pass.
class WeightDropLstmModule : public minitorch::nn::Module, public minitorch::nn::Drops {
 public:
  WeightDropLstmModule(int64_t input_size, int64_t hidden_size, double weight_p);
  /// x (steps, batch, input) with the state of the pass before; keeps the state for the next.
  minitorch::Tensor forward(const minitorch::Tensor& x) override;
  void reset();
  std::vector<minitorch::Tensor*> memory() { return {&h_, &c_}; }
  std::string details() const override;

 private:
  int64_t input_size_, hidden_size_;
  double weight_p_;
  minitorch::Tensor weight_ih_, weight_hh_, bias_ih_, bias_hh_;
  minitorch::Tensor h_, c_;  // (batch, hidden), outside the graph
};
using WeightDropLstm = minitorch::nn::Handle<WeightDropLstmModule>;

/// A recurrent net, or a part of a model, that RnnRegularizer looks at.
struct RnnOutputs {
  virtual ~RnnOutputs() = default;
  /// What the last layer gave in the latest pass, without and with dropout: (batch, steps, features).
  minitorch::Tensor raw, dropped;
};

/// Words (batch, steps) int64 -> states (batch, steps, emb_sz). Keeps its state from batch to batch.
class AwdLstmModule : public minitorch::nn::Module,
                      public minitorch::nn::Drops,
                      public Resettable,
                      public RnnOutputs {
 public:
  AwdLstmModule(int64_t vocab_sz, AwdLstmConfig config);
  minitorch::Tensor forward(const minitorch::Tensor& words) override;
  void reset() override;
  std::vector<minitorch::Tensor*> memory() override;
  const minitorch::Tensor& embedding() const { return weight_; }
  const std::vector<WeightDropLstm>& layers() const { return layers_; }
  const AwdLstmConfig& config() const { return config_; }

 private:
  AwdLstmConfig config_;
  minitorch::Tensor weight_;
  std::vector<WeightDropLstm> layers_;
};
using AwdLstm = minitorch::nn::Handle<AwdLstmModule>;

/// States -> a score for each word.
class LinearDecoderModule : public minitorch::nn::Module {
 public:
  /// @param tied the embedding's weights to share; undefined for weights of its own
  LinearDecoderModule(int64_t n_out, int64_t n_hid, const minitorch::Tensor& tied);
  minitorch::Tensor forward(const minitorch::Tensor& states) override;

 private:
  minitorch::Tensor weight_, bias_;
};
using LinearDecoder = minitorch::nn::Handle<LinearDecoderModule>;

/// Encoder and decoder: (batch, steps) -> (batch, steps, vocabulary).
minitorch::nn::ModulePtr language_model(int64_t vocab_sz, const AwdLstmConfig& config);

/// alpha times the mean square of the dropped output, beta times that of the change from step to step of the
/// output before dropout, are added to the loss of training. The outputs are those of the model's outermost
/// RnnOutputs.
class RnnRegularizer : public Callback {
 public:
  explicit RnnRegularizer(double alpha = 2, double beta = 1) : alpha_(alpha), beta_(beta) {}
  void after_loss(Learner& learn) override;

 private:
  double alpha_, beta_;
};

}  // namespace fastcore
