// SPDX-License-Identifier: MIT
// Callbacks to choose from: what happens to gradients, batches, layers and logs in training.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fastcore/basics/path.h"
#include "fastcore/learn/callback.h"
#include "minitorch/optim/grad_scaler.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {
class Autocast;
}

namespace fastcore {

// --- the loss and its gradient ---

/// Ends training at the first loss that is not a number, before it spoils the weights, and says which layer
/// went bad first. Without it such a loss is an error: TrainingError.
class TerminateOnNaNCallback : public Callback {
 public:
  TerminateOnNaNCallback() { order = -9; }
  void after_loss(Learner& learn) override;
};

/// Options of GradientClip.
struct GradientClipOptions {
  double max_norm = 1, norm_type = 2;
};
/// Shortens the gradient of all parameters together to a length of max_norm at most.
class GradientClip : public Callback {
 public:
  explicit GradientClip(GradientClipOptions options = {}) : options_(options) { order = 11; }
  void before_step(Learner& learn) override;

 private:
  GradientClipOptions options_;
};

/// Options of GradientAccumulation.
struct GradientAccumulationOptions {
  int64_t n_acc = 32;  ///< items, not batches
};
/// One step for every n_acc items: gradients of small batches add up to that of a large one. What the last
/// items of fit leave without a step is gone when the next begins.
class GradientAccumulation : public Callback {
 public:
  /// @throws ValueError when n_acc is below 1
  explicit GradientAccumulation(GradientAccumulationOptions options = {});
  void before_fit(Learner& learn) override;
  void after_loss(Learner& learn) override;
  void before_step(Learner& learn) override;
  std::vector<double> state() const override;
  void set_state(const std::vector<double>& saved) override;

 private:
  int64_t n_acc_, count_ = 0;
};

/// Options of MixedPrecision.
struct MixedPrecisionOptions {
  minitorch::Dtype dtype = minitorch::kFloat16;  ///< or kBFloat16, whose range needs no scaling
  minitorch::optim::GradScalerOptions scaler = {};
};
/// Products and convolutions in 16 bits, weights and losses in float32. With float16 the loss is scaled
/// before backward(), so that small gradients do not become 0, and a step whose gradients overflow is left
/// out: by the device, so that the host need not wait; the callbacks of that step see the gradients. Fast on
/// a GPU's tensor cores; on cpu and sim the same rounding, only slower, to see what it does.
/// @throws DtypeError for another type, when it is made
class MixedPrecision : public Callback {
 public:
  explicit MixedPrecision(MixedPrecisionOptions options = {});
  MixedPrecision(MixedPrecision&&) noexcept;
  ~MixedPrecision() override;
  void before_batch(Learner& learn) override;
  void after_pred(Learner& learn) override;
  void after_loss(Learner& learn) override;
  void before_backward(Learner& learn) override;
  void before_step(Learner& learn) override;
  void after_step(Learner& learn) override;
  void after_cancel_batch(Learner& learn) override;
  void after_batch(Learner& learn) override;
  void clean_up(Learner& learn) noexcept override;
  std::vector<double> state() const override;
  void set_state(const std::vector<double>& saved) override;
  /// What products and convolutions are computed in.
  minitorch::Dtype dtype() const { return dtype_; }
  /// What losses are multiplied by now; 1 for bfloat16.
  double scale() const { return scaler_.get_scale(); }
  int64_t skipped_steps() { return scaler_.skipped_steps(); }

 private:
  minitorch::Dtype dtype_;
  minitorch::optim::GradScaler scaler_;
  std::unique_ptr<minitorch::Autocast> autocast_;  // while model and loss are at work
};
/// The learner trains in mixed precision from now on: to_fp16(learn). A second call replaces the first.
Learner& to_fp16(Learner& learn, const minitorch::optim::GradScalerOptions& scaler = {});
Learner& to_bf16(Learner& learn);
/// The learner trains in float32 again.
Learner& to_fp32(Learner& learn);

// --- layers ---

/// Forgets what the model remembers at the start of each pass: for recurrent nets.
class ModelResetter : public Callback {
 public:
  void before_train(Learner& learn) override;
  void before_validate(Learner& learn) override;
  void after_fit(Learner& learn) override;
};

/// Keeps batch norms whose weights are frozen from counting, too.
class BnFreeze : public Callback {
 public:
  void before_train(Learner& learn) override;
};

/// Leaves dropout on in validation, in every module that Drops, so that predictions vary: how much says how
/// sure the model is.
class MCDropoutCallback : public Callback {
 public:
  void before_validate(Learner& learn) override;
  void after_validate(Learner& learn) override;
};

// --- passes ---

/// Options of ShortEpochCallback.
struct ShortEpochOptions {
  double pct = 0.01;
  bool short_valid = true;
};
/// Only the first `pct` of each pass, to see whether everything runs.
class ShortEpochCallback : public Callback {
 public:
  explicit ShortEpochCallback(ShortEpochOptions options = {}) : options_(options) {}
  void after_batch(Learner& learn) override;

 private:
  ShortEpochOptions options_;
};

/// Leaves out the epochs before one; their rows of the table are empty. (fit's start_epoch does without
/// them.)
class SkipToEpoch : public Callback {
 public:
  explicit SkipToEpoch(int64_t epoch) : epoch_(epoch) { order = 70; }
  void before_epoch(Learner& learn) override;

 private:
  int64_t epoch_;
};

/// Keeps batches, outputs and losses of everything that runs.
class CollectDataCallback : public Callback {
 public:
  struct Item {
    std::vector<minitorch::Tensor> x, y;
    minitorch::Tensor pred, loss;
  };
  std::vector<Item> data;
  void before_fit(Learner& learn) override;
  void after_batch(Learner& learn) override;
};

// --- logs ---

/// Options of CSVLogger.
struct CSVLoggerOptions {
  std::string fname = "history.csv";  ///< below the learner's path
  /// Keep what the file holds. A resumed fit adds its new epochs, in place of what it had written after the
  /// checkpoint.
  bool append = false;
};
/// Writes the table to a file, with all digits.
class CSVLogger : public Callback {
 public:
  explicit CSVLogger(CSVLoggerOptions options = {}) : options_(std::move(options)) {
    order = 60;
    run_lr_find = false;
  }
  void before_fit(Learner& learn) override;
  void after_epoch(Learner& learn) override;
  void after_fit(Learner& learn) override;
  std::vector<double> state() const override {
    return {static_cast<double>(written_), static_cast<double>(size_)};
  }
  void set_state(const std::vector<double>& saved) override;
  /// The lines of the file so far, header first, cut at the commas.
  std::vector<std::vector<std::string>> read_log(const Learner& learn) const;

 private:
  void write(const Learner& learn, const std::string& line, bool append);
  void cut_back(const Path& file) const;
  CSVLoggerOptions options_;
  std::size_t written_ = 0;  // epochs
  std::uintmax_t size_ = 0;  // of the file after them
  bool resumed_ = false;     // and nothing written since
};

/// Options of ShowGraphCallback.
struct ShowGraphOptions {
  std::string fname = "losses.png";  ///< below the learner's path; "" for none
};
/// Draws training and validation losses after each epoch: into a file, and on a terminal that can show it.
class ShowGraphCallback : public Callback {
 public:
  explicit ShowGraphCallback(ShowGraphOptions options = {}) : options_(std::move(options)) {
    order = 65;
    run_lr_find = false;
  }
  void after_epoch(Learner& learn) override;

 private:
  ShowGraphOptions options_;
};

}  // namespace fastcore
