// SPDX-License-Identifier: MIT
#include "fastcore/data/factories.h"

#include <catch2/catch.hpp>

#include "fastcore/data/image_data_bunch.h"
#include "fastcore/frame/csv.h"
#include "minitorch/ops/ops.h"
#include "tests/data/pictures.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::Shape;
using testing::NamedFolder;
using Words = std::vector<std::string>;

// train/{cat,dog}, valid/{cat,dog} and other/cat: six pictures each, all of one colour for their kind.
void draw(const Path& folder) {
  for (const char* place : {"train/cat", "train/dog", "valid/cat", "valid/dog", "other/cat"})
    for (int i = 0; i < 6; ++i) {
      const Path file = folder / place / (Path(place).name() + "_" + std::to_string(i) + ".png");
      file.parent().mkdir({.parents = true, .exist_ok = true});
      Image({6, 6}, 3, static_cast<uint8_t>(file.stem()[0] == 'c' ? 100 : 200)).save(file.str());
    }
}

// Labels agree with colours in every loader.
void check(const DataLoaders& dls, int64_t train, int64_t valid) {
  CHECK(dls.vocab() == Words{"cat", "dog"});
  CHECK(dls.train().items() == train);
  CHECK(dls.valid().items() == valid);
  const Batch batch = dls.valid().one_batch();
  for (int64_t i = 0; i < batch.size(); ++i) {
    const double level = batch.x[0].select(0, i).max().item() * 255;
    CHECK(level == Approx(batch.y[0].select(0, i).item() == 0 ? 100 : 200));
  }
}

TEST_CASE("ImageDataLoaders: every way to say what a picture shows") {
  const NamedFolder folder("factories");
  const Path& path = folder.path;
  draw(path);
  const auto files = get_image_files(path);
  const ImageOptions half{.valid_pct = 0.5, .seed = 42, .bs = 4};
  check(ImageDataLoaders::from_folder(path, {.bs = 4}), 12, 12);  // "other" is not looked at
  check(ImageDataLoaders::from_folder(path, half), 15, 15);
  check(ImageDataLoaders::from_folder(path, {.bs = 4}, {.train = "valid", .valid = "other"}), 12, 6);
  CHECK_THROWS_WITH(ImageDataLoaders::from_folder(path, {.valid_pct = 0.0}),  // the folders do not step in
                    Catch::StartsWith("[DataBlock] none of the 24 items validates"));
  check(ImageDataLoaders::from_path_func(
            path, files, [](const Path& p) { return p.parent().name(); }, half),
        15, 15);
  check(ImageDataLoaders::from_name_func(
            path, files, [](const std::string& n) { return n.substr(0, 3); }, half),
        15, 15);
  check(ImageDataLoaders::from_path_re(path, files, R"(/([^/]+)_\d+.png$)", half), 15, 15);
  check(ImageDataLoaders::from_name_re(path, files, R"(^(.*)_\d+.png$)", half), 15, 15);
  check(ImageDataLoaders::from_lists(path, files, files.map(&Path::parent).map(&Path::name), half), 15, 15);
  CHECK_THROWS_WITH(ImageDataLoaders::from_lists(path, files, L<std::string>{"cat"}, half),
                    "[from_lists] 30 files and 1 labels: give one for each");
  CHECK_THROWS_WITH(
      ImageDataLoaders::from_name_func(
          path, files, [](const Path& p) { return p.stem(); }, half),
      Catch::StartsWith("[from_name_func] the label function does not take a file's name (text)"));
}

TEST_CASE("the label's type says what is learned: classes, numbers, several labels") {
  const NamedFolder folder("kinds");
  draw(folder.path);
  const auto files = get_image_files(folder.path).slice(0, 10);
  const ImageOptions options{.valid_pct = 0.2, .seed = 1, .bs = 4};
  auto targets = [&](const auto& labels) {
    return ImageDataLoaders::from_lists(folder.path, files, labels, options).targets();
  };
  L<int64_t> whole;
  L<double> real;
  L<Words> several;
  for (int i = 0; i < 10; ++i) whole.append(i % 2 ? 10 : 9), real.append(i * 0.5), several.append({"a", "b"});
  CHECK(targets(whole).vocab == Words{"9", "10"});
  CHECK(targets(real).kind == TargetKind::number);
  CHECK(targets(real).c == 1);
  CHECK(targets(several).kind == TargetKind::multi_category);
  CHECK(targets(several).vocab == Words{"a", "b"});
  L<std::vector<int>> numbered;
  L<std::vector<double>> places;
  for (int i = 0; i < 10; ++i) numbered.append({i % 2, 10}), places.append({i * 0.5, 1});
  CHECK(targets(numbered).kind == TargetKind::multi_category);
  CHECK(targets(numbered).vocab == Words{"0", "1", "10"});
  CHECK(targets(places).kind == TargetKind::number);
  CHECK(targets(places).c == 2);
}

