// SPDX-License-Identifier: MIT
#include "fastcore/data/data_block.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "fastcore/data/item_pass.h"
#include "fastcore/data/tensor_loader.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/simt/control.h"
#include "minitorch/tensor/factories.h"
#include "minitorch/tensor/transfer.h"
#include "tests/data/small_pictures.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::Shape;
using testing::draw_pictures;
using testing::NamedFolder;
using testing::pictures;
using testing::whole_game;

TEST_CASE("the course's first DataBlock on the bundled pictures") {
  auto path = pictures();
  auto dls =
      DataBlock{
          .blocks = {ImageBlock{}, CategoryBlock{}},
          .get_items = get_image_files,
          .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
          .get_y = parent_label,
          .item_tfms = {Resize{.size = 64, .method = squish}},
      }
          .dataloaders(path / "images", {.bs = 32});
  CHECK(dls.vocab() ==
        std::vector<std::string>{"bird", "flower", "forest", "fruit_veg", "mammal", "sea_life"});
  CHECK(dls.c() == 6);
  CHECK(dls.train().items() == 701);
  CHECK(dls.valid().items() == 175);
  CHECK(dls.train().size() == 21);  // 701 / 32, the rest dropped
  CHECK(dls.valid().size() == 6);
  const Batch batch = dls.train().one_batch();
  CHECK(batch.x[0].shape() == Shape{32, 3, 64, 64});
  CHECK(batch.x[0].dtype() == minitorch::kFloat32);
  CHECK(batch.y[0].shape() == Shape{32});
  CHECK(batch.y[0].dtype() == minitorch::kInt64);
  CHECK(batch.x[0].max().item() <= 1);
  CHECK(batch.x[0].min().item() >= 0);
  // Validation in order: the first item as it is by hand.
  const Batch valid = dls.valid().one_batch();
  const Path first = dls.valid().item_name(0);
  CHECK(std::get<Category>(dls.valid().decode_y(valid.y[0].select(0, 0))).label == parent_label(first));
  const Image squished = resize(Image::open(first.str()), {64, 64});
  CHECK(std::get<Image>(dls.valid().decode_x(valid, 0)[0]) == squished);
}

TEST_CASE("the number of threads changes nothing") {
  auto path = pictures();
  auto block = whole_game();
  block.item_tfms = {RandomResizedCrop{.size = 32, .min_scale = 0.3}, FlipItem{}};
  std::vector<double> sums[3];
  for (int run = 0; run < 3; ++run) {
    const int workers = run == 2 ? 3 : run;
    minitorch::set_seed(42);
    auto dls = block.dataloaders(path / "images", {.bs = 50, .num_workers = workers});
    int64_t batches = 0;
    for (Batch& batch : dls.train()) {
      sums[run].push_back((batch.x[0].sum() + batch.y[0].sum()).item());
      if (++batches == 4) break;  // a pass may be left
    }
    sums[run].push_back(dls.train().one_batch().x[0].sum().item());
  }
  CHECK(sums[0].size() == 5);
  CHECK(sums[0] == sums[1]);
  CHECK(sums[0] == sums[2]);
}

TEST_CASE("workers are batches ahead of who asks") {
  const NamedFolder folder("ahead");
  draw_pictures(folder.path, 40);
  const auto made = std::make_shared<std::atomic<int>>(0);
  auto block = whole_game();
  block.splitter = EndSplitter{.valid_pct = 0.2};
  block.item_tfms = {Resize{.size = 8}, [made](Image image) {
                       ++*made;
                       return image;
                     }};
  auto dls = block.dataloaders(folder.path, {.bs = 4, .num_workers = 2});
  const auto pass = dls.train().start();
  pass->next();
  CHECK(*made == 4);  // many look at one batch only
  pass->next();
  for (int waited = 0; *made < 4 * 6 && waited < 500; ++waited)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(*made == 4 * 6);  // the two that were asked for, and two for each worker
}

TEST_CASE("batches of one item come from workers, too") {
  const NamedFolder folder("ones");
  draw_pictures(folder.path, 40);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  auto block = whole_game();
  block.item_tfms = {Resize{.size = 8}, [&](Image image) {
                       std::this_thread::sleep_for(std::chrono::milliseconds(5));
                       std::lock_guard lock(mutex);
                       threads.insert(std::this_thread::get_id());
                       return image;
                     }};
  auto dls = block.dataloaders(folder.path, {.bs = 1, .num_workers = 3});
  threads.clear();
  int64_t n = 0;
  for (const Batch& batch : dls.train()) n += batch.size();
  CHECK(n == dls.train().size());
  CHECK(threads.size() > 1);
}

