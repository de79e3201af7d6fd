// SPDX-License-Identifier: MIT
// The reference numbers were computed with fastai 2.7: p = (1, -2), lr .1, seven gradients.
#include "minitorch/optim/optimizer.h"

#include <cmath>
#include <memory>

#include "minitorch/minitorch.h"
#include "minitorch/simt/control.h"
#include "tests/tensor_match.h"

using namespace minitorch;

namespace {

const double kGradients[7][2] = {{.1, -.2}, {.3, .1}, {-.2, .05}, {.05, .4}, {.15, -.1}, {.02, .3}, {.1, .1}};

// Runs the optimiser that `make` builds and compares the weights after each step with `expected`.
template <class Make>
void check_steps(const char* name, Make make, std::vector<std::pair<double, double>> expected) {
  for (Device device : available_devices()) {
    Tensor p = tensor({1.0, -2.0}).to(device).requires_grad_();
    auto opt = make(std::vector<Tensor>{p});
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO(name << " on " << to_string(device) << " after step " << i + 1);
      p.set_grad(tensor({kGradients[i][0], kGradients[i][1]}).to(device));
      opt.step();
      opt.zero_grad();
      const auto got = p.to_vector<double>();
      CHECK(got[0] == Approx(expected[i].first).margin(1.5e-6));
      CHECK(got[1] == Approx(expected[i].second).margin(1.5e-6));
    }
  }
}

using P = std::vector<Tensor>;

}  // namespace

TEST_CASE("each optimiser's steps are fastai's") {
  check_steps("SGD", [](P p) { return optim::SGD(p, {.lr = .1}); },
              {{.99, -1.98}, {.96, -1.99}, {.98, -1.995}});
  check_steps("SGD mom", [](P p) { return optim::SGD(p, {.lr = .1, .mom = .9}); },
              {{.99, -1.98}, {.951, -1.972}, {.9359, -1.9698}});
  check_steps("SGD mom wd", [](P p) { return optim::SGD(p, {.lr = .1, .mom = .9, .wd = .1}); },
              {{.98, -1.96}, {.9312, -1.9324}, {.906788, -1.910876}});
  check_steps("SGD mom L2",
              [](P p) { return optim::SGD(p, {.lr = .1, .mom = .9, .wd = .1, .decouple_wd = false}); },
              {{.98, -1.96}, {.9222, -1.9144}, {.880958, -1.859216}});
  check_steps("RMSProp", [](P p) { return optim::RMSProp(p, {.lr = .1}); },
              {{.000001, -1.0}, {-.949157, -1.449013}, {-.412524, -1.669118}});
  check_steps("RMSProp mom", [](P p) { return optim::RMSProp(p, {.lr = .1, .mom = .9}); },
              {{.000001, -1.0}, {-1.233904, -.64079}, {-1.639062, -.543944}});
  check_steps("Adam", [](P p) { return optim::Adam(p, {.lr = .1}); },
              {{.89901, -1.898005}, {.806503, -1.869439}, {.779932, -1.861411}});
  check_steps("Adam wd 0", [](P p) { return optim::Adam(p, {.lr = .1, .wd = 0}); },
              {{.90001, -1.900005}, {.808402, -1.873337}, {.782637, -1.867178}});
  check_steps("Adam L2", [](P p) { return optim::Adam(p, {.lr = .1, .wd = .01, .decouple_wd = false}); },
              {{.900009, -1.900005}, {.807605, -1.862789}, {.778153, -1.842728}});
  check_steps("Lamb", [](P p) { return optim::Lamb(p, {.lr = .1}); },
              {{.84189, -1.841882}, {.647445, -1.785277}, {.462743, -1.741128}});
  check_steps("Larc", [](P p) { return optim::Larc(p, {.lr = .1}); },
              {{.998, -1.996}, {.992496, -1.994871}, {.989232, -1.994395}});
  check_steps("QHAdam", [](P p) { return optim::QHAdam(p, {.lr = .1}); },
              {{.9, -1.9}, {.797146, -1.89687}, {.80335, -1.899435}});
  check_steps("RAdam", [](P p) { return optim::RAdam(p, {.lr = .1}); },
              {{.99, -1.98},
               {.969474, -1.97579},
               {.963902, -1.974978},
               {.958496, -1.986033},
               {.950748, -1.991947},
               {.947525, -1.99589},
               {.94279, -2.001127}});
  check_steps("RAdam beta", [](P p) { return optim::RAdam(p, {.lr = .1, .beta = 5}); },  // its softplus
              {{.99, -1.98},
               {.969474, -1.97579},
               {.963902, -1.974978},
               {.958496, -1.986033},
               {.950748, -1.991947},
               {.948508, -1.995124},
               {.945301, -1.999236}});
  check_steps("ranger", [](P p) { return optim::ranger(p, {.lr = .1}); },
              {{.989, -1.978},
               {.967755, -1.971407},
               {.960643, -1.968191},
               {.953847, -1.976096},
               {.945032, -1.9796},
               {.970375, -1.990613},
               {.9646, -1.993492}});
}

