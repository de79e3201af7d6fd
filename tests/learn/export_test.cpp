// SPDX-License-Identifier: MIT
// A trained learner as data: exported, loaded, and refused where it must be.
#include "fastcore/learn/export.h"

#include <cstdlib>
#include <cstring>

#include "fastcore/data/data_block.h"
#include "fastcore/data/pipeline_spec.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/text/loaders.h"
#include "fastcore/text/text_block.h"
#include "fastcore/vision/learner.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

struct Wide : nn::Module {
  nn::Linear lin;
  explicit Wide(int64_t width) : lin(add("lin", nn::Linear(width, 2))) {}
  Tensor forward(const Tensor& x) override { return lin(x); }
};
DataLoaders two_classes(int64_t width) {
  const Targets targets{TargetKind::category, 2, {"ant", "bee"}};
  const auto loader = tensor_loader(randn({8, width}), randint(0, 2, {8}), {.targets = targets});
  return DataLoaders({loader, loader});
}
Prediction predicted(Learner& learn, const Value& item) {
  const QuietTerminal quiet;
  return learn.predict(item);
}
void check_same(Learner& a, Learner& b, const Value& item) {
  const Prediction first = predicted(a, item), second = predicted(b, item);
  CHECK(first.label == second.label);
  CHECK_TENSOR(first.probs, second.probs, 0);
}

}  // namespace

TEST_CASE("a Sequential of layers is exported as it prints") {
  const Folder folder;
  manual_seed(1);
  const auto net = nn::Sequential(
      nn::Conv2d(1, 4, 3, {.stride = 2, .padding = 1, .bias = false}), nn::BatchNorm2d(4), nn::ReLU(),
      nn::Sequential(nn::MaxPool2d(2, {.stride = 1}), nn::Sequential(nn::Dropout(0.25), nn::LeakyReLU(0.2))),
      nn::AdaptiveAvgPool2d(1), nn::Flatten(), nn::Linear(4, 3), nn::Linear(3, 2, false));
  const Targets targets{TargetKind::category, 2, {"ant", "bee"}};
  const auto loader = tensor_loader(randn({4, 1, 8, 8}), randint(0, 2, {4}), {.targets = targets});
  Learner learn(DataLoaders({loader, loader}), net, {.path = folder.path});
  const Path file = learn.export_learner("net.safetensors");
  CHECK(file == folder.path / "net.safetensors");
  Learner again = load_learner(file);
  CHECK(to_string(*again.model) == to_string(*net));
  CHECK_FALSE(again.model->is_training());
  learn.model->eval();
  check_same(learn, again, randn({1, 8, 8}));
  CHECK(again.dls.vocab() == std::vector<std::string>{"ant", "bee"});
}

TEST_CASE("a model of one's own is exported by its name") {
  const Folder folder;
  Learner learn(two_classes(5), nn::make<Wide>(5), {.path = folder.path});
  try {
    learn.export_learner();
    FAIL("nothing was thrown");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) ==
          "[export] the model Wide has no name by which another program could make it");
    CHECK(error.hint().find("register_model") != std::string::npos);
  }
  CHECK(folder.path.ls().empty());
  learn.model_spec = {"test_wide", {{"width", int64_t{5}}}};
  const Path file = learn.export_learner();
  try {
    load_learner(file);
    FAIL("nothing was thrown");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) == "[make_model] nobody here knows a model called 'test_wide'");
    CHECK_THAT(error.hint(), Catch::Contains("register_model(\"test_wide\", ...)"));
  }
  register_model("test_wide", [](const Settings& args) { return nn::make<Wide>(size_of(args, "width")); });
  Learner again = load_learner(file);
  check_same(learn, again, randn({5}));
  CHECK(again.model_spec.name == "test_wide");
}

