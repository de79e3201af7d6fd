// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <functional>

#include "fastcore/data/data_block.h"
#include "tests/data/pictures.h"

namespace fastcore {
namespace {

using testing::NamedFolder;

// A batch transform behind Normalize.
struct After {
  std::function<TensorImage(const TensorImage&)> look;
  static constexpr double order = 100;
  TensorImage encode(const TensorImage& x) const { return look(x); }
};

std::string told(const DataBlock& block, const ItemSource& source) {
  std::string text;
  try {
    block.summary(source, {.bs = 4}, [&](const std::string& line) { text += line + "\n"; });
  } catch (const minitorch::Error& error) { text += "thrown: " + std::string(error.what()) + "\n"; }
  return text;
}

void draw(const Path& folder, int widest) {
  for (int i = 0; i < 8; ++i) {
    const Path file = folder / (i % 2 ? "b" : "a") / (std::to_string(i) + ".png");
    file.parent().mkdir({.parents = true, .exist_ok = true});
    Image({30, i == 2 ? widest : 34}, 3, 9).save(file.str());
  }
}

TEST_CASE("summary tells how a sample and a batch come about") {
  const NamedFolder folder("summary");
  draw(folder.path, 34);
  const DataBlock block{.blocks = {ImageBlock{}, CategoryBlock{}},
                        .get_items = get_image_files,
                        .splitter = EndSplitter{.valid_pct = 0.5},
                        .get_y = parent_label,
                        .item_tfms = Resize{.size = 8, .method = squish}};
  // The training half is all of kind "a".
  CHECK(told(block, folder.path) ==
        R"(Setting-up type transforms pipelines
Collecting items from test_data_summary
Found 8 items
2 datasets of sizes 4,4
Setting up Pipeline: Image::open -- {'mode': 'rgb'}
Setting up Pipeline: parent_label -> Categorize -- {'vocab': None, 'sort': True, 'add_na': False}

Building one sample
  Pipeline: Image::open -- {'mode': 'rgb'}
    starting from
      test_data_summary/a/0.png
    applying Image::open -- {'mode': 'rgb'} gives
      Image 34x30x3
  Pipeline: parent_label -> Categorize -- {'vocab': ['a'], 'sort': True, 'add_na': False}
    starting from
      test_data_summary/a/0.png
    applying parent_label gives
      a
    applying Categorize -- {'vocab': ['a'], 'sort': True, 'add_na': False} gives
      Category 0 (a)

Final sample: (Image 34x30x3, Category 0 (a))


Collecting items from test_data_summary
Found 8 items
2 datasets of sizes 4,4
Setting up Pipeline: Image::open -- {'mode': 'rgb'}
Setting up Pipeline: parent_label -> Categorize -- {'vocab': None, 'sort': True, 'add_na': False}
Setting up after_item: Pipeline: Resize -- {'size': (8, 8), 'method': 'squish', 'pad_mode': 'reflection', 'filter': 'bilinear'} -> ToTensor
Setting up before_batch: Pipeline: 
Setting up after_batch: Pipeline: IntToFloatTensor -- {'div': 255.0, 'div_mask': 1}

Building one batch
Applying item_tfms to the first sample:
  Pipeline: Resize -- {'size': (8, 8), 'method': 'squish', 'pad_mode': 'reflection', 'filter': 'bilinear'} -> ToTensor
    starting from
      (Image 34x30x3, Category 0 (a))
    applying Resize -- {'size': (8, 8), 'method': 'squish', 'pad_mode': 'reflection', 'filter': 'bilinear'} gives
      (Image 8x8x3, Category 0 (a))
    applying ToTensor gives
      (TensorImage of size 3x8x8, Category 0 (a))

Adding the next 3 samples

No before_batch transform to apply

Collating items in a batch

Applying batch_tfms to the batch built
  Pipeline: IntToFloatTensor -- {'div': 255.0, 'div_mask': 1}
    starting from
      (TensorImage of size 4x3x8x8, Tensor([0, 0, 0, 0]))
    applying IntToFloatTensor -- {'div': 255.0, 'div_mask': 1} gives
      (TensorImage of size 4x3x8x8, Tensor([0, 0, 0, 0]))
)");
}

TEST_CASE("summary names the step that fails, and the shapes that do not fit") {
  const NamedFolder folder("summary_bad");
  draw(folder.path, 40);
  DataBlock block{.blocks = {ImageBlock{}, CategoryBlock{}},
                  .get_items = get_image_files,
                  .splitter = EndSplitter{.valid_pct = 0.5},
                  .get_y = parent_label};
  const std::string misfit = told(block, folder.path);
  CHECK_THAT(misfit, Catch::Contains("Collating items in a batch\n"
                                     "Error! It's not possible to collate your items in a batch\n"
                                     "Could not collate the 0-th members of your tuples because got the "
                                     "following shapes\n(3, 30, 34),(3, 30, 40),(3, 30, 34),(3, 30, 34)\n"
                                     "thrown: [collate]"));
  // A step that fails while labels are collected, and one that fails for a later item only.
  block.get_y = RegexLabeller(R"(_(\d+)\.)");
  CHECK_THAT(told(block, folder.path),
             Catch::Contains("  Pipeline: RegexLabeller") &&
                 Catch::Contains("    starting from\n      test_data_summary_bad/a/0.png\n    applying "
                                 "RegexLabeller") &&
                 Catch::Contains(" failed.\nthrown: [RegexLabeller] no match of '_(\\\\d+)\\\\.' in "
                                 "'test_data_summary_bad/a/0.png'"));
  block.get_y = parent_label;
  block.item_tfms = [](Image image) -> Image {
    if (image.width() > 34) throw minitorch::ValueError("too wide");
    return image;
  };
  CHECK_THAT(
      told(block, folder.path),
      Catch::Contains("Adding the next 3 samples\n") &&
          Catch::Contains("(Image 40x30x3, Category 0 (a))\n    applying <lambda> failed.\nthrown: too "
                          "wide"));
  block.get_y = parent_label;
  block.item_tfms = RandomCrop{.size = 0};
  CHECK_THAT(told(block, folder.path),
             Catch::Contains("    applying RandomCrop -- {'size': (0, 0)} failed.\nthrown: [crop_pad]"));
  block.blocks = {TransformBlock{.item_tfms = {}}, TransformBlock{.item_tfms = {}}};
  block.item_tfms = {};
  CHECK_THAT(told(block, folder.path),
             Catch::Contains("No item_tfms to apply\n") &&
                 Catch::Contains("Make sure all parts of your samples are tensors"));
}

TEST_CASE("summary lets batch transforms learn as training does") {
  const NamedFolder folder("summary_learns");
  draw(folder.path, 34);
  Image({30, 34}, 3, 200).save((folder.path / "a" / "0.png").str());  // among three of 9
  double seen = -1;
  const auto look = [&](const TensorImage& x) {
    seen = x.tensor.mean().item();
    return x;
  };
  const DataBlock block{.blocks = {ImageBlock{}, CategoryBlock{}},
                        .get_items = get_image_files,
                        .splitter = EndSplitter{.valid_pct = 0.5},
                        .get_y = parent_label,
                        .batch_tfms = {Normalize{}, After{look}}};
  CHECK_THAT(told(block, folder.path),
             Catch::Contains("    setting up Normalize from this batch\n    applying Normalize -- {'mean': "
                             "[0.2225") &&
                 Catch::Contains("    applying After gives\n") && !Catch::Contains("thrown"));
  CHECK(std::abs(seen) < 1e-3);
}

TEST_CASE("summary says when a step takes none of the members") {
  const NamedFolder folder("summary_idle");
  draw(folder.path, 34);
  const DataBlock block{.blocks = {ImageBlock{}, CategoryBlock{}},
                        .get_items = get_image_files,
                        .splitter = EndSplitter{.valid_pct = 0.5},
                        .get_y = parent_label,
                        .item_tfms = [](const Mask& mask) { return mask; }};
  CHECK_THAT(
      told(block, folder.path),
      Catch::Contains("      (Image 34x30x3, Category 0 (a))\n    <lambda> takes none of these: nothing "
                      "done\n    applying ToTensor gives\n"));
}

TEST_CASE("summary passes over items that a transform leaves out, and says which") {
  const NamedFolder folder("summary_skip");
  draw(folder.path, 40);
  DataBlock block{.blocks = {ImageBlock{}, CategoryBlock{}},
                  .get_items = get_image_files,
                  .splitter = EndSplitter{.valid_pct = 0.25},
                  .get_y = [](const Path& file) -> std::string {
                    if (file.stem() == "0") throw SkipItem("nobody knows what it is");
                    return parent_label(file);
                  },
                  .item_tfms = [](Image image) -> Image {
                    if (image.width() > 34) throw SkipItem("too wide");
                    return image;
                  }};
  const std::string text = told(block, folder.path);
  CHECK_THAT(text,
             Catch::Contains("      test_data_summary_skip/a/0.png\n    applying <lambda> leaves the item "
                             "out.\n  Left out: test_data_summary_skip/a/0.png: nobody knows what it is\n") &&
                 Catch::Contains("Applying item_tfms to the first sample:\n  Left out: "
                                 "test_data_summary_skip/a/0.png: nobody knows what it is\n") &&
                 Catch::Contains("(Image 40x30x3, Category 0 (a))\n    applying <lambda> leaves the item "
                                 "out.\n  Left out: test_data_summary_skip/a/2.png: too wide\n") &&
                 Catch::Contains("(TensorImage of size 4x3x30x34, Tensor([0, 0, 1, 1]))") &&
                 !Catch::Contains("thrown"));
  // The loaders do the same.
  auto dls = block.dataloaders(folder.path, {.bs = 6, .shuffle = false, .drop_last = false});
  CHECK(dls.vocab() == std::vector<std::string>{"a", "b"});
  CHECK(dls.train().one_batch().size() == 4);
  block.item_tfms = [](Image) -> Image { throw SkipItem("none will do"); };
  CHECK_THAT(told(block, folder.path),
             Catch::EndsWith("thrown: [DataBlock] every training item is left out\n"));
}

}  // namespace
}  // namespace fastcore