TEST_CASE("a batch for another device lies in memory that it reads by itself") {
  const NamedFolder folder("pinned");
  draw_pictures(folder.path, 10);
  for (const auto device : {minitorch::Device::cpu(), minitorch::Device::sim()}) {
    auto dls = whole_game().dataloaders(folder.path, {.bs = 4, .shuffle = false, .device = device});
    const auto pass = dls.train().start();
    const auto sample = static_cast<ItemPass&>(*pass).next_sample();
    REQUIRE(sample.has_value());
    CHECK(minitorch::is_pinned(std::get<TensorImage>(sample->at(0)).tensor) == !device.is_cpu());
    CHECK(minitorch::is_pinned(std::get<minitorch::Tensor>(sample->at(1))) == !device.is_cpu());
    const Batch batch = dls.one_batch();
    CHECK(batch.x[0].device() == device);
    CHECK_TENSOR(batch.x[0].cpu(), IntToFloatTensor{}.encode(std::get<TensorImage>(sample->at(0))).tensor,
                 1e-6);
  }
}

TEST_CASE("batches are copied beside what the device is at") {
  const minitorch::Device sim = minitorch::Device::sim();
  const NamedFolder folder("upload");
  draw_pictures(folder.path, 10);
  auto dls = whole_game().dataloaders(folder.path, {.bs = 4, .shuffle = false, .device = sim});
  const auto expected = dls.train().one_batch().y[0].to_vector<int64_t>();
  minitorch::simt::set_lazy(true);
  const minitorch::Tensor busy = minitorch::ones({4}, {minitorch::kFloat32, sim});
  minitorch::Event done(sim);
  done.record(minitorch::Stream::current(sim));
  const Batch from_loader = dls.train().one_batch(), moved = Batch{{minitorch::ones({3})}, {}}.to(sim);
  minitorch::Stream::copies_of(sim).synchronize();
  {
    const minitorch::StreamScope elsewhere{minitorch::Stream(sim)};
    CHECK(from_loader.y[0].to_vector<int64_t>() == expected);
    CHECK(moved.x[0].to_vector<float>() == std::vector<float>{1, 1, 1});
  }
  CHECK(!done.is_done());
  minitorch::simt::set_lazy(false);
}

TEST_CASE("items of a pass: each once, in the loader's order") {
  const NamedFolder folder("order");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.splitter = EndSplitter{};
  minitorch::set_seed(42);
  auto dls = block.dataloaders(folder.path, {.bs = 4, .drop_last = false});
  int64_t items = 0;
  for (Batch& batch : dls.train()) items += batch.size();
  CHECK(items == 8);
  CHECK(dls.train().with({.drop_last = true})->size() == 2);
  CHECK(dls.train().with({.bs = 3})->size() == 3);
}

TEST_CASE("ItemLoader shuffles as fastai does: each pass anew, each loader from a seed of its own") {
  Items items;
  for (int i = 0; i < 11; ++i) items.append(Numbers{{static_cast<double>(i)}});
  const DataBlock block{.blocks = {TransformBlock{}, RegressionBlock{}}, .splitter = IndexSplitter{{10}}};
  const auto order = [](DataLoader& loader) {
    std::vector<double> all;
    for (const Batch& batch : loader)
      for (const double y : batch.y[0].to_vector<double>()) all.push_back(y);
    return all;
  };
  for (const int workers : {0, 3}) {
    minitorch::set_seed(42);
    auto dls = block.dataloaders(items, {.bs = 4, .drop_last = false, .num_workers = workers});
    CHECK(order(dls.train()) == std::vector<double>{3, 8, 2, 5, 4, 7, 9, 1, 0, 6});
    CHECK(order(dls.train()) == std::vector<double>{2, 0, 1, 8, 4, 9, 5, 6, 3, 7});
    CHECK(order(dls.valid()) == std::vector<double>{10});
    // Two outputs of PyTorch's generator for each of the three passes.
    minitorch::Generator expected(42);
    for (int i = 0; i < 6; ++i) expected.random();
    CHECK(minitorch::default_generator().random() == expected.random());
    // Each loader, the changed copy too, has taken one number of Python's generator for a seed.
    const auto copy = dls.train().with({.bs = 10});
    minitorch::python::Random python(42);
    for (int i = 0; i < 2; ++i) python.randint(0, (int64_t{1} << 32) - 1);
    minitorch::python::Random own(static_cast<uint64_t>(python.randint(0, (int64_t{1} << 32) - 1)));
    minitorch::python::Random pass(static_cast<uint64_t>(own.randint(0, (int64_t{1} << 32) - 1)));
    const auto sample = pass.sample(10, 10);
    CHECK(order(*copy) == std::vector<double>(sample.begin(), sample.end()));
  }
}

