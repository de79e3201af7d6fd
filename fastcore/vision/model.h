// SPDX-License-Identifier: MIT
// A net of the catalogue cut in two: its body, which finds features, and a new head, which answers.
//
//     auto model = create_vision_model(models::resnet34, 37, {.pretrained = true});
//     auto groups = vision_splitter(models::resnet34)(*model);
#pragma once
#include <optional>
#include <utility>

#include "fastcore/learn/layers.h"
#include "fastcore/learn/opt_func.h"
#include "fastcore/vision/architecture.h"

namespace fastcore {

struct HeadOptions {
  std::vector<int64_t> lin_ftrs = {512};  ///< widths of the layers between features and answers
  std::vector<double> ps = {0.5};         ///< dropout of each layer; one value: half of it before the last
  bool pool = true;                       ///< features are maps (N, nf, H, W) that are to be pooled
  bool concat_pool = true;                ///< pool by both largest and mean
  bool first_bn = true, bn_final = false;
  bool lin_first = false;  ///< linear layers before their norms
  YRange y_range = {};
};
/// Pool, flatten, then batch norm, dropout, linear and ReLU for each width, the last without ReLU: features
/// -> (N, n_out). @throws ValueError for a list of dropouts of another length
minitorch::nn::Sequential create_head(int64_t nf, int64_t n_out, const HeadOptions& options = {});

/// The net's children but the last `cut`, one after another: numbered, or under their own names.
/// @throws ValueError where none is left
minitorch::nn::Sequential cut_model(const minitorch::nn::Module& net, int cut, bool named = false);
/// The body of an architecture, with its published weights if `pretrained`, for pictures of n_in channels.
minitorch::nn::ModulePtr create_body(const Architecture& architecture, bool pretrained, int64_t n_in = 3);
/// The same as the stages that a DynamicUnet looks for: no layer that only prepares for a classifier.
/// @throws ValueError for a net that does not work on smaller and smaller maps
minitorch::nn::Sequential create_encoder(const Architecture& architecture, bool pretrained, int64_t n_in = 3);

/// How many features a body gives, found by running it once on a picture of zeros.
int64_t num_features_model(minitorch::nn::Module& body, int64_t n_in = 3, int64_t size = 64);

struct VisionModelOptions {
  bool pretrained = true;
  int64_t n_in = 3;
  HeadOptions head = {};
  minitorch::nn::ModulePtr custom_head = {};
  Init init = kaiming_normal;  ///< of the head
};
/// Sequential{body, head}.
minitorch::nn::Sequential create_vision_model(const Architecture& architecture, int64_t n_out,
                                              const VisionModelOptions& options = {});

/// Parameter groups of such a model, or of a DynamicUnet: the first layers of the body (where the
/// architecture says how many), the rest of the body, everything after it.
Splitter vision_splitter(const Architecture& architecture);

}  // namespace fastcore
