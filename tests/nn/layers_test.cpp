// SPDX-License-Identifier: MIT
// Layers against PyTorch 2.15: the same seed gives the same weights, results and gradients.
//
// Every layer is made after manual_seed(42), its input drawn after manual_seed(7), and backward starts from
// sum(y^3). The expected numbers were printed by PyTorch from the same few lines.
#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace minitorch;

namespace {

struct Expected {
  Shape input;
  std::vector<double> y, dx;  // six and three elements, evenly spread from the first to the last
  double dx_norm, gradient_norm;
};

void check_spread(const Tensor& got, const std::vector<double>& expected) {
  const auto values = got.to_vector<double>();
  const std::size_t count = expected.size();
  for (std::size_t i = 0; i < count; ++i) {
    INFO("element " << i * (values.size() - 1) / (count - 1));
    CHECK(values[i * (values.size() - 1) / (count - 1)] == Approx(expected[i]).epsilon(2e-5).margin(2e-6));
  }
}

template <class Layer, class Call>
void check(const Layer& layer, Call call, const Expected& expected) {
  INFO(layer->type_name());
  manual_seed(7);
  const Tensor x = randn(expected.input).requires_grad_(), y = call(x);
  (y * y * y).sum().backward();
  check_spread(y, expected.y);
  check_spread(x.grad(), expected.dx);
  CHECK(x.grad().norm().item() == Approx(expected.dx_norm).epsilon(2e-5));
  double squares = 0;
  for (auto& p : layer->parameters()) squares += p.grad().square().sum().item();
  CHECK(std::sqrt(squares) == Approx(expected.gradient_norm).epsilon(2e-5));
}

template <class Make>
void check_layer(Make make, const Expected& expected) {
  manual_seed(42);
  auto layer = make();
  check(
      layer, [&](const Tensor& x) { return layer(x); }, expected);
}

}  // namespace

TEST_CASE("layers compute what PyTorch's compute, weights and gradients included") {
  check_layer([] { return nn::LSTM(3, 4, {.num_layers = 2, .bidirectional = true}); },
              {{5, 2, 3},
               {0.182859, -0.130038, -0.127189, -0.0957784, -0.0347268, -0.0104349},
               {-0.0202757, -0.000688473, -0.000511476},
               0.08661892,
               1.68312});
  check_layer([] { return nn::LSTM(3, 4, {.batch_first = true}); },
              {{2, 5, 3},
               {-0.0854665, -0.130283, -0.0738, -0.048122, -0.222549, -0.148164},
               {0.00116378, -0.00572357, 0.00429052},
               0.2242469,
               1.400177});
  check_layer([] { return nn::GRU(3, 4, {.num_layers = 2}); },
              {{5, 2, 3},
               {-0.369182, 0.19367, 0.29677, 0.39387, 0.429387, 0.40004},
               {0.124212, 0.0273365, 0.0124042},
               0.6589976,
               9.137081});
  check_layer([] { return nn::GRU(3, 4, {.bidirectional = true}); },
              {{5, 2, 3},
               {0.251166, 0.464321, 0.299568, 0.22703, 0.35062, 0.294163},
               {-0.126084, -0.207618, -0.117732},
               1.307258,
               9.949088});
  check_layer([] { return nn::RNN(3, 4, {.num_layers = 2}); },
              {{5, 2, 3},
               {-0.0809989, -0.386248, 0.253597, -0.018869, -0.245236, 0.286748},
               {-0.0317515, 0.0164328, -0.00250338},
               0.5622411,
               10.82407});
  check_layer([] { return nn::MultiheadAttention(8, 2); },
              {{2, 5, 8},
               {-0.139242, 0.223098, 0.280545, -0.272866, -0.117987, -0.239122},
               {-0.0708573, -0.110516, 0.100583},
               1.628299,
               12.80954});
  check_layer(
      [] {
        return nn::ConvTranspose2d(4, 6, 3, {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2});
      },
      {{2, 4, 5, 4},
       {-0.166294, 0.180399, 0.281502, 0.0179107, -0.0527407, -0.248254},
       {0.0690853, -0.331309, -0.0974066},
       3.021259,
       81.0078});
  check_layer([] { return nn::Conv2d(4, 6, 3, {.stride = 2, .padding = 2, .dilation = 2, .groups = 2}); },
              {{2, 4, 7, 6},
               {0.0478658, -0.441104, 0.167847, -0.129522, -0.0913203, 0.0721555},
               {1.14483, 0, 0},
               10.5398,
               94.04635});
  check_layer([] { return nn::BatchNorm2d(3); },
              {{4, 3, 5, 5},
               {-1.02798, -1.90865, 0.696572, 0.267301, 1.58984, 0.0523689},
               {0.814612, -2.87498, -2.80363},
               78.64387,
               542.766});
  check_layer([] { return nn::BatchNorm1d(3); }, {{4, 3},
                                                  {1.10751, 1.32544, 1.34, 0.766363, 0.0878891, 0.0796775},
                                                  {2.52983, 3.93215, -4.47061},
                                                  14.3553,
                                                  21.23227});
  check_layer(
      [] {
        return nn::LayerNorm(Shape{3, 5});
      },
      {{4, 3, 5},
       {-0.920712, -0.455834, -0.548214, 2.13623, -0.0563181, -0.0294954},
       {-0.639386, -1.05486, -4.14131},
       26.20271,
       77.2817});
  check_layer([] { return nn::GroupNorm(2, 4); },
              {{2, 4, 3, 3},
               {-0.817986, 0.435722, -1.75121, 1.88529, 1.46175, -0.984797},
               {-1.33903, 7.61338, -1.39683},
               31.36774,
               125.4227});
}

TEST_CASE("cells of recurrent nets compute what PyTorch's compute") {
  {
    manual_seed(42);
    const nn::LSTMCell cell(3, 4);
    check(cell,
          [&](const Tensor& x) {
            return cell->step(x, full({2, 4}, 0.5), full({2, 4}, -0.25)).first;
          },
          {{2, 3},
           {-0.255487, -0.113166, -0.0375058, -0.199711, -0.0420423, -0.255284},
           {-0.0150802, -0.00216467, -0.0186377},
           0.06429499,
           0.2137098});
  }
  {
    manual_seed(42);
    const nn::GRUCell cell(3, 4);
    check(cell,
          [&](const Tensor& x) {
            return cell->step(x, full({2, 4}, 0.5));
          },
          {{2, 3},
           {0.265136, 0.213302, -0.0477638, 0.468704, 0.563499, -0.460385},
           {-0.0498238, -0.0238814, -0.0112999},
           0.2418704,
           1.315861});
  }
  {
    manual_seed(42);
    const nn::RNNCell cell(3, 4);
    check(cell,
          [&](const Tensor& x) {
            return cell->step(x, full({2, 4}, 0.5));
          },
          {{2, 3},
           {0.714464, -0.283937, 0.712829, 0.80671, -0.770387, 0.388954},
           {0.177495, 0.272432, 0.292819},
           0.9363055,
           5.054815});
  }
}
