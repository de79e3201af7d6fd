// SPDX-License-Identifier: MIT
#include "minitorch/nn/recurrent.h"

#include "minitorch/core/digits.h"
#include "minitorch/nn/init.h"
#include "minitorch/ops/arrange/arrange.h"
#include "minitorch/ops/dropout/dropout.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/rnn/rnn.h"
#include "minitorch/tensor/factories.h"

namespace minitorch::nn {
namespace {

void check_sizes(const char* op, int64_t input, int64_t hidden) {
  if (input < 1 || hidden < 1)
    throw ValueError(format("[%s] sizes %lld and %lld: expected 1 or more", op, static_cast<long long>(input),
                            static_cast<long long>(hidden)));
}

Tensor one_step(const Tensor& x) { return unsqueeze(x, 0); }

}  // namespace

RecurrentModule::RecurrentModule(int64_t blocks, int64_t input, int64_t hidden, RecurrentOptions options)
    : input_size_(input), hidden_size_(hidden), options_(options) {
  check_sizes("RNN", input, hidden);
  if (options.num_layers < 1)
    throw ValueError(
        format("[RNN] %lld layers: expected 1 or more", static_cast<long long>(options.num_layers)));
  const int64_t directions = options.bidirectional ? 2 : 1;
  for (int64_t l = 0; l < options.num_layers; ++l)
    for (int64_t d = 0; d < directions; ++d) {
      const std::string suffix = "_l" + std::to_string(l) + (d ? "_reverse" : "");
      const int64_t in = l == 0 ? input : hidden * directions;
      Weights w;
      w.ih = add_parameter("weight_ih" + suffix, init::layer_start({blocks * hidden, in}, hidden));
      w.hh = add_parameter("weight_hh" + suffix, init::layer_start({blocks * hidden, hidden}, hidden));
      if (options.bias) {
        w.bias_ih = add_parameter("bias_ih" + suffix, init::layer_start({blocks * hidden}, hidden));
        w.bias_hh = add_parameter("bias_hh" + suffix, init::layer_start({blocks * hidden}, hidden));
      }
      weights_.push_back(w);
    }
}

RecurrentResult RecurrentModule::run(const Tensor& input, const Tensor& h, const Tensor& c) {
  if (input.dims() != 3)
    throw ShapeError(format("[%s] x of shape %s: expected %s", type_name().c_str(),
                            to_string(input.shape()).c_str(),
                            options_.batch_first ? "(N, T, in)" : "(T, N, in)"));
  Tensor x = options_.batch_first ? transpose(input, 0, 1) : input;
  const auto sets = static_cast<int64_t>(weights_.size()), directions = sets / options_.num_layers;
  const Tensor zero = zeros({sets, x.size(1), hidden_size_}, x.options());
  const Tensor h0 = h.defined() ? h : zero, c0 = c.defined() ? c : zero;
  for (auto& state : {h0, c0})
    if (!(state.shape() == zero.shape()))
      throw ShapeError(format("[%s] a state of shape %s: expected %s", type_name().c_str(),
                              to_string(state.shape()).c_str(), to_string(zero.shape()).c_str()));
  std::vector<Tensor> hs, cs;
  for (int64_t l = 0; l < options_.num_layers; ++l) {
    std::vector<Tensor> outputs;
    for (int64_t d = 0; d < directions; ++d) {
      const int64_t k = l * directions + d;
      const RecurrentResult r = layer(d ? flip(x, {0}) : x, select(h0, 0, k), select(c0, 0, k),
                                      weights_[static_cast<std::size_t>(k)]);
      outputs.push_back(d ? flip(r.output, {0}) : r.output);
      hs.push_back(r.h);
      if (r.c.defined()) cs.push_back(r.c);
    }
    x = directions == 2 ? cat(outputs, -1) : outputs[0];
    if (options_.dropout > 0 && l + 1 < options_.num_layers) x = dropout(x, options_.dropout, is_training());
  }
  return {options_.batch_first ? transpose(x, 0, 1) : x, stack(hs, 0), cs.empty() ? Tensor() : stack(cs, 0)};
}

std::string RecurrentModule::details() const {
  std::string text =
      format("%lld, %lld", static_cast<long long>(input_size_), static_cast<long long>(hidden_size_));
  if (options_.num_layers != 1) text += ", num_layers=" + std::to_string(options_.num_layers);
  if (!options_.bias) text += ", bias=False";
  if (options_.batch_first) text += ", batch_first=True";
  if (options_.dropout != 0) text += ", dropout=" + python_float(options_.dropout);
  if (options_.bidirectional) text += ", bidirectional=True";
  return text;
}

RecurrentResult LSTMModule::layer(const Tensor& x, const Tensor& h, const Tensor& c, const Weights& w) {
  const LstmResult r = lstm(x, h, c, w.ih, w.hh, w.bias_ih, w.bias_hh);
  return {r.output, r.h, r.c};
}
RecurrentResult GRUModule::layer(const Tensor& x, const Tensor& h, const Tensor&, const Weights& w) {
  const RnnResult r = gru(x, h, w.ih, w.hh, w.bias_ih, w.bias_hh);
  return {r.output, r.h, {}};
}
RecurrentResult RNNModule::layer(const Tensor& x, const Tensor& h, const Tensor&, const Weights& w) {
  const RnnResult r = rnn(x, h, w.ih, w.hh, w.bias_ih, w.bias_hh);
  return {r.output, r.h, {}};
}

#define MT_CELL_CONSTRUCTOR(Cell, blocks)                                                         \
  Cell::Cell(int64_t input, int64_t hidden, bool bias) {                                          \
    check_sizes(#Cell, input, hidden);                                                            \
    weight_ih = add_parameter("weight_ih", init::layer_start({blocks * hidden, input}, hidden));  \
    weight_hh = add_parameter("weight_hh", init::layer_start({blocks * hidden, hidden}, hidden)); \
    if (!bias) return;                                                                            \
    bias_ih = add_parameter("bias_ih", init::layer_start({blocks * hidden}, hidden));             \
    bias_hh = add_parameter("bias_hh", init::layer_start({blocks * hidden}, hidden));             \
  }
MT_CELL_CONSTRUCTOR(LSTMCellModule, 4)
MT_CELL_CONSTRUCTOR(GRUCellModule, 3)
MT_CELL_CONSTRUCTOR(RNNCellModule, 1)
#undef MT_CELL_CONSTRUCTOR

namespace {
// (blocks H, in) and (blocks H, H) say both sizes.
std::string cell_details(const Tensor& ih, const Tensor& hh, const Tensor& bias) {
  return format("%lld, %lld%s", static_cast<long long>(ih.size(1)), static_cast<long long>(hh.size(1)),
                bias.defined() ? "" : ", bias=False");
}
}  // namespace
std::string LSTMCellModule::details() const { return cell_details(weight_ih, weight_hh, bias_ih); }
std::string GRUCellModule::details() const { return cell_details(weight_ih, weight_hh, bias_ih); }
std::string RNNCellModule::details() const { return cell_details(weight_ih, weight_hh, bias_ih); }

std::pair<Tensor, Tensor> LSTMCellModule::step(const Tensor& x, const Tensor& h, const Tensor& c) const {
  const LstmResult r = lstm(one_step(x), h, c, weight_ih, weight_hh, bias_ih, bias_hh);
  return {r.h, r.c};
}
Tensor GRUCellModule::step(const Tensor& x, const Tensor& h) const {
  return gru(one_step(x), h, weight_ih, weight_hh, bias_ih, bias_hh).h;
}
Tensor RNNCellModule::step(const Tensor& x, const Tensor& h) const {
  return rnn(one_step(x), h, weight_ih, weight_hh, bias_ih, bias_hh).h;
}

LSTM::LSTM(int64_t input_size, int64_t hidden_size, RecurrentOptions options)
    : Handle(std::make_shared<LSTMModule>(input_size, hidden_size, options)) {}
GRU::GRU(int64_t input_size, int64_t hidden_size, RecurrentOptions options)
    : Handle(std::make_shared<GRUModule>(input_size, hidden_size, options)) {}
RNN::RNN(int64_t input_size, int64_t hidden_size, RecurrentOptions options)
    : Handle(std::make_shared<RNNModule>(input_size, hidden_size, options)) {}

}  // namespace minitorch::nn
