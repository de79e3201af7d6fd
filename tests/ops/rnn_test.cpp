// SPDX-License-Identifier: MIT
#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// w x + b for row j.
double affine(const Array& w, const Array& b, int64_t j, const std::vector<double>& x) {
  double sum = b(j);
  for (std::size_t k = 0; k < x.size(); ++k) sum += w(j, k) * x[k];
  return sum;
}

// in: x (T, N, I), h0, c0 (N, H), w_ih, w_hh, b_ih, b_hh. Gives every h, and the last c when `cell`.
Array lstm_reference(const Arrays& in, bool cell) {
  const int64_t steps = in[0].size(0), n = in[0].size(1), inputs = in[0].size(2), h = in[1].size(1);
  Array y({steps, n, h}), c = in[2], state = in[1];
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t r = 0; r < n; ++r) {
      std::vector<double> x, before;
      for (int64_t k = 0; k < inputs; ++k) x.push_back(in[0](t, r, k));
      for (int64_t k = 0; k < h; ++k) before.push_back(state(r, k));
      auto sum = [&](int64_t j) { return affine(in[3], in[5], j, x) + affine(in[4], in[6], j, before); };
      for (int64_t k = 0; k < h; ++k) {
        c(r, k) = logistic(sum(h + k)) * c(r, k) + logistic(sum(k)) * std::tanh(sum(2 * h + k));
        y(t, r, k) = state(r, k) = logistic(sum(3 * h + k)) * std::tanh(c(r, k));
      }
    }
  return cell ? c : y;
}

Array gru_reference(const Arrays& in) {  // x, h0, w_ih, w_hh, b_ih, b_hh
  const int64_t steps = in[0].size(0), n = in[0].size(1), inputs = in[0].size(2), h = in[1].size(1);
  Array y({steps, n, h}), state = in[1];
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t r = 0; r < n; ++r) {
      std::vector<double> x, before;
      for (int64_t k = 0; k < inputs; ++k) x.push_back(in[0](t, r, k));
      for (int64_t k = 0; k < h; ++k) before.push_back(state(r, k));
      auto i = [&](int64_t j) { return affine(in[2], in[4], j, x); };
      auto s = [&](int64_t j) { return affine(in[3], in[5], j, before); };
      for (int64_t k = 0; k < h; ++k) {
        const double reset = logistic(i(k) + s(k)), keep = logistic(i(h + k) + s(h + k)),
                     candidate = std::tanh(i(2 * h + k) + reset * s(2 * h + k));
        y(t, r, k) = state(r, k) = (1 - keep) * candidate + keep * before[static_cast<std::size_t>(k)];
      }
    }
  return y;
}

Array rnn_reference(const Arrays& in) {
  const int64_t steps = in[0].size(0), n = in[0].size(1), inputs = in[0].size(2), h = in[1].size(1);
  Array y({steps, n, h}), state = in[1];
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t r = 0; r < n; ++r) {
      std::vector<double> x, before;
      for (int64_t k = 0; k < inputs; ++k) x.push_back(in[0](t, r, k));
      for (int64_t k = 0; k < h; ++k) before.push_back(state(r, k));
      for (int64_t k = 0; k < h; ++k)
        y(t, r, k) = state(r, k) = std::tanh(affine(in[2], in[4], k, x) + affine(in[3], in[5], k, before));
    }
  return y;
}

Tensors inputs(int64_t blocks, bool cell) {
  Tensors in = {normal_input({4, 3, 2}), normal_input({3, 5})};
  if (cell) in.push_back(normal_input({3, 5}));
  for (const Shape& s : {Shape{blocks * 5, 2}, Shape{blocks * 5, 5}, Shape{blocks * 5}, Shape{blocks * 5}})
    in.push_back(normal_input(s, 0, 0.5));
  return in;
}

}  // namespace

TEST_CASE("op table: lstm, gru and rnn") {
  check_op(
      {.name = "lstm",
       .op = [](const Tensors& in) { return lstm(in[0], in[1], in[2], in[3], in[4], in[5], in[6]).output; },
       .inputs = inputs(4, true),
       .reference = [](const Arrays& in) { return lstm_reference(in, false); }});
  check_op({.name = "lstm's last cell",
            .op = [](const Tensors& in) { return lstm(in[0], in[1], in[2], in[3], in[4], in[5], in[6]).c; },
            .inputs = inputs(4, true),
            .reference = [](const Arrays& in) { return lstm_reference(in, true); }});
  check_op({.name = "gru",
            .op = [](const Tensors& in) { return gru(in[0], in[1], in[2], in[3], in[4], in[5]).output; },
            .inputs = inputs(3, false),
            .reference = gru_reference});
  check_op({.name = "rnn",
            .op = [](const Tensors& in) { return rnn(in[0], in[1], in[2], in[3], in[4], in[5]).output; },
            .inputs = inputs(1, false),
            .reference = rnn_reference});
}