TEST_CASE("losses keep their activation and decoding") {
  const Folder folder;
  const auto round_trip = [&](LossFunc loss) {
    Learner learn(two_classes(3), nn::Sequential(nn::Linear(3, 2)),
                  {.loss_func = std::move(loss), .path = folder.path});
    Learner again = load_learner(learn.export_learner());
    check_same(learn, again, ones({3}));
    return again.loss_func;
  };
  CHECK(round_trip(CrossEntropyLossFlat{.weight = tensor({1., 3.})})
            .get_if<CrossEntropyLossFlat>()
            ->weight.numel() == 2);
  CHECK(round_trip(LabelSmoothingCrossEntropy{.eps = .3}).get_if<LabelSmoothingCrossEntropy>()->eps == .3);
  CHECK(round_trip(FocalLoss{.gamma = 1}).get_if<FocalLoss>()->gamma == 1);
  CHECK(round_trip(BCEWithLogitsLossFlat{.thresh = .9}).get_if<BCEWithLogitsLossFlat>()->thresh == .9);
  CHECK(round_trip(MSELossFlat{}).name() == "FlattenedLoss of MSELoss()");
  CHECK(round_trip(DiceLoss{.axis = -1}).get_if<DiceLoss>()->axis == -1);
  const LossFunc own = round_trip([](const Tensor& p, const Tensor&) { return p.sum(); });
  CHECK_THROWS_WITH(own(ones({1}), ones({1})),
                    "[load_learner] the loss is a function of the program that trained this model");
}

TEST_CASE("a vision learner is exported with its pipeline") {
  const QuietTerminal quiet;
  const Folder folder;
  manual_seed(3);
  for (const char* label : {"cat", "dog"})
    for (int i = 0; i < 5; ++i) {
      (folder.path / "pictures" / label).mkdir({.parents = true, .exist_ok = true});
      Image({40 + i, 30}, 3, static_cast<uint8_t>(20 * i))
          .save((folder.path / "pictures" / label / (std::to_string(i) + ".png")).str());
    }
  const DataLoaders dls = DataBlock{
      .blocks = {ImageBlock{}, CategoryBlock{}},
      .get_items = get_image_files,
      .splitter = RandomSplitter{.seed = 42},
      .get_y = parent_label,
      .item_tfms = {
          Resize{.size = 32}}}.dataloaders(folder.path / "pictures", {.bs = 2});
  Learner learn = vision_learner(dls, "resnet18", {.pretrained = false, .path = folder.path});
  Learner again = load_learner(learn.export_learner("pets.safetensors"));
  const Image picture({50, 60}, 3, 77);
  check_same(learn, again, picture);
  CHECK(again.dls.vocab() == std::vector<std::string>{"cat", "dog"});
  check_same(learn, again, folder.path / "pictures" / "dog" / "3.png");
  CHECK(again.export_learner("again.safetensors").read_text() ==
        (folder.path / "pets.safetensors").read_text());
}

TEST_CASE("a transform and a label function of one's own are in the export by their registered names") {
  const QuietTerminal quiet;
  const Folder folder;
  (folder.path / "pictures").mkdir();
  for (int i = 0; i < 6; ++i)
    Image({12, 12}, 3, static_cast<uint8_t>(40 * i))
        .save((folder.path / "pictures" / (std::to_string(i) + ".png")).str());
  const Transform label = register_transform(
      "test_label", [](const Path& p) { return std::string(p.stem() < "3" ? "dark" : "light"); });
  const Transform inverted = register_transform("test_inverted", [](const Image& image) {
    Image other = image;
    for (int y = 0; y < other.height(); ++y)
      for (int x = 0; x < other.width(); ++x)
        for (int c = 0; c < 3; ++c) other(y, x, c) = static_cast<uint8_t>(255 - other(y, x, c));
    return other;
  });
  const DataLoaders dls = DataBlock{
      .blocks = {ImageBlock{}, CategoryBlock{}},
      .get_items = get_image_files,
      .splitter = RandomSplitter{.seed = 42},
      .get_y = label,
      .item_tfms = {Resize{.size = 8},
                    inverted}}.dataloaders(folder.path / "pictures", {.bs = 2});
  manual_seed(1);
  Learner learn(dls, nn::Sequential(nn::Conv2d(3, 2, 3), nn::AdaptiveAvgPool2d(1), nn::Flatten()),
                {.path = folder.path});
  const Path file = learn.export_learner();
  Learner again = load_learner(file);
  check_same(learn, again, Image({12, 12}, 3, 77));

  auto stored = io::load_safetensors(file.str());
  for (const char* name : {"test_label", "test_inverted"}) {
    auto notes = stored.metadata;
    const auto at = notes["data"].find(name);
    REQUIRE(at != std::string::npos);
    notes["data"].replace(at, std::strlen(name), "its_own_name");  // as in a program that knows it not
    io::save_safetensors(file.str(), stored.tensors, notes);
    try {
      load_learner(file);
      FAIL("nothing was thrown");
    } catch (const ValueError& error) {
      CHECK(std::string(error.what()) ==
            "[make_transform] nobody here knows a transform called 'its_own_name'");
      CHECK(
          error.hint() ==
          "a program that uses this export has to register_transform('its_own_name', ...) first, as the one "
          "that made it did");
    }
  }
}

