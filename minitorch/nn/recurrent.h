// SPDX-License-Identifier: MIT
// Recurrent layers with PyTorch's names and options.
#pragma once
#include "minitorch/nn/module.h"

namespace minitorch::nn {

struct RecurrentOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;    ///< x and output (N, T, ...) instead of (T, N, ...)
  double dropout = 0;          ///< on the output of each layer but the last
  bool bidirectional = false;  ///< a second net reads backwards; its output is joined to the first's
};

/// Output of every step and the states after the last: h and c (layers * directions, N, H); c is the LSTM's
/// alone.
struct RecurrentResult {
  Tensor output, h, c;
};

/// What RNN, LSTM and GRU share: weights weight_ih_l0 (blocks H, in), weight_hh_l0 (blocks H, H), bias_ih_l0
/// and bias_hh_l0, one set for each layer and direction ("_reverse"), all starting as U(+-1 / sqrt(H)).
class RecurrentModule : public Module, public Drops {
 public:
  RecurrentModule(int64_t blocks, int64_t input_size, int64_t hidden_size, RecurrentOptions options);
  /// Runs over a sequence from states h and c, (layers * directions, N, H), or from zeros. @throws ShapeError
  RecurrentResult run(const Tensor& x, const Tensor& h = {}, const Tensor& c = {});
  /// The output of every step.
  Tensor forward(const Tensor& x) override { return run(x).output; }
  std::string details() const override;

 protected:
  struct Weights {
    Tensor ih, hh, bias_ih, bias_hh;
  };
  /// One layer in one direction, time first.
  virtual RecurrentResult layer(const Tensor& x, const Tensor& h, const Tensor& c, const Weights& w) = 0;

 private:
  int64_t input_size_, hidden_size_;
  RecurrentOptions options_;
  std::vector<Weights> weights_;
};

class LSTMModule : public RecurrentModule {
 public:
  LSTMModule(int64_t input_size, int64_t hidden_size, RecurrentOptions options = {})
      : RecurrentModule(4, input_size, hidden_size, options) {}

 private:
  RecurrentResult layer(const Tensor& x, const Tensor& h, const Tensor& c, const Weights& w) override;
};
struct LSTM : Handle<LSTMModule> {
  LSTM(int64_t input_size, int64_t hidden_size, RecurrentOptions options = {});
};

class GRUModule : public RecurrentModule {
 public:
  GRUModule(int64_t input_size, int64_t hidden_size, RecurrentOptions options = {})
      : RecurrentModule(3, input_size, hidden_size, options) {}

 private:
  RecurrentResult layer(const Tensor& x, const Tensor& h, const Tensor& c, const Weights& w) override;
};
struct GRU : Handle<GRUModule> {
  GRU(int64_t input_size, int64_t hidden_size, RecurrentOptions options = {});
};

class RNNModule : public RecurrentModule {
 public:
  RNNModule(int64_t input_size, int64_t hidden_size, RecurrentOptions options = {})
      : RecurrentModule(1, input_size, hidden_size, options) {}

 private:
  RecurrentResult layer(const Tensor& x, const Tensor& h, const Tensor& c, const Weights& w) override;
};
struct RNN : Handle<RNNModule> {
  RNN(int64_t input_size, int64_t hidden_size, RecurrentOptions options = {});
};

/// One step of an LSTM: cell(x (N, in), h, c (N, H)) gives the next h and c. Names weight_ih, weight_hh,
/// bias_ih, bias_hh.
class LSTMCellModule : public Module {
 public:
  LSTMCellModule(int64_t input_size, int64_t hidden_size, bool bias = true);
  std::pair<Tensor, Tensor> step(const Tensor& x, const Tensor& h, const Tensor& c) const;
  std::string details() const override;
  Tensor weight_ih, weight_hh, bias_ih, bias_hh;
};
using LSTMCell = Handle<LSTMCellModule>;

/// One step of a GRU.
class GRUCellModule : public Module {
 public:
  GRUCellModule(int64_t input_size, int64_t hidden_size, bool bias = true);
  Tensor step(const Tensor& x, const Tensor& h) const;
  std::string details() const override;
  Tensor weight_ih, weight_hh, bias_ih, bias_hh;
};
using GRUCell = Handle<GRUCellModule>;

/// One step of a plain recurrent net.
class RNNCellModule : public Module {
 public:
  RNNCellModule(int64_t input_size, int64_t hidden_size, bool bias = true);
  Tensor step(const Tensor& x, const Tensor& h) const;
  std::string details() const override;
  Tensor weight_ih, weight_hh, bias_ih, bias_hh;
};
using RNNCell = Handle<RNNCellModule>;

}  // namespace minitorch::nn
