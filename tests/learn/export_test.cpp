// SPDX-License-Identifier: MIT
// A trained learner as data: exported, loaded, and refused where it must be.
#include "fastcore/learn/export.h"

#include <cstdlib>
#include <cstring>

#include "fastcore/data/data_block.h"
#include "fastcore/data/pipeline_spec.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/vision/learner.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

struct Mish : nn::Module {  // another than the library's
  Tensor forward(const Tensor& x) override { return x * 3; }
};
// Answers are the smallest outputs.
struct Least {
  double margin = 0;
  Tensor operator()(const Tensor& pred, const Tensor&) const { return pred.sum(); }
  Tensor activation(const Tensor& pred) const { return -pred; }
  Tensor decodes(const Tensor& activated) const { return activated.argmax(1); }
  std::string name() const { return "Least()"; }
};
struct LeastWithName : Least {
  bool operator==(const LeastWithName& other) const { return margin == other.margin; }
};
Tensor squares(const Tensor& pred, const Tensor&) { return (pred * pred).sum(); }
Tensor cubes(const Tensor& pred, const Tensor&) { return (pred * pred * pred).sum(); }
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
      nn::Sequential(nn::MaxPool2d(2, {.stride = 1}),
                     nn::Sequential(nn::Dropout(0.25), nn::LeakyReLU(0.123456789))),
      nn::AdaptiveAvgPool2d(1), nn::Flatten(), nn::Linear(4, 3), nn::Linear(3, 2, false));
  const Targets targets{TargetKind::category, 2, {"ant", "bee"}};
  const auto loader = tensor_loader(randn({4, 1, 8, 8}), randint(0, 2, {4}), {.targets = targets});
  Learner learn(DataLoaders({loader, loader}), net, {.path = folder.path});
  const Path file = learn.export_learner("net.safetensors");
  CHECK(file == folder.path / "net.safetensors");
  Learner again = load_learner(file);
  CHECK(to_string(*again.model) == to_string(*net));
  CHECK_THAT(to_string(*again.model), Catch::Contains("negative_slope=0.123456789)"));
  CHECK_FALSE(again.model->is_training());
  learn.model->eval();
  check_same(learn, again, randn({1, 8, 8}));
  CHECK(again.dls.vocab() == std::vector<std::string>{"ant", "bee"});
}

TEST_CASE(
    "pooling is exported with all its options, and a layer of one's own is not taken for the library's") {
  const Folder folder;
  manual_seed(1);
  const Targets targets{TargetKind::category, 2, {"ant", "bee"}};
  const auto loader = tensor_loader(randn({4, 1, 7, 7}), randint(0, 2, {4}), {.targets = targets});
  for (const bool ceil : {true, false}) {
    const nn::AvgPool2d pool(3, {.padding = 1, .ceil_mode = ceil, .count_include_pad = ceil});
    Learner learn(DataLoaders({loader, loader}),
                  nn::Sequential(pool, nn::AdaptiveMaxPool2d(1), nn::Flatten(), nn::Linear(1, 2)),
                  {.path = folder.path});
    learn.model->eval();
    Learner again = load_learner(learn.export_learner());
    check_same(learn, again, randn({1, 7, 7}));
    CHECK(to_string(*again.model) == to_string(*learn.model));
  }
  Learner learn(two_classes(3), nn::Sequential(nn::Linear(3, 2), nn::make<Mish>()), {.path = folder.path});
  CHECK_THROWS_WITH(learn.export_learner("mish.safetensors"),
                    "[export] the model Sequential has no name by which another program could make it");
  CHECK_FALSE((folder.path / "mish.safetensors").exists());
}