TEST_CASE("op table: an LSTM layer gives PyTorch's numbers") {
  for (Device device : test_devices()) {
    nn::LSTM layer(2, 2);
    for (auto& [name, p] : layer->named_parameters()) {
      NoGrad no_grad;
      p.copy_((arange(static_cast<double>(p.numel())).to(kFloat32) * 0.05 - 0.2).reshape(p.shape()));
    }
    layer->to(device);
    const auto r = layer->run(tensor({1., -1., .5, 2.}).reshape({2, 1, 2}).to(device));
    CHECK_VALUES(r.output, ({2, 1, 2}), 1e-6, -.010453, .011608, .122764, .244349);
    CHECK_VALUES(r.c, ({1, 1, 2}), 1e-6, .157475, .299901);
    CHECK_VALUES(r.h, ({1, 1, 2}), 1e-6, .122764, .244349);
  }
}

TEST_CASE("op table: an LSTM in half precision, or within autocast, computes its steps in float32") {
  for (Device device : test_devices()) {
    manual_seed(2);
    const nn::LSTM net(5, 4, {.num_layers = 2});
    const Tensor x = randn({6, 3, 5});
    net->to(device);
    const Tensor expected = net(x.to(device)).detach().cpu();
    {
      const Autocast autocast(kFloat16);
      const Tensor y = net(x.to(device));
      CHECK(difference(expected, y.detach().to(kFloat32).cpu(), 2e-3) == "");
    }
    net->to(kFloat16);
    const Tensor half = x.to(device).to(kFloat16).requires_grad_();
    const Tensor y = net(half);
    CHECK(y.dtype() == kFloat16);
    CHECK(difference(expected, y.detach().to(kFloat32).cpu(), 2e-3) == "");
    y.to(kFloat32).sum().backward();
    CHECK(half.grad().dtype() == kFloat16);
    for (const Tensor& p : net->parameters()) CHECK(p.grad().dtype() == kFloat16);
  }
}

TEST_CASE("recurrent layers have PyTorch's shapes and names") {
  nn::LSTM layer(3, 4, {.num_layers = 2, .batch_first = true, .bidirectional = true});
  const auto r = layer->run(randn({5, 7, 3}));
  CHECK(r.output.shape() == Shape{5, 7, 8});
  CHECK(r.h.shape() == Shape{4, 5, 4});
  CHECK(layer->state_dict()[4].first == "weight_ih_l0_reverse");
  CHECK(layer->state_dict()[8].first == "weight_ih_l1");
  CHECK(layer->state_dict()[8].second.shape() == Shape{16, 8});
  CHECK_THROWS_WITH(layer->run(randn({5, 3})), "[LSTM] x of shape (5, 3): expected (N, T, in)");
  CHECK_THROWS_WITH(nn::LSTM(3, 4)->run(zeros({2, 1, 3}), zeros({1, 1, 4}), zeros({1, 1, 5})),
                    "[LSTM] a state of shape (1, 1, 5): expected (1, 1, 4)");
  const nn::GRUCell cell(3, 4);
  CHECK(cell->step(randn({2, 3}), zeros({2, 4})).shape() == Shape{2, 4});
}

TEST_CASE("op table: attention") {
  auto reference = [](const Arrays& in, bool causal) {
    const int64_t b = in[0].size(0), l = in[0].size(1), e = in[0].size(2), s = in[1].size(1),
                  d = in[2].size(2);
    Array y({b, l, d});
    for (int64_t n = 0; n < b; ++n)
      for (int64_t i = 0; i < l; ++i) {
        std::vector<double> w(static_cast<std::size_t>(s));
        double total = 0;
        for (int64_t j = 0; j < s; ++j) {
          double dot = 0;
          for (int64_t k = 0; k < e; ++k) dot += in[0](n, i, k) * in[1](n, j, k);
          w[j] = causal && j > i ? 0 : std::exp(dot / std::sqrt(static_cast<double>(e)));
          total += w[j];
        }
        for (int64_t k = 0; k < d; ++k)
          for (int64_t j = 0; j < s; ++j) y(n, i, k) += w[j] / total * in[2](n, j, k);
      }
    return y;
  };
  for (bool causal : {false, true})
    check_op({.name = "attention",
              .op =
                  [=](const Tensors& in) {
                    return scaled_dot_product_attention(in[0], in[1], in[2], {.is_causal = causal});
                  },
              .inputs = {normal_input({2, 5, 4}), normal_input({2, 7, 4}), normal_input({2, 7, 3})},
              .reference = [=](const Arrays& in) { return reference(in, causal); }});
  CHECK_THROWS_WITH(scaled_dot_product_attention(ones({2, 3}), ones({2, 4}), ones({2, 4})),
                    Catch::Contains("expected (..., L, E), (..., S, E) and (..., S, D)"));
  nn::MultiheadAttention heads(8, 2);
  CHECK(heads(randn({3, 5, 8})).shape() == Shape{3, 5, 8});
  CHECK(heads->state_dict()[0].first == "in_proj_weight");
}

}  // namespace minitorch::testing
