// SPDX-License-Identifier: MIT
// The same seed, the same result, on any number of threads.
#include "minitorch/core/parallel.h"
#include "tests/learn/seeded.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

TEST_CASE("the same seed gives the same training, whatever the number of threads") {
  const QuietTerminal quiet;
  const auto once = in_one_go();
  CHECK(once == in_one_go());
  const int before = num_threads();
  for (int threads : {1, 3, 8}) {
    set_num_threads(threads);
    CHECK(once == in_one_go());
  }
  set_num_threads(before);
}

TEST_CASE("kernels that share their work leave the digits as they are") {
  const QuietTerminal quiet;
  const auto train = [](int threads) {
    set_num_threads(threads);
    set_seed(7);
    const Tensor x = randn({24, 3, 32, 32}), y = randint(0, 4, {24});
    const auto loader = tensor_loader(x, y, {.bs = 8, .shuffle = true});
    const auto net = nn::Sequential(nn::Conv2d(3, 16, 3, {.padding = 1}), nn::BatchNorm2d(16), nn::ReLU(),
                                    nn::MaxPool2d(2), nn::Conv2d(16, 32, 3, {.stride = 2, .padding = 1}),
                                    nn::ReLU(), nn::Flatten(), nn::Dropout(0.2), nn::Linear(32 * 8 * 8, 64),
                                    nn::ReLU(), nn::Linear(64, 4));
    Learner learn(DataLoaders({loader, loader}), net);
    learn.fit_one_cycle(2, 1e-2);
    return everything(learn);
  };
  const int before = num_threads();
  const auto alone = train(1);
  for (int threads : {2, 5}) CHECK(alone == train(threads));
  CHECK(alone == train(1));
  set_num_threads(before);
}