TEST_CASE("Larc's rates follow weight decay in parameters that it does not reach, too, as fastai's") {
  const Tensor p = tensor({3., 4.}).requires_grad_();
  optim::Larc opt(std::vector<Tensor>{p}, {.lr = .1, .mom = 0, .wd = .5});
  opt.state(p).do_wd = false;
  p.set_grad(tensor({.6, .8}));
  opt.step();
  const auto now = p.detach().to_vector<double>();
  CHECK(now[0] == Approx(3 - .6 * .01 / 3.5));
  CHECK(now[1] == Approx(4 - .8 * .01 / 3.5));
}

TEST_CASE("adamw has the defaults of PyTorch's AdamW, whatever else is given") {
  const auto after = [](optim::Adam opt) {
    CHECK(opt.hyper("sqr_mom") == 0.999);
    CHECK(opt.hyper("eps") == 1e-8);
    CHECK(opt.hyper("mom") == 0.9);
    CHECK(opt.hyper("wd") == 0.01);
    return opt;
  };
  const Tensor p = tensor({1., -2.}).requires_grad_(), other = ones({1}).requires_grad_();
  CHECK(after(optim::adamw(std::vector<Tensor>{other})).hyper("lr") == 1e-3);
  optim::Adam opt = after(optim::adamw(std::vector<Tensor>{p}, {.lr = 0.1}));
  for (int i = 0; i < 5; ++i) {
    p.set_grad(tensor({0.1 * (i + 1), -0.2 + 0.1 * i}));
    opt.step();
  }
  CHECK_VALUES(p.detach(), ({2}), 1e-4, 0.5109, -1.7103);  // torch.optim.AdamW([p], .1)
}

TEST_CASE("groups have rates of their own, and freezing stops the early ones") {
  Tensor early = ones({3}).requires_grad_(), late = ones({2}).requires_grad_(),
         norm = ones({1}).requires_grad_();
  optim::SGD opt(std::vector<std::vector<Tensor>>{{early, norm}, {late}}, {.lr = 1});
  opt.set_hyper("lr", {.1, .5});
  auto loss = [&] { return (early.sum() + late.sum()) + norm.sum(); };
  loss().backward();
  opt.step();
  opt.zero_grad();
  CHECK_VALUES(early, ({3}), 1e-7, .9, .9, .9);
  CHECK_VALUES(late, ({2}), 1e-7, .5, .5);
  opt.state(norm).force_train = true;
  opt.freeze();
  CHECK(!early.requires_grad());
  CHECK(norm.requires_grad());
  CHECK(late.requires_grad());
  loss().backward();
  opt.step();
  CHECK_VALUES(early, ({3}), 1e-7, .9, .9, .9);
  CHECK_VALUES(norm, ({1}), 1e-7, .8);
  opt.unfreeze();
  CHECK(early.requires_grad());
  CHECK_THROWS_WITH(opt.set_hyper("lr", {1, 2, 3}),
                    "[set_hyper] 3 values for lr: expected 1, or 2 for the groups");
  CHECK_THROWS_WITH(opt.set_hyper("rate", 1), "[set_hyper] 'rate': expected lr, mom, sqr_mom, eps or wd");
  CHECK_THROWS_AS(optim::SGD(std::vector<Tensor>{early}, {.lr = NAN}), ValueError);
}

TEST_CASE("a weight frozen after training still decays, as in fastai") {
  Tensor p = ones({1}).requires_grad_(), q = ones({1}).requires_grad_();
  optim::Adam opt(std::vector<std::vector<Tensor>>{{p}, {q}}, {.lr = .1, .wd = .5});
  (p + q).sum().backward();
  opt.step();
  opt.zero_grad();
  const double before = p.item();
  opt.freeze();
  (p + q).sum().backward();
  opt.step();
  CHECK(p.item() == Approx(before * (1 - .1 * .5)));
}

TEST_CASE("an optimiser's state can be saved and taken up again") {
  Tensor p = tensor({1., -2.}).requires_grad_(), q = p.detach().clone().requires_grad_();
  optim::Adam one(std::vector<Tensor>{p}, {.lr = .1}), two(std::vector<Tensor>{q}, {.lr = .1});
  auto run = [&](Tensor& w, optim::Optimizer& opt, int i) {
    w.set_grad(tensor({kGradients[i][0], kGradients[i][1]}));
    opt.step();
    opt.zero_grad();
  };
  for (int i = 0; i < 3; ++i) run(p, one, i);
  {
    NoGrad no_grad;
    q.copy_(p);
  }
  two.load_state_dict(one.state_dict());
  for (int i = 3; i < 6; ++i) run(p, one, i), run(q, two, i);
  CHECK(p.to_vector<float>() == q.to_vector<float>());
  CHECK_THROWS_WITH(two.load_state_dict({{"0.m", ones({3})}}),
                    Catch::Contains("'0.m' of shape (3) fits no parameter here"));
  CHECK_THROWS_WITH(two.load_state_dict({{"0.m", zeros(q.shape(), {kInt64, Device::cpu()})}}),
                    Catch::Contains("'0.m' of type int64: expected a float type"));
  two.load_state_dict({{"0.m", zeros(q.shape(), {kBFloat16, Device::cpu()})}});
  run(q, two, 5);
}

