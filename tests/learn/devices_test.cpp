// SPDX-License-Identifier: MIT
// Training on the simulator is training: kernels made for GPUs give the losses that the CPU's give.
#include <cmath>

#include "fastcore/data/image_tensors.h"
#include "fastcore/learn/learner.h"
#include "minitorch/core/random.h"
#include "minitorch/simt/control.h"
#include "tests/bundled.h"
#include "tests/learn/synth.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// 640 digits, the ten kinds in turn: 20 batches of 32.
DataLoaders digits() {
  const auto [x, y] = stack_class_folders(bundled(urls::MNIST) / "training", {.end = 64});
  const Tensor in_turn = arange(640).reshape({10, 64}).transpose(0, 1).reshape({640});
  const auto dl = tensor_loader(index_select(x, 0, in_turn), index_select(y, 0, in_turn), {.bs = 32});
  return DataLoaders({dl, dl});
}

nn::Sequential conv(int64_t in, int64_t out, int64_t kernel, bool act = true) {
  auto layer =
      nn::Sequential(nn::Conv2d(in, out, kernel, {.stride = 2, .padding = kernel / 2}), nn::BatchNorm2d(out));
  if (act) layer->append(nn::ReLU());
  return layer;
}

struct Losses : Callback {
  std::vector<double> seen;
  void after_loss(Learner& learn) override {
    if (learn.training) seen.push_back(learn.loss.item());
  }
};

std::vector<double> losses_on(Device device, const DataLoaders& dls) {
  manual_seed(42);
  auto net = nn::Sequential(conv(1, 8, 5), conv(8, 16, 3), conv(16, 32, 3), conv(32, 64, 3),
                            conv(64, 10, 3, false), nn::Flatten());
  Learner learn(dls, net, {.device = device});
  const auto losses = std::make_shared<Losses>();
  learn.add_cbs(losses);
  learn.fit(1, 0.01);
  return losses->seen;
}

struct Waits : Callback {  // of the host until each batch begins
  std::vector<uint64_t> until;
  void before_batch(Learner& learn) override {
    if (learn.training) until.push_back(simt::synchronisations());
  }
};

}  // namespace

TEST_CASE("a batch of training lets the host wait for the device once: for its loss") {
  const QuietTerminal quiet;
  Learner learn(line_data(64, 8), line_model(), {.device = Device::sim()});
  const auto waits = std::make_shared<Waits>();
  simt::set_lazy(true);  // a hidden wait would be needed to see a result at all
  learn.fit(1, 0.1, {.cbs = waits});
  simt::set_lazy(false);
  REQUIRE(waits->until.size() == 8);
  for (std::size_t i = 0; i + 1 < 8; ++i) CHECK(waits->until[i + 1] - waits->until[i] == 1);
  CHECK(std::isfinite(learn.recorder->losses.back()));
}

TEST_CASE("the net for ten digits has the same first 20 losses on the simulator as on the CPU") {
  const QuietTerminal quiet;
  const DataLoaders dls = digits();
  const auto cpu = losses_on(Device::cpu(), dls), sim = losses_on(Device::sim(), dls);
  REQUIRE(cpu.size() == 20);
  REQUIRE(sim.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) {
    INFO("step " << i);
    CHECK(sim[i] == Approx(cpu[i]).margin(1e-4).epsilon(0));
  }
  CHECK(cpu.back() < cpu.front() / 2);  // it has learned something: the losses are not all alike
}

TEST_CASE("a learner trains on the default device unless it is told") {
  set_default_device(Device::sim());
  const Device chosen = Learner(line_data(64, 8), line_model()).device,
               told = Learner(line_data(64, 8), line_model(), {.device = Device::cpu()}).device;
  set_default_device(Device::cpu());
  CHECK(chosen == Device::sim());
  CHECK(told.is_cpu());
}
