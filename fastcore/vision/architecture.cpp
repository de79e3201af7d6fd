// SPDX-License-Identifier: MIT
#include "fastcore/vision/architecture.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <string_view>

#include "fastcore/basics/helpers.h"
#include "fastcore/image/geometry.h"
#include "fastcore/vision/models/convnext.h"
#include "fastcore/vision/models/efficientnet.h"
#include "fastcore/vision/models/resnet.h"
#include "fastcore/vision/models/squeezenet.h"
#include "fastcore/vision/models/vit.h"
#include "fastcore/vision/models/xresnet.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
namespace {

namespace nn = minitorch::nn;

// Rows stay where they are when others follow; made when first asked for.
std::deque<Architecture>& rows() {
  static std::deque<Architecture> all;
  return all;
}
const Architecture& row(Architecture a) { return rows().emplace_back(std::move(a)); }

const Stats half_stats{{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};
const std::string kTorch = "https://download.pytorch.org/models/";
const std::string kTimm = "https://github.com/huggingface/pytorch-image-models/releases/download/";

// The file of a model on huggingface.co: "timm/" and name and tag.
std::string hub(const std::string& name) {
  return "https://huggingface.co/timm/" + name + "/resolve/main/model.safetensors";
}

// The tags under which timm knows the weights that are fetched from elsewhere.
constexpr std::array<std::string_view, 13> kTagged = {"resnet18.tv_in1k",
                                                      "resnet34.tv_in1k",
                                                      "resnet50.tv2_in1k",
                                                      "resnet101.tv2_in1k",
                                                      "resnet18d.ra2_in1k",
                                                      "resnet26d.bt_in1k",
                                                      "mobilenetv2_100.ra_in1k",
                                                      "tf_efficientnet_lite0.in1k",
                                                      "convnext_atto.d2_in1k",
                                                      "convnext_femto.d1_in1k",
                                                      "convnext_pico.d1_in1k",
                                                      "deit_tiny_patch16_224.fb_in1k",
                                                      "deit_small_patch16_224.fb_in1k"};

template <class Net, class Options>
std::function<nn::ModulePtr(NetSize)> maker(Options options) {
  return [options](NetSize size) mutable {
    options.classes = size.classes;
    options.channels = size.channels;
    return std::make_shared<Net>(options);
  };
}

const Architecture& resnet(const char* name, std::array<int64_t, 4> layers, bool bottleneck, const char* file,
                           double crop_pct = 0.875) {
  return row(
      {.name = name,
       .make = maker<models::ResNet>(models::ResNetOptions{.layers = layers, .bottleneck = bottleneck}),
       .cut = 2,
       .named = false,
       .classifier = "fc",
       .split = 6,
       .url = kTorch + file,
       .crop_pct = crop_pct,
       .bicubic = false});
}

const Architecture& xresnet(const char* name, std::array<int64_t, 4> layers, int64_t expansion) {
  return row(
      {.name = name,
       .make = maker<models::XResNet>(models::XResNetOptions{.layers = layers, .expansion = expansion}),
       .cut = 4,
       .named = false,
       .classifier = "11",
       .split = 3});
}

const Architecture& squeezenet(const char* name, bool smaller, const char* file) {
  return row({.name = name,
              .make = maker<models::SqueezeNet>(models::SqueezeNetOptions{.smaller = smaller}),
              .cut = 1,
              .named = false,
              .classifier = "classifier.1",
              .split = 5,
              .url = kTorch + file,
              .bicubic = false});
}

const Architecture& deep_resnet(const char* name, bool bottleneck, const char* file) {
  return row({.name = name,
              .make = maker<models::ResNet>(models::ResNetOptions{.bottleneck = bottleneck, .deep = true}),
              .cut = 2,
              .classifier = "fc",
              .url = kTimm + file});
}

const Architecture& efficientnet(const char* name, const models::EfficientNetOptions& options,
                                 const char* file, const Stats& stats) {
  return row({.name = name,
              .make = maker<models::EfficientNet>(options),
              .cut = 2,
              .classifier = "classifier",
              .url = kTimm + file,
              .stats = stats});
}

struct ConvNeXtRow {
  const char* name;
  std::array<int64_t, 4> depths;
  int64_t dim;
  std::string url;
  double crop_pct = 0.875;
  int64_t classes = 1000;
};
const Architecture& convnext(const ConvNeXtRow& r) {
  const models::ConvNeXtOptions options{
      .depths = r.depths, .dims = {r.dim, 2 * r.dim, 4 * r.dim, 8 * r.dim}, .conv_mlp = r.dim < 96};
  return row({.name = r.name,
              .make = maker<models::ConvNeXt>(options),
              .cut = 1,
              .classifier = "head.fc",
              .url = r.url,
              .classes = r.classes,
              .crop_pct = r.crop_pct});
}

const Architecture& vit(const char* name, int64_t dim, const std::string& url, const Stats& stats) {
  return row({.name = name,
              .make = maker<models::VisionTransformer>(models::ViTOptions{.dim = dim, .heads = dim / 64}),
              .classifier = "head",
              .url = url,
              .stats = stats,
              .crop_pct = 0.9});
}

}  // namespace

namespace models {

const Architecture& resnet18 = resnet("resnet18", {2, 2, 2, 2}, false, "resnet18-f37072fd.pth");
const Architecture& resnet34 = resnet("resnet34", {3, 4, 6, 3}, false, "resnet34-b627a593.pth");
const Architecture& resnet50 = resnet("resnet50", {3, 4, 6, 3}, true, "resnet50-11ad3fa6.pth", 224.0 / 232);
const Architecture& resnet101 =
    resnet("resnet101", {3, 4, 23, 3}, true, "resnet101-cd907fc2.pth", 224.0 / 232);
const Architecture& xresnet18 = xresnet("xresnet18", {2, 2, 2, 2}, 1);
const Architecture& xresnet34 = xresnet("xresnet34", {3, 4, 6, 3}, 1);
const Architecture& xresnet50 = xresnet("xresnet50", {3, 4, 6, 3}, 4);
const Architecture& xresnet101 = xresnet("xresnet101", {3, 4, 23, 3}, 4);
const Architecture& squeezenet1_0 = squeezenet("squeezenet1_0", false, "squeezenet1_0-b66bff10.pth");
const Architecture& squeezenet1_1 = squeezenet("squeezenet1_1", true, "squeezenet1_1-b8a52dc0.pth");
const Architecture& resnet18d = deep_resnet("resnet18d", false, "v0.1-weights/resnet18d_ra2-48a79e06.pth");
const Architecture& resnet26d = deep_resnet("resnet26d", true, "v0.1-weights/resnet26d-69e92c46.pth");
const Architecture& mobilenetv2_100 = efficientnet(
    "mobilenetv2_100", mobilenetv2_options(), "v0.1-weights/mobilenetv2_100_ra-b33bc2c4.pth", imagenet_stats);
const Architecture& tf_efficientnet_lite0 =
    efficientnet("tf_efficientnet_lite0", efficientnet_lite0_options(),
                 "v0.1-weights/tf_efficientnet_lite0-0aa007d2.pth", half_stats);
const Architecture& convnext_atto =
    convnext({"convnext_atto", {2, 2, 6, 2}, 40, kTimm + "v0.1-rsb-weights/convnext_atto_d2-01bb0f51.pth"});
const Architecture& convnext_femto =
    convnext({"convnext_femto", {2, 2, 6, 2}, 48, kTimm + "v0.1-rsb-weights/convnext_femto_d1-d71d5b4c.pth"});
const Architecture& convnext_pico =
    convnext({"convnext_pico", {2, 2, 6, 2}, 64, kTimm + "v0.1-rsb-weights/convnext_pico_d1-10ad7f0d.pth"});
const Architecture& convnext_nano =
    convnext({"convnext_nano", {2, 2, 8, 2}, 80, hub("convnext_nano.in12k_ft_in1k"), 0.95});
const Architecture& convnext_tiny =
    convnext({"convnext_tiny", {3, 3, 9, 3}, 96, hub("convnext_tiny.in12k_ft_in1k"), 0.95});
const Architecture& convnext_small =
    convnext({"convnext_small", {3, 3, 27, 3}, 96, hub("convnext_small.in12k_ft_in1k"), 0.95});
const Architecture& convnext_base =
    convnext({"convnext_base", {3, 3, 27, 3}, 128, hub("convnext_base.fb_in22k_ft_in1k")});
const Architecture& convnext_large =
    convnext({"convnext_large", {3, 3, 27, 3}, 192, hub("convnext_large.fb_in22k_ft_in1k")});
const Architecture& convnext_xlarge =
    convnext({"convnext_xlarge", {3, 3, 27, 3}, 256, hub("convnext_xlarge.fb_in22k_ft_in1k")});
const Architecture& convnext_tiny_in22k =
    convnext({"convnext_tiny_in22k", {3, 3, 9, 3}, 96, hub("convnext_tiny.fb_in22k"), 0.875, 21841});
const Architecture& convnext_small_in22k =
    convnext({"convnext_small_in22k", {3, 3, 27, 3}, 96, hub("convnext_small.fb_in22k"), 0.875, 21841});
const Architecture& convnext_base_in22k =
    convnext({"convnext_base_in22k", {3, 3, 27, 3}, 128, hub("convnext_base.fb_in22k"), 0.875, 21841});
const Architecture& convnext_large_in22k =
    convnext({"convnext_large_in22k", {3, 3, 27, 3}, 192, hub("convnext_large.fb_in22k"), 0.875, 21841});
const Architecture& vit_tiny_patch16_224 =
    vit("vit_tiny_patch16_224", 192, hub("vit_tiny_patch16_224.augreg_in21k_ft_in1k"), half_stats);
const Architecture& vit_small_patch16_224 =
    vit("vit_small_patch16_224", 384, hub("vit_small_patch16_224.augreg_in21k_ft_in1k"), half_stats);
const Architecture& deit_tiny_patch16_224 =
    vit("deit_tiny_patch16_224", 192,
        "https://dl.fbaipublicfiles.com/deit/deit_tiny_patch16_224-a1311bcf.pth", imagenet_stats);
const Architecture& deit_small_patch16_224 =
    vit("deit_small_patch16_224", 384,
        "https://dl.fbaipublicfiles.com/deit/deit_small_patch16_224-cd65a155.pth", imagenet_stats);

}  // namespace models

// The last part of the address; on huggingface.co every file is called model, so the repository names it.
std::string Architecture::file() const {
  if (url.empty()) return "";
  const std::string last = url.substr(url.rfind('/') + 1);
  const auto mark = url.find("/resolve/");
  if (mark == url.npos) return last;
  const auto begin = url.rfind('/', mark - 1) + 1;
  return url.substr(begin, mark - begin) + ".safetensors";
}

Architecture cut_elsewhere(Architecture a, int64_t cut) {
  if (cut < 0 || cut > 1 << 16 || (a.cut == 0 && cut > 0))
    throw minitorch::ValueError(minitorch::format("[cut_elsewhere] %s cannot be cut at %lld", a.name.c_str(),
                                                  static_cast<long long>(cut)),
                                a.cut == 0 ? "its children do not run one after another: take it whole"
                                           : "say how many children of the net's end are left out: .cut = 2");
  a.cut = static_cast<int>(cut);
  return a;
}

L<std::string> list_models(const std::string& pattern) {
  L<std::string> names;
  for (const auto& r : rows())
    if (fnmatch(pattern.c_str(), r.name.c_str(), 0) == 0) names.append(r.name);
  return names.sorted();
}

const Architecture& find_architecture(const std::string& name) {
  for (const auto& r : rows())
    if (r.name == name) return r;
  for (const auto& r : rows())  // a name with the tag of its weights: "convnext_tiny.fb_in22k"
    if (r.url == hub(name)) return r;
  const auto dot = name.find('.');
  if (dot != name.npos && std::find(kTagged.begin(), kTagged.end(), name) != kTagged.end())
    return find_architecture(name.substr(0, dot));
  const std::string near = nearest(name, list_models());
  throw minitorch::ValueError("[create_model] no model is called '" + name + "'",
                              near.empty()
                                  ? "list_models() has the names; list_models(\"convnext*\") a family"
                                  : "did you mean '" + near + "'? list_models() has all names");
}

// Halves are rounded to even, as torchvision does.
static Region middle(Size picture, int n) {
  return {static_cast<int>(std::nearbyint((picture.width - n) / 2.0)),
          static_cast<int>(std::nearbyint((picture.height - n) / 2.0)), n, n};
}

minitorch::Tensor prepare(const Image& picture, const Architecture& a) {
  const Image image = picture.convert(PixelMode::rgb);
  const int shorter = std::min(image.height(), image.width());
  const double side = std::floor(static_cast<double>(a.size) / a.crop_pct);
  const auto scaled = [&](int length) { return std::max(1, static_cast<int>(side * length / shorter)); };
  const Size size{scaled(image.height()), scaled(image.width())};
  const Filter filter = a.bicubic ? Filter::bicubic : Filter::bilinear;
  const auto n = static_cast<int>(a.size);
  const Image seen = crop_pad(resize(image, size, filter), middle(size, n), PadMode::zeros);
  minitorch::Tensor x = minitorch::empty({1, 3, n, n});
  float* to = x.data<float>();
  for (std::size_t c = 0; c < 3; ++c)
    for (int y = 0; y < n; ++y)
      for (int column = 0; column < n; ++column)
        *to++ = static_cast<float>((seen(y, column, static_cast<int>(c)) / 255.0 - a.stats.mean[c]) /
                                   a.stats.std[c]);
  return x;
}

}  // namespace fastcore
