// SPDX-License-Identifier: MIT
// The course's snippets about pictures, line by line in C++, on the bundled pictures: fewer and smaller ones,
// so that all of them train in seconds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>

#include "fastcore/basics/web_images.h"
#include "fastcore/data/augment.h"
#include "fastcore/data/data_block.h"
#include "fastcore/data/factories.h"
#include "fastcore/data/image_data_bunch.h"
#include "fastcore/image/files.h"
#include "fastcore/learn/cleaner.h"
#include "fastcore/learn/export.h"
#include "fastcore/learn/interpret.h"
#include "fastcore/learn/learn.h"
#include "fastcore/vision/learner.h"
#include "minitorch/core/random.h"
#include "minitorch/minitorch.h"
#include "tests/data/pictures.h"
#include "tests/datasets/fake_server.h"

namespace fastcore {
namespace {

using minitorch::set_seed;
using testing::NamedFolder;

// A folder like the one that a search fills: twelve pictures of either kind, and one that is none.
Path few_pictures(const NamedFolder& folder) {
  const Path from = testing::pictures() / "images";
  for (const char* o : {"bird", "forest"}) {
    const auto dest = folder.path / o;
    dest.mkdir({.parents = true, .exist_ok = true});
    for (const Path& file : get_image_files(from / o).sorted().slice(0, 12)) file.copy(dest / file.name());
  }
  (folder.path / "bird" / "broken.jpg").write_text("<html>");
  return folder.path;
}

DataLoaders bird_or_not(const Path& path) {
  //! [data]
  auto dls =
      DataBlock{
          .blocks = {ImageBlock{}, CategoryBlock{}},
          .get_items = get_image_files,
          .splitter = RandomSplitter{.valid_pct = 0.25, .seed = 42},
          .get_y = parent_label,
          .item_tfms = {Resize{.size = 64, .method = squish}},
      }
          .dataloaders(path, {.bs = 6});
  //! [data]
  return dls;
}

TEST_CASE("search, download and shrink: what a search fills a folder with") {
  const NamedFolder folder("snippets_search");
  const Path path = folder.path, from = testing::pictures() / "images";
  // Stands for Wikimedia Commons, on plain http: three pictures of what is asked for, and one that is gone.
  std::string address;
  FakeServer commons([&](const Request& request, FakeServer::Client& client) {
    std::string body;
    for (const char* o : {"bird", "forest"}) {
      const auto files = get_image_files(from / o).slice(0, 3);
      if (request.target.find(std::string("bitmap%20") + o + "%20photo") != std::string::npos)
        for (const auto& [i, name] : (files.map(&Path::name) + L<std::string>{"gone.jpg"}).enumerate())
          body += std::string(body.empty() ? "" : ",") + "{\"index\":" + std::to_string(i) +
                  ",\"imageinfo\":[{\"mime\":\"image/jpeg\",\"url\":\"" + address + "/" + o + "/" + name +
                  "\"}]}";
      for (const Path& file : files)
        if (request.target == "/" + std::string(o) + "/" + file.name())
          return client.file(request, file.read_text(), "");
    }
    if (body.empty()) return client.head("404 Not Found", "", 0);
    client.file(request, "{\"query\":{\"pages\":[" + body + "]}}", "");
  });
  address = commons.url("");
  setenv("COURSE_IMAGE_SEARCH", commons.url("/w/api.php").c_str(), 1);
  //! [search]
  for (std::string o : {"bird", "forest"}) {
    const auto dest = path / o;
    dest.mkdir({.parents = true, .exist_ok = true});
    download_images(dest, {.urls = search_images(o + " photo"), .allow_http = true});
    resize_images(path / o, {.max_size = 100, .dest = path / o});
  }
  //! [search]
  unsetenv("COURSE_IMAGE_SEARCH");
  for (const char* o : {"bird", "forest"}) {
    const auto files = get_image_files(path / o);
    REQUIRE(files.size() == 3);
    CHECK(verify_images(files).empty());
    const Size size = Image::open(files[0].str()).size();
    CHECK(std::max(size.width, size.height) == 100);
  }
}

TEST_CASE("bird or forest: from a folder of pictures to an exported learner that names one") {
  const NamedFolder folder("snippets_bird");
  const Path path = few_pictures(folder);

  //! [resize]
  for (const char* o : {"bird", "forest"}) resize_images(path / o, {.max_size = 100, .dest = path / o});
  //! [resize]
  CHECK(Image::open(get_image_files(path / "bird").sorted()[0].str()).size().width <= 100);

  //! [verify]
  auto failed = verify_images(get_image_files(path));
  failed.map(&Path::unlink);
  CHECK(failed.size() == 1);
  //! [verify]
  CHECK(get_image_files(path).size() == 24);

  set_seed(42);
  auto dls = bird_or_not(path);
  //! [show]
  dls.show_batch({.max_n = 6, .path = (path / "batch.png").str()});
  //! [show]
  CHECK(Image::open((path / "batch.png").str()).channels() == 3);

  //! [train]
  auto learn = vision_learner(dls, models::tf_efficientnet_lite0, {.metrics = error_rate});
  learn.fine_tune(1, 5e-3);
  //! [train]

  //! [predict]
  auto [is_bird, index, probs] = learn.predict(Image::open(get_image_files(path / "bird").sorted()[0].str()));
  printf("This is a: %s.\n", is_bird.c_str());
  printf("Probability it's a bird: %.4f\n", probs[0].item());
  //! [predict]
  CHECK(probs[0].item() + probs[1].item() == Approx(1).margin(1e-5));

  //! [interpret]
  auto interp = ClassificationInterpretation::from_learner(learn);
  interp.plot_confusion_matrix().save((path / "confusion.png").str());
  interp.plot_top_losses(5, {.nrows = 1}).save((path / "top_losses.png").str());
  //! [interpret]
  CHECK(Image::open((path / "top_losses.png").str()).size().width > 0);

  //! [export]
  learn.export_learner("model.safetensors");
  auto loaded = load_learner(learn.path / "model.safetensors");
  auto again = loaded.predict(Image::open(get_image_files(path / "bird").sorted()[0].str()));
  //! [export]
  CHECK(again.label == is_bird);
  CHECK(again.probs[0].item() == Approx(probs[0].item()).margin(1e-5));

  //! [clean]
  auto cleaner = ImageClassifierCleaner(learn);
  cleaner.mark(0, "delete");
  cleaner.mark(1, "forest");
  for (auto idx : cleaner.removed()) cleaner.fns[idx].unlink();
  for (auto& [idx, cat] : cleaner.changed()) move_picture(cleaner.fns[idx], path / cat);
  //! [clean]
  CHECK(get_image_files(path / "bird").size() + get_image_files(path / "forest").size() < 24);
}

TEST_CASE("segmentation: SegmentationDataLoaders and unet_learner") {
  set_seed(42);
  const Path path = testing::pictures();
  //! [segmentation]
  auto dls = SegmentationDataLoaders::from_label_func(
      path, get_image_files(path / "images" / "bird").sorted().slice(0, 10),
      [path](const Path& o) { return path / "masks" / o.parent().name() / (o.stem() + ".png"); },
      (path / "codes.txt").readlines(), {.item_tfms = Resize{.size = 32}, .bs = 4});
  auto learn = unet_learner(dls, models::resnet18, {.pretrained = false});
  learn.fit_one_cycle(1, 1e-3);
  //! [segmentation]
  CHECK(learn.recorder->values.size() == 1);
  CHECK(dls.c() == 6);
}

TEST_CASE("augmentation: a DataBlock of other transforms") {
  const NamedFolder folder("snippets_augment");
  const Path path = few_pictures(folder);
  (path / "bird" / "broken.jpg").unlink();
  set_seed(42);
  //! [augment]
  auto bears = DataBlock{.blocks = {ImageBlock{}, CategoryBlock{}},
                         .get_items = get_image_files,
                         .splitter = RandomSplitter{.valid_pct = 0.25, .seed = 42},
                         .get_y = parent_label};
  auto dls = bears
                 .new_with({.item_tfms = RandomResizedCrop{.size = 64, .min_scale = 0.5},
                            .batch_tfms = aug_transforms()})
                 .dataloaders(path, {.bs = 8});
  dls.train().show_batch({.max_n = 8, .nrows = 2, .unique = true, .path = (path / "unique.png").str()});
  //! [augment]
  CHECK(dls.train().one_batch().x[0].shape() == minitorch::Shape{8, 3, 64, 64});
}

TEST_CASE("the names of 2018") {
  const Path path_img = testing::pictures() / "images" / "bird";
  const auto fnames = get_image_files(path_img).sorted().slice(0, 20);
  set_seed(42);
  //! [names_of_2018]
  auto data = ImageDataBunch::from_name_re(path_img, fnames, R"(/([^/]+)_\d+.jpg$)",
                                           {.ds_tfms = get_transforms(), .size = 32, .bs = 8});
  //! [names_of_2018]
  CHECK(data.classes() == std::vector<std::string>{"bird"});
  CHECK(data.one_batch().x[0].size(2) == 32);
}

TEST_CASE("the catalogue, and a look into a model") {
  //! [catalogue]
  auto names = list_models("convnext*");
  auto model = create_model("tf_efficientnet_lite0", {.pretrained = false});
  auto parameters = model->parameters();
  auto stem = model->get_submodule("conv_stem");
  //! [catalogue]
  CHECK(std::find(names.begin(), names.end(), "convnext_tiny") != names.end());
  CHECK(parameters.size() > 100);
  CHECK(stem->own_parameter("weight").shape() == minitorch::Shape{32, 3, 3, 3});
}

}  // namespace
}  // namespace fastcore
