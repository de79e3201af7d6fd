// SPDX-License-Identifier: MIT
// How weights start: after the same seed, PyTorch 2.15 prints the same numbers.
#include "minitorch/minitorch.h"
#include "minitorch/simt/control.h"
#include "tests/tensor_match.h"

using namespace minitorch;

namespace {

// The first elements of a parameter.
void starts_with(const Tensor& parameter, const Shape& shape, const std::vector<double>& expected) {
  CHECK(parameter.shape() == shape);
  const auto values = parameter.to_vector<double>();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("element " << i);
    CHECK(values[i] == Approx(expected[i]).epsilon(1e-6));
  }
}

template <class Fill>
void fills(Fill fill, const std::vector<double>& expected) {
  manual_seed(42);
  starts_with(fill(empty({6, 2, 3, 3})), {6, 2, 3, 3}, expected);
}

}  // namespace

TEST_CASE("linear and convolutional layers start as PyTorch's") {
  manual_seed(42);
  const nn::Linear linear(3, 2);  // U(+-1 / sqrt(in))
  starts_with(linear->weight, {2, 3}, {0.441406518, 0.479205281, -0.135257274, 0.53036046});
  starts_with(linear->bias, {2}, {-0.281085879, 0.339067787});
  manual_seed(42);
  const nn::Conv2d conv(4, 6, 3, {.groups = 2});  // U(+-1 / sqrt(in / groups kh kw))
  starts_with(conv->weight, {6, 2, 3, 3}, {0.180203453, 0.195634738, -0.055218555, 0.21651876});
  starts_with(conv->bias, {6}, {-0.20628947, -0.150080606, 0.235610068, 0.0445182547});
  manual_seed(42);
  const nn::ConvTranspose2d up(4, 6, 3, {.groups = 2});  // weights (in, out / groups, kh, kw)
  starts_with(up->weight, {4, 3, 3, 3}, {0.147135511, 0.159735098, -0.0450857617, 0.176786825});
  starts_with(up->bias, {6}, {-0.16843465, -0.122540295, 0.192374825, 0.0363490023});
}

TEST_CASE("embeddings and norms start as PyTorch's") {
  manual_seed(42);
  starts_with(nn::Embedding(5, 3, 0)->weight, {5, 3}, {0, 0, 0, 0.23033303});
  manual_seed(42);
  starts_with(nn::Embedding(10, 2, 2)->weight, {10, 2},
              {1.92691529, 1.48728406, 0.900717199, -2.10552096, 0, 0});
  starts_with(nn::BatchNorm2d(2)->weight, {2}, {1, 1});
  starts_with(nn::BatchNorm2d(2)->bias, {2}, {0, 0});
  starts_with(nn::BatchNorm2d(2)->running_var, {2}, {1, 1});
  starts_with(nn::LayerNorm(3)->weight, {3}, {1, 1, 1});
  starts_with(nn::GroupNorm(1, 2)->bias, {2}, {0, 0});
}

TEST_CASE("recurrent nets and attention start as PyTorch's") {
  manual_seed(42);
  const nn::LSTM lstm(2, 3);  // U(+-1 / sqrt(hidden))
  const auto l = lstm->named_parameters();
  CHECK(l[0].first == "weight_ih_l0");
  starts_with(l[0].second, {12, 2}, {0.441406518, 0.479205281, -0.135257274, 0.53036046});
  starts_with(l[1].second, {12, 3}, {-0.455743074, -0.266164452, -0.163029134, -0.347144812});
  starts_with(l[2].second, {12}, {0.0363521241, -0.394064754, 0.178027108, -0.198829204});
  starts_with(l[3].second, {12}, {0.555555701, -0.476473451, -0.57265991, -0.451697916});
  manual_seed(42);
  const nn::GRU gru(2, 3, {.num_layers = 2});
  const auto g = gru->named_parameters();
  CHECK(g[7].first == "bias_hh_l1");
  starts_with(g[3].second, {9}, {0.166294962, 0.239146292, 0.182593465, -0.0100435698});
  starts_with(g[4].second, {9, 3}, {-0.198829204, 0.176909521, -0.12028601, 0.47884959});
  starts_with(g[7].second, {9}, {-0.197625518, -0.455691516, 0.484090805, -0.114583261});
  manual_seed(42);
  const nn::MultiheadAttention attention(4, 2);
  starts_with(attention->in_proj_weight, {12, 4}, {-0.282142431, -0.0718146637, -0.248720169, 0.406230122});
  starts_with(attention->in_proj_bias, {12}, {0, 0, 0, 0});
  starts_with(attention->out_proj->weight, {4, 4}, {0.382269263, 0.415003955, -0.11713624, 0.459305644});
  starts_with(attention->out_proj->bias, {4}, {0, 0, 0, 0});
}

