// SPDX-License-Identifier: MIT
// Learner: data, a model and a loss, and the loop that trains the one on the other.
//
//     auto learn = Learner(dls, model, {.loss_func = CrossEntropyLossFlat{}, .metrics = accuracy});
//     learn.fit_one_cycle(5, 3e-3);
//
// The loop itself is learner.cpp; all else that happens in training is callbacks (callback.h).
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/dataloaders.h"
#include "fastcore/learn/callback.h"
#include "fastcore/learn/losses.h"
#include "fastcore/learn/metric.h"
#include "fastcore/learn/opt_func.h"
#include "fastcore/learn/rate.h"
#include "minitorch/nn/module.h"

namespace fastcore {

class Recorder;
struct LogRow;
using Logger = std::function<void(const LogRow&)>;
/// Momentum at the start, at the peak and at the end of a cycle.
using Moms = std::array<double, 3>;

/// What a Learner may be told; what is left out is fastai's default.
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
  minitorch::Device device = minitorch::Device::cpu();
};

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

/// A section of training: its events, and the exception that cancels it.
template <class CancelType>
struct Section {
  Event before, after_cancel, after;
};

/// Something that lasts until this goes out of scope.
class Scope {
 public:
  explicit Scope(std::function<void()> end) : end_(std::move(end)) {}
  Scope(Scope&& other) noexcept : end_(std::move(other.end_)) { other.end_ = nullptr; }
  Scope& operator=(Scope&&) = delete;
  ~Scope() {
    if (end_) end_();
  }

 private:
  std::function<void()> end_;
};

class Learner {
 public:
  /// @throws ValueError when no loss was given and the data suggest none
  Learner(DataLoaders dls, minitorch::nn::ModulePtr model, LearnerOptions options = {});
  Learner(Learner&&) = default;
  Learner& operator=(Learner&&) = default;
  ~Learner();

  // --- training ---
  /// n_epoch times through the training data, with a look at the validation data after each.
  void fit(int64_t n_epoch, const FitOptions& options = {});
  void fit(int64_t n_epoch, const Rate& lr, FitOptions options = {});
  /// One cycle: the learning rate rises, then falls, each along a cosine; momentum does the opposite.
  void fit_one_cycle(int64_t n_epoch, const OneCycleOptions& options = {});
  void fit_one_cycle(int64_t n_epoch, const Rate& lr_max, OneCycleOptions options = {});
  void fit_flat_cos(int64_t n_epoch, const FlatCosOptions& options = {});
  void fit_flat_cos(int64_t n_epoch, const Rate& lr, FlatCosOptions options = {});
  /// n_cycles of cosines down to 0, each cycle_mult times as long as the one before.
  void fit_sgdr(int64_t n_cycles, int64_t cycle_len, const SgdrOptions& options = {});
  /// Trains the last group of layers for freeze_epochs, then all of them with rates from base_lr / 2 lr_mult
  /// to base_lr / 2.
  void fine_tune(int64_t epochs, const FineTuneOptions& options = {});
  void fine_tune(int64_t epochs, double base_lr, FineTuneOptions options = {});
  /// The loss and the metrics on a loader, [1] by default.
  std::vector<double> validate(int64_t ds_idx = 1);
  std::vector<double> validate(DataLoader& loader);

  // --- what trains ---
  /// Groups from n on train; earlier ones are frozen but for their normalisation layers. -1 is the last
  /// group. Forgets the optimiser's averages. @throws IndexError
  void freeze_to(int n);
  void freeze() { freeze_to(-1); }
  void unfreeze() { freeze_to(0); }
  void create_opt();
  /// lr, mom, sqr_mom, eps or wd of the optimiser's groups.
  void set_hyper(const std::string& name, const Rate& value);

  // --- callbacks ---
  void add_cbs(const Callbacks& cbs);
  void remove_cbs(const Callbacks& cbs);
  /// The first callback of a type; null when there is none.
  template <class C>
  std::shared_ptr<C> find_cb() const;
  const std::vector<CallbackPtr>& cbs() const { return *cbs_; }
  /// Calls an event of all callbacks.
  void event(const Event& what);

  /// Callbacks that are there, or away, as long as the result lives: `auto scope = learn.added_cbs(...)`.
  [[nodiscard]] Scope added_cbs(const Callbacks& cbs);
  [[nodiscard]] Scope removed_cbs(const Callbacks& cbs);
  /// No bars: rows of the table appear as plain lists.
  [[nodiscard]] Scope no_bar();
  /// No table.
  [[nodiscard]] Scope no_logging();

  // --- what it is made of ---
  DataLoaders dls;
  minitorch::nn::ModulePtr model;
  LossFunc loss_func;
  OptFunc opt_func;
  std::unique_ptr<minitorch::optim::Optimizer> opt;  ///< made by the first fit, freeze or create_opt
  Splitter splitter;
  std::vector<MetricPtr> metrics;
  double lr;
  std::optional<double> wd;
  Moms moms;
  bool wd_bn_bias, train_bn;
  minitorch::Device device;
  Path path, model_dir;
  std::shared_ptr<Recorder> recorder;
  Logger logger;  ///< gets each row of the table; empty: no table

  // --- where training stands: for callbacks, which may change it ---
  int64_t epoch = 0, n_epoch = 1;
  int64_t iter = 0, n_iter = 0;  ///< the batch at hand and the number of batches in this pass
  int64_t train_iter = 0;        ///< training batches since fit began
  double pct_train = 0;          ///< the share of fit that is done
  bool training = false;         ///< whether the batch at hand is one to learn from
  bool fitting = false;          ///< whether fit() is at work, rather than validate() or get_preds()
  DataLoader* dl = nullptr;      ///< the loader at hand
  Tensors xb, yb;                ///< inputs and targets of the batch at hand
  const Tensor& x() const { return xb.front(); }
  const Tensor& y() const { return yb.front(); }
  Tensor pred;
  Tensor loss_grad;  ///< what backward() starts from
  Tensor loss;       ///< the same for reading
  double smooth_loss = 0;

 private:
  template <class CancelType, class Body>
  void with_events(const Section<CancelType>& section, Body&& body);
  void epoch_train();
  void epoch_validate(DataLoader& loader);
  void all_batches();
  void one_batch();
  void end_pass();

  std::shared_ptr<const std::vector<CallbackPtr>> cbs_;  // replaced, never changed, when callbacks come or go
};

template <class C>
std::shared_ptr<C> Learner::find_cb() const {
  for (const CallbackPtr& cb : *cbs_)
    if (auto found = std::dynamic_pointer_cast<C>(cb)) return found;
  return nullptr;
}

}  // namespace fastcore