TEST_CASE("layers that share their weights are refused: a list of layers does not say so") {
  const Folder folder;
  const nn::Linear shared(5, 5);
  for (const auto& net : {nn::Sequential(shared, nn::ReLU(), shared, nn::ReLU(), nn::Linear(5, 2)),
                          nn::Sequential(nn::Sequential(shared), shared, nn::Linear(5, 2))}) {
    Learner learn(two_classes(5), net, {.path = folder.path});
    CHECK_THROWS_WITH(learn.export_learner("tied.safetensors"),
                      "[export] the model Sequential has no name by which another program could make it");
    CHECK_FALSE((folder.path / "tied.safetensors").exists());
  }
  const nn::ReLU relu;  // has nothing to share
  Learner learn(two_classes(5), nn::Sequential(shared, relu, nn::Linear(5, 2), relu), {.path = folder.path});
  Learner again = load_learner(learn.export_learner());
  learn.model->eval();
  check_same(learn, again, randn({5}));
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
  try {
    make_model({"test_wid", {}});
    FAIL("nothing was thrown");
  } catch (const ValueError& error) {
    CHECK(error.hint() ==
          "a program that uses this export has to register_model(\"test_wid\", ...) first, as the one that "
          "made it did; the nearest name known here is 'test_wide'");
  }
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
  const LossFunc of_places = round_trip(BCEWithLogitsLossFlat{.pos_weight = tensor({{5.}, {1.}})});
  CHECK_VALUES(of_places.get_if<BCEWithLogitsLossFlat>()->pos_weight, ({2, 1}), 0, 5, 1);
  CHECK(round_trip(LabelSmoothingCrossEntropy{.eps = .3}).get_if<LabelSmoothingCrossEntropy>()->eps == .3);
  CHECK(round_trip(FocalLoss{.gamma = 1}).get_if<FocalLoss>()->gamma == 1);
  CHECK(round_trip(BCEWithLogitsLossFlat{.thresh = .9}).get_if<BCEWithLogitsLossFlat>()->thresh == .9);
  CHECK(round_trip(MSELossFlat{}).name() == "FlattenedLoss of MSELoss()");
  CHECK(round_trip(DiceLoss{.axis = -1}).get_if<DiceLoss>()->axis == -1);
  const LossFunc dice = round_trip(DiceLoss{.reduction = Reduction::mean, .square_in_union = true});
  CHECK(dice.get_if<DiceLoss>()->reduction == Reduction::mean);
  CHECK(dice.get_if<DiceLoss>()->square_in_union);
  CHECK(round_trip(DiceLoss{}).get_if<DiceLoss>()->reduction == Reduction::sum);
  CHECK(round_trip(MSELossFlat{Reduction::sum}).get_if<MSELossFlat>()->reduction == Reduction::sum);
  const LossFunc yes_no = round_trip(BCEWithLogitsLossFlat{.pos_weight = tensor({{1.}, {3.}})});
  CHECK_VALUES(yes_no.get_if<BCEWithLogitsLossFlat>()->pos_weight, ({2, 1}), 0, 1, 3);
  CHECK_FALSE(yes_no.get_if<BCEWithLogitsLossFlat>()->weight.defined());
  const auto with_shape = [](std::vector<double> shape) {
    return make_loss({"CrossEntropyLossFlat",
                      Settings{{"weight", std::vector<double>{1, 3}}, {"weight_shape", std::move(shape)}}});
  };
  CHECK(with_shape({}).get_if<CrossEntropyLossFlat>()->weight.shape() == Shape{2});  // as it was written once
  for (const std::vector<double>& wrong : {std::vector<double>{3}, {1, 1}, {-2, -1}, {1e300}, {NAN, 2}})
    CHECK_THROWS_WITH(with_shape(wrong), Catch::Contains("2 numbers are no weight of shape"));
  const LossFunc own = round_trip([](const Tensor& p, const Tensor&) { return p.sum(); });
  CHECK_THROWS_WITH(own(ones({1}), ones({1})),
                    "[load_learner] the loss is a function of the program that trained this model");
}