TEST_CASE("initialisers draw PyTorch's numbers") {
  using namespace nn::init;
  fills([](const Tensor& w) { return kaiming_normal_(w); },
        {0.642305136, 0.495761365, 0.300239086, -0.701840341});
  fills([](const Tensor& w) { return kaiming_uniform_(w); },
        {0.441406518, 0.479205281, -0.135257274, 0.53036046});
  fills([](const Tensor& w) { return kaiming_normal_(w, Fan::out); },
        {0.370835036, 0.286227942, 0.173343107, -0.405207694});
  fills([](const Tensor& w) { return kaiming_uniform_(w, Fan::in, Gain::leaky_relu, 0.1); },
        {0.439215928, 0.476827085, -0.134586021, 0.527728438});
  fills([](const Tensor& w) { return xavier_uniform_(w); },
        {0.220703259, 0.23960264, -0.067628637, 0.26518023});
  fills([](const Tensor& w) { return xavier_normal_(w); },
        {0.321152568, 0.247880682, 0.150119543, -0.350920171});
  // fastai's: (x mod 2), the sign kept
  fills([](const Tensor& w) { return trunc_normal_(w); }, {1.92691529, 1.48728406, 0.900717199, -0.10552096});
  const double gains[] = {gain_of(Gain::linear), gain_of(Gain::sigmoid), gain_of(Gain::tanh),
                          gain_of(Gain::relu), gain_of(Gain::leaky_relu)};
  const double expected[] = {1, 1, 1.6666666666666667, 1.4142135623730951, 1.4141428569978354};
  for (int i = 0; i < 5; ++i) CHECK(gains[i] == Approx(expected[i]).epsilon(1e-12));
}

TEST_CASE("gradients are clipped by their common length, or one by one") {
  const Tensor a = zeros({2}).requires_grad_(), b = zeros({1}).requires_grad_(),
               c = zeros({5}).requires_grad_();
  const auto set = [&] {
    a.set_grad(tensor({3., 4.}));
    b.set_grad(tensor({12.}));
  };
  set();
  CHECK(nn::clip_grad_norm_({a, b, c}, 1).item() == Approx(13));
  CHECK_VALUES(a.grad(), ({2}), 1e-6, .230769, .307692);
  CHECK_VALUES(b.grad(), ({1}), 1e-6, .923077);
  CHECK(!c.grad().defined());
  set();
  CHECK(nn::clip_grad_norm_({a, b}, 20).item() == Approx(13));
  CHECK_VALUES(a.grad(), ({2}), 0, 3, 4);  // short enough: left alone
  const Tensor on_sim = ones({4}).to(Device::sim()).requires_grad_();
  on_sim.set_grad(ones({4}).to(Device::sim()));
  const uint64_t waits = simt::synchronisations();
  const Tensor length = nn::clip_grad_norm_({on_sim}, 1);
  CHECK(simt::synchronisations() == waits);
  CHECK(length.item() == 2);
  CHECK_VALUES(on_sim.grad(), ({4}), 1e-6, .5, .5, .5, .5);
  nn::clip_grad_value_({a, b}, 3.5);
  CHECK_VALUES(a.grad(), ({2}), 0, 3, 3.5);
  CHECK_VALUES(b.grad(), ({1}), 0, 3.5);
  CHECK_THROWS_WITH(nn::clip_grad_norm_({a}, 0), "[clip_grad_norm_] a limit of 0: expected a number above 0");
}