TEST_CASE("ImageDataLoaders from tables: names, folders, suffixes, several labels, a validation column") {
  const NamedFolder folder("tables");
  draw(folder.path);
  std::string text = "name,label,is_valid,tags\n";
  for (int i = 0; i < 6; ++i)
    for (const std::string kind : {"cat", "dog"})
      text += kind + "/" + kind + "_" + std::to_string(i) + "," + kind + "," + (i < 2 ? "True" : "False") +
              "," + (i % 2 ? kind + " odd" : kind) + "\n";
  (folder.path / "labels.csv").write_text(text);
  const TableOptions table{.folder = "train", .suff = ".png", .valid_col = Column("is_valid")};
  check(ImageDataLoaders::from_csv(folder.path, table, {.bs = 4}), 8, 4);
  TableOptions tagged = table;
  tagged.label_col = "tags";
  tagged.label_delim = " ";
  auto several = ImageDataLoaders::from_csv(folder.path, tagged, {.bs = 4});
  CHECK(several.vocab() == Words{"cat", "dog", "odd"});
  CHECK(several.valid().one_batch().y[0].shape() == Shape{4, 3});
  CHECK(several.valid().one_batch().y[0].sum().item() == 6);
  auto df = read_csv(folder.path / "labels.csv");
  df.set("label", df["label"].set_categories({"dog", "cat"}));
  TableOptions here = table;
  here.path = folder.path;
  CHECK(ImageDataLoaders::from_df(df, here, {.bs = 4}).vocab() == Words{"dog", "cat"});
  tagged.label_col = "tag";
  CHECK_THROWS_WITH(ImageDataLoaders::from_csv(folder.path, tagged),
                    "[ColReader] no column tag among name, label, is_valid, tags");
}

TEST_CASE("a DataBlock over the rows of a table") {
  const NamedFolder folder("rows");
  draw(folder.path);
  const DataFrame df{{"file", {"train/cat/cat_0.png", "train/dog/dog_0.png", "train/cat/cat_1.png"}},
                     {"size", {1.5, 2.5, 3.5}},
                     {"test", {0, 0, 1}}};
  auto dls =
      DataBlock{
          .blocks = {ImageBlock{}, RegressionBlock{}},
          .splitter = ColSplitter{.col = "test"},
          .get_x = ColReader{.cols = "file", .pref = folder.path},
          .get_y = ColReader{.cols = {"size", "test"}},
      }
          .dataloaders(df, {.bs = 2});
  CHECK(dls.c() == 2);
  CHECK(dls.valid().one_batch().y[0].to_vector<double>() == std::vector<double>{3.5, 1});
  CHECK(ColSplitter{.col = "size", .on = {2.5}}(rows_of(df)) == Splits{{0, 2}, {1}});
  const DataFrame gaps = parse_csv("is_valid,own\nTrue,false\nFalse,x\n,FALSE\nfalse,False\n");
  CHECK(ColSplitter{}(rows_of(gaps)) == Splits{{1, 2, 3}, {0}});
  CHECK(ColSplitter{.on = {true}}(rows_of(gaps)) == Splits{{1, 2, 3}, {0}});
  CHECK(ColSplitter{.on = {false}}(rows_of(gaps)) == Splits{{0, 2}, {1, 3}});
  CHECK(ColSplitter{.col = "own"}(rows_of(gaps)) == Splits{{0, 2, 3}, {1}});
  CHECK_THROWS_WITH(ColSplitter{}(Items{Path("a")}),
                    "[ColSplitter] the items are no rows of a table: a (Path)");
  const Transform reader = ColReader{.cols = {Column(0), "size"}, .suff = ".x"};
  CHECK(Transform(ColReader{}).with_settings(reader.settings()).repr() == reader.repr());
}

