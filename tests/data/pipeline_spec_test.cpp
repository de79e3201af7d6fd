// SPDX-License-Identifier: MIT
#include "fastcore/data/pipeline_spec.h"

#include <catch2/catch.hpp>

#include "fastcore/data/augment.h"
#include "fastcore/data/data_block.h"
#include "fastcore/data/factories.h"
#include "fastcore/data/tensor_loader.h"
#include "minitorch/tensor/factories.h"
#include "tests/data/pictures.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::FileError;
using minitorch::ValueError;
using testing::pictures;

DataBlock block() {
  return {.blocks = {ImageBlock{}, CategoryBlock{}},
          .get_items = get_image_files,
          .splitter = RandomSplitter{.seed = 42},
          .get_y = parent_label,
          .item_tfms = {RandomResizedCrop{.size = 48, .min_scale = 0.5}},
          .batch_tfms = aug_transforms({.size = 32})};
}

TEST_CASE("loaders go into JSON and come back: the same batches from the same files") {
  const Path path = pictures() / "images";
  auto dls = block().dataloaders(path, {.bs = 4});
  dls.add_batch_tfm(Normalize::from_stats(imagenet_stats));
  const std::string json = pipeline_spec(dls).to_json();
  CHECK(json.find("\"forest\"") != std::string::npos);
  auto again = make_dataloaders(PipelineSpec::from_json(json));
  CHECK(again.vocab() == dls.vocab());
  CHECK(again.c() == 6);
  CHECK(again.targets().kind == TargetKind::category);
  CHECK(again.train().items() == 0);
  const auto files = get_image_files(path).slice(0, 4);
  const auto theirs = again.test_dl(files), ours = dls.test_dl(files);
  CHECK_TENSOR(theirs->one_batch().x[0], ours->one_batch().x[0], 0);
  CHECK(theirs->one_batch().x[0].shape() == minitorch::Shape{4, 3, 32, 32});
  CHECK(std::get<Category>(again.valid().decode_y(minitorch::tensor({2}))).label == "forest");
  CHECK(pipeline_spec(again).to_json() == json);
  // A label function of one's own is not needed to predict.
  auto own = block();
  own.get_y = [](const Path& p) { return p.name().substr(0, 3); };
  CHECK(make_dataloaders(pipeline_spec(own.dataloaders(path, {.bs = 4}))).c() == 6);
}

TEST_CASE("a label function without a name is missed by whoever wants labels of an export, and only then") {
  const auto files = get_image_files(pictures() / "images").slice(0, 10);
  const auto label = [](const Path& p) { return p.name().substr(0, 1) < "m" ? "a-l" : "m-z"; };
  const auto loaded = [&](const Transform& function) {
    const auto dls = ImageDataLoaders::from_path_func(pictures(), files, function,
                                                      {.item_tfms = Resize{.size = 8}, .bs = 2});
    const std::string json = pipeline_spec(dls).to_json();
    auto again = make_dataloaders(PipelineSpec::from_json(json));
    CHECK(pipeline_spec(again).to_json() == json);  // exported once more, it is still missing
    return again;
  };
  const auto without = loaded(label);
  CHECK(without.test_dl(files)->one_batch().x[0].shape() == minitorch::Shape{2, 3, 8, 8});
  try {
    without.test_dl(files, true);
    FAIL("no error");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) ==
          "[test_dl] the function <lambda> makes the labels, and is not in the export: it has no name by "
          "which this program could know it");
    CHECK(error.hint() ==
          "register it in both programs: register_transform(\"my_name\", function), use what that returns, "
          "and export anew");
  }
  const auto with = loaded(register_transform("test_half_of_alphabet", label));
  CHECK(with.test_dl(files, true)->one_batch().y.size() == 1);
}

