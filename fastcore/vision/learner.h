// SPDX-License-Identifier: MIT
// Learners for pictures: a net that knows pictures already, with a new end for the task at hand.
//
//     auto learn = vision_learner(dls, models::resnet34, {.metrics = error_rate});
//     learn.fine_tune(3);
#pragma once
#include "fastcore/learn/learner.h"
#include "fastcore/vision/unet.h"

namespace fastcore {

/// A net of the catalogue: models::resnet34, or by name, "convnext_tiny".
class Arch {
 public:
  Arch(const Architecture& architecture) : architecture_(&architecture) {}
  /// @throws ValueError for an unknown name
  Arch(const std::string& name) : Arch(find_architecture(name)) {}
  Arch(const char* name) : Arch(find_architecture(name)) {}
  const Architecture& operator*() const { return *architecture_; }
  const Architecture* operator->() const { return architecture_; }

 private:
  const Architecture* architecture_;
};

/// Options of vision_learner, in fastai's order: the net, the Learner's, the head.
struct VisionLearnerOptions {
  bool normalize = true;              ///< scale colours as the pretrained net had them
  std::optional<int64_t> n_out = {};  ///< else what the data need
  bool pretrained = true;
  Path weights = {};  ///< a file to take the pretrained net from, under its own names; else the published one

  LossFunc loss_func = {};
  OptFunc opt_func = Adam;
  double lr = 1e-3;
  Splitter splitter = {};  ///< else the architecture's groups
  Callbacks cbs = {};
  Metrics metrics = {};
  Path path = {};
  Path model_dir = "models";
  std::optional<double> wd = {};
  bool wd_bn_bias = false, train_bn = true;
  Moms moms = {0.95, 0.85, 0.95};

  std::optional<int64_t> cut = {};  ///< children of the net's end that the body lacks (fastai's -2 is 2)
  Init init = kaiming_normal;       ///< of the head
  minitorch::nn::ModulePtr custom_head = {};
  bool concat_pool = true, pool = true;
  std::vector<int64_t> lin_ftrs = {512};
  std::vector<double> ps = {0.5};
  bool first_bn = true, bn_final = false, lin_first = false;
  YRange y_range = {};
  int64_t n_in = 3;
  minitorch::Device device = default_device();
};

/// A Learner whose model is a body of the catalogue and a new head. A pretrained body is frozen, and a
/// Normalize with the mean and deviation of its colours is added to the loaders' batch transforms. One of
/// your own stays; one that an earlier learner put there for its net makes way, so nets that are to be asked
/// in turns need loaders each.
/// @throws ValueError when the number of outputs is not known, FileError when weights are not at hand
Learner vision_learner(DataLoaders dls, const Arch& arch, const VisionLearnerOptions& options = {});

/// Options of unet_learner.
struct UnetLearnerOptions {
  bool normalize = true;
  std::optional<int64_t> n_out = {};
  bool pretrained = true;
  Path weights = {};

  LossFunc loss_func = {};
  OptFunc opt_func = Adam;
  double lr = 1e-3;
  Splitter splitter = {};
  Callbacks cbs = {};
  Metrics metrics = {};
  Path path = {};
  Path model_dir = "models";
  std::optional<double> wd = {};
  bool wd_bn_bias = false, train_bn = true;
  Moms moms = {0.95, 0.85, 0.95};

  std::optional<int64_t> cut = {};  ///< 1 or more: the decoder needs maps
  UnetOptions unet = {};
  int64_t n_in = 3;
  minitorch::Device device = default_device();
};

/// A Learner for a class of every pixel, or a picture from a picture: a DynamicUnet around a body of the
/// catalogue, made for pictures of the size of the first training batch.
/// @throws as vision_learner; ValueError for a net without maps
Learner unet_learner(DataLoaders dls, const Arch& arch, const UnetLearnerOptions& options = {});

}  // namespace fastcore
