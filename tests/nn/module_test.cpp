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
  CHECK(
      to_string(*nn::make<Net>()) ==
      "Net(\n"
      "  (conv): Conv2d(1, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), bias=False)\n"
      "  (norm): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)\n"
      "  (head): Sequential(\n"
      "    (0): ReLU()\n"
      "    (1): Flatten(start_dim=1, end_dim=-1)\n"
      "    (2): Linear(in_features=64, out_features=3, bias=True)\n"
      "  )\n"
      ")");
}

TEST_CASE("every layer prints as PyTorch 2.15 prints it") {
  const auto is = [](const nn::ModulePtr& module, const std::string& text) {
    CHECK(to_string(*module) == text);
  };
  is(nn::Linear(3, 2, false), "Linear(in_features=3, out_features=2, bias=False)");
  is(nn::Conv2d(4, 8, {3, 5}, {.stride = 2, .padding = 1, .dilation = 2, .groups = 2, .bias = false}),
     "Conv2d(4, 8, kernel_size=(3, 5), stride=(2, 2), padding=(1, 1), dilation=(2, 2), groups=2, "
     "bias=False)");
  is(nn::ConvTranspose2d(4, 8, 3), "ConvTranspose2d(4, 8, kernel_size=(3, 3), stride=(1, 1))");
  is(nn::ConvTranspose2d(
         4, 8, 3,
         {.stride = 2, .padding = 1, .output_padding = 1, .dilation = 3, .groups = 2, .bias = false}),
     "ConvTranspose2d(4, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(3, 3), "
     "output_padding=(1, 1), groups=2, bias=False)");
  is(nn::BatchNorm2d(4, {.eps = 1e-3, .momentum = 0.2, .affine = false}),
     "BatchNorm2d(4, eps=0.001, momentum=0.2, affine=False, bias=False, track_running_stats=True)");
  is(nn::LayerNorm(4), "LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)");
  is(nn::LayerNorm(Shape{3, 4}, 1e-6), "LayerNorm((3, 4), eps=1e-06, elementwise_affine=True, bias=True)");
  is(nn::GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)");
  is(nn::MaxPool2d({2, 3}, {.stride = 2, .padding = {1, 0}, .ceil_mode = true}),
     "MaxPool2d(kernel_size=(2, 3), stride=2, padding=(1, 0), dilation=1, ceil_mode=True)");
  is(nn::AvgPool2d(2), "AvgPool2d(kernel_size=2, stride=2, padding=0)");
  is(nn::AdaptiveAvgPool2d(Size2{2, 3}), "AdaptiveAvgPool2d(output_size=(2, 3))");
  is(nn::AdaptiveMaxPool2d(1), "AdaptiveMaxPool2d(output_size=1)");
  is(nn::Sigmoid(), "Sigmoid()");
  is(nn::Tanh(), "Tanh()");
  is(nn::GELU(), "GELU(approximate='none')");
  is(nn::SiLU(), "SiLU()");
  is(nn::Mish(), "Mish()");
  is(nn::Softplus(), "Softplus(beta=1.0, threshold=20.0)");
  is(nn::ReLU6(), "ReLU6()");
  is(nn::LeakyReLU(), "LeakyReLU(negative_slope=0.01)");
  is(nn::LeakyReLU(1), "LeakyReLU(negative_slope=1.0)");
  is(nn::ELU(), "ELU(alpha=1.0)");
  is(nn::ELU(0.5), "ELU(alpha=0.5)");
  is(nn::Embedding(5, 3), "Embedding(5, 3)");
  is(nn::Embedding(5, 3, -1), "Embedding(5, 3, padding_idx=4)");
  is(nn::Dropout(1), "Dropout(p=1.0, inplace=False)");
  is(nn::Dropout2d(0.1), "Dropout2d(p=0.1, inplace=False)");
  is(nn::Identity(), "Identity()");
  is(nn::LSTM(3, 2), "LSTM(3, 2)");
  is(nn::GRU(3, 2,
             {.num_layers = 2, .bias = false, .batch_first = true, .dropout = 0.5, .bidirectional = true}),
     "GRU(3, 2, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True)");
  is(nn::RNN(3, 2), "RNN(3, 2)");
  is(nn::LSTMCell(3, 2), "LSTMCell(3, 2)");
  is(nn::GRUCell(3, 2, false), "GRUCell(3, 2, bias=False)");
  is(nn::RNNCell(3, 2), "RNNCell(3, 2)");
  is(nn::Sequential{}, "Sequential()");
  is(nn::ModuleList{nn::ReLU(), nn::ReLU(), nn::Tanh()},
     "ModuleList(\n"
     "  (0-1): 2 x ReLU()\n"
     "  (2): Tanh()\n"
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

TEST_CASE("a name is taken once in a module") {
  struct Twice : nn::Module {
    explicit Twice(int which) {
      add_parameter("w", ones({1}));
      add_buffer("b", ones({1}));
      add("m", nn::ReLU());
      if (which == 0) add_parameter("w", ones({1}));
      if (which == 1) add_buffer("w", ones({1}));
      if (which == 2) add("b", nn::ReLU());
      if (which == 3) add("m", nn::Tanh());
      if (which == 4) set_child("w", nn::Tanh());
      if (which == 5) set_child("m", nn::Tanh());
    }
  };
  CHECK_THROWS_WITH(nn::make<Twice>(0), "[add_parameter] Twice has a parameter 'w' already");
  CHECK_THROWS_WITH(nn::make<Twice>(1), "[add_buffer] Twice has a parameter 'w' already");
  CHECK_THROWS_WITH(nn::make<Twice>(2), "[add] Twice has a buffer 'b' already");
  CHECK_THROWS_WITH(nn::make<Twice>(3), "[add] Twice has a module 'm' already");
  CHECK_THROWS_WITH(nn::make<Twice>(4), "[add] Twice has a parameter 'w' already");
  CHECK(nn::make<Twice>(5)->children()[0].second->type_name() == "Tanh");
}

TEST_CASE("braces draw the weights of a Sequential in PyTorch's order") {
  manual_seed(42);
  const nn::Sequential net{nn::Linear(2, 3), nn::ReLU(), nn::Linear(3, 1)};
  // torch.manual_seed(42); nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
  const std::vector<double> first = {0.5406, -0.3443, -0.4236, 0.4266};
  std::vector<double> drawn;
  for (auto& [name, tensor] : net->state_dict()) drawn.push_back(tensor.to_vector<double>()[0]);
  REQUIRE(drawn.size() == first.size());
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(drawn[i] == Approx(first[i]).margin(1e-4));
}

TEST_CASE("a Sequential is sliced as a Python list is") {
  const nn::Sequential net{nn::Identity(), nn::ReLU(), nn::Flatten()};
  const auto types = [&](int64_t begin, int64_t end) {
    const auto part = net->slice(begin, end);  // named: the loop below does not keep it
    std::string out;
    for (auto& [name, child] : part->children()) out += child->type_name() + " ";
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