TEST_CASE("a loss of one's own that says what the answers are is exported by its name, or refused") {
  const Folder folder;
  const auto learner_of = [&](LossFunc loss) {
    return Learner(two_classes(3), nn::Sequential(nn::Linear(3, 2)),
                   {.loss_func = std::move(loss), .path = folder.path});
  };
  const auto export_of = [&](LossFunc loss) { return learner_of(std::move(loss)).export_learner(); };
  const auto told = Catch::StartsWith("[export] the loss says how outputs become answers (Least())");
  CHECK_THROWS_WITH(export_of(Least{}), told);
  CHECK_FALSE((folder.path / "export.safetensors").exists());
  register_loss("test_least", LeastWithName{{.margin = 2}});
  CHECK_THROWS_WITH(export_of(LeastWithName{{.margin = 3}}), told);  // another than the registered one
  Learner learn = learner_of(LeastWithName{{.margin = 2}}), again = load_learner(learn.export_learner());
  check_same(learn, again, ones({3}));
  CHECK(again.loss_func.get_if<LeastWithName>()->margin == 2);

  register_loss("test_squares", squares);
  CHECK(describe_loss(squares).name == "test_squares");
  CHECK(describe_loss(cubes).name == "function");
  CHECK(make_loss({"test_squares", {}})(tensor({2.}), tensor({0.})).item() == 4);
  CHECK_THROWS_WITH(register_loss("DiceLoss", squares),
                    "[register_loss] DiceLoss is the name of one of the library's");
  try {
    make_loss({"test_cubes", {}});
    FAIL("nothing was thrown");
  } catch (const ValueError& error) {
    CHECK(error.hint() ==
          "a program that uses this export has to register_loss(\"test_cubes\", ...) first, as the one that "
          "made it did");
  }
}

