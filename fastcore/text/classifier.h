// SPDX-License-Identifier: MIT
// Which class is this text? An encoder that reads it in windows, and a head on what it remembers.
#pragma once
#include "fastcore/text/awd_lstm.h"
#include "minitorch/nn/containers.h"

namespace fastcore {

/// Reads a batch of texts in windows of `bptt` words, forgetting everything before the first, and keeps the
/// states of the last `max_len` words, in whole windows: (batch, words) -> (batch, kept words, emb_sz). A
/// window of nothing but padding counts as not read: its states are 0, and so is what is remembered after it,
/// so that no state depends on the longer texts beside it. How many are kept of a text may: its padding
/// behind counts as words. Of one of up to `max_len - bptt` words all are kept, whatever stands beside it.
class SentenceEncoderModule : public minitorch::nn::Module, public RnnOutputs {
 public:
  /// @throws ValueError unless max_len holds at least one window
  SentenceEncoderModule(AwdLstm encoder, int64_t bptt = 72, int64_t max_len = 1440);
  minitorch::Tensor forward(const minitorch::Tensor& words) override;
  const AwdLstm& encoder() const { return encoder_; }
  int64_t bptt() const { return bptt_; }
  int64_t max_len() const { return max_len_; }
  /// (batch, kept words), true where the latest pass saw xxpad.
  minitorch::Tensor padding;

 private:
  int64_t first_kept(const minitorch::Tensor& real) const;
  AwdLstm encoder_;
  int64_t bptt_, max_len_;
};
using SentenceEncoder = minitorch::nn::Handle<SentenceEncoderModule>;

/// The state at the last word, the largest and the mean of all states, padding left out, side by side:
/// states (n, steps, d), padding (n, steps) -> (n, 3 d). @throws ShapeError
minitorch::Tensor concat_pool(const minitorch::Tensor& states, const minitorch::Tensor& padding);

/// Encoder, concat_pool, then batch norm, dropout, linear to 50, ReLU, batch norm, dropout, linear to n_out.
class TextClassifierModule : public minitorch::nn::Module {
 public:
  TextClassifierModule(SentenceEncoder encoder, int64_t emb_sz, int64_t n_out, double output_p);
  minitorch::Tensor forward(const minitorch::Tensor& words) override;
  const SentenceEncoder& encoder() const { return encoder_; }
  const minitorch::nn::Sequential& head() const { return head_; }
  int64_t n_out() const { return n_out_; }
  double output_p() const { return output_p_; }

 private:
  int64_t n_out_;
  double output_p_;
  SentenceEncoder encoder_;
  minitorch::nn::Sequential head_;
};
using TextClassifier = minitorch::nn::Handle<TextClassifierModule>;

}  // namespace fastcore
