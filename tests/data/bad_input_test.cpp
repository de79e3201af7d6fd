// SPDX-License-Identifier: MIT
// What a DataBlock says when the data are not what it was told: what went wrong, and what to do.
#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/data/augment.h"
#include "fastcore/data/factories.h"
#include "fastcore/frame/csv.h"
#include "minitorch/tensor/factories.h"
#include "tests/data/small_pictures.h"

namespace fastcore {
namespace {

using minitorch::ValueError;
using testing::draw_pictures;
using testing::NamedFolder;
using testing::whole_game;

template <class E, class F>
std::string refusal(F&& f) {
  try {
    f();
  } catch (const E& error) { return error.what() + (" | " + error.hint()); }
  return "no error";
}
TEST_CASE("an empty folder, nothing to validate, nothing to train") {
  const NamedFolder folder("empty");
  CHECK(refusal<ValueError>([&] { whole_game().dataloaders(folder.path); }) ==
        "[DataBlock] no items in test_data_empty | look at what is there: print(path.ls()); get_image_files "
        "finds files by their suffix");
  draw_pictures(folder.path, 4);
  CHECK(
      refusal<ValueError>([&] { whole_game().dataloaders(folder.path); }) ==
      "[DataBlock] none of the 4 items validates: only items that were not learned from show whether a model "
      "has learned | set some aside: .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42}");
  auto block = whole_game();
  block.splitter = EndSplitter{.valid_pct = 1};
  CHECK(refusal<ValueError>([&] { block.dataloaders(folder.path); }).substr(0, 58) ==
        "[DataBlock] none of the 4 items is left to train with | a ");
}

TEST_CASE("what a learner forgets is said where it was forgotten") {
  const NamedFolder folder("forgotten");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.splitter = GrandparentSplitter{};
  CHECK(refusal<ValueError>([&] { block.dataloaders(folder.path); }) ==
        "[GrandparentSplitter] no item lies two folders below train: the first is "
        "test_data_forgotten/dark/1.png "
        "| say what that folder is called, .train_name = {\"training\"}, or split at random: "
        "RandomSplitter{.valid_pct = 0.2, .seed = 42}");
  CHECK(refusal<ValueError>([&] { ImageDataLoaders::from_folder(folder.path); }) ==
        "[from_folder] no pictures below test_data_forgotten/train and test_data_forgotten/valid, but 10 "
        "elsewhere in test_data_forgotten | set some of all aside: from_folder(path, {.valid_pct = 0.2, "
        ".seed = "
        "42}), or say what the two folders are called: from_folder(path, {}, {.train = \"training\"})");
  block = whole_game();
  block.get_y = {};
  auto dls = block.dataloaders(folder.path, {.bs = 2});
  CHECK_THAT(refusal<ValueError>([&] { dls.valid().one_batch(); }),
             Catch::EndsWith(" | a getter says what is wanted of the file, as .get_y = parent_label"));
  block = whole_game();
  block.blocks = {ImageBlock{}};
  CHECK(refusal<ValueError>([&] { block.dataloaders(folder.path); }) ==
        "[DataBlock] get_y has 1 function for 0 targets | a block for each says what it gives: .blocks = "
        "{ImageBlock{}, CategoryBlock{}}");
  block = whole_game();
  block.item_tfms = {Resize{.size = 8}, aug_transforms()};
  dls = block.dataloaders(folder.path, {.bs = 2});
  CHECK_THAT(refusal<minitorch::ShapeError>([&] { dls.train().one_batch(); }),
             Catch::EndsWith(" | whole batches are augmented: .batch_tfms = aug_transforms()"));
}

TEST_CASE("labels that are missing or unknown are said with their item") {
  const NamedFolder folder("labels");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.splitter = IndexSplitter{.valid_idx = {9}};
  block.get_y = [](const Path& p) -> std::optional<std::string> {
    if (p.stem() == "8") return {};
    return p.parent().name();
  };
  auto dls = block.dataloaders(folder.path, {.bs = 2});
  CHECK(
      refusal<ValueError>([&] { dls.valid().one_batch(); }) ==
      "[Categorize] an item has no label (item test_data_labels/light/8.png) | leave it out (.get_items), or "
      "count it as a class: CategoryBlock{.add_na = true}");
  block.splitter = EndSplitter{.valid_pct = 0.5};
  block.get_y = parent_label;
  auto one_sided = block.dataloaders(folder.path, {.bs = 2});
  CHECK(
      refusal<ValueError>([&] { one_sided.valid().one_batch(); }) ==
      "[Categorize] the label 'light' is not in the vocabulary: dark (item test_data_labels/light/0.png) | "
      "labels are collected from the training items only: give all of them, .vocab = {...}, or split so that "
      "each is in training");
}

TEST_CASE("a number that is missing is said with its item") {
  const DataFrame df = parse_csv("size,price\n1,10\n2,\n3,30\n4,40\n");
  DataBlock block{.blocks = {TransformBlock{}, RegressionBlock{}},
                  .splitter = IndexSplitter{.valid_idx = {3}},
                  .get_x = ColReader{.cols = "size"},
                  .get_y = ColReader{.cols = "price"}};
  const std::string missing =
      " | leave it out: .get_items, df = df.dropna({\"price\"}), or throw SkipItem in get_y";
  const auto first = [&](const ItemSource& source) {
    return refusal<ValueError>(
        [&] { block.dataloaders(source, {.bs = 3, .shuffle = false, .num_workers = 0}).one_batch(); });
  };
  CHECK(first(df) ==
        "[RegressionSetup] an item has no number to predict: nothing, or NaN (item 1)" + missing);
  // The same from functions: NaN, and no number at all.
  block.get_x = {};
  Items items;
  for (int i = 0; i < 4; ++i) items.append("house " + std::to_string(i));
  block.blocks[0] = TransformBlock{{[](const std::string&) { return 1.0; }}};
  block.get_y = [](const std::string& name) { return name == "house 2" ? kNaN : 1.0; };
  CHECK(first(items) ==
        "[RegressionSetup] an item has no number to predict: nothing, or NaN (item house 2)" + missing);
  block.get_y = [](const std::string& name) { return std::string(name == "house 0" ? "nan" : "1.5"); };
  CHECK(first(items) ==
        "[RegressionSetup] an item has no number to predict: nothing, or NaN (item house 0)" + missing);
}

TEST_CASE("an empty cell in one of several columns of numbers is a missing number, no label") {
  DataBlock block{.blocks = {TransformBlock{}, RegressionBlock{}},
                  .splitter = IndexSplitter{.valid_idx = {3}},
                  .get_x = ColReader{.cols = "a"},
                  .get_y = ColReader{.cols = {"b", "c"}}};
  const DataFrame df = parse_csv("a,b,c\n1,10,1\n2,20,2\n3,,3\n4,40,4\n");
  CHECK(refusal<ValueError>([&] {
          auto dls = block.dataloaders(df, {.bs = 3, .shuffle = false, .num_workers = 0});
          CHECK(dls.c() == 2);
          dls.one_batch();
        }) ==
        "[RegressionSetup] an item has no number to predict: nothing, or NaN (item 2) | leave it out: "
        ".get_items, df = df.dropna({\"price\"}), or throw SkipItem in get_y");
  const Transform reader = ColReader{.cols = {"b", "c"}};
  const auto numbers = std::get<Numbers>(reader(rows_of(df)[2])).values;
  REQUIRE(numbers.size() == 2);
  CHECK(std::isnan(numbers[0]));
  CHECK(numbers[1] == 3);
  // With texts beside them they are labels, in the order of the columns; a missing one is none.
  const Items rows = rows_of(parse_csv("b,c\n10,ten\n,none\n"));
  CHECK(std::get<MultiCategory>(reader(rows[0])).labels == std::vector<std::string>{"10", "ten"});
  CHECK(std::get<MultiCategory>(reader(rows[1])).labels == std::vector<std::string>{"none"});
}

TEST_CASE("several columns take pref, suff and label_delim as one does") {
  const Items rows = rows_of(parse_csv("b,c,d\nx y,z,1\n,w,2\n"));
  const auto labels = [&](const ColReader& reader, int64_t row) {
    return std::get<MultiCategory>(Transform(reader)(rows[row])).labels;
  };
  using Words = std::vector<std::string>;
  CHECK(labels({.cols = {"b", "c"}, .pref = "<", .suff = ">"}, 0) == Words{"<x y>", "<z>"});
  CHECK(labels({.cols = {"b", "c"}, .pref = "<", .suff = ">"}, 1) == Words{"<w>"});
  CHECK(labels({.cols = {"d", "d"}, .suff = "px"}, 1) == Words{"2px", "2px"});
  CHECK(labels({.cols = {"b", "c"}, .label_delim = " "}, 0) == Words{"x", "y", "z"});
  CHECK(labels({.cols = "b", .label_delim = " "}, 0) == Words{"x", "y"});
  CHECK(labels({.cols = "b", .label_delim = " "}, 1) == Words{});
}

TEST_CASE("a splitter whose places are not there is named, not the list") {
  DataBlock block{.blocks = {TransformBlock{}, TransformBlock{}}};
  const Items items(std::vector<Value>(24, Value(std::string("a"))));
  const std::string hint =
      " of 24 items | a splitter returns places, 0 to 23: those that train first, then those that validate";
  for (int64_t place : {100, 24, -1}) {
    block.splitter = [place](const Items&) { return Splits{{0, 1}, {2, place}}; };
    CHECK(refusal<minitorch::IndexError>([&] { block.datasets(items); }) ==
          "[DataBlock] the splitter returned place " + std::to_string(place) + hint);
  }
}

TEST_CASE("flags that are none are said: a text, a missing one, too few") {
  const Transform encoded = EncodedMultiCategorize{{"a", "b"}};
  CHECK(refusal<ValueError>([&] {
          encoded(MultiCategory{{}, {"True", "cat"}});
        }) ==
        "[EncodedMultiCategorize] 'cat' is no flag: expected True, False, 1 or 0 | labels, not flags? "
        "MultiCategoryBlock{} without .encoded");
  CHECK(refusal<ValueError>([&] {
          encoded(Numbers{{1, kNaN}});
        }) ==
        "[EncodedMultiCategorize] a flag is missing, or NaN | leave the item out: .get_items, df = "
        "df.dropna(), or throw SkipItem in get_y");
  CHECK(
      refusal<minitorch::ShapeError>([&] { encoded(std::string("True")); }) ==
      "[EncodedMultiCategorize] 1 flags for 2 classes | name them in that order, one for each flag: .vocab = "
      "{\"cat\", \"dog\"}");
}

TEST_CASE("what a function of the learner's own throws is said with its item") {
  const NamedFolder folder("thrown");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.get_y = [](const Path& p) { return std::stoi(p.parent().name()); };
  CHECK_THAT(
      refusal<ValueError>([&] { block.dataloaders(folder.path); }),
      Catch::StartsWith("[DataBlock] a function failed for the item test_data_thrown/dark/3.png: stoi"));
  block.get_y = [](const Path&) -> std::string { throw std::bad_alloc(); };
  CHECK(refusal<minitorch::OutOfMemory>([&] { block.dataloaders(folder.path); }) ==
        "[DataBlock] no memory is left for the item test_data_thrown/dark/3.png | smaller pictures (Resize) "
        "or a "
        "smaller batch: {.bs = 16}");
  block = whole_game();
  block.splitter = EndSplitter{};
  block.item_tfms = [](Image image) -> Image {
    if (image(0, 0) == 40) throw std::runtime_error("dark");
    return image;
  };
  auto dls = block.dataloaders(folder.path, {.bs = 2, .shuffle = false});
  CHECK(refusal<ValueError>([&] { dls.one_batch(); }) ==
        "[DataBlock] a function failed for the item test_data_thrown/dark/1.png: dark | see at which step: "
        "block.summary(source)");
  block.item_tfms = RandomCrop{.size = 0};
  CHECK_THAT(
      refusal<ValueError>([&] { block.dataloaders(folder.path, {.bs = 2, .shuffle = false}).one_batch(); }),
      Catch::StartsWith("[crop_pad]") && Catch::Contains("(item test_data_thrown/dark/1.png)"));
}

TEST_CASE("pictures of unequal shapes cannot make a batch") {
  const NamedFolder folder("shapes");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.item_tfms = {};
  block.splitter = EndSplitter{};
  auto dls = block.dataloaders(folder.path, {.bs = 4, .shuffle = false});
  CHECK(refusal<minitorch::ShapeError>([&] { dls.train().one_batch(); }) ==
        "[collate] It's not possible to collate your items in a batch: could not collate the 0-th members of "
        "your tuples (TensorImage) because got the following shapes: (3, 9, 10), (3, 8, 10) | give all the "
        "same size: .item_tfms = {Resize{.size = "
        "192}}");
}

TEST_CASE("targets of unequal counts are said with what helps: no Resize does") {
  const auto hint = [](const Value& first, const Value& second) {
    const std::string said = refusal<minitorch::ShapeError>([&] { collate({{first}, {second}}); });
    return said.substr(said.find(" | ") + 3);
  };
  CHECK(hint(Points{minitorch::tensor({{1.0, 2.0}})}, Points{minitorch::tensor({{1.0, 2.0}, {3.0, 4.0}})}) ==
        "let the getter give every item as many points");
  CHECK(hint(Numbers{{1}}, Numbers{{1, 2}}) == "let the getter give every item as many numbers");
  const auto picture = [](const minitorch::Shape& shape) { return TensorImage{minitorch::zeros(shape)}; };
  CHECK_THAT(hint(picture({1, 64, 90}), picture({1, 64, 70})),
             Catch::StartsWith("sounds: cut all to one length, SoundBlock{.seconds = 1.5}"));
  CHECK_THAT(hint(picture({1, 64, 90}), picture({1, 60, 90})), Catch::StartsWith("give all the same size"));
  CHECK_THAT(hint(picture({3, 64, 90}), picture({3, 64, 70})), Catch::StartsWith("give all the same size"));
}

TEST_CASE("a damaged file is named, whichever thread met it") {
  const NamedFolder folder("damaged");
  draw_pictures(folder.path, 10);
  (folder.path / "dark" / "1.png").write_text("no picture");
  for (int workers : {0, 3}) {
    auto dls = whole_game().dataloaders(folder.path, {.bs = 8, .num_workers = workers});
    CHECK_THROWS_AS(
        [&] {
          for (Batch& batch : dls.train()) static_cast<void>(batch);
          for (Batch& batch : dls.valid()) static_cast<void>(batch);
        }(),
        minitorch::FileError);
  }
}

TEST_CASE("blocks, getters and items that do not fit together") {
  const NamedFolder folder("misfit");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.get_y = [](const std::string& name) { return name; };
  CHECK(
      refusal<ValueError>([&] { block.dataloaders(folder.path); }) ==
      "[DataBlock] get_y (<lambda>) does not take test_data_misfit/dark/1.png (Path) | let its parameter be "
      "that type: [](const Path& item) { ... }");
  block = whole_game();
  block.get_y = {parent_label, parent_label};
  CHECK(refusal<ValueError>([&] { block.dataloaders(folder.path); }) ==
        "[DataBlock] get_y has 2 functions for 1 target | give one for each: .get_y = {first, second}");
  block = whole_game();
  block.get_items = {};
  CHECK(
      refusal<ValueError>([&] { block.dataloaders(folder.path); }) ==
      "[DataBlock] no get_items: what are the items of test_data_misfit? | .get_items = get_image_files, or "
      "give a list instead of a folder");
  CHECK(refusal<ValueError>([&] { DataBlock{}.datasets(folder.path); }) ==
        "[DataBlock] there are no blocks | .blocks = {ImageBlock{}, CategoryBlock{}} says what inputs and "
        "targets "
        "are");
  block = whole_game();
  block.blocks = {TransformBlock{}, CategoryBlock{}};
  CHECK(refusal<ValueError>([&] {
          block.dataloaders(folder.path, {.bs = 4}).train().one_batch();
        }).substr(0, 93) ==
        "[collate] It's not possible to collate your items in a batch: member 0 of the samples is test");
  CHECK(
      refusal<ValueError>([&] { whole_game().dataloaders(folder.path).train().one_batch(); }) ==
      "This DataLoader does not contain any batches | its 8 items do not fill a batch of 64, and incomplete "
      "ones are dropped: .bs = 8 or less (--bs of a lesson)");
  CHECK(refusal<ValueError>([&] { whole_game().dataloaders(folder.path, {.bs = 0}); }) ==
        "[DataLoader] bs 0: expected 1 or more | say how many items make a batch: {.bs = 64}");
}

}  // namespace
}  // namespace fastcore
