// SPDX-License-Identifier: MIT
// vision_learner and unet_learner on a few bundled pictures.
#include "fastcore/vision/learner.h"

#include "fastcore/data/data_block.h"
#include "fastcore/data/item_loader.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/learn.h"
#include "fastcore/vision/pretrained.h"
#include "fastcore/vision/specs.h"
#include "minitorch/io/io.h"
#include "minitorch/minitorch.h"
#include "minitorch/nn/init.h"
#include "tests/data/pictures.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

using minitorch::Tensor;
using testing::pictures;

// Birds and forests, so few that an epoch takes a second.
DataLoaders birds(int64_t bs) {
  return DataBlock{
      .blocks = {ImageBlock{}, CategoryBlock{}},
      .get_items =
          [](const Path& folder) {
            L<Path> few;
            for (const char* kind : {"bird", "forest"})
              for (const Path& file : get_image_files(folder / kind).sorted().slice(0, 24)) few.append(file);
            return few;
          },
      .splitter = RandomSplitter{.valid_pct = 0.25, .seed = 42},
      .get_y = parent_label,
      .item_tfms = Resize{.size = 64, .method = squish},
  }
      .dataloaders(pictures() / "images", {.bs = bs});
}

TEST_CASE("a pretrained net learns birds and forests in a few steps") {
  minitorch::set_seed(42);
  const auto dls = birds(12);
  auto learn = vision_learner(dls, models::tf_efficientnet_lite0, {.metrics = error_rate});
  for (int i = 0; i < 2; ++i) {
    CHECK(learn.dls[i].has_batch_tfm("Normalize"));
    const Tensor x = learn.dls[i].one_batch().x[0];  // colours in [-1, 1]: mean and deviation 0.5
    CHECK(x.min().item() < -0.5);
    CHECK(x.min().item() >= -1);
    CHECK(x.max().item() <= 1);
  }
  const auto quiet = learn.no_logging();
  const auto no_bar = learn.no_bar();
  learn.fine_tune(1, {.base_lr = 5e-3});
  CHECK(learn.validate()[1] <= 0.25);  // of 12 pictures; before, every other is wrong
}

TEST_CASE("a pretrained body is frozen but for its norms, a random one is not") {
  const auto dls = birds(12);
  auto learn = vision_learner(dls, "tf_efficientnet_lite0");
  const auto stem = learn.model->get_submodule("0.conv_stem"), norm = learn.model->get_submodule("0.bn1");
  const auto head = learn.model->get_submodule("1.8");
  CHECK_FALSE(stem->own_parameter("weight").requires_grad());
  CHECK(norm->own_parameter("weight").requires_grad());
  CHECK(head->own_parameter("weight").requires_grad());
  CHECK(learn.opt->groups().size() == 2);
  learn.unfreeze();
  CHECK(stem->own_parameter("weight").requires_grad());

  auto random = vision_learner(birds(12), models::resnet18, {.pretrained = false});
  CHECK_FALSE(random.dls.train().has_batch_tfm("Normalize"));
  random.create_opt();
  CHECK(random.opt->groups().size() == 3);
  CHECK(random.model->get_submodule("0.0")->own_parameter("weight").requires_grad());
}

TEST_CASE("ready tensors are not scaled for a pretrained net: the advice says how to do without") {
  const DataLoaders dls({tensor_loader(minitorch::zeros({4, 3, 32, 32}), minitorch::zeros({4}), {.bs = 2})});
  VisionLearnerOptions options{.n_out = 2, .loss_func = CrossEntropyLossFlat{}};
  try {
    vision_learner(dls, models::tf_efficientnet_lite0, options);
    FAIL("colours were scaled");
  } catch (const minitorch::ValueError& error) {
    CHECK_THAT(error.hint(), Catch::Contains("vision_learner asks for none with {.normalize = false}"));
  }
  options.normalize = false;
  CHECK_NOTHROW(vision_learner(dls, models::tf_efficientnet_lite0, options));
}

