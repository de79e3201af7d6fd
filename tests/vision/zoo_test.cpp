// SPDX-License-Identifier: MIT
// The catalogue against torchvision's, timm's and fastai's own nets.
#include "fastcore/vision/architecture.h"
#include "fastcore/vision/measure.h"
#include "minitorch/nn/init.h"
#include "tests/tensor_match.h"
#include "tests/vision/formula.h"

using namespace minitorch;

namespace {

struct NetGolden {
  const char* name;
  int64_t parameters;
  std::size_t entries;
  uint64_t names_hash;
};
struct ScoreGolden {
  const char* name;
  int64_t size;
  std::vector<double> scores;
};
#include "tests/vision/zoo_goldens.inc"

std::string names_and_shapes(const nn::Module& net) {
  std::string lines;
  for (auto& [name, t] : net.state_dict())
    lines += name + " " + (t.dims() == 0 ? "()" : to_string(t.shape())) + "\n";
  return lines;
}

}  // namespace

TEST_CASE("every net has the published names, shapes and number of parameters") {
  const nn::init::Skip no_values;
  for (const NetGolden& golden : kNets) {
    INFO(golden.name);
    const auto net = fastcore::find_architecture(golden.name).make({});
    CHECK(net->parameter_count() == golden.parameters);
    CHECK(net->state_dict().size() == golden.entries);
    CHECK(formula::fnv(names_and_shapes(*net)) == golden.names_hash);
  }
}

TEST_CASE("every family gives PyTorch's scores on the same weights") {
  const nn::init::Skip the_formula_fills_them;
  for (const ScoreGolden& golden : kScores) {
    INFO(golden.name);
    const auto net = fastcore::find_architecture(golden.name).make({.classes = 10});
    formula::fill(*net);
    const NoGrad no_grad;
    const Tensor scores = (*net)(formula::noise("picture", {1, 3, golden.size, golden.size})).reshape({10});
    CHECK_TENSOR(scores, tensor(golden.scores), 1e-4);
  }
}

TEST_CASE("models are listed by pattern and found by name and tag") {
  CHECK(fastcore::list_models("convnext_[ablt]*") ==
        fastcore::L<std::string>{"convnext_atto", "convnext_base", "convnext_base_in22k", "convnext_large",
                                 "convnext_large_in22k", "convnext_tiny", "convnext_tiny_in22k"});
  CHECK(fastcore::list_models().size() == 31);
  CHECK(fastcore::list_models("nothing*").empty());
  CHECK(fastcore::find_architecture("convnext_tiny.fb_in22k").name == "convnext_tiny_in22k");
  CHECK(&fastcore::find_architecture("resnet34") == &fastcore::models::resnet34);
  for (const std::string name :
       {"resnet18.tv_in1k", "resnet34.tv_in1k", "resnet50.tv2_in1k", "resnet101.tv2_in1k",
        "resnet18d.ra2_in1k", "resnet26d.bt_in1k", "mobilenetv2_100.ra_in1k", "tf_efficientnet_lite0.in1k",
        "convnext_atto.d2_in1k", "convnext_femto.d1_in1k", "convnext_pico.d1_in1k",
        "deit_tiny_patch16_224.fb_in1k", "deit_small_patch16_224.fb_in1k", "convnext_tiny.in12k_ft_in1k"})
    CHECK(fastcore::find_architecture(name).name == name.substr(0, name.find('.')));
  // Other weights of a known net are other weights.
  CHECK_THROWS_WITH(fastcore::find_architecture("resnet50.tv_in1k"),
                    "[create_model] no model is called 'resnet50.tv_in1k'");
  try {
    fastcore::find_architecture("resnet43");
    FAIL("an unknown name was accepted");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) == "[create_model] no model is called 'resnet43'");
    CHECK(error.hint().find("did you mean 'resnet") == 0);
  }
}

TEST_CASE("a net takes other channels and classes, and says what it cannot take") {
  const auto net = fastcore::create_model("resnet18", {.pretrained = false, .classes = 5, .channels = 1});
  CHECK((*net)(randn({2, 1, 32, 32})).shape() == Shape{2, 5});
  const auto vit = fastcore::create_model("vit_tiny_patch16_224", {.pretrained = false});
  CHECK_THROWS_WITH((*vit)(randn({1, 3, 192, 192})),
                    "[ViT] pictures of shape (1, 3, 192, 192): this net takes 224 x 224 pixels");
}

TEST_CASE("without classes every net gives its features, as timm's do") {
  const nn::init::Skip no_values;
  const std::pair<const char*, int64_t> widths[] = {{"resnet18", 512},      {"resnet50", 2048},
                                                    {"resnet26d", 2048},    {"xresnet18", 512},
                                                    {"squeezenet1_1", 512}, {"mobilenetv2_100", 1280},
                                                    {"convnext_atto", 320}, {"deit_tiny_patch16_224", 192}};
  for (const auto& [name, width] : widths) {
    INFO(name);
    const auto& a = fastcore::find_architecture(name);
    const auto net = fastcore::create_model(name, {.pretrained = false, .classes = 0});
    const int64_t size = a.cut == 0 ? a.size : 64;
    net->eval();
    const NoGrad no_grad;
    CHECK((*net)(zeros({2, 3, size, size})).shape() == Shape{2, width});
    const auto full = fastcore::create_model(name, {.pretrained = false, .classes = 7});
    CHECK(net->state_dict().size() + 2 ==
          full->state_dict().size());  // but for the classifier's weight and bias
  }
  formula::fill(*fastcore::create_model("squeezenet1_0", {.pretrained = false, .classes = 0}));
}

TEST_CASE("submodules have the names that the course looks at") {
  const auto net = fastcore::create_model("convnext_atto", {.pretrained = false});
  CHECK(net->get_submodule("stem.1")->type_name() == "LayerNorm2d");
  CHECK(to_string(*net->get_submodule("stages.0.blocks.1.mlp.fc1")) ==
        "Conv2d(40, 160, kernel_size=(1, 1), stride=(1, 1))");
}

TEST_CASE("a net's cost is measured: operations as published, memory that grows in training") {
  const auto costs = fastcore::measure_model(fastcore::models::resnet18, {.size = 64, .bs = 2, .seconds = 0});
  CHECK(costs.multiply_adds == Approx(1.814e9 / (3.5 * 3.5)).epsilon(0.005));  // published for 224 px
  CHECK(costs.predicts_per_second > 0);
  CHECK(costs.trains_per_second > 0);
  CHECK(costs.parameters == 11689512);
  CHECK(costs.predict_bytes > 4 * 11.68e6);
  CHECK(costs.train_bytes > 4 * 4 * 11.68e6);  // weights, gradients and Adam's two averages
}