TEST_CASE("the host never waits for the device in a training step") {
  const Device sim = Device::sim();
  struct Net : nn::Module {
    nn::Conv2d conv = add("conv", nn::Conv2d(1, 4, 3, {.stride = 2}));
    nn::BatchNorm2d norm = add("norm", nn::BatchNorm2d(4));
    nn::Linear out = add("out", nn::Linear(4 * 3 * 3, 5));
    Tensor forward(const Tensor& x) override {
      return out(dropout(relu(norm(conv(x))).flatten(1), 0.1, is_training()));
    }
  };
  auto net = nn::make<Net>();
  net->to(sim);
  const Tensor x = randn({6, 1, 8, 8}).to(sim), y = tensor({0, 1, 2, 3, 4, 0}).to(sim);
  const Tensor weights = ones({5}).to(sim);
  std::vector<std::unique_ptr<optim::Optimizer>> all;
  const auto p = net->parameters();
  all.push_back(std::make_unique<optim::SGD>(p, optim::SgdOptions{.lr = .1, .mom = .9}));
  all.push_back(std::make_unique<optim::Adam>(p, optim::AdamOptions{.lr = .01, .wd = .1}));
  all.push_back(std::make_unique<optim::Lamb>(p, optim::LambOptions{.lr = .01}));
  all.push_back(std::make_unique<optim::Larc>(p, optim::LarcOptions{.lr = .01}));
  Tensor loss;
  simt::set_lazy(true);  // a hidden wait would be needed to see a result at all
  for (auto& opt : all) {
    const uint64_t before = simt::synchronisations();
    loss = cross_entropy(net(x), y, {.weight = weights, .label_smoothing = .1});
    loss.backward();
    opt->step();
    opt->zero_grad();
    CHECK(simt::synchronisations() == before);
  }
  simt::set_lazy(false);
  CHECK(std::isfinite(loss.item()));
}

TEST_CASE("averages follow a model that moves to another device") {
  const Tensor p = tensor({1., -2.}).requires_grad_(), q = p.detach().clone().requires_grad_();
  optim::Adam moved(std::vector<Tensor>{p}, {.lr = .1}), stayed(std::vector<Tensor>{q}, {.lr = .1});
  moved.look_ahead(2);
  stayed.look_ahead(2);
  struct Holder : nn::Module {
    explicit Holder(const Tensor& p) { add_parameter("p", p); }
  };
  const auto holder = nn::make<Holder>(p);
  for (int i = 0; i < 4; ++i) {
    if (i == 1) holder->to(Device::sim());
    p.set_grad(tensor({kGradients[i][0], kGradients[i][1]}).to(p.device()));
    q.set_grad(tensor({kGradients[i][0], kGradients[i][1]}));
    moved.step();
    stayed.step();
  }
  CHECK(p.device() == Device::sim());
  CHECK(moved.state(p).m.device() == Device::sim());
  CHECK_TENSOR(p.cpu(), q, 1e-6);
}

TEST_CASE("hyper-parameters out of range and weights listed twice are refused") {
  const Tensor p = ones({2}).requires_grad_(), q = ones({2}).requires_grad_();
  optim::SGD opt(std::vector<std::vector<Tensor>>{{p}, {q}}, {.lr = .1});
  CHECK_THROWS_WITH(opt.set_hyper("lr", NAN), "[optimizer] lr = nan: expected 0 to 1e+09");
  CHECK_THROWS_WITH(opt.set_hyper("mom", {.9, 2}), "[optimizer] mom = 2: expected 0 to 1");
  CHECK(opt.hyper("lr") == .1);
  CHECK(opt.hyper("mom") == 0);
  const char* twice = "[optimizer] the parameter of shape (2) is listed twice: each step would move it twice";
  CHECK_THROWS_WITH(optim::SGD(std::vector<Tensor>{p, q, p}), twice);
  CHECK_THROWS_WITH(optim::SGD(std::vector<std::vector<Tensor>>{{p}, {p}}), twice);
}

TEST_CASE("an optimiser's state holds its hyper-parameters, exactly") {
  const Tensor p = ones({2}).requires_grad_(), q = ones({2}).requires_grad_();
  const std::vector<std::vector<Tensor>> groups{{p}, {q}};
  optim::Adam one(groups, {.lr = .1}), two(groups);
  one.set_hyper("lr", {.001, .3});
  one.set_hyper("wd", .07);
  two.load_state_dict(one.state_dict());
  CHECK(two.hyper("lr", 0) == .001);
  CHECK(two.hyper("lr", 1) == .3);
  CHECK(two.hyper("wd", 0) == .07);
  optim::Adam other(std::vector<Tensor>{p, q});
  CHECK_THROWS_WITH(other.load_state_dict(one.state_dict()),
                    "[load_state_dict] hyper-parameters of shape (2, 5) for 1 groups");
}
