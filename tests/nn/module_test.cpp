// SPDX-License-Identifier: MIT
#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace minitorch;

namespace {

struct Net : nn::Module {
  nn::Conv2d conv = add("conv", nn::Conv2d(1, 4, 3, {.stride = 2, .padding = 1, .bias = false}));
  nn::BatchNorm2d norm = add("norm", nn::BatchNorm2d(4));
  nn::Sequential head = add("head", nn::Sequential(nn::ReLU(), nn::Flatten(), nn::Linear(4 * 4 * 4, 3)));
  Tensor forward(const Tensor& x) override { return head(norm(conv(x))); }
};

std::vector<std::string> names(const nn::StateDict& state) {
  std::vector<std::string> out;
  for (auto& [name, tensor] : state) out.push_back(name);
  return out;
}

}  // namespace

TEST_CASE("a module's tensors have PyTorch's names, in its order") {
  auto net = nn::make<Net>();
  CHECK(names(net->state_dict()) == std::vector<std::string>{"conv.weight", "norm.weight", "norm.bias",
                                                             "norm.running_mean", "norm.running_var",
                                                             "norm.num_batches_tracked", "head.2.weight",
                                                             "head.2.bias"});
  CHECK(net->parameters().size() == 5);
  CHECK(net->parameter_count() == 36 + 8 + 64 * 3 + 3);
  CHECK(net->get_submodule("head.2")->type_name() == "Linear");
  CHECK_THROWS_WITH(net->get_submodule("head.7"), "[get_submodule] Sequential has no child '7'");
}

TEST_CASE("a module prints as PyTorch prints it") {
  CHECK(to_string(*nn::make<Net>()) ==
        "Net(\n"
        "  (conv): Conv2d(1, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), bias=False)\n"
        "  (norm): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)\n"
        "  (head): Sequential(\n"
        "    (0): ReLU()\n"
        "    (1): Flatten(start_dim=1, end_dim=-1)\n"
        "    (2): Linear(in_features=64, out_features=3, bias=True)\n"
        "  )\n"
        ")");
}

TEST_CASE("weights start as PyTorch's do") {
  manual_seed(42);
  const nn::Linear layer(4, 3);
  const double bound = 0.5;  // 1 / sqrt(4)
  for (double w : layer->weight.to_vector<double>()) CHECK(std::fabs(w) <= bound);
  manual_seed(42);
  const Tensor expected = rand({3, 4}) * (2 * bound) - bound;
  CHECK_TENSOR(layer->weight, expected, 1e-6);
  CHECK(nn::init::fan(ones({8, 3, 5, 5}), nn::init::Fan::in) == 75);
  CHECK(nn::init::fan(ones({8, 3, 5, 5}), nn::init::Fan::out) == 200);
  manual_seed(1);
  Tensor w = nn::init::kaiming_normal_(empty({400, 100}));
  CHECK(std::sqrt(w.square().mean().item()) == Approx(std::sqrt(2.0 / 100)).epsilon(0.02));
}

TEST_CASE("state dicts are loaded by name, and what does not fit is reported") {
  auto one = nn::make<Net>(), two = nn::make<Net>();
  CHECK(two->load_state_dict(one->state_dict()).fits());
  const Tensor x = randn({2, 1, 8, 8});
  one->eval();
  two->eval();
  CHECK(one(x).to_vector<float>() == two(x).to_vector<float>());

  nn::StateDict wrong = {{"conv.weight", ones({4, 1, 5, 5})}, {"extra", ones({1})}};
  const auto report = two->load_state_dict(wrong, false);
  CHECK(report.unexpected == std::vector<std::string>{"extra"});
  CHECK(report.wrong_shape ==
        std::vector<std::string>{"conv.weight: (4, 1, 3, 3) in the module, (4, 1, 5, 5) in the file"});
  CHECK(report.missing.size() == 6);
  CHECK_THROWS_WITH(
      two->load_state_dict(wrong),
      Catch::StartsWith("[load_state_dict] the weights do not fit Net\nmissing:\n  norm.weight"));
}

