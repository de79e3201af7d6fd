// SPDX-License-Identifier: MIT
#include "fastcore/learn/mixup.h"

#include "fastcore/data/mix.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/reduce/reduce.h"

namespace fastcore {
using namespace minitorch;

void MixHandler::before_train(Learner& learn) {
  if (!learn.loss_func.y_int()) return;
  plain_ = learn.loss_func;
  learn.loss_func = [this, &learn](const Tensor& pred, const Tensors& targets) {
    if (!learn.training) return (*plain_)(pred, targets);  // a callback looks at the validation set
    const bool sums = plain_->reduction() == Reduction::sum;
    const Tensor mixed = mix_losses(plain_->each(pred, partners_, sums), plain_->each(pred, targets, sums));
    return sums ? sum(mixed) : mean(mixed);
  };
}

void MixHandler::restore(Learner& learn) noexcept {
  if (plain_) learn.loss_func = std::move(*plain_);
  plain_.reset();
}

// Numbers of classes have no middle: half 0 and half 2 is not class 1.
static void check_targets(const Callback& mix, const Learner& learn) {
  const LossFunc& loss = learn.loss_func;
  if (loss.get_if<MSELossFlat>() || loss.get_if<L1LossFlat>() || loss.get_if<BCEWithLogitsLossFlat>() ||
      loss.get_if<BCELossFlat>())
    return;  // they take whole numbers for numbers
  for (const Tensor& y : learn.yb)
    if (!is_floating(y.dtype()))
      throw ValueError(
          format(
              "[%s] the targets are whole numbers (%s), and the loss does not say whether they are numbers "
              "of classes, which cannot be mixed",
              mix.name().c_str(), name(y.dtype())),
          "classes: write the loss as a struct with `static constexpr bool y_int = true;`, or take "
          "CrossEntropyLossFlat, and losses are mixed instead; amounts: give targets of float32");
}

void MixHandler::before_batch(Learner& learn) {
  if (!plain_) check_targets(*this, learn);
  const Tensor partner = draw(learn.x());
  for (Tensor& x : learn.xb)
    if (is_floating(x.dtype())) x = mix(x);
  partners_.clear();
  for (Tensor& y : learn.yb) {
    partners_.push_back(index_select(y, 0, partner.to(y.device())));
    if (!plain_) y = mix_targets(y);
  }
}

MixUp::MixUp(MixUpOptions options) : alpha_(options.alpha) {}
MixUp::~MixUp() = default;
Tensor MixUp::draw(const Tensor& x) {
  batch_ = std::make_shared<MixUpBatch>(MixUpBatch::draw(x.size(0), alpha_));
  return batch_->partner;
}
Tensor MixUp::mix(const Tensor& x) const { return (*batch_)(x); }
Tensor MixUp::mix_targets(const Tensor& y) const { return (*batch_)(y); }
Tensor MixUp::mix_losses(const Tensor& partners, const Tensor& own) const {
  return batch_->mixed_loss(partners, own);
}

CutMix::CutMix(CutMixOptions options) : alpha_(options.alpha) {}
CutMix::~CutMix() = default;
Tensor CutMix::draw(const Tensor& x) {
  if (x.dims() != 4)
    throw ShapeError("[CutMix] a batch of shape " + to_string(x.shape()) + ": expected pictures (n, c, h, w)",
                     "inputs of other kinds are mixed by MixUp");
  const Size picture{static_cast<int>(x.size(2)), static_cast<int>(x.size(3))};
  batch_ = std::make_shared<CutMixBatch>(CutMixBatch::draw(x.size(0), picture, alpha_));
  return batch_->partner;
}
Tensor CutMix::mix(const Tensor& x) const { return (*batch_)(x); }
Tensor CutMix::mix_targets(const Tensor& y) const {
  return batch_->mixed_loss(index_select(y, 0, batch_->partner.to(y.device())), y);
}
Tensor CutMix::mix_losses(const Tensor& partners, const Tensor& own) const {
  return batch_->mixed_loss(partners, own);
}

}  // namespace fastcore