TEST_CASE("datasets: samples before batches, labels from the training items") {
  const NamedFolder folder("datasets");
  draw_pictures(folder.path, 10);
  const Datasets dsets = whole_game().datasets(folder.path);
  CHECK(dsets.train().size() == 8);
  CHECK(dsets.valid().size() == 2);
  const Sample sample = dsets.train()[0];
  CHECK(describe(sample[0]).substr(0, 6) == "Image ");
  CHECK(type_of(sample[1]) == "Category");
  CHECK_THROWS_WITH(dsets.train()[8], "[Datasets] sample 8 of 8");
}

TEST_CASE("loaders from datasets or a block, their samples, and the same without items") {
  const NamedFolder folder("from_dsets");
  draw_pictures(folder.path, 10);
  const DataLoadersOptions options{.bs = 4, .shuffle = false};
  const auto block = whole_game();
  const auto dls = DataLoaders::from_dblock(block, folder.path, options);
  const auto same = DataLoaders::from_dsets(
      block.datasets(folder.path),
      {.item_tfms = {Resize{.size = 48}, ToTensor{}}, .batch_tfms = IntToFloatTensor{}}, options);
  CHECK(dls.train_ds().size() == 8);
  CHECK(dls.valid_ds().size() == 2);
  CHECK(std::get<Category>(dls.valid_ds()[0][1]).label ==
        std::get<Category>(block.datasets(folder.path).valid()[0][1]).label);
  CHECK(same.one_batch().x[0].shape() == Shape{4, 3, 48, 48});
  CHECK(same.one_batch().y[0].to_vector<int64_t>() == dls.one_batch().y[0].to_vector<int64_t>());
  CHECK(same.device().is_cpu());

  const auto empty = dls.new_empty();
  CHECK(empty.train().items() == 0);
  CHECK(empty.vocab() == dls.vocab());
  CHECK(empty.test_dl(get_image_files(folder.path))->items() == 10);
  const DataLoaders rows({tensor_loader(minitorch::ones({2, 2}), minitorch::tensor({0, 1}))});
  CHECK(rows.new_empty().train().items() == 0);
  CHECK_THROWS_WITH(rows.train_ds(), "[DataLoader] this loader's items are rows of tensors, no samples");
}

TEST_CASE("test_dl: other items, in their order, without labels or with them") {
  const NamedFolder folder("test_dl");
  draw_pictures(folder.path, 10);
  auto dls = whole_game().dataloaders(folder.path, {.bs = 4});
  const Items items(get_image_files(folder.path));
  auto test = dls.test_dl(items);
  CHECK(test->items() == 10);
  const Batch batch = test->one_batch();
  CHECK(batch.y.empty());
  CHECK(batch.x[0].shape() == Shape{4, 3, 48, 48});
  CHECK(batch.x[0].select(0, 0).max().item() == Approx(40 / 255.0));
  CHECK(dls.test_dl(items, true)->one_batch().y[0].to_vector<int64_t>() == std::vector<int64_t>{0, 0, 0, 0});
  // A picture that is in memory already.
  const Batch one = dls.test_dl({Image({20, 20}, 1, 255)})->one_batch();
  CHECK(one.x[0].shape() == Shape{1, 3, 48, 48});
  CHECK(one.x[0].min().item() == 1);
}