TEST_CASE("a Normalize of one's own stays the only one") {
  auto block_tfms = birds(12);
  block_tfms.add_batch_tfm(Normalize::from_stats(imagenet_stats));
  auto learn = vision_learner(block_tfms, models::tf_efficientnet_lite0);
  CHECK(learn.dls.train().one_batch().x[0].max().item() > 1.2);
}

TEST_CASE("loaders are normalised for the last net made with them") {
  auto dls = birds(12);
  CHECK_THROWS_WITH(vision_learner(dls, models::xresnet18), Catch::Contains("no weights of xresnet18"));
  CHECK_THROWS_WITH(unet_learner(dls, models::xresnet18), Catch::Contains("no weights of xresnet18"));
  CHECK_FALSE(dls.train().has_batch_tfm("Normalize"));  // a net that came to nothing leaves nothing behind

  const auto seen = [&](const Architecture& arch) {
    const auto learn = vision_learner(dls, arch);
    for (int64_t i = 0; i < 2; ++i) {
      int64_t norms = 0;
      for (const Transform& t : dynamic_cast<ItemLoader&>(learn.dls[i]).options().after_batch.transforms())
        norms += t.is<Normalize>();
      CHECK(norms == 1);
    }
    return dls.valid().one_batch().x[0];
  };
  const Tensor first = seen(models::tf_efficientnet_lite0);
  CHECK(first.min().item() >= -1);
  CHECK(first.max().item() <= 1);
  Architecture other = models::tf_efficientnet_lite0;  // the only weights at hand, with other statistics
  other.stats = imagenet_stats;
  const Tensor mean = minitorch::tensor(imagenet_stats.mean, {3, 1, 1}),
               deviation = minitorch::tensor(imagenet_stats.std, {3, 1, 1});
  CHECK_TENSOR(seen(other) * deviation + mean, first * 0.5 + 0.5, 1e-5);
  CHECK_TENSOR(seen(models::tf_efficientnet_lite0), first, 0);
}

TEST_CASE("outputs follow the data, or what is asked for") {
  const auto dls = birds(12);
  const auto last = [](const Learner& learn) {
    return learn.model->get_submodule("1.8")->own_parameter("weight").size(0);
  };
  CHECK(last(vision_learner(dls, "resnet18", {.pretrained = false})) == 2);
  CHECK(last(vision_learner(dls, "resnet18", {.n_out = 5, .pretrained = false})) == 5);
  CHECK_THROWS_WITH(vision_learner(dls, "resnet18", {.n_out = 0, .pretrained = false}),
                    "[vision_learner] how many outputs the net needs is not known from the data");
  CHECK_THROWS_WITH(vision_learner(dls, "resnet81"), "[create_model] no model is called 'resnet81'");
}

TEST_CASE("a body is cut where one says, and its export knows") {
  register_vision_models();
  const auto dls = birds(12);
  auto learn = vision_learner(dls, models::resnet18, {.pretrained = false, .cut = 3});
  CHECK(learn.model->get_submodule("0")->children().size() == 7);  // of ten: the last stage is gone, too
  CHECK(learn.model->get_submodule("1.2")->own_parameter("weight").size(0) == 2 * 256);
  CHECK(make_model(learn.model_spec)->parameter_count() == learn.model->parameter_count());
  const auto whole = vision_learner(dls, models::resnet18, {.pretrained = false, .cut = 0});
  // The net pools by itself: the head begins with its norm.
  CHECK(whole.model->get_submodule("1.0")->own_parameter("weight").size(0) == 512);
  CHECK(make_model(whole.model_spec)->parameter_count() == whole.model->parameter_count());

  const auto unet = unet_learner(dls, models::resnet18, {.pretrained = false, .cut = 3});
  CHECK(unet.model->get_submodule("layers.0")->children().size() == 7);
  CHECK(make_model(unet.model_spec)->parameter_count() == unet.model->parameter_count());

  auto short_body = vision_learner(dls, models::resnet18, {.pretrained = false, .cut = 4});
  short_body.create_opt();  // nothing is left for the second group
  short_body.freeze();
  const auto quiet = short_body.no_logging();
  const auto no_bar = short_body.no_bar();
  short_body.fit_one_cycle(1, slice(1e-5, 1e-3));

  CHECK_THROWS_WITH(vision_learner(dls, models::resnet18, {.pretrained = false, .cut = -2}),
                    "[cut_elsewhere] resnet18 cannot be cut at -2");
  CHECK_THROWS_WITH(vision_learner(dls, models::resnet18, {.pretrained = false, .cut = 10}),
                    "[cut_model] 10 of the net's 10 children are to be left out");
  CHECK_THROWS_WITH(vision_learner(dls, "vit_tiny_patch16_224", {.pretrained = false, .cut = 1}),
                    "[cut_elsewhere] vit_tiny_patch16_224 cannot be cut at 1");
}

