// SPDX-License-Identifier: MIT
// Published weights: the bundled net on the bundled photographs, and what happens when weights are missing.
#include "fastcore/vision/pretrained.h"

#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include "datasets/fetch.h"
#include "datasets/files.h"
#include "tests/tensor_match.h"
#include "tests/vision/formula.h"

using namespace minitorch;

namespace {

std::vector<std::string> imagenet_classes() {
  std::vector<std::string> names;
  std::string text = datasets::read_file(datasets::bundled_file("imagenet_classes.txt"));
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    names.push_back(text.substr(at, end - at));
  }
  return names;
}

struct Likely {
  std::string name;
  double probability;
};
std::vector<Likely> three_likeliest(const Tensor& scores) {
  static const auto names = imagenet_classes();
  const auto best = topk(scores.softmax(1).reshape({1000}), 3);
  std::vector<Likely> out;
  for (int64_t i = 0; i < 3; ++i)
    out.push_back({names[static_cast<std::size_t>(best.indices[i].item())], best.values[i].item()});
  return out;
}

struct Empty {  // a data folder of its own, and no network
  Empty() {
    datasets::make_folders(home);
    setenv("COURSE_DATA", home.c_str(), 1);
    setenv("COURSE_OFFLINE", "1", 1);
  }
  ~Empty() {
    unsetenv("COURSE_DATA");
    unsetenv("COURSE_OFFLINE");
    datasets::remove_all(home);
  }
  std::string home = "/tmp/vision_test_" + std::to_string(getpid());
};

}  // namespace

TEST_CASE("the bundled EfficientNet-Lite0 knows what is on the photographs") {
  const Empty empty;
  const std::string photos = datasets::fetch(datasets::urls::PHOTOS);
  const auto net = fastcore::create_model("tf_efficientnet_lite0");
  net->eval();
  auto likeliest = [&](const std::string& file) {
    const NoGrad no_grad;
    const auto picture = fastcore::Image::open(photos + "/" + file);
    return three_likeliest((*net)(fastcore::prepare(picture, fastcore::models::tf_efficientnet_lite0)));
  };
  const auto espresso = likeliest("espresso.jpg"), cat = likeliest("cat.jpg"),
             rocket = likeliest("rocket.jpg"), astronaut = likeliest("astronaut.jpg");
  auto check = [](const Likely& got, const std::string& name, double probability) {
    CHECK(got.name == name);
    CHECK(got.probability == Approx(probability).margin(0.01));
  };
  check(espresso[0], "espresso", 0.953);
  check(cat[0], "tiger cat", 0.385);
  check(cat[1], "Egyptian cat", 0.343);
  check(cat[2], "tabby", 0.182);
  check(rocket[0], "missile", 0.251);
  check(astronaut[0], "football helmet", 0.161);  // no class fits: the net is unsure
}

TEST_CASE("weights that are not at hand end in an error with three ways on") {
  const Empty empty;
  try {
    fastcore::pretrained_weights("resnet18");
    FAIL("there are no such weights here");
  } catch (const FileError& error) {
    CHECK(std::string(error.what()).find("[pretrained_weights] the weights of resnet18 are not at hand") ==
          0);
    const std::string hint = error.hint();
    CHECK(hint.find("https://download.pytorch.org/models/resnet18-f37072fd.pth into " + empty.home +
                    "/models as resnet18-f37072fd.pth") != hint.npos);
    CHECK(hint.find("tf_efficientnet_lite0") != hint.npos);
    CHECK(hint.find("{.pretrained = false}") != hint.npos);
  }
  CHECK_THROWS_WITH(fastcore::pretrained_weights("xresnet18"),
                    "[pretrained_weights] no weights of xresnet18 are published");
}

TEST_CASE("weights in the data folder are loaded, whatever channels and classes the net has") {
  const Empty empty;
  const auto file = empty.home + "/models/vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors";
  datasets::make_folders(empty.home + "/models");
  const auto published = fastcore::create_model("vit_tiny_patch16_224", {.pretrained = false});
  io::save_safetensors(file, published->state_dict());

  const auto same = fastcore::create_model("vit_tiny_patch16_224");
  CHECK_TENSOR(same->get_submodule("head")->own_parameter("weight"),
               published->get_submodule("head")->own_parameter("weight"), 0);
  const auto grey = fastcore::create_model("vit_tiny_patch16_224", {.classes = 3, .channels = 1});
  CHECK_TENSOR(grey->get_submodule("patch_embed.proj")->own_parameter("weight"),
               published->get_submodule("patch_embed.proj")->own_parameter("weight").detach().sum({1}, true),
               1e-6);
  CHECK_TENSOR(grey->get_submodule("blocks.4.mlp.fc1")->own_parameter("weight"),
               published->get_submodule("blocks.4.mlp.fc1")->own_parameter("weight"), 0);
  const auto head = grey->get_submodule("head")->own_parameter("weight");
  CHECK(head.shape() == Shape{3, 192});
  CHECK(head.abs().max().item() <= 1 / std::sqrt(192.));
  CHECK(head.std().item() == Approx(1 / std::sqrt(3 * 192.)).epsilon(0.1));

  io::save_safetensors(file, {{"cls_token", zeros({1, 1, 192})}});
  CHECK_THROWS_WITH(fastcore::create_model("vit_tiny_patch16_224"),
                    Catch::Contains("augreg_in21k_ft_in1k.safetensors do not fit vit_tiny_patch16_224\n"
                                    "missing:\n"));
}

TEST_CASE("weights in the data folder that are not what their name says are refused") {
  const Empty empty;
  const auto file = empty.home + "/models/resnet18-f37072fd.pth";
  datasets::make_folders(empty.home + "/models");
  io::save_pth(file, {{"conv1.weight", zeros({64, 3, 7, 7})}});
  CHECK_THROWS_WITH(fastcore::create_model("resnet18"),
                    Catch::Contains("SHA-256: expected f37072fd..., got"));
}

TEST_CASE("a file in the data folder that is cut short says to remove it") {
  const Empty empty;
  const auto file = empty.home + "/models/vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors";
  datasets::make_folders(empty.home + "/models");
  io::save_safetensors(file, {{"cls_token", zeros({1, 1, 192})}});
  const std::string whole = datasets::read_file(file);
  for (const std::size_t kept : {std::size_t{0}, std::size_t{40}, whole.size() - 1}) {
    datasets::write_file(file, whole.substr(0, kept));
    try {
      fastcore::create_model("vit_tiny_patch16_224");
      FAIL("the file is not whole");
    } catch (const FileError& error) {
      CHECK(std::string(error.what()).find(file) != std::string::npos);
      CHECK(error.hint() == "it is damaged or another file: remove " + file + ", and run again or fetch " +
                                fastcore::models::vit_tiny_patch16_224.url + " anew");
    }
  }
}

TEST_CASE("a first convolution is fitted to other channels") {
  const Tensor w = tensor(std::vector<double>{1, 2, 3}, {1, 3, 1, 1});
  CHECK_VALUES(fastcore::fit_channels(w, 1), ({1, 1, 1, 1}), 0, 6);
  CHECK_VALUES(fastcore::fit_channels(w, 2), ({1, 2, 1, 1}), 0, 1.5, 3);
  CHECK_VALUES(fastcore::fit_channels(w, 5), ({1, 5, 1, 1}), 0, 1, 2, 3, 0, 0);
}