TEST_CASE("loaders of two targets come back and know what each is") {
  DataBlock two = block();
  two.blocks = {ImageBlock{}, CategoryBlock{}, CategoryBlock{}};
  two.get_y = {parent_label, [](const Path& p) { return p.stem().substr(0, 1) < "m" ? "a-l" : "m-z"; }};
  two.n_inp = 1;
  auto dls = two.dataloaders(pictures() / "images", {.bs = 4});
  const std::string json = pipeline_spec(dls).to_json();
  auto again = make_dataloaders(PipelineSpec::from_json(json));
  CHECK(again.vocab() == dls.vocab());
  CHECK(again.c() == dls.c());
  CHECK(again.vocab(1) == dls.vocab(1));
  CHECK(dls.vocab(1) == std::vector<std::string>{"a-l", "m-z"});
  CHECK(std::get<Category>(again.valid().decode_y(minitorch::tensor({0}), 1)).label == dls.vocab(1)[0]);
  CHECK(pipeline_spec(again).to_json() == json);
}

struct Invert {
  Image encode(Image image) const {
    for (int64_t i = 0; i < image.bytes(); ++i) image.data()[i] = static_cast<uint8_t>(255 - image.data()[i]);
    return image;
  }
};

TEST_CASE("a transform of one's own is known by the name under which it was registered") {
  const Path path = pictures() / "images";
  auto own = block();
  own.item_tfms = {Resize{.size = 8}, Invert{}};
  auto unnamed = own.dataloaders(path, {.bs = 4});
  try {
    pipeline_spec(unnamed);
    FAIL("no error");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) ==
          "[export] the function Invert has no name by which another program could know it");
    CHECK(
        error.hint() ==
        "register it in both programs: register_transform(\"my_name\", function), and use what that returns");
  }
  own.item_tfms = {Resize{.size = 8}, register_transform("invert", Invert{})};
  auto named = own.dataloaders(path, {.bs = 4});
  auto again = make_dataloaders(PipelineSpec::from_json(pipeline_spec(named).to_json()));
  const auto files = get_image_files(path).slice(0, 2);
  CHECK_TENSOR(again.test_dl(files)->one_batch().x[0], named.test_dl(files)->one_batch().x[0], 0);
  CHECK_THROWS_WITH(register_transform("Resize", Invert{}),
                    "[register_transform] the library has a transform Resize of its own");
  CHECK_THROWS_WITH(make_transform({"Resise", {}}),
                    "[make_transform] nobody here knows a transform called 'Resise'");
  CHECK_THROWS_WITH(
      pipeline_spec(DataLoaders({tensor_loader(minitorch::ones({2, 2}), minitorch::tensor({0, 1}))})),
      "[export] these loaders were not made by a DataBlock");
}

TEST_CASE("descriptions that are damaged are refused") {
  auto refused = [](const std::string& text, const std::string& what) {
    CHECK_THROWS_WITH(PipelineSpec::from_json(text), Catch::Contains(what));
    CHECK_THROWS_AS(PipelineSpec::from_json(text), FileError);
  };
  refused("{", "this is no JSON");
  refused("[]", "\"format\" is missing");
  refused(R"({"format": "x"})", "this is no description of a pipeline");
  const PipelineSpec spec{.members = {{{"Image::open", {}}}, {}}};
  const std::string good = spec.to_json();
  CHECK_NOTHROW(PipelineSpec::from_json(good));
  auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  refused(with("\"version\": 1", "\"version\": 2"), "version 2, but this library reads version 1");
  refused(with("\"n_inp\": 1", "\"n_inp\": 3"), "n_inp 3 of 2 members");
  refused(with("\"none\"", "\"nun\""), "targets of kind \"nun\" are unknown");
  refused(with("\"bs\": 64", "\"bs\": 0"), "bs 0");
  refused(with("\"c\": 0", "\"c\": -1"), "c -1");
  refused(with("\"name\": \"Image::open\"", "\"name\": 3"), "\"name\" has a value of another type");
  refused(with("\"settings\": {}", "\"settings\": {\"a\": {}}"), "neither a number, a text, nor a list");
  for (std::size_t i = 0; i < good.size(); i += 7)
    CHECK_THROWS_AS(PipelineSpec::from_json(good.substr(0, i)), FileError);
}

}  // namespace
}  // namespace fastcore