TEST_CASE("weights come from a file of one's own") {
  const auto dls = birds(12);
  const testing::NamedFolder folder("weights");
  const Path file = folder.path / "mine.safetensors";
  const auto mine = create_model("xresnet18", {.pretrained = false});  // none are published
  minitorch::io::save_safetensors(file.str(), mine->state_dict());
  const auto learn = vision_learner(dls, models::xresnet18, {.weights = file});
  const auto first = [](const minitorch::nn::Module& net) { return net.parameters()[0]; };
  CHECK_TENSOR(first(*learn.model), first(*mine), 0);
  CHECK_FALSE(first(*learn.model).requires_grad());
  CHECK(learn.dls.train().has_batch_tfm("Normalize"));
  CHECK_TENSOR(first(*unet_learner(dls, models::xresnet18, {.weights = file}).model), first(*mine), 0);
  CHECK_THROWS_WITH(vision_learner(dls, models::resnet18, {.weights = file}),
                    Catch::Contains("mine.safetensors do not fit resnet18\nmissing:"));
  CHECK_THROWS_AS(vision_learner(dls, models::resnet18, {.weights = folder.path / "none.pth"}),
                  minitorch::FileError);
}

TEST_CASE("a U-Net's decoder starts as one says") {
  const auto decoder = [](Init init) {
    return DynamicUnet(create_encoder(models::resnet18, false), 2, {64, 64}, {.init = init});
  };
  int64_t calls = 0;
  const auto ones = decoder([&](const Tensor& weight) {
    ++calls;
    return minitorch::nn::init::constant_(weight, 1);
  });
  CHECK(calls == 2 + 2 * 4 + 2);  // the middle, four blocks, the last ResBlock
  const auto bound = [](const DynamicUnet& net) {
    return net->get_submodule("layers.3.0.0")->own_parameter("weight").abs().max().item();
  };
  CHECK(bound(ones) == 1);
  CHECK(bound(decoder({})) == Approx(std::sqrt(6.0 / (512 * 9))).epsilon(0.01));  // ConvLayer's own start
  CHECK(bound(decoder(kaiming_normal)) > 3 * std::sqrt(2.0 / (512 * 9)));
}

TEST_CASE("a U-Net learns masks") {
  minitorch::set_seed(1);
  const Path root = pictures();
  auto dls = DataBlock{
      .blocks = {ImageBlock{}, MaskBlock{.codes = {"ground", "thing"}}},
      .get_items = [](const Path& folder) { return get_image_files(folder / "bird").sorted().slice(0, 10); },
      .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
      .get_y =
          [root](const Path& file) { return root / "masks" / file.parent().name() / (file.stem() + ".png"); },
      .item_tfms = Resize{.size = 64, .method = squish},
  }
                 .dataloaders(root / "images", {.bs = 4});
  auto learn = unet_learner(dls, models::tf_efficientnet_lite0);
  CHECK(learn.opt->groups().size() == 2);
  const auto quiet = learn.no_logging();
  const auto no_bar = learn.no_bar();
  const double before = learn.validate()[0];
  learn.fit_one_cycle(3, 3e-3);
  CHECK(learn.validate()[0] < before);
  const minitorch::NoGrad no_grad;
  learn.model->eval();
  CHECK((*learn.model)(learn.dls.valid().one_batch().x[0]).shape() == minitorch::Shape{2, 2, 64, 64});
}

}  // namespace
}  // namespace fastcore
