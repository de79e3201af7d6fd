// SPDX-License-Identifier: MIT
// Loss scaling for float16. Gradients of a deep net are often below 6e-8, the least that float16 can hold:
// they become 0. So the loss is multiplied by a large number, all gradients come out that much larger, and
// are divided again in float32. When one overflows, the step is left out and the number halved; when none has
// for long, it is doubled.
#pragma once
#include <deque>
#include <vector>

#include "minitorch/core/stream.h"
#include "minitorch/optim/optimizer.h"

namespace minitorch::optim {

struct GradScalerOptions {
  double init_scale = 65536;
  double growth_factor = 2;
  double backoff_factor = 0.5;
  int growth_interval = 2000;  ///< steps without overflow after which the scale grows
  bool enabled = true;         ///< false: everything passes through, as bfloat16 and float32 want it
};

/// As PyTorch's, but the host never waits: the scale, and whether a gradient overflowed, stay on the device.
///
///     scaler.scale(loss).backward();
///     scaler.step(opt);
///     scaler.update();
class GradScaler {
 public:
  /// @throws ValueError unless init_scale > 0, growth_factor >= 1 and 0 < backoff_factor < 1
  explicit GradScaler(GradScalerOptions options = {});

  /// loss * scale.
  Tensor scale(const Tensor& loss);
  /// Divides the optimiser's gradients by the scale; for clipping them before step(), which does it
  /// otherwise.
  void unscale(Optimizer& opt);
  /// No step comes of the last unscale(): gradients that are still there are multiplied by the scale again,
  /// as those of further batches are, which may be added to them. Nothing happens after update().
  void take_back_unscale(Optimizer& opt);
  /// opt.step(), which on the device does nothing if a gradient is infinite or not a number. Several
  /// optimisers may share a scaler, one update() after all of them: those that step after an overflow are
  /// left out as well.
  void step(Optimizer& opt);
  /// Halves or doubles the scale where that is due. Once a step.
  void update();

  /// Around each replay of a graph in which step() and update() were recorded, as GraphedStep does it: a step
  /// that the replay has left out does not count either.
  void before_replay();
  void after_replay(Optimizer& opt);

  /// How many steps were left out. Waits for the device.
  int64_t skipped_steps();
  /// Waits until it is known which steps were left out. Optimisers may end only then. Without error where the
  /// device failed: nothing is known then.
  void finish() noexcept;

  /// The scale now; 1 when not enabled. Waits for the device.
  double get_scale() const;
  /// The scale and the number of good steps, for a checkpoint. Waits for the device.
  std::vector<double> state() const;
  /// Continues where state() was taken. @throws ValueError when `saved` is not such a list
  void set_state(const std::vector<double>& saved);

 private:
  struct Outcome {
    Optimizer* opt;
    Tensor overflow;  // on the host, once `known` has passed
    Event known;
  };
  void await_outcome(Optimizer& opt, const Tensor& overflow);
  void settle(bool wait);
  bool is_unscaled(const Optimizer& opt) const;

  GradScalerOptions options_;
  double scale_, good_steps_ = 0;  // that state_ begins with
  Tensor state_;                   // a ScalerState on the device of the loss, made when that is known
  Tensor of_replay_;               // whether the last replay overflowed: update() has cleared that in state_
  std::vector<const Optimizer*> unscaled_;  // since the last update()
  std::deque<Outcome> outcomes_;
  int64_t skipped_ = 0;
};

}  // namespace minitorch::optim
