// SPDX-License-Identifier: MIT
// Layers, heads and U-Nets against fastai's own, on the same weights.
#include "fastcore/vision/layers.h"

#include "fastcore/vision/model.h"
#include "fastcore/vision/unet.h"
#include "minitorch/nn/init.h"
#include "tests/tensor_match.h"
#include "tests/vision/formula.h"

using namespace minitorch;
using fastcore::Act;

namespace {

struct LayersGolden {
  const char* name;
  int64_t parameters;
  std::size_t entries;
  uint64_t names_hash;
  std::vector<double> values;  // some of the output's
};
#include "tests/vision/layers_goldens.inc"

struct Case {
  nn::ModulePtr net;
  Shape shape;
  bool train = false;
};

fastcore::DynamicUnet unet(fastcore::Size size, const fastcore::UnetOptions& options) {
  return {fastcore::create_encoder(fastcore::models::resnet18, false), 5, size, options};
}

Case make_case(const std::string& name) {
  if (name == "vision resnet18")
    return {fastcore::create_vision_model(fastcore::models::resnet18, 3, {.pretrained = false}),
            {1, 3, 64, 64}};
  if (name == "head lin_first")
    return {fastcore::create_head(
                8, 3, {.lin_ftrs = {16}, .bn_final = true, .lin_first = true, .y_range = {-2, 3}}),
            {1, 8, 3, 3}};
  if (name == "head plain")
    return {fastcore::create_head(8, 3, {.lin_ftrs = {}, .pool = false, .first_bn = false}), {1, 8}};
  if (name == "unet") return {unet({70, 94}, {}), {1, 3, 70, 94}};
  if (name == "unet with all")
    return {unet({64, 64}, {.blur = true, .self_attention = true, .y_range = {0, 1}}), {1, 3, 64, 64}, true};
  if (name == "unet without cross")
    return {unet({64, 64}, {.blur = true, .blur_final = false, .last_cross = false}), {1, 3, 64, 64}};
  if (name == "shuffle") return {fastcore::PixelShuffle_ICNR(8, 4, {.blur = true}), {1, 8, 3, 4}};
  if (name == "attention") return {fastcore::SelfAttention(16), {2, 16, 3, 4}, true};
  if (name == "resblock") return {fastcore::ResBlock(4, 4, 8, {.stride = 2}), {1, 16, 5, 5}};
  if (name == "conv after")
    return {fastcore::ConvLayer(3, 4, {.stride = 2, .bn_1st = false, .act = Act::silu}), {1, 3, 5, 5}};
  throw ValueError("no case " + name);
}

}  // namespace

TEST_CASE("the activation decides how a ConvLayer starts, as fastai's do") {
  const double he = std::sqrt(6.0 / (64 * 9)), torch = 1 / std::sqrt(64.0 * 9);
  const auto bound = [](Act act) {
    return (*fastcore::ConvLayer(64, 32, {.act = act}))[0]->own_parameter("weight").abs().max().item();
  };
  for (Act act : {Act::relu, Act::relu6, Act::leaky_relu, Act::silu, Act::mish})
    CHECK(bound(act) == Approx(he).epsilon(0.01));
  for (Act act : {Act::none, Act::gelu}) CHECK(bound(act) == Approx(torch).epsilon(0.01));
}

TEST_CASE("layers, heads and U-Nets have fastai's names, shapes and values") {
  const nn::init::Skip the_formula_fills_them;
  for (const LayersGolden& golden : kLayers) {
    INFO(golden.name);
    const Case c = make_case(golden.name);
    CHECK(c.net->parameter_count() == golden.parameters);
    std::string lines;
    for (auto& [name, t] : c.net->state_dict()) lines += name + " " + to_string(t.shape()) + "\n";
    CHECK(c.net->state_dict().size() == golden.entries);
    CHECK(formula::fnv(lines) == golden.names_hash);

    formula::fill(*c.net);
    c.net->train(c.train);
    const NoGrad no_grad;
    const Tensor x = formula::noise("picture", c.shape);
    const auto y = (*c.net)(x).to_vector<double>();
    const std::size_t step = std::max<std::size_t>(1, y.size() / 10);
    for (std::size_t i = 0; i < golden.values.size(); ++i)
      CHECK(y[i * step] == Approx(golden.values[i]).margin(1e-5));
  }
}

