// SPDX-License-Identifier: MIT
// The catalogue of image models: how each is made, where it is cut, what its pictures and weights are.
//
//     for (auto& name : list_models("convnext*")) print(name);
//     auto net = create_model("convnext_tiny", {.pretrained = false, .classes = 10});
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "fastcore/basics/l.h"
#include "fastcore/data/batch_transform.h"
#include "fastcore/image/image.h"
#include "minitorch/nn/containers.h"

namespace fastcore {

struct NetSize {
  int64_t classes = 1000, channels = 3;
};

/// One row of the catalogue.
struct Architecture {
  std::string name;
  std::function<minitorch::nn::ModulePtr(NetSize)> make = {};
  int cut = 0;  ///< children at the net's end that its body lacks; 0: the whole net, made without classes
  bool named = true;            ///< whether the body's children keep their names; otherwise they are numbered
  std::string classifier = "";  ///< the module whose outputs are the classes
  int split = 0;                ///< children of the body in the first of two parameter groups; 0: one group
  std::string url = "";         ///< of the published weights; "": there are none
  std::string weights = "";     ///< a file of weights to take instead, under the net's own names
  Stats stats = imagenet_stats;  ///< of the pictures it was trained on
  int64_t classes = 1000;        ///< of the published weights
  double crop_pct = 0.875;       ///< share of the shorter side that is seen when the net is measured
  bool bicubic = true;           ///< how pictures were resized then; otherwise bilinear
  int64_t size = 224;

  /// The name of the file of weights.
  std::string file() const;
};

/// The same row with a body that lacks `cut` children of the net's end; 0: none but the classifier.
/// @throws ValueError below 0, and for a net of patches, which has no body but the whole net
Architecture cut_elsewhere(Architecture architecture, int64_t cut);

/// The names of all models, or of those that match a pattern with * and ?; in alphabetical order.
L<std::string> list_models(const std::string& pattern = "*");

/// The row of a name: "convnext_tiny", "convnext_tiny.fb_in22k" or the older "convnext_tiny_in22k". A tag,
/// timm's name of the weights, has to be that of the weights in the row: "resnet26d.bt_in1k".
/// @throws ValueError for an unknown name or tag; its hint names the nearest
const Architecture& find_architecture(const std::string& name);

struct ModelOptions {
  bool pretrained = true;
  int64_t classes = -1;  ///< -1: as the published weights have; 0: no classifier, the net gives its features
  int64_t channels = 3;
};
/// A whole net with its classifier, as timm.create_model. With other classes than published, the classifier
/// starts anew; with other channels than three, the first convolution is fitted as fit_channels says.
/// @throws ValueError for an unknown name, FileError when its weights are not to be had
minitorch::nn::ModulePtr create_model(const std::string& name, const ModelOptions& options = {});

/// A picture as the net saw pictures when it was measured: shorter side resized to size / crop_pct, the
/// middle size x size, colours normalised: (1, 3, size, size).
minitorch::Tensor prepare(const Image& picture, const Architecture& architecture);

/// The architectures by name: vision_learner(dls, models::resnet34).
namespace models {
extern const Architecture &resnet18, &resnet34, &resnet50, &resnet101, &xresnet18, &xresnet34, &xresnet50,
    &xresnet101, &squeezenet1_0, &squeezenet1_1, &resnet18d, &resnet26d, &mobilenetv2_100,
    &tf_efficientnet_lite0, &convnext_atto, &convnext_femto, &convnext_pico, &convnext_nano, &convnext_tiny,
    &convnext_small, &convnext_base, &convnext_large, &convnext_xlarge, &convnext_tiny_in22k,
    &convnext_small_in22k, &convnext_base_in22k, &convnext_large_in22k, &vit_tiny_patch16_224,
    &vit_small_patch16_224, &deit_tiny_patch16_224, &deit_small_patch16_224;
}  // namespace models

}  // namespace fastcore