TEST_CASE("Normalize learns from the first training batch and runs in both loaders") {
  const NamedFolder folder("normalize");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.batch_tfms = Normalize{};
  auto dls = block.dataloaders(folder.path, {.bs = 8});
  CHECK(dls.train().has_batch_tfm("Normalize"));
  const Batch batch = dls.train().one_batch();
  CHECK(batch.x[0].mean().item() == Approx(0).margin(1e-5));
  CHECK(batch.x[0].std().item() == Approx(1).epsilon(1e-3));
  const Image shown = std::get<Image>(dls.train().decode_x(batch, 0)[0]);
  CHECK((shown(0, 0) >= 199 || shown(0, 0) == 40 || shown(0, 0) == 39));
  auto plain = whole_game().dataloaders(folder.path, {.bs = 8});
  CHECK_FALSE(plain.valid().has_batch_tfm("Normalize"));
  plain.add_batch_tfm(Normalize::from_stats(imagenet_stats));
  CHECK(plain.train().has_batch_tfm("Normalize"));
  CHECK(plain.valid().one_batch().x[0].max().item() > 1);
}

TEST_CASE("a mask as target: the same cut as its picture, whole numbers") {
  auto path = pictures();
  auto dls = DataBlock{
      .blocks = {ImageBlock{}, MaskBlock{(path / "codes.txt").readlines().items()}},
      .get_items = [](const Path& p) { return get_image_files(p).slice(0, 40); },
      .splitter = EndSplitter{},
      .get_y = [path](const Path& p) { return path / "masks" / p.parent().name() / (p.stem() + ".png"); },
      .item_tfms = RandomResizedCrop{.size = {32, 48}},
  }
                 .dataloaders(path / "images", {.bs = 4});
  CHECK(dls.targets().kind == TargetKind::mask);
  CHECK(dls.c() == (path / "codes.txt").readlines().size());
  const Batch batch = dls.train().one_batch();
  CHECK(batch.x[0].shape() == Shape{4, 3, 32, 48});
  CHECK(batch.y[0].shape() == Shape{4, 32, 48});
  CHECK(batch.y[0].dtype() == minitorch::kInt64);
  CHECK(batch.y[0].max().item() < static_cast<double>(dls.c()));
  CHECK(std::get<Mask>(dls.train().decode_y(batch.y[0].select(0, 1))).size() == Size{32, 48});
}

TEST_CASE("three splits make three loaders; several inputs and targets") {
  const NamedFolder folder("three");
  draw_pictures(folder.path, 20);
  DataBlock block{.blocks = {ImageBlock{}, ImageBlock{PixelMode::grey}, RegressionBlock{}, CategoryBlock{}},
                  .get_items = get_image_files,
                  .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 1, .test_pct = 0.2},
                  .get_y = {[](const Path& p) { return std::stod(p.stem()); }, parent_label},
                  .item_tfms = Resize{.size = 8},
                  .n_inp = 2};
  auto dls = block.dataloaders(folder.path, {.bs = 4});
  CHECK(dls.size() == 3);
  const Batch batch = dls[2].one_batch();
  REQUIRE(batch.x.size() == 2);
  REQUIRE(batch.y.size() == 2);
  CHECK(batch.x[1].shape() == Shape{4, 1, 8, 8});
  CHECK(batch.y[0].dtype() == minitorch::kFloat32);
  CHECK(dls.targets().kind == TargetKind::number);
}

TEST_CASE("an item may leave itself out") {
  const NamedFolder folder("skip");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.item_tfms = {Resize{.size = 8}, [](Image image) -> Image {
                       if (image(0, 0) == 40) throw SkipItem("dark");
                       return image;
                     }};
  auto dls = block.dataloaders(folder.path, {.bs = 4, .drop_last = false});
  for (Batch& batch : dls.train()) CHECK(batch.x[0].min().item() > 0.5);
}

TEST_CASE("a loader whose items all leave themselves out says so") {
  const NamedFolder folder("skip_all");
  draw_pictures(folder.path, 10);
  auto block = whole_game();
  block.item_tfms = {[](Image) -> Image { throw SkipItem("none will do"); }};
  auto dls = block.dataloaders(folder.path, {.bs = 4, .num_workers = 0});
  const std::string said = "[DataLoader] every item is left out: each of the 8 ended in a SkipItem";
  CHECK_THROWS_WITH(dls.one_batch(), said);
  CHECK_THROWS_WITH(dls.train().unique_batch(), said);
  block.batch_tfms = {Normalize{}};
  CHECK_THROWS_WITH(block.dataloaders(folder.path, {.bs = 4}), said);
}

}  // namespace
}  // namespace fastcore