TEST_CASE("cut nets have the published numbers of parameters, in three groups") {
  const nn::init::Skip no_values;
  struct Row {
    const fastcore::Architecture& net;
    int64_t body, head, first, second;
  };
  for (const Row& row : {Row{fastcore::models::resnet18, 11176512, 528384, 683072, 10493440},
                         Row{fastcore::models::resnet34, 21284672, 528384, 1347904, 19936768},
                         Row{fastcore::models::resnet50, 23508032, 2107392, 1444928, 22063104}}) {
    const auto model = fastcore::create_vision_model(row.net, 2, {.pretrained = false});
    CHECK((*model)[0]->parameter_count() == row.body);
    CHECK((*model)[1]->parameter_count() == row.head);
    std::vector<int64_t> sizes;
    for (auto& group : fastcore::vision_splitter(row.net)(*model).lists) {
      int64_t size = 0;
      for (const Tensor& p : group) size += p.numel();
      sizes.push_back(size);
    }
    CHECK(sizes == std::vector<int64_t>{row.first, row.second, row.head});
  }
  const auto pets = fastcore::create_vision_model(fastcore::models::resnet34, 37, {.pretrained = false});
  CHECK(pets->parameter_count() == 21830976);
}

TEST_CASE("every architecture can be cut, headed and split") {
  const nn::init::Skip no_values;
  for (const auto& name : fastcore::list_models()) {
    if (name.find("large") != name.npos || name.find("base") != name.npos)
      continue;  // as their small sisters
    if (name.find("in22k") != name.npos || name.find("convnext_small") == 0) continue;
    INFO(name);
    const auto& a = fastcore::find_architecture(name);
    const auto model = fastcore::create_vision_model(a, 3, {.pretrained = false});
    const auto groups = fastcore::vision_splitter(a)(*model).lists;
    CHECK(groups.size() == (a.split ? 3 : 2));
    std::size_t count = 0;
    for (auto& group : groups) count += group.size();
    CHECK(count == model->parameters().size());
    model->eval();
    const NoGrad no_grad;
    const int64_t size = a.cut ? 64 : 224;
    CHECK((*model)(zeros({1, 3, size, size})).shape() == Shape{1, 3});
  }
}

TEST_CASE("the groups have every parameter, however short the body is cut") {
  const nn::init::Skip no_values;
  for (const auto* a : {&fastcore::models::resnet18, &fastcore::models::xresnet18}) {
    const auto children = static_cast<int64_t>(a->make({})->children().size());
    for (int64_t cut = a->cut; cut < children; ++cut) {
      const auto cut_net = fastcore::cut_elsewhere(*a, cut);
      const auto model = fastcore::create_vision_model(cut_net, 2, {.pretrained = false});
      std::size_t count = 0;
      for (auto& group : fastcore::vision_splitter(cut_net)(*model).lists) count += group.size();
      CHECK(count == model->parameters().size());
    }
  }
}

TEST_CASE("a U-Net over resnet34 has the published layers") {
  const nn::init::Skip no_values;
  const fastcore::DynamicUnet net(fastcore::create_encoder(fastcore::models::resnet34, false), 32, {96, 128});
  CHECK(net->parameter_count() == 41224168);
  const int64_t expected[] = {21284672, 1024,  0, 9438720, 5245440, 3180544, 1475968,
                              380736,   37248, 0, 0,       176616,  3200};
  const auto layers = net->children()[0].second->children();
  REQUIRE(layers.size() == 13);
  for (std::size_t i = 0; i < 13; ++i) CHECK(layers[i].second->parameter_count() == expected[i]);
  CHECK(fastcore::vision_splitter(fastcore::models::resnet34)(*net).lists.size() == 3);
  net->eval();
  const NoGrad no_grad;
  CHECK(net(zeros({2, 3, 96, 128})).shape() == Shape{2, 32, 96, 128});
  CHECK(net(zeros({1, 3, 65, 33})).shape() == Shape{1, 32, 65, 33});
}

