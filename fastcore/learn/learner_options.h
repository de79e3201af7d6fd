// SPDX-License-Identifier: MIT
// What a Learner and its ways to train may be told. What is left out is fastai's default.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fastcore/basics/default_device.h"
#include "fastcore/basics/path.h"
#include "fastcore/data/transform.h"
#include "fastcore/learn/callback.h"
#include "fastcore/learn/losses.h"
#include "fastcore/learn/metric.h"
#include "fastcore/learn/opt_func.h"
#include "fastcore/learn/rate.h"
#include "minitorch/core/device.h"

namespace fastcore {

/// Momentum at the start, at the peak and at the end of a cycle.
using Moms = std::array<double, 3>;

/// Options of Learner.
struct LearnerOptions {
  LossFunc loss_func = {};  ///< else from the kind of the data's targets
  OptFunc opt_func = Adam;
  double lr = 1e-3;
  Splitter splitter = trainable_params;
  Callbacks cbs = {};
  Metrics metrics = {};
  Path path = {};  ///< else the data's
  Path model_dir = "models";
  std::optional<double> wd = {};  ///< else the optimiser's own
  bool wd_bn_bias = false;        ///< whether weight decay reaches biases and normalisation layers
  bool train_bn = true;           ///< whether normalisation layers train in frozen groups
  Moms moms = {0.95, 0.85, 0.95};
  bool default_cbs = true;  ///< TrainEvalCallback, Recorder and ProgressCallback
  minitorch::Device device = default_device();
};

/// What an application's learner is told and hands on as it is: the options of that learner have all of it,
/// under the same names, beside what is said of its model.
template <class Options>
LearnerOptions learner_options(const Options& o) {
  return {.loss_func = o.loss_func,
          .opt_func = o.opt_func,
          .lr = o.lr,
          .splitter = o.splitter,
          .cbs = o.cbs,
          .metrics = o.metrics,
          .path = o.path,
          .model_dir = o.model_dir,
          .wd = o.wd,
          .wd_bn_bias = o.wd_bn_bias,
          .train_bn = o.train_bn,
          .moms = o.moms,
          .device = o.device};
}

/// Options of fit.
struct FitOptions {
  std::optional<Rate> lr = {};  ///< else the Learner's
  std::optional<double> wd = {};
  Callbacks cbs = {};  ///< for this call only
  bool reset_opt = false;
  int64_t start_epoch = 0;  ///< epochs before this one are skipped
};

/// Options of fit_one_cycle: up from lr_max / div over `pct_start` of the way, down to lr_max / div_final.
struct OneCycleOptions {
  std::optional<Rate> lr_max = {};
  double div = 25, div_final = 1e5, pct_start = 0.25;
  std::optional<double> wd = {};
  std::optional<Moms> moms = {};
  Callbacks cbs = {};
  bool reset_opt = false;
  int64_t start_epoch = 0;
};

/// Options of fit_flat_cos: constant over `pct_start` of the way, then down to lr / div_final.
struct FlatCosOptions {
  std::optional<Rate> lr = {};
  double div_final = 1e5, pct_start = 0.75;
  std::optional<double> wd = {};
  Callbacks cbs = {};
  bool reset_opt = false;
  int64_t start_epoch = 0;
};

/// Options of fit_sgdr.
struct SgdrOptions {
  std::optional<Rate> lr_max = {};
  int64_t cycle_mult = 2;  ///< each cycle is so many times as long as the one before
  std::optional<double> wd = {};
  Callbacks cbs = {};
  bool reset_opt = false;
  int64_t start_epoch = 0;
};

/// Options of fine_tune.
struct FineTuneOptions {
  double base_lr = 2e-3;
  int64_t freeze_epochs = 1;
  double lr_mult = 100, pct_start = 0.3, div = 5, div_final = 1e5;
  std::optional<double> wd = {};
  std::optional<Moms> moms = {};
  Callbacks cbs = {};
};

/// Options of get_preds.
struct PredsOptions {
  int64_t ds_idx = 1;
  bool with_input = false, with_decoded = false, with_loss = false;
  std::function<Tensor(const Tensor&)> act = {};  ///< else the loss's activation
  bool reorder = true;  ///< items that a loader sorts come back in their own order; false: as it gives them
};

/// Options of tta.
struct TtaOptions {
  int64_t ds_idx = 1;
  std::shared_ptr<DataLoader> dl = {};  ///< else the Learner's dls[ds_idx]
  int64_t n = 4;                        ///< passes with the transforms of training
  /// In place of the loader's own, but for those that make numbers of pictures: ToTensor, IntToFloatTensor,
  /// Normalize.
  std::optional<Transforms> item_tfms = {}, batch_tfms = {};
  /// The share of the pass without them; {}: both are kept apart, the latter as Predictions::plain.
  std::optional<double> beta = 0.25;
  bool use_max = false;  ///< the larger of both instead of their mean
};

/// Options of lr_find.
struct LrFindOptions {
  double start_lr = 1e-7, end_lr = 10;
  int64_t num_it = 100;
  bool stop_div = true;   ///< stop when the loss is four times the best
  std::string plot = "";  ///< a file, .png or .svg, to draw the curve into
};

/// Options of show_results.
struct ShowResultsOptions {
  int64_t ds_idx = 1;
  std::shared_ptr<DataLoader> dl = {};  ///< else the Learner's dls[ds_idx]
  int64_t max_n = 9;
  bool shuffle = true;
  std::string path = "";  ///< a .png or .svg to write instead of showing; "": see show() in plot/show.h
};

}  // namespace fastcore
