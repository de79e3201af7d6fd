// SPDX-License-Identifier: MIT
// Autocast, loss scaling and graphed training steps, on the CPU, the simulator and GPUs.
#include <cmath>

#include "minitorch/minitorch.h"
#include "minitorch/optim/graphed_step.h"
#include "minitorch/simt/control.h"
#include "tests/tensor_match.h"

using namespace minitorch;

namespace {

const Device kSim = Device::sim();
using P = std::vector<Tensor>;

struct Net : nn::Module {
  nn::Linear hidden = add("hidden", nn::Linear(12, 20));
  nn::Linear out = add("out", nn::Linear(20, 3));
  Tensor forward(const Tensor& x) override { return out(relu(hidden(x))); }
};

struct Data {
  Tensor x = randn({16, 12}), y = randint(0, 3, {16});
};

nn::Handle<Net> net_on(Device device) {
  manual_seed(3);
  auto net = nn::make<Net>();
  net->to(device);
  return net;
}

}  // namespace

TEST_CASE("autocast multiplies in its type, keeps losses and weights in float32, and ends with its scope") {
  for (Device device : available_devices())
    for (Dtype dtype : {kFloat16, kBFloat16}) {
      INFO(to_string(device) << " " << name(dtype));
      auto net = net_on(device);
      const Data data;
      const Tensor x = data.x.to(device), y = data.y.to(device);
      const Tensor exact = cross_entropy(net(x), y);
      {
        const Autocast autocast(dtype);
        const Tensor scores = net(x);
        CHECK(scores.dtype() == dtype);
        const Tensor loss = cross_entropy(scores, y);
        CHECK(loss.dtype() == kFloat32);
        CHECK(softmax(scores, 1).dtype() == kFloat32);
        CHECK(mse_loss(scores, zeros({16, 3}, {kFloat32, device})).dtype() == kFloat32);
        CHECK(loss.item() == Approx(exact.item()).epsilon(dtype == kFloat16 ? 2e-3 : 2e-2));
        loss.backward();
        for (auto& p : net->parameters()) {
          CHECK(p.dtype() == kFloat32);
          CHECK(p.grad().dtype() == kFloat32);
        }
        {
          const Autocast off(dtype, false);
          CHECK(net(x).dtype() == kFloat32);
        }
        CHECK(net(x).dtype() == dtype);
      }
      CHECK(net(x).dtype() == kFloat32);
    }
  CHECK_THROWS_WITH(Autocast(kInt64), "[autocast] int64: expected float16 or bfloat16");
}

TEST_CASE("the scaler halves its scale when a gradient overflows, leaves the step out, and grows again") {
  for (Device device : available_devices()) {
    INFO(to_string(device));
    const Tensor w = tensor({1.0, 2.0}).to(device).requires_grad_();
    optim::SGD opt(P{w}, {.lr = 0.5});
    optim::GradScaler scaler({.init_scale = 1024, .growth_interval = 3});
    auto step = [&](double slope) {
      scaler.scale(sum(w * slope)).backward();
      scaler.step(opt);
      scaler.update();
      opt.zero_grad();
    };
    step(1);
    CHECK(w.to_vector<float>() == std::vector<float>{0.5, 1.5});
    CHECK(scaler.get_scale() == 1024);
    step(1e36);  // times 1024: infinite
    CHECK(w.to_vector<float>() == std::vector<float>{0.5, 1.5});
    CHECK(scaler.get_scale() == 512);
    step(NAN);
    CHECK(w.to_vector<float>() == std::vector<float>{0.5, 1.5});
    CHECK(scaler.get_scale() == 256);
    for (int i = 0; i < 3; ++i) step(1);
    CHECK(w.to_vector<float>() == std::vector<float>{-1, 0});
    CHECK(scaler.get_scale() == 512);
    const auto saved = scaler.state();
    optim::GradScaler other;
    other.set_state(saved);
    CHECK(other.get_scale() == 512);
    CHECK(other.state() == saved);
    other.scale(sum(w));  // which brings it to the device
    CHECK(other.state() == saved);
  }
  CHECK_THROWS_WITH(optim::GradScaler({.backoff_factor = 1.5}),
                    Catch::StartsWith("[GradScaler] init_scale = 65536"));
}