TEST_CASE("self-attention has fastai's place behind a norm, which does the ReLU itself") {
  const nn::init::Skip no_values;
  const auto net = unet({64, 64}, {.self_attention = true, .norm_type = fastcore::NormType::batch});
  const auto attention = net->get_submodule("layers.5.conv2.3");
  CHECK(attention->own_parameter("gamma").defined());
  const fastcore::ConvLayer after(3, 4, {.bn_1st = false, .xtra = nn::ReLU()});
  CHECK(after->size() == 4);
  CHECK(fastcore::ConvLayer(3, 4, {})->size() == 2);
}

TEST_CASE("any convolutional net is an encoder, a transformer is none") {
  const nn::init::Skip no_values;
  const NoGrad no_grad;
  for (const char* name : {"tf_efficientnet_lite0", "mobilenetv2_100", "convnext_atto", "resnet18d",
                           "squeezenet1_1", "xresnet18"}) {
    INFO(name);
    const fastcore::DynamicUnet net(fastcore::create_encoder(fastcore::find_architecture(name), false), 2,
                                    {64, 64});
    net->eval();
    CHECK(net(zeros({1, 3, 64, 64})).shape() == Shape{1, 2, 64, 64});
  }
  CHECK_THROWS_WITH(fastcore::create_encoder(fastcore::models::deit_tiny_patch16_224, false),
                    Catch::Contains("[create_encoder] deit_tiny_patch16_224 works on patches of one size"));
}

TEST_CASE("convolutions start as fastai's, pixel shuffles without a grid") {
  manual_seed(3);
  const fastcore::ConvLayer layer(64, 32, {.norm_type = fastcore::NormType::none});
  const Tensor w = (*layer)[0]->own_parameter("weight"), b = (*layer)[0]->own_parameter("bias");
  const double bound = std::sqrt(6. / (64 * 9));
  CHECK(w.abs().max().item() <= bound);
  CHECK(w.std().item() == Approx(bound / std::sqrt(3)).epsilon(0.02));
  CHECK(b.abs().max().item() < 0.05);
  CHECK(b.abs().max().item() > 0.001);
  const fastcore::PixelShuffle_ICNR up(8, 4, {.norm_type = fastcore::NormType::none});
  const NoGrad no_grad;
  const Tensor y = up(randn({1, 8, 3, 3}));  // (1, 4, 6, 6): every 2x2 is one number
  CHECK_TENSOR(y, interpolate(avg_pool2d(y, 2), {.scale = {2}}), 1e-6);
  for (const auto norm : {fastcore::NormType::none, fastcore::NormType::weight}) {
    const fastcore::PixelShuffle_ICNR thrice(8, 2, {.scale = 3, .norm_type = norm});
    const Tensor z = thrice(randn({1, 8, 3, 3}));  // (1, 2, 9, 9)
    CHECK_TENSOR(z, interpolate(avg_pool2d(z, 3), {.scale = {3}}), 1e-6);
  }
  CHECK_THROWS_WITH(fastcore::SelfAttention(7), "[SelfAttention] 7 channels: expected 8 or more");
}

TEST_CASE("weight norm and spectral norm pass gradients to what is trained") {
  manual_seed(1);
  const fastcore::PixelShuffle_ICNR up(8, 4);
  (up(randn({1, 8, 3, 3})).square().sum()).backward();
  for (const Tensor& p : up->parameters()) CHECK(p.grad().defined());
  const fastcore::SelfAttention attention(16);
  const Tensor x = randn({1, 16, 3, 3});
  CHECK_TENSOR(attention(x), x, 1e-6);  // gamma is 0 at first
  attention(x).square().sum().backward();
  CHECK(attention->parameters()[0].grad().abs().max().item() > 0);
}

TEST_CASE("a head says when its dropouts do not fit") {
  CHECK_THROWS_WITH(fastcore::create_head(8, 3, {.ps = {0.1, 0.2, 0.3}}),
                    "[create_head] 3 dropouts for 2 layers");
}