TEST_CASE("an export can be trained further: groups, optimiser, rates and decay come back") {
  const QuietTerminal quiet;
  const Folder folder;
  const Splitter splitter = [](nn::Module& m) {
    const auto p = m.parameters();
    return std::vector<std::vector<Tensor>>{{p[0], p[1]}, {p[2], p[3]}};
  };
  const auto net = [] { return nn::Sequential(nn::Linear(3, 4), nn::ReLU(), nn::Linear(4, 2)); };
  const DataLoaders dls = two_classes(3);
  Learner learn(dls, net(),
                {.opt_func = SGD,
                 .lr = 0.25,
                 .splitter = splitter,
                 .path = folder.path,
                 .wd = 0.5,
                 .wd_bn_bias = true,
                 .train_bn = false,
                 .moms = {0.9, 0.8, 0.7}});
  for (const bool frozen : {false, true}) {  // from the splitter, and from the optimiser's groups
    if (frozen) learn.freeze();
    Learner again = load_learner(learn.export_learner());
    CHECK(again.lr == 0.25);
    CHECK(again.wd == 0.5);
    CHECK(again.wd_bn_bias);
    CHECK_FALSE(again.train_bn);
    CHECK(again.moms == Moms{0.9, 0.8, 0.7});
    CHECK(again.opt_func.same_as(SGD));
    again.dls = dls;
    again.freeze();
    const Tensor body = again.model->parameters()[0].detach().clone(),
                 head = again.model->parameters()[2].detach().clone();
    again.fit(1);
    CHECK_TENSOR(again.model->parameters()[0].detach(), body, 0);
    CHECK(again.model->parameters()[2].to_vector<double>() != head.to_vector<double>());
    CHECK(again.export_learner("again.safetensors").read_text().size() ==
          (folder.path / "export.safetensors").read_text().size());
  }

  const OptFunc own = [](optim::Groups groups, double lr) {
    return optim::SGD(std::move(groups), {.lr = lr, .mom = 0.5});
  };
  learn.opt_func = own;
  Learner without = load_learner(learn.export_learner());
  CHECK_NOTHROW(predicted(without, ones({3})));
  CHECK_THROWS_WITH(without.freeze(),
                    "[load_learner] the optimiser is a function of the program that trained this model");
  register_opt_func("test_momentum", own);
  Learner with = load_learner(learn.export_learner());
  with.create_opt();
  CHECK(with.opt->hyper("mom") == 0.5);
  CHECK_THROWS_WITH(
      register_opt_func("test_other", SGD.with({.mom = 0.9})),
      "[register_opt_func] test_other is an object with members, which may be others next time");
  CHECK_THROWS_WITH(register_opt_func("Adam", own),
                    "[register_opt_func] Adam is the name of one of the library's");

  const auto whole = io::load_safetensors((folder.path / "export.safetensors").str());
  const auto with_note = [&](const char* name, const std::string& text) {
    auto notes = whole.metadata;
    notes[name] = text;
    io::save_safetensors((folder.path / "other.safetensors").str(), whole.tensors, notes);
    return folder.path / "other.safetensors";
  };
  CHECK_THROWS_WITH(
      load_learner(with_note("groups", R"({"name": "groups", "settings": {"0": ["7.weight"]}})")),
      "[load_learner] a group has the parameter '7.weight', which the model lacks");
  CHECK_THROWS_WITH(
      load_learner(with_note("training", R"({"name": "training", "settings": {"opt_func": "Adagrad"}})")),
      "[load_learner] nobody here knows an optimiser called 'Adagrad'");
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
    auto near = notes;
    near["data"].replace(at, std::strlen(name), "Resized");
    io::save_safetensors(file.str(), stored.tensors, near);
    try {
      load_learner(file);
      FAIL("nothing was thrown");
    } catch (const ValueError& error) {
      CHECK(
          error.hint() ==
          "a program that uses this export has to register_transform('Resized', ...) first, as the one that "
          "made it did; the nearest name known here is 'Resize'");
    }
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

TEST_CASE("what is done to the samples of a batch is exported by its name, or refused") {
  const Folder folder;
  const Transform number = register_transform(
      "test_number", [](const std::string& text) { return tensor({static_cast<double>(text.size())}); });
  const BeforeBatch::Function doubled = [](std::vector<Sample>& samples) {
    for (Sample& sample : samples) sample[0] = std::get<Tensor>(sample[0]) * 2;
  };
  const auto learner_of = [&](const BeforeBatch& change) {
    const TransformBlock block{.type_tfms = {number}, .item_tfms = {}, .before_batch = {change}};
    return Learner(
        DataBlock{.blocks = {block, CategoryBlock{}},
                  .splitter = IndexSplitter{.valid_idx = {0}},
                  .get_y = [](const std::string& text) { return text.substr(0, 1); }}
            .dataloaders(Items{std::string("good"), std::string("go"), std::string("bad")}, {.bs = 2}),
        nn::Sequential(nn::Linear(1, 2)), {.path = folder.path});
  };
  Learner without = learner_of(doubled);
  CHECK_THROWS_WITH(without.export_learner(),
                    "[export] a before_batch function has no name by which another program could know it");
  Learner learn = learner_of(BeforeBatch("test_doubled", {}, doubled));
  CHECK_THROWS_WITH(learn.export_learner(),
                    "[export] a before_batch function has no name by which another program could know it");
  CHECK(folder.path.ls().empty());
  register_before_batch("test_doubled",
                        [&](const Settings&) { return BeforeBatch("test_doubled", {}, doubled); });
  const Path file = learn.export_learner();
  Learner again = load_learner(file);
  check_same(learn, again, std::string("better"));
  auto stored = io::load_safetensors(file.str());
  std::string& data = stored.metadata["data"];
  data.replace(data.find("test_doubled"), 12, "test_unknown");
  io::save_safetensors(file.str(), stored.tensors, stored.metadata);
  CHECK_THROWS_WITH(load_learner(file),
                    "[make_transform] nobody here knows a before_batch function called 'test_unknown'");
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