TEST_CASE("unscaled gradients are the true ones, and an ordinary loss passes through a scaler that is off") {
  const Tensor w = tensor({1.0, 2.0}).requires_grad_();
  optim::SGD opt(P{w}, {.lr = 1});
  optim::GradScaler scaler;
  scaler.scale(sum(w * w)).backward();
  CHECK(w.grad().to_vector<float>()[0] == 2 * 65536);
  scaler.unscale(opt);
  CHECK(w.grad().to_vector<float>() == std::vector<float>{2, 4});
  scaler.step(opt);  // does not divide again
  CHECK(w.to_vector<float>() == std::vector<float>{-1, -2});
  scaler.update();
  opt.zero_grad();
  scaler.scale(sum(w * HUGE_VAL)).backward();
  scaler.unscale(opt);
  opt.zero_grad();
  scaler.take_back_unscale(opt);  // what overflowed is forgotten, too
  scaler.scale(sum(w)).backward();
  scaler.unscale(opt);
  scaler.take_back_unscale(opt);
  scaler.scale(sum(w)).backward();  // adds to it
  scaler.step(opt);
  CHECK(scaler.skipped_steps() == 0);
  CHECK(w.to_vector<float>() == std::vector<float>{-3, -4});
  optim::GradScaler off({.enabled = false});
  const Tensor loss = sum(w);
  CHECK(off.scale(loss).same(loss));
  CHECK(off.get_scale() == 1);
}

TEST_CASE("two optimisers may share a scaler: each divides its own gradients, once") {
  for (Device device : available_devices()) {
    INFO(to_string(device));
    const Tensor a = tensor({1., 2.}).to(device).requires_grad_(),
                 b = tensor({3., 4.}).to(device).requires_grad_();
    optim::SGD first(P{a}, {.lr = 0.5}), second(P{b}, {.lr = 0.25});
    optim::GradScaler scaler({.init_scale = 1024});
    for (int i = 0; i < 2; ++i) {
      first.zero_grad(), second.zero_grad();
      scaler.scale((a + b).sum()).backward();
      if (i) scaler.unscale(second);  // as for clipping
      scaler.step(first);
      scaler.step(second);
      scaler.update();
    }
    CHECK(testing::difference({2}, {0, 1}, a, 1e-6) == "");
    CHECK(testing::difference({2}, {2.5, 3.5}, b, 1e-6) == "");
  }
}

TEST_CASE("a step that was left out does not count for Adam's corrections") {
  for (Device device : available_devices()) {
    const Tensor a = tensor({1.0}).to(device).requires_grad_(), b = tensor({1.0}).to(device).requires_grad_();
    optim::Adam with(P{a}, {.lr = .1}), without(P{b}, {.lr = .1});
    optim::GradScaler scaler;
    for (double slope : {HUGE_VAL, HUGE_VAL, 1.0, 2.0}) {
      scaler.scale(sum(a * slope)).backward();
      scaler.step(with);
      scaler.update();
      with.zero_grad();
      if (std::isinf(slope)) continue;
      sum(b * slope).backward();
      without.step();
      without.zero_grad();
    }
    CHECK(a.item() == Approx(b.item()).epsilon(1e-6));
  }
}

// What a GraphedStep records, call by call; returns the loss.
static double step_by_hand(const Tensor& loss, optim::Optimizer& opt, optim::GradScaler& scaler) {
  scaler.scale(loss).backward();
  scaler.step(opt);
  scaler.update();
  opt.zero_grad();
  return loss.item();
}

TEST_CASE("a net learns in float16 with scaled losses as it does in float32") {
  const Data data;
  auto losses = [&](Device device, bool mixed) {
    auto net = net_on(device);
    const Tensor x = data.x.to(device), y = data.y.to(device);
    optim::Adam opt(net->parameters(), {.lr = 1e-2});
    optim::GradScaler scaler({.enabled = mixed});
    std::vector<double> all;
    for (int i = 0; i < 20; ++i) {
      Tensor loss;
      {
        const Autocast autocast(kFloat16, mixed);
        loss = cross_entropy(net(x), y);
      }
      all.push_back(step_by_hand(loss, opt, scaler));
    }
    return all;
  };
  const auto exact = losses(Device::cpu(), false);
  CHECK(exact.back() < 0.7 * exact.front());
  for (Device device : available_devices()) {
    const auto mixed = losses(device, true);
    for (std::size_t i = 0; i < exact.size(); ++i) CHECK(mixed[i] == Approx(exact[i]).epsilon(1e-2));
  }
}

TEST_CASE("a graphed step trains as the ordinary one, whatever the optimiser's constants do") {
  const Data data;
  auto train = [&](Device device, bool graphed, bool scaled) {
    const Tensor x = data.x.to(device), y = data.y.to(device);
    auto net = net_on(device);
    optim::RAdam opt(net->parameters(), {.lr = 1e-2});  // its warm-up ends after five steps
    optim::GradScaler scaler({.growth_interval = 4, .enabled = scaled});
    optim::GraphedStep step([&](const std::vector<Tensor>& b) { return cross_entropy(net(b[0]), b[1]); }, opt,
                            scaled ? &scaler : nullptr);
    std::vector<double> losses;
    for (int i = 0; i < 12; ++i) {
      opt.set_hyper("lr", 1e-2 / (1 + i));
      const int64_t n = i == 8 ? 7 : 16;  // an odd batch between
      const std::vector<Tensor> batch = {x.slice(0, 0, n).contiguous(), y.slice(0, 0, n).contiguous()};
      losses.push_back(graphed ? step(batch).item()
                               : step_by_hand(cross_entropy(net(batch[0]), batch[1]), opt, scaler));
    }
    CHECK(step.is_recorded() == graphed);
    return losses;
  };
  for (Device device : available_devices()) {
    if (device.is_cpu()) continue;
    INFO(to_string(device));
    const auto expected = train(device, false, false);
    CHECK(expected.back() < expected.front());
    CHECK(train(device, true, false) == expected);
    const auto scaled = train(device, true, true);
    for (std::size_t i = 0; i < scaled.size(); ++i) CHECK(scaled[i] == Approx(expected[i]).epsilon(1e-5));
  }
}

