// SPDX-License-Identifier: MIT
// What excites the channels of a layer.
#include "fastcore/learn/visualize.h"

#include "tests/learn/synth.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// Eight pictures (1, 13, 13), dark but for one bright spot, which lies further right from picture to picture.
Tensor moving_spot() {
  Tensor x = zeros({8, 1, 13, 13});
  for (int64_t i = 0; i < 8; ++i) x.data<float>()[i * 169 + 6 * 13 + 2 + i] = 1;
  return x;
}
Learner moving_spot_learner(const nn::Sequential& net) {
  const Targets sides{TargetKind::category, 2, {"left", "right"}};
  const auto loader = tensor_loader(moving_spot(), zeros({8}).to(kInt64), {.bs = 3, .targets = sides});
  return Learner(DataLoaders({loader, loader}), net);
}
// (y, x) of the brightest pixel.
std::pair<int, int> brightest(const Image& image) {
  std::pair<int, int> at;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      if (image(y, x) > image(at.first, at.second)) at = {y, x};
  return at;
}

}  // namespace

TEST_CASE("the parts of pictures that excite a channel are what its output sees") {
  const QuietTerminal quiet;
  nn::Conv2d conv(1, 2, 3, {.padding = 1, .bias = false});
  nn::Sequential net(conv, nn::ReLU(), nn::AdaptiveAvgPool2d(1), nn::Flatten(), nn::Linear(2, 2));
  Learner learn = moving_spot_learner(net);
  {
    const NoGrad no_grad;
    conv->weight.zero_();
    conv->weight.data<float>()[8] = 1;      // channel 0: bright where the spot is below and to the right
    conv->weight.data<float>()[9 + 3] = 1;  // channel 1: where it is to the left
    for (int k = 0; k < 18; ++k) conv->weight.data<float>()[k] += 0.01f;
  }
  const ImageGrid grid = exciting_patches(learn, *conv, {.channels = 2, .k = 3});
  REQUIRE(grid.items.size() == 6);
  CHECK(grid.columns == 3);
  for (std::size_t i = 0; i < 6; ++i) {
    const Image& part = grid.items[i].image;
    REQUIRE(part.size() == Size{3, 3});
    CHECK(brightest(part) == (i < 3 ? std::pair(2, 2) : std::pair(1, 0)));
    CHECK(part(brightest(part).first, brightest(part).second) == 255);
  }
  CHECK(learn.model->is_training());
  CHECK_FALSE(conv->weight.grad().defined());
}

TEST_CASE("views of strided and pooled layers lie where they see, and end with the picture") {
  const QuietTerminal quiet;
  nn::Conv2d conv(1, 1, 3, {.stride = 2, .padding = 1, .bias = false});
  nn::MaxPool2d pool(2, {.stride = 2});
  nn::Sequential net(conv, nn::ReLU(), pool, nn::Flatten(), nn::Linear(9, 2));
  {
    const NoGrad no_grad;
    conv->weight.fill_(1);
  }
  Learner learn = moving_spot_learner(net);
  // (13, 13) -> (7, 7): views of 3, two apart, the first one pixel outside. The spot's row, 6, is row 3's
  // middle.
  for (const GridItem& item : exciting_patches(learn, *conv, {.k = 8}).items) {
    CHECK(item.image.size() == Size{3, 3});
    CHECK(brightest(item.image).first == 1);
    CHECK(item.image(1, brightest(item.image).second) == 255);
  }
  // -> (3, 3): views of 5, four apart. The spot's row is seen by row 1, pixels 3 to 7.
  const ImageGrid grid = exciting_patches(learn, *pool, {.k = 8});
  REQUIRE(grid.items.size() == 8);
  for (const GridItem& item : grid.items) {
    CHECK(item.image.height() == 5);
    CHECK((item.image.width() == 5 || item.image.width() == 4));  // the first begins outside
    CHECK(brightest(item.image).first == 3);
  }
}

TEST_CASE("what excites a layer changes with training") {
  const QuietTerminal quiet;
  nn::Conv2d conv(1, 1, 1, {.bias = false});
  nn::Sequential net(conv, nn::AdaptiveAvgPool2d(1), nn::Flatten());
  Tensor x = full({2, 1, 4, 4}, 0.5);
  x.data<float>()[5] = 1, x.data<float>()[16 + 10] = 0;
  const auto loader = tensor_loader(x, tensor({{-1.}, {-1.}}), {.bs = 2});
  Learner learn(DataLoaders({loader, loader}), net, {.lr = 0.5});
  {
    const NoGrad no_grad;
    conv->weight.fill_(1);
  }
  const auto strongest = [&] { return exciting_patches(learn, *conv, {.k = 1}).items.at(0).image; };
  CHECK(strongest().size() == Size{1, 1});
  CHECK(strongest()(0, 0) == 255);  // it looks for light
  learn.fit(5);
  CHECK(conv->weight.item() < 0);
  CHECK(strongest()(0, 0) == 0);  // and now for the dark
}

TEST_CASE("layers without maps excite nothing") {
  const QuietTerminal quiet;
  nn::Linear head(13 * 13, 2);
  Learner learn = moving_spot_learner(nn::Sequential(nn::Flatten(), head));
  CHECK_THROWS_WITH(exciting_patches(learn, *head),
                    "[exciting_patches] the layer gives (8, 2): expected maps (n, channels, h, w)");
  Learner line(line_data(), line_model());
  CHECK_THROWS_WITH(exciting_patches(line, *line.model),
                    "[exciting_patches] the inputs are (4, 1): expected pictures (n, channels, h, w)");
}
