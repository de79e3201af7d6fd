// SPDX-License-Identifier: MIT
// Lesson 10: seven models of language, each the one before with one idea more.
#pragma once
#include "fastcore/text/text.h"
#include "minitorch/minitorch.h"
#include "minitorch/nn/attention.h"
#include "minitorch/nn/recurrent.h"

using namespace minitorch;
using namespace fastcore;

//! [model1]
// Three words in, the fourth out. The same layer, h_h, is used after each word.
struct LMModel1 : nn::Module {
  LMModel1(int64_t vocab_sz, int64_t n_hidden)
      : n_hidden(n_hidden),
        i_h(add("i_h", nn::Embedding(vocab_sz, n_hidden))),
        h_h(add("h_h", nn::Linear(n_hidden, n_hidden))),
        h_o(add("h_o", nn::Linear(n_hidden, vocab_sz))) {}
  Tensor forward(const Tensor& x) override {  // (n, 3)
    Tensor h = relu(h_h(i_h(x(all, 0))));
    h = h + i_h(x(all, 1));
    h = relu(h_h(h));
    h = h + i_h(x(all, 2));
    h = relu(h_h(h));
    return h_o(h);  // (n, vocab_sz)
  }
  int64_t n_hidden;
  nn::Embedding i_h;
  nn::Linear h_h, h_o;
};
//! [model1]

//! [model2]
// The same as a loop: a recurrent net.
struct LMModel2 : LMModel1 {
  using LMModel1::LMModel1;
  Tensor forward(const Tensor& x) override {
    Tensor h = zeros({x.size(0), n_hidden}, h_o->weight.options());
    for (int64_t i = 0; i < 3; ++i) {
      h = h + i_h(x(all, i));
      h = relu(h_h(h));
    }
    return h_o(h);
  }
};
//! [model2]

//! [model3]
// The state stays from batch to batch. detach() keeps the gradient from going back through all of them.
struct LMModel3 : LMModel1, Resettable {
  using LMModel1::LMModel1;
  Tensor forward(const Tensor& x) override {
    if (!h.defined()) h = zeros({x.size(0), n_hidden}, h_o->weight.options());
    for (int64_t i = 0; i < 3; ++i) {
      h = h + i_h(x(all, i));
      h = relu(h_h(h));
    }
    const Tensor out = h_o(h);
    h = h.detach();
    return out;
  }
  void reset() override { h = Tensor(); }
  Tensor h;
};
//! [model3]

//! [model4]
// A guess after every word, not only after the third.
struct LMModel4 : LMModel3 {
  using LMModel3::LMModel3;
  Tensor forward(const Tensor& x) override {  // (n, sl)
    if (!h.defined()) h = zeros({x.size(0), n_hidden}, h_o->weight.options());
    std::vector<Tensor> outs;
    for (int64_t i = 0; i < x.size(1); ++i) {
      h = h + i_h(x(all, i));
      h = relu(h_h(h));
      outs.push_back(h_o(h));
    }
    h = h.detach();
    return stack(outs, 1);  // (n, sl, vocab_sz)
  }
};
//! [model4]

//! [model5]
// Layers of the library's, one above the other: the states of each are the words of the next.
template <class Layers>
struct RecurrentModel : nn::Module, Resettable {
  RecurrentModel(int64_t vocab_sz, int64_t n_hidden, int64_t n_layers)
      : i_h(add("i_h", nn::Embedding(vocab_sz, n_hidden))),
        rnn(add("rnn", Layers(n_hidden, n_hidden, {.num_layers = n_layers, .batch_first = true}))),
        h_o(add("h_o", nn::Linear(n_hidden, vocab_sz))) {}
  Tensor forward(const Tensor& x) override {
    const auto res = rnn->run(i_h(x), h, c);  // from zeros where h and c are not defined yet
    h = res.h.detach();
    if (res.c.defined()) c = res.c.detach();
    return h_o(res.output);
  }
  void reset() override { h = c = Tensor(); }
  nn::Embedding i_h;
  Layers rnn;
  nn::Linear h_o;
  Tensor h, c;
};
using LMModel5 = RecurrentModel<nn::RNN>;
using LMModel6 = RecurrentModel<nn::LSTM>;
//! [model5]

//! [cell]
// One step of an LSTM, written out: c is what it keeps, h what it says. x, h, c (n, n_hidden)
inline std::pair<Tensor, Tensor> lstm_cell(const nn::LSTMCell& cell, const Tensor& x, const Tensor& h,
                                           const Tensor& c) {
  const auto gates =
      chunk(linear(x, cell->weight_ih, cell->bias_ih) + linear(h, cell->weight_hh, cell->bias_hh), 4, 1);
  const Tensor input = sigmoid(gates[0]), forget = sigmoid(gates[1]);
  const Tensor fresh = tanh(gates[2]), output = sigmoid(gates[3]);
  const Tensor kept = forget * c + input * fresh;
  return {output * tanh(kept), kept};
}
//! [cell]

//! [model7]
// Dropout on what the LSTM says, one table of weights for words in and words out, and RnnOutputs, by which
// RnnRegularizer sees the states.
struct LMModel7 : nn::Module, Resettable, RnnOutputs {
  LMModel7(int64_t vocab_sz, int64_t n_hidden, int64_t n_layers, double p)
      : i_h(add("i_h", nn::Embedding(vocab_sz, n_hidden))),
        rnn(add("rnn", nn::LSTM(n_hidden, n_hidden, {.num_layers = n_layers, .batch_first = true}))),
        drop(add("drop", nn::Dropout(p))),
        h_o(add("h_o", LinearDecoder(vocab_sz, n_hidden, i_h->weight))) {}
  Tensor forward(const Tensor& x) override {
    const auto res = rnn->run(i_h(x), h, c);
    h = res.h.detach(), c = res.c.detach();
    raw = res.output;
    dropped = drop(raw);
    return h_o(dropped);
  }
  void reset() override { h = c = Tensor(); }
  nn::Embedding i_h;
  nn::LSTM rnn;
  nn::Dropout drop;
  LinearDecoder h_o;
  Tensor h, c;
};
//! [model7]
