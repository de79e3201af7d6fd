// SPDX-License-Identifier: MIT
// MixUp and CutMix: training on mixtures of pictures. The mathematics is fastcore/data/mix.h.
#pragma once
#include <optional>

#include "fastcore/learn/learner.h"

namespace fastcore {

/// Options of MixUp and CutMix: the shares are drawn from Beta(alpha, alpha).
struct MixUpOptions {
  double alpha = 0.4;
};
struct CutMixOptions {
  double alpha = 1;
};

/// What MixUp and CutMix share: inputs are mixed with those of partners, and the loss with the loss for the
/// partners' targets. Targets that are no class numbers are mixed themselves.
///
/// A loss of one's own whose targets are class numbers says so by `static constexpr bool y_int = true`:
/// without it, whole numbers for targets are a ValueError.
class MixHandler : public Callback {
 public:
  MixHandler() { run_valid = false; }
  void before_train(Learner& learn) override;
  void after_train(Learner& learn) override { restore(learn); }
  void clean_up(Learner& learn) noexcept override { restore(learn); }
  void before_batch(Learner& learn) override;

 protected:
  /// Draws how to mix this batch; returns the partners of its items.
  virtual Tensor draw(const Tensor& x) = 0;
  virtual Tensor mix(const Tensor& x) const = 0;
  virtual Tensor mix_targets(const Tensor& y) const = 0;
  virtual Tensor mix_losses(const Tensor& partners, const Tensor& own) const = 0;

 private:
  void restore(Learner& learn) noexcept;
  std::optional<LossFunc> plain_;  // the learner's loss, while ours is in its place
  Tensors partners_;               // targets of the partners
};

/// Each item becomes a mean of itself and another.
class MixUp : public MixHandler {
 public:
  explicit MixUp(MixUpOptions options = {});
  ~MixUp() override;

 protected:
  Tensor draw(const Tensor& x) override;
  Tensor mix(const Tensor& x) const override;
  Tensor mix_targets(const Tensor& y) const override;
  Tensor mix_losses(const Tensor& partners, const Tensor& own) const override;

 private:
  double alpha_;
  std::shared_ptr<const struct MixUpBatch> batch_;
};

/// A rectangle of each picture comes from another.
class CutMix : public MixHandler {
 public:
  explicit CutMix(CutMixOptions options = {});
  ~CutMix() override;

 protected:
  Tensor draw(const Tensor& x) override;
  Tensor mix(const Tensor& x) const override;
  Tensor mix_targets(const Tensor& y) const override;
  Tensor mix_losses(const Tensor& partners, const Tensor& own) const override;

 private:
  double alpha_;
  std::shared_ptr<const struct CutMixBatch> batch_;
};

}  // namespace fastcore
