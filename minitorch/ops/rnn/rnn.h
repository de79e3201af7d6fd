// SPDX-License-Identifier: MIT
// Recurrent layers over whole sequences, time first: x (T, N, in). The products with the inputs of all steps
// are one matrix product; only the products with the hidden state go step by step.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

struct LstmResult {
  Tensor output;  ///< (T, N, H): h of every step
  Tensor h, c;    ///< (N, H): after the last step
};
/// i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of the four blocks of w_ih x + b_ih + w_hh h + b_hh;
/// c = f c + i g; h = o tanh(c). w_ih (4H, in), w_hh (4H, H), biases (4H) or undefined, h0 and c0 (N, H).
/// Gradients for all. @throws ShapeError
LstmResult lstm(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& w_ih, const Tensor& w_hh,
                const Tensor& b_ih = {}, const Tensor& b_hh = {});

struct RnnResult {
  Tensor output;  ///< (T, N, H)
  Tensor h;       ///< (N, H)
};
/// r, z = sigmoid of the first two blocks; n = tanh(w_in x + b_in + r (w_hn h + b_hn)); h = (1 - z) n + z h.
/// w_ih (3H, in), w_hh (3H, H). Gradients for all. @throws ShapeError
RnnResult gru(const Tensor& x, const Tensor& h0, const Tensor& w_ih, const Tensor& w_hh,
              const Tensor& b_ih = {}, const Tensor& b_hh = {});
/// h = tanh(w_ih x + b_ih + w_hh h + b_hh), or relu. w_ih (H, in), w_hh (H, H). @throws ShapeError
RnnResult rnn(const Tensor& x, const Tensor& h0, const Tensor& w_ih, const Tensor& w_hh,
              const Tensor& b_ih = {}, const Tensor& b_hh = {}, bool relu = false);

}  // namespace minitorch