TEST_CASE("two graphed steps of one optimiser each take its constants as they are") {
  const Data data;
  auto train = [&](Device device, bool graphed) {
    auto net = net_on(device);
    optim::Adam opt(net->parameters(), {.lr = 1e-2});
    const auto loss = [&](const std::vector<Tensor>& b) { return cross_entropy(net(b[0]), b[1]); };
    optim::GraphedStep large(loss, opt), small(loss, opt);
    optim::GradScaler off({.enabled = false});
    std::vector<double> losses;
    for (int i = 0; i < 16; ++i) {
      opt.set_hyper("lr", 1e-2 / (1 + i));
      const int64_t n = i % 2 ? 7 : 16;
      const std::vector<Tensor> batch = {data.x.slice(0, 0, n).contiguous().to(device),
                                         data.y.slice(0, 0, n).contiguous().to(device)};
      losses.push_back(graphed ? (n == 7 ? small : large)(batch).item()
                               : step_by_hand(loss(batch), opt, off));
    }
    CHECK(large.is_recorded() == graphed);
    CHECK(small.is_recorded() == graphed);
    return losses;
  };
  for (Device device : available_devices()) {
    if (device.is_cpu()) continue;
    INFO(to_string(device));
    CHECK(train(device, true) == train(device, false));
  }
}

TEST_CASE("a replayed step that overflows is left out, and does not count for Adam's corrections") {
  const Data data;
  auto train = [&](Device device, bool graphed) {
    const Tensor x = data.x.to(device), y = data.y.to(device), spoilt = x.clone();
    spoilt.fill_(std::numeric_limits<double>::infinity());
    auto net = net_on(device);
    optim::Adam opt(net->parameters(), {.lr = 1e-2});
    optim::GradScaler scaler;
    optim::GraphedStep step([&](const std::vector<Tensor>& b) { return cross_entropy(net(b[0]), b[1]); }, opt,
                            &scaler);
    std::vector<double> losses;
    for (int i = 0; i < 10; ++i) {
      const std::vector<Tensor> batch = {(i == 5 ? spoilt : x).slice(0, 0, 16).contiguous(),
                                         y.slice(0, 0, 16).contiguous()};
      losses.push_back(graphed ? step(batch).item()
                               : step_by_hand(cross_entropy(net(batch[0]), batch[1]), opt, scaler));
    }
    CHECK(step.is_recorded() == graphed);
    CHECK(scaler.skipped_steps() == 1);
    losses.erase(losses.begin() + 5);  // not a number
    return losses;
  };
  for (Device device : available_devices())
    if (!device.is_cpu()) CHECK(train(device, true) == train(device, false));
}

TEST_CASE("a replayed step costs the host no wait") {
  auto net = net_on(kSim);
  const Data data;
  const std::vector<Tensor> batch = {data.x.to(kSim), data.y.to(kSim)};
  optim::Adam opt(net->parameters(), {.lr = 1e-2});
  optim::GraphedStep step([&](const std::vector<Tensor>& b) { return cross_entropy(net(b[0]), b[1]); }, opt);
  simt::set_lazy(true);
  for (int i = 0; i < 4; ++i) step(batch);
  const uint64_t before = simt::synchronisations();
  const Tensor loss = step(batch);
  CHECK(simt::synchronisations() == before);
  simt::set_lazy(false);
  CHECK(std::isfinite(loss.item()));
}

TEST_CASE("a step over embeddings can be recorded: its indices are not looked at on the host then") {
  manual_seed(1);
  const Tensor users = randint(0, 9, {16}).to(kSim), ratings = rand({16}).to(kSim);
  auto train = [&](bool graphed) {
    manual_seed(2);
    nn::Embedding table(9, 3);
    table->to(kSim);
    optim::SGD opt(table->parameters(), {.lr = 0.1});
    const auto loss_of = [&](const std::vector<Tensor>& b) { return mse_loss(table(b[0]).sum({1}), b[1]); };
    optim::GraphedStep step(loss_of, opt);
    double last = 0;
    for (int i = 0; i < 6; ++i) {
      if (graphed) {
        last = step({users, ratings}).item();
        continue;
      }
      const Tensor loss = loss_of({users, ratings});
      last = loss.item();
      loss.backward();
      opt.step();
      opt.zero_grad();
    }
    CHECK(step.is_recorded() == graphed);
    return last;
  };
  CHECK(train(true) == train(false));
}