TEST_CASE("train, eval, hooks, apply and freezing reach every module") {
  auto net = nn::make<Net>();
  net->eval();
  CHECK(!net->norm->is_training());
  net->train();
  CHECK(net->norm->is_training());
  std::vector<std::string> seen;
  const int id = net->conv->register_forward_hook([&](nn::Module& m, const nn::Tensors& in, Tensor& out) {
    seen.push_back(m.type_name() + to_string(in[0].shape()) + to_string(out.shape()));
  });
  net(randn({2, 1, 8, 8}));
  net->conv->remove_hook(id);
  net(randn({2, 1, 8, 8}));
  CHECK(seen == std::vector<std::string>{"Conv2d(2, 1, 8, 8)(2, 4, 4, 4)"});
  CHECK(net->norm->num_batches_tracked.item() == 2);
  int count = 0;
  net->apply([&](nn::Module&) { ++count; });
  CHECK(count == 7);
  net->requires_grad_(false);
  CHECK(!net->conv->weight.requires_grad());
}

TEST_CASE("a hook may remove itself, and others, while it runs") {
  const nn::Identity layer;
  int first = 0, second = 0, before = 0, one = 0, two = 0, three = 0;
  one = layer->register_forward_hook([&](nn::Module& m, const nn::Tensors&, Tensor&) {
    ++first;
    m.remove_hook(one);
    m.remove_hook(two);
  });
  two = layer->register_forward_hook([&](nn::Module&, const nn::Tensors&, Tensor&) { ++second; });
  three = layer->register_forward_pre_hook([&](nn::Module& m, const nn::Tensors&) {
    ++before;
    m.remove_hook(three);
  });
  for (int i = 0; i < 3; ++i) layer(ones({1}));
  CHECK(first == 1);
  CHECK(second == 1);  // it had its turn in the call that removed it
  CHECK(before == 1);
}

TEST_CASE("a Sequential is sliced as a Python list is") {
  const nn::Sequential net{nn::Identity(), nn::ReLU(), nn::Flatten()};
  const auto types = [&](int64_t begin, int64_t end) {
    std::string out;
    for (auto& [name, child] : net->slice(begin, end)->children()) out += child->type_name() + " ";
    return out;
  };
  CHECK(types(0, -1) == "Identity ReLU ");
  CHECK(types(-2, 3) == "ReLU Flatten ");
  CHECK(types(-9, 1) == "Identity ");
  CHECK(types(1, 99) == "ReLU Flatten ");
  CHECK(types(2, 1) == "");
}

TEST_CASE("a net moves between devices and computes the same there") {
  auto net = nn::make<Net>();
  net->eval();
  const Tensor x = randn({2, 1, 8, 8}), expected = net(x).detach();
  for (Device device : available_devices()) {
    net->to(device);
    CHECK(net->conv->weight.device() == device);
    CHECK_TENSOR(net(x.to(device)), expected, 1e-5);
  }
  net->to(Device::cpu());
  CHECK_THROWS_WITH(net(x.to(Device::sim())), "[conv2d] one tensor is on sim, the other on cpu");
}

TEST_CASE("a small net learns") {
  manual_seed(0);
  auto net = nn::Sequential(nn::Linear(2, 16), nn::Tanh(), nn::Linear(16, 1));
  const Tensor x = rand({256, 2}) * 2 - 1;
  const Tensor y = (x.slice(1, 0, 1) * x.slice(1, 1, 2));  // a product: no linear net can
  optim::Adam opt(net->parameters(), {.lr = 0.02, .wd = 0});
  double first = 0, last = 0;
  for (int step = 0; step < 200; ++step) {
    Tensor loss = (net(x) - y).square().mean();
    if (step == 0) first = loss.item();
    last = loss.item();
    loss.backward();
    opt.step();
    opt.zero_grad();
  }
  CHECK(last < first / 50);
}