TEST_CASE("columns of True and False are flags, or a number to be predicted") {
  const NamedFolder folder("truths");
  draw(folder.path);
  const DataFrame df = parse_csv(
      "file,cat,odd,number\ntrain/cat/cat_0.png,True,False,0\ntrain/cat/cat_1.png,True,True,1\n"
      "train/dog/dog_0.png,False,False,0\ntrain/dog/dog_1.png,False,True,1\n");
  DataBlock block{.blocks = {ImageBlock{}, MultiCategoryBlock{.encoded = true, .vocab = {"cat", "odd"}}},
                  .splitter = IndexSplitter{.valid_idx = {3}},
                  .get_x = ColReader{.cols = "file", .pref = folder.path},
                  .get_y = ColReader{.cols = {"cat", "odd"}}};
  const auto target = [&] { return block.dataloaders(df, {.bs = 3, .shuffle = false}).one_batch().y[0]; };
  CHECK_VALUES(target(), ({3, 2}), 0, 1, 0, 1, 1, 0, 0);
  block.blocks[1] = RegressionBlock{};
  CHECK_VALUES(target(), ({3, 2}), 0, 1, 0, 1, 1, 0, 0);
  block.get_y = ColReader{.cols = "odd"};
  CHECK_VALUES(target(), ({3}), 0, 0, 1, 0);
  const TableOptions table{.path = folder.path, .label_col = {"number", "number"}};
  auto labels = ImageDataLoaders::from_df(df, table, {.valid_pct = 0.25, .seed = 1, .bs = 2});
  CHECK(labels.vocab() == Words{"0", "1"});
}

TEST_CASE("SegmentationDataLoaders: the course's call") {
  auto path = testing::pictures();
  auto dls = SegmentationDataLoaders::from_label_func(
      path, get_image_files(path / "images").slice(0, 40),
      [=](const Path& o) { return path / "masks" / o.parent().name() / (o.stem() + ".png"); },
      (path / "codes.txt").readlines(), {.seed = 42, .item_tfms = Resize{.size = 64}, .bs = 8});
  CHECK(dls.train().items() == 32);
  CHECK(dls.targets().kind == TargetKind::mask);
  const Batch batch = dls.train().one_batch();
  CHECK(batch.x[0].shape() == Shape{8, 3, 64, 64});
  CHECK(batch.y[0].shape() == Shape{8, 64, 64});
}

TEST_CASE("the names of 2018: ImageDataBunch") {
  const NamedFolder folder("bunch");
  const Path& path = folder.path;
  draw(path);
  const auto fnames = get_image_files(path);
  auto data = ImageDataBunch::from_name_re(path, fnames, R"(/([^/]+)_\d+.png$)",
                                           {.seed = 42, .ds_tfms = get_transforms(), .size = 16, .bs = 8});
  data.normalize(imagenet_stats);
  CHECK(data.classes() == Words{"cat", "dog"});
  CHECK(data.c() == 2);
  CHECK(data.one_batch().x[0].shape() == Shape{8, 3, 16, 16});
  CHECK(data.valid_dl().has_batch_tfm("Normalize"));
  CHECK(data.valid_dl().items() == 6);
  check(ImageDataBunch::from_folder(path, {.bs = 4}), 12, 12);
  check(ImageDataBunch::from_name_func(path, fnames, parent_label, {.seed = 42, .bs = 4}), 24, 6);
  check(ImageDataBunch::from_lists(path, fnames, fnames.map(parent_label), {.seed = 42, .bs = 4}), 24, 6);
  std::string text = "name,label\n";
  for (const Path& file : fnames) text += file.relative_to(path).str() + "," + parent_label(file) + "\n";
  (path / "labels.csv").write_text(text);
  check(ImageDataBunch::from_csv(path, {}, {.seed = 42, .bs = 4}), 24, 6);
  check(ImageDataBunch::from_df(path, read_csv(path / "labels.csv"), {}, {.seed = 42, .bs = 4}), 24, 6);
  auto tested = ImageDataBunch::from_folder(path, {.test = "other", .bs = 4});
  CHECK(tested.test_dl().items() == 6);
  CHECK(tested.test_dl().one_batch().y.empty());
  CHECK_THROWS_WITH(data.test_dl(), "[DataLoaders] loader 2 of 2");
  CHECK_THROWS_AS(ImageDataBunch::from_folder(path, {.test = "none"}), minitorch::FileError);
  auto own = ImageDataBunch::from_folder(path, {.bs = 12});
  own.normalize();
  CHECK(own.train().one_batch().x[0].mean().item() == Approx(0).margin(1e-4));
}

}  // namespace
}  // namespace fastcore
