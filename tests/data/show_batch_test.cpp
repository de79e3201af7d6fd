// SPDX-License-Identifier: MIT
#include "fastcore/data/show_batch.h"

#include <catch2/catch.hpp>

#include "fastcore/data/tensor_loader.h"
#include "fastcore/image/decode.h"
#include "fastcore/plot/show.h"
#include "minitorch/tensor/factories.h"
#include "tests/data/small_pictures.h"

namespace fastcore {
namespace {

using minitorch::tensor;
using testing::NamedFolder;

TEST_CASE("show_batch: the course's pictures with their labels") {
  const NamedFolder folder("shown");
  minitorch::python::seed(3);
  auto path = testing::pictures();
  auto dls = testing::whole_game()
                 .new_with({.item_tfms = Resize{.size = 192, .method = squish}})
                 .dataloaders(path / "images", {.bs = 32});
  const Path file = folder.path / "batch.png";
  dls.show_batch({.max_n = 6, .path = file.str()});
  const ImageInfo info = image_info(file.str());
  CHECK(info.size.width > info.size.height);
  const ImageGrid grid = batch_grid(dls.valid(), {.max_n = 6});
  REQUIRE(grid.items.size() == 6);
  CHECK(grid.items[0].image.size() == Size{192, 192});
  CHECK(grid.items[0].title == parent_label(Path(dls.valid().item_name(0))));
}

TEST_CASE("unique: one item in every cell, each time cut anew") {
  auto path = testing::pictures();
  auto dls = testing::whole_game()
                 .new_with({.item_tfms = RandomResizedCrop{.size = 32, .min_scale = 0.3}})
                 .dataloaders(path / "images", {.bs = 16});
  const ImageGrid grid = batch_grid(dls.train(), {.max_n = 8, .nrows = 2, .unique = true});
  REQUIRE(grid.items.size() == 8);
  for (const GridItem& item : grid.items) CHECK(item.title == grid.items[0].title);
  CHECK_FALSE(grid.items[0].image == grid.items[1].image);
}

TEST_CASE("grid_item: labels, masks, points and numbers") {
  const Image black({20, 30}, 3, 0);
  const Targets several{TargetKind::multi_category, 3, {"a", "b", "c"}};
  CHECK(grid_item({black}, {decode_target(several, tensor({1.0, 0.0, 1.0}))}, several).title == "a;c");
  const Targets numbers{TargetKind::number, 2, {}};
  CHECK(grid_item({black}, {decode_target(numbers, tensor({1.5, -2.0}))}, numbers).title == "1.5, -2");
  const Targets points{TargetKind::points, 2, {}};
  const GridItem item = grid_item({black}, {decode_target(points, tensor({0.0, 0.0}))}, points);
  CHECK(item.image(10, 15) == 255);
  CHECK(item.image(0, 0) == 0);
  const Targets mask{TargetKind::mask, 2, {"road", "sky"}};
  const Value codes = decode_target(mask, minitorch::ones({20, 30}).to(minitorch::kInt64));
  CHECK(grid_item({black}, {codes}, mask).image(3, 3, 0) == (kMaskColors[10][0] + 1) / 2);
  CHECK_THROWS_WITH(grid_item({Category{1, "x"}}, {}, points),
                    "[show_batch] there is no picture among the inputs: Category 1 (x)");
}

// A second label of draw_pictures' files.
std::string tens(const Path& file) { return std::stoi(file.stem()) < 10 ? "few" : "many"; }

TEST_CASE("each of several targets is shown as what it is") {
  const NamedFolder folder("targets");
  testing::draw_pictures(folder.path, 20);
  DataBlock block = testing::whole_game();
  block.blocks = {ImageBlock{}, CategoryBlock{}, CategoryBlock{}};
  block.get_y = {parent_label, tens};
  block.n_inp = 1;
  auto dls = block.dataloaders(folder.path, {.bs = 4});
  CHECK(dls.vocab() == std::vector<std::string>{"dark", "light"});
  CHECK(dls.vocab(0) == dls.vocab());
  CHECK(dls.vocab(1) == std::vector<std::string>{"few", "many"});
  CHECK_THROWS_WITH(dls.vocab(2), "[DataLoaders] vocab of target 2 of 2");
  const auto check_titles = [](DataLoaders& loaders, const auto& second) {
    const ImageGrid grid = batch_grid(loaders.valid(), {.max_n = 4});
    REQUIRE(grid.items.size() == 4);
    for (int64_t i = 0; i < 4; ++i) {
      const Path file = loaders.valid().item_name(i);
      CHECK(grid.items[i].title == parent_label(file) + "\n" + second(file));
    }
  };
  check_titles(dls, tens);
  // Where a number or a text of numbers stands beside the category, either way round.
  block.blocks[2] = RegressionBlock{};
  block.get_y = {parent_label, [](const Path& file) { return std::stod(file.stem()) + 0.5; }};
  auto numbers = block.dataloaders(folder.path, {.bs = 4});
  check_titles(numbers, [](const Path& file) { return file.stem() + ".5"; });
  CHECK(numbers.vocab(1).empty());
  std::swap(block.blocks[1], block.blocks[2]);
  block.get_y = {[](const Path& file) { return std::stod(file.stem()) + 0.5; }, parent_label};
  auto turned = block.dataloaders(folder.path, {.bs = 4});
  const Path first = turned.valid().item_name(0);
  CHECK(batch_grid(turned.valid(), {.max_n = 1}).items[0].title ==
        first.stem() + ".5\n" + parent_label(first));
  CHECK(turned.c() == 1);
}

TEST_CASE("pictures to be made of pictures stand beside them, as do several inputs") {
  const NamedFolder folder("pairs");
  testing::draw_pictures(folder.path, 20);
  DataBlock block = testing::whole_game();
  block.blocks = {ImageBlock{}, ImageBlock{}};
  block.get_y = [](const Path& file) {  // the negative
    Image image = Image::open(file.str());
    for (int64_t i = 0; i < image.bytes(); ++i) image.data()[i] = static_cast<uint8_t>(255 - image.data()[i]);
    return image;
  };
  block.batch_tfms = {Normalize{.mean = {0.5}, .std = {0.25}}};
  auto dls = block.dataloaders(folder.path, {.bs = 4});
  const ImageGrid grid = batch_grid(dls.valid(), {.max_n = 4});
  REQUIRE(grid.items.size() == 8);
  CHECK(grid.rows == 2);
  CHECK(grid.columns == 4);
  for (int64_t i = 0; i < 4; ++i) {
    const Image original = Image::open(dls.valid().item_name(i));
    CHECK(std::abs(grid.items[2 * i].image(5, 5) - original(5, 5)) <= 1);
    CHECK(std::abs(grid.items[2 * i + 1].image(5, 5) - (255 - original(5, 5))) <= 1);
  }
  CHECK(batch_grid(dls.valid(), {.max_n = 4, .nrows = 1, .ncols = 3}).items.size() == 6);

  block.blocks = {ImageBlock{}, ImageBlock{}, CategoryBlock{}};
  block.get_x = {[](const Path& file) { return file; }, [](const Path& file) { return file; }};
  block.get_y = parent_label;
  block.n_inp = 2;
  auto twins = block.dataloaders(folder.path, {.bs = 4});
  const ImageGrid both = batch_grid(twins.valid(), {.max_n = 2});
  REQUIRE(both.items.size() == 4);
  CHECK(both.columns == 4);
  CHECK(both.items[0].title == parent_label(Path(twins.valid().item_name(0))));
  CHECK(both.items[1].title.empty());
  CHECK(both.items[1].image == both.items[0].image);
}

TEST_CASE("of several targets, one whose transforms do not say what it is stays a tensor") {
  const NamedFolder folder("untold");
  testing::draw_pictures(folder.path, 10);
  DataBlock block = testing::whole_game();
  block.blocks = {ImageBlock{}, TransformBlock{}, CategoryBlock{}};
  block.get_y = {[](const Path& file) { return std::stod(file.stem()); }, parent_label};
  block.n_inp = 1;
  auto dls = block.dataloaders(folder.path, {.bs = 2});
  CHECK(dls.c() == 2);
  CHECK(dls.vocab(0).empty());
  const Batch batch = dls.valid().one_batch();
  const Value number = dls.valid().decode_y(batch.y[0].select(0, 0), 0);
  CHECK(std::get<minitorch::Tensor>(number).item() == std::stod(Path(dls.valid().item_name(0)).stem()));
  const Value label = dls.valid().decode_y(batch.y[1].select(0, 0), 1);
  CHECK(std::get<Category>(label).label == parent_label(Path(dls.valid().item_name(0))));
  // Of tensors nobody has said more than what the first target is.
  TensorLoader tensors({minitorch::rand({2, 3})}, {tensor({1, 0}), tensor({7, 8})},
                       {.bs = 2, .targets = {TargetKind::category, 2, {"x", "y"}}});
  const Batch both = tensors.one_batch();
  CHECK(std::get<Category>(tensors.decode_y(both.y[0].select(0, 0), 0)).label == "y");
  CHECK(std::get<minitorch::Tensor>(tensors.decode_y(both.y[1].select(0, 0), 1)).item() == 7);
}

TEST_CASE("tensors of pictures can be shown too; figures go where the program sends them") {
  auto loader = tensor_loader(minitorch::rand({6, 1, 8, 8}), tensor({0, 1, 2, 0, 1, 2}),
                              {.bs = 4, .targets = {TargetKind::category, 3, {"x", "y", "z"}}});
  std::string name;
  std::size_t items = 0;
  const FigureSink before = set_figure_sink([&](const std::string& called, const ImageGrid& grid) {
    name = called;
    items = grid.items.size();
    CHECK(grid.items[1].title == "y");
  });
  loader->show_batch();
  set_figure_sink(before);
  CHECK(name == "show_batch");
  CHECK(items == 4);
}

TEST_CASE("items that are no pictures are shown as lines") {
  const auto loader = tensor_loader(tensor({1.0, 2.5, 3.0, 4.0}).reshape({2, 2}), tensor({0, 1}),
                                    {.bs = 2, .targets = {TargetKind::category, 2, {"x", "y"}}});
  CHECK(batch_lines(*loader, loader->one_batch(), 9) ==
        "input   category\n"
        "1, 2.5  x\n"
        "3, 4    y\n");
}

}  // namespace
}  // namespace fastcore