TEST_CASE("texts are not exported yet, and the error says how to keep what was learned") {
  const Folder folder;
  const WordVocab vocab({"xxunk", "xxpad", "good", "bad"});
  const std::vector<Numbered> texts{{2, 2, 3}, {3, 3}};
  const auto classes = std::make_shared<TextLoader>(texts, std::vector<int64_t>{0, 1}, vocab,
                                                    std::vector<std::string>{"nice", "nasty"});
  const auto words = std::make_shared<LMLoader>(texts, vocab, LMLoaderOptions{.bs = 1});
  const DataLoaders block =
      DataBlock{.blocks = {TextBlock{.min_freq = 1}, CategoryBlock{}},
                .splitter = IndexSplitter{.valid_idx = {0}},
                .get_x = [](const std::string& text) { return text; },
                .get_y = [](const std::string& text) { return text.substr(0, 1); }}
          .dataloaders(Items{std::string("good day"), std::string("go on"), std::string("bad luck")},
                       {.bs = 2});
  for (const DataLoaders& dls : {DataLoaders({classes, classes}), DataLoaders({words, words}), block}) {
    Learner learn(dls, nn::Sequential(nn::Embedding(4, 2)),
                  {.loss_func = CrossEntropyLossFlat{}, .path = folder.path});
    try {
      learn.export_learner();
      FAIL("nothing was thrown");
    } catch (const ValueError& error) {
      CHECK_THAT(std::string(error.what()), Catch::StartsWith("[export] not yet for texts"));
      CHECK_THAT(error.hint(),
                 Catch::Contains("learn.save(\"name\")") && Catch::Contains("learn.load(\"name\")"));
    }
  }
  CHECK(folder.path.ls().empty());
}

TEST_CASE("what is no export, or a damaged one, is refused") {
  const Folder folder;
  Learner learn(two_classes(3), nn::Sequential(nn::Linear(3, 2)), {.path = folder.path});
  const Path weights = learn.save("weights");
  CHECK_THROWS_WITH(load_learner(weights), "[load_learner] " + weights.str() + " is no exported learner");
  const auto good = io::load_safetensors(learn.export_learner().str());
  const auto with = [&](const char* key, const std::string& value, const io::StateDict& tensors) {
    auto notes = good.metadata;
    notes[key] = value;
    const Path file = folder.path / "bad.safetensors";
    io::save_safetensors(file.str(), tensors, notes);
    return file;
  };
  const auto layers = [](const std::string& line) {
    return "{\"name\": \"layers\", \"settings\": {\"layers\": [\"" + line + "\"]}}";
  };
  CHECK_THROWS_AS(load_learner(with("model", "{", good.tensors)), FileError);
  CHECK_THROWS_AS(load_learner(with("data", "[]", good.tensors)), FileError);
  CHECK_THROWS_WITH(load_learner(with("data_kind", "x", good.tensors)),
                    "[load_learner] nobody here knows loaders of the kind 'x'");
  for (const char* line :
       {"0: Linear(in_features=9999999999, out_features=2, bias=True)", "0: Linear", "0: Magic()",
        "1: ReLU()", "0: Linear(in_features=16000000, out_features=16000000, bias=True)", "ReLU()",
        "0: Conv2d(3, 8, kernel_size=(nan, 3))", "0.0.0.0.0.0.0.0.0.0.0: ReLU()"})
    CHECK_THROWS_WITH(load_learner(with("model", layers(line), good.tensors)),
                      Catch::Contains("[make_model] the layer"));
  CHECK_THROWS_AS(load_learner(with("model", layers("0: Linear(in_features=4, out_features=2, bias=True)"),
                                    good.tensors)),
                  ShapeError);
  CHECK_THROWS_AS(
      load_learner(
          with("model",
               "{\"name\": \"vision\", \"settings\": {\"arch\": \"resnet18\", \"n_in\": 3, \"n_out\": -4}}",
               good.tensors)),
      ValueError);
  CHECK_THROWS_AS(load_learner(folder.path / "nothing"), FileError);
}
