// SPDX-License-Identifier: MIT
// Learner: data, a model and a loss, and the loop that trains the one on the other.
//
//     auto learn = Learner(dls, model, {.loss_func = CrossEntropyLossFlat{}, .metrics = accuracy});
//     learn.fit_one_cycle(5, 3e-3);
//
// The loop itself is learner.cpp; all else that happens in training is callbacks (callback.h).
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fastcore/data/dataloaders.h"
#include "fastcore/learn/callback.h"
#include "fastcore/learn/learner_options.h"
#include "fastcore/learn/model_spec.h"
#include "minitorch/nn/module.h"

namespace fastcore {

class Recorder;
struct LogRow;
struct Checkpoint;
struct Predictions;
struct Prediction;
struct SuggestedLRs;
using Logger = std::function<void(const LogRow&)>;

/// A section of training: its events, and the exception that cancels it.
template <class CancelType>
struct Section {
  CallbackEvent before, after_cancel, after;
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

/// Data, a model, a loss and an optimiser, and the loop that trains; callbacks see and change each step of
/// it.
class Learner {
 public:
  /// @throws ValueError when no loss was given and the data suggest none
  Learner(DataLoaders dls, minitorch::nn::ModulePtr model, LearnerOptions options = {});
  // Compiled once, in learner.cpp.
  Learner(Learner&&);
  Learner& operator=(Learner&&);
  ~Learner();

  // --- training ---
  /// n_epoch times through the training data, with a look at the validation data after each. Ctrl-C ends the
  /// step at hand; callbacks have saved what they keep when Interrupted leaves fit, and what comes after it.
  /// @throws ValueError when the training data do not fill a batch, and when a callback calls it;
  /// TrainingError when the loss is no number; Interrupted
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

  // --- asking it: results are in predictions.h and lr_finder.h ---
  // Where no training is at work, Ctrl-C ends these, and validate(), with Interrupted after the batch at
  // hand.
  /// Outputs for all items of a loader ([1] by default), activated as the loss says, in the order of the
  /// items, also where the loader shuffles or drops the last batch. @throws ValueError for a loader without
  /// items, Interrupted after Ctrl-C
  Predictions get_preds(const PredsOptions& options = {});
  Predictions get_preds(DataLoader& loader, const PredsOptions& options = {});
  /// What the model says about one item: its label, the answer as a tensor, and all outputs.
  Prediction predict(const Value& item);
  /// The same for a text, or for a file by its path: learn.predict("I liked that film").
  Prediction predict(const char* text);
  /// Test-time augmentation: the mean of n passes as in training, and a share `beta` of one without.
  /// @throws ValueError for transforms where the loader has none
  Predictions tta(const TtaOptions& options = {});
  /// Some items with what is true and what the model says: pictures with the label above its prediction,
  /// green where they agree; masks and points side by side; a printed table for everything else.
  void show_results(const ShowResultsOptions& options = {});
  /// Trains with ever larger rates, suggests some, and puts everything back.
  /// After Ctrl-C suggestions are from what there is. @throws ValueError when num_it is below 6; Interrupted
  /// when there is too little
  SuggestedLRs lr_find(const LrFindOptions& options = {});
  /// Layers with their shapes and parameters, loss, optimiser and callbacks.
  std::string summary();

  // --- files: below path / model_dir, with the ending .safetensors unless another is given ---
  /// Writes the weights and, with_opt, what the optimiser remembers; whole or not at all. An ending .pth
  /// writes PyTorch's format, weights only. @returns the file
  Path save(const std::string& file, bool with_opt = true);
  /// Reads what save wrote. Nothing changes unless everything fits.
  /// @throws ShapeError naming what is missing, unexpected or of another shape; FileError
  void load(const std::string& file, bool with_opt = true);
  /// Goes on where a CheckpointCallback saved last: calls of fit that were complete then return at once, the
  /// one that was interrupted continues. Repeat the calls that training began with. @throws FileError
  ///
  /// One file knows the weights of one fit only. From a fit that returned at once until the one that
  /// continues, whatever would use the weights (save, export_learner, predictions, validate, lr_find) throws
  /// ValueError; leave it out where passing_over() says so. A lesson's --resume has a checkpoint of each fit.
  void resume(const std::string& file);
  /// Whether the weights of the last call of fit are not at hand, because resume() has passed it over.
  bool passing_over() const { return passing_over_; }
  Path model_file(const std::string& file) const;
  /// Writes everything that prediction needs into one file below path; see export.h. @returns the file
  /// @throws ValueError for a model or a function that no other program could make, saying how to name it
  Path export_learner(const std::string& file = "export.safetensors");
  /// How many calls of fit there were, the one at work included; those of lr_find do not count.
  int64_t fit_count() const { return fit_count_; }

  // --- what trains ---
  /// Groups from n on train; earlier ones are frozen but for their normalisation layers. -1 is the last
  /// group. Forgets the optimiser's averages. @throws IndexError
  void freeze_to(int n);
  void freeze() { freeze_to(-1); }
  void unfreeze() { freeze_to(0); }
  /// @throws ValueError where the groups lack a parameter that is to be trained
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
  void event(const CallbackEvent& what);

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
  /// How an export makes the model again; a Sequential of the library's layers needs none, nor does a model
  /// that a register_model's reader knows, as those for texts.
  ModelSpec model_spec;
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
  bool finding_lr = false;       ///< whether lr_find() is at work
  bool fitting = false;          ///< whether fit() is at work, rather than validate() or get_preds()
  DataLoader* dl = nullptr;      ///< the loader at hand
  Tensors xb, yb;                ///< inputs and targets of the batch at hand
  const Tensor& x() const { return xb.front(); }
  const Tensor& y() const { return yb.front(); }
  Tensor pred;
  Tensor loss_grad;  ///< what backward() starts from
  Tensor loss;       ///< the same for reading
  double smooth_loss = 0;
  int frozen_to = 0;  ///< the first group that trains
  /// How the weights are changed; empty: by the optimiser's step(). For one step: set in before_step.
  std::function<void(minitorch::optim::Optimizer&)> take_step;

 private:
  template <class CancelType, class Body>
  void with_events(const Section<CancelType>& section, Body&& body);
  void epoch_train();
  void epoch_validate(DataLoader& loader);
  void all_batches();
  void one_batch();
  void end_pass();
  bool is_done_already();
  int64_t first_epoch(int64_t asked_for);
  std::unique_ptr<Pass> start_pass();
  [[noreturn]] void throw_bad_loss();
  [[noreturn]] void rethrow(const minitorch::OutOfMemory& error);
  void one_pass(DataLoader& loader);

  void require_weights(const char* what) const;

  int64_t fit_count_ = 0;
  bool passing_over_ = false;
  bool alone_ = false;                                   // a pass of validation that no training waits for
  std::shared_ptr<const Checkpoint> checkpoint_;         // where to go on, until that is reached
  std::shared_ptr<const std::vector<CallbackPtr>> cbs_;  // replaced, never changed, when callbacks come or go
};

template <class C>
std::shared_ptr<C> Learner::find_cb() const {
  for (const CallbackPtr& cb : *cbs_)
    if (auto found = std::dynamic_pointer_cast<C>(cb)) return found;
  return nullptr;
}

}  // namespace fastcore
