// SPDX-License-Identifier: MIT
#include "fastcore/learn/losses.h"

#include "minitorch/ops/arrange/arrange.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/softmax/softmax.h"
#include "minitorch/ops/unary/unary.h"

namespace fastcore {
using namespace minitorch;

namespace {

// (n, c) from predictions whose classes lie along `axis`.
Tensor rows(const Tensor& pred, int64_t axis) {
  const bool last = axis == -1 || axis == pred.dims() - 1;
  if (last && pred.dims() == 2) return pred;
  const Tensor moved = last ? pred : movedim(pred, axis, -1);
  return reshape(moved, {-1, moved.size(-1)});
}
Tensor flat(const Tensor& x) { return x.dims() == 1 ? x : reshape(x, {-1}); }
// Class numbers in a row; masks may come as bytes.
Tensor classes(const Tensor& target) {
  return flat(is_floating(target.dtype()) ? target : to(target, kInt64));
}
Tensor numbers(const Tensor& target) { return flat(to(target, kFloat32)); }
Tensor reduced(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::none) return losses;
  return reduction == Reduction::sum ? sum(losses) : mean(losses);
}

}  // namespace

Tensor CrossEntropyLossFlat::operator()(const Tensor& pred, const Tensor& target) const {
  return cross_entropy(rows(pred, axis), classes(target),
                       {.weight = weight, .ignore_index = ignore_index, .reduction = reduction});
}
Tensor CrossEntropyLossFlat::activation(const Tensor& pred) const { return softmax(pred, axis); }
Tensor CrossEntropyLossFlat::decodes(const Tensor& activated) const { return argmax(activated, axis); }

Tensor LabelSmoothingCrossEntropy::operator()(const Tensor& pred, const Tensor& target) const {
  return cross_entropy(rows(pred, axis), classes(target),
                       {.weight = weight, .label_smoothing = eps, .reduction = reduction});
}
Tensor LabelSmoothingCrossEntropy::activation(const Tensor& pred) const { return softmax(pred, axis); }
Tensor LabelSmoothingCrossEntropy::decodes(const Tensor& activated) const { return argmax(activated, axis); }

Tensor FocalLoss::operator()(const Tensor& pred, const Tensor& target) const {
  const Tensor ce =
      cross_entropy(rows(pred, axis), classes(target), {.weight = weight, .reduction = Reduction::none});
  return reduced(pow(1 - exp(-ce), gamma) * ce, reduction);
}
Tensor FocalLoss::activation(const Tensor& pred) const { return softmax(pred, axis); }
Tensor FocalLoss::decodes(const Tensor& activated) const { return argmax(activated, axis); }

Tensor DiceLoss::operator()(const Tensor& pred, const Tensor& target) const {
  const Tensor p = softmax(pred, axis);
  const Tensor t = to(movedim(one_hot(to(target, kInt64), pred.size(axis)), -1, axis), kFloat32);
  if (!(p.shape() == t.shape()))
    throw ShapeError("[DiceLoss] predictions " + to_string(pred.shape()) + " and targets " +
                         to_string(target.shape()) + ": targets lack the axis of the classes only",
                     "targets hold a class number for each pixel: (n, h, w)");
  Shape places;
  for (int i = 2; i < p.dims(); ++i) places.push_back(i);
  const auto over_places = [&](const Tensor& x) { return places.dims() ? sum(x, places) : x; };
  const Tensor both = over_places(p * t);
  const Tensor all = over_places((square_in_union ? square(p) : p) + t);
  return reduced(1 - (2 * both + smooth) / (all + smooth), reduction);
}
Tensor DiceLoss::activation(const Tensor& pred) const { return softmax(pred, axis); }
Tensor DiceLoss::decodes(const Tensor& activated) const { return argmax(activated, axis); }

Tensor BCEWithLogitsLossFlat::operator()(const Tensor& pred, const Tensor& target) const {
  if (weight.defined() || pos_weight.defined())  // weights know labels by their place: nothing is flattened
    return binary_cross_entropy_with_logits(
        pred, to(target, kFloat32), {.weight = weight, .pos_weight = pos_weight, .reduction = reduction});
  return binary_cross_entropy_with_logits(flat(pred), numbers(target), {.reduction = reduction});
}
Tensor BCEWithLogitsLossFlat::activation(const Tensor& pred) const { return sigmoid(pred); }
Tensor BCEWithLogitsLossFlat::decodes(const Tensor& activated) const { return activated > thresh; }

Tensor BCELossFlat::operator()(const Tensor& pred, const Tensor& target) const {
  return binary_cross_entropy(flat(pred), numbers(target), {.reduction = reduction});
}
Tensor MSELossFlat::operator()(const Tensor& pred, const Tensor& target) const {
  return mse_loss(flat(pred), numbers(target), {.reduction = reduction});
}
Tensor L1LossFlat::operator()(const Tensor& pred, const Tensor& target) const {
  return l1_loss(flat(pred), numbers(target), {.reduction = reduction});
}

namespace detail {

void throw_targets(const std::string& loss, std::size_t count) {
  throw ValueError(format("[loss] %s takes one target, and the batch has %zu", loss.c_str(), count),
                   "write the loss as a function of (const Tensor& pred, const Tensors& targets)");
}

Tensor per_item(const Tensor& losses, int64_t items, bool sums) {
  if (losses.numel() == items) return flat(losses);
  const Tensor rows = reshape(losses, {items, -1});
  return sums ? sum(rows, {1}) : mean(rows, {1});
}
Tensor stack_losses(const Tensors& losses) {
  Tensors means;
  for (const Tensor& loss : losses) means.push_back(mean(loss));
  return stack(means);
}
Tensor item(const Tensor& x, int64_t i) { return slice(x, 0, i, i + 1); }

}  // namespace detail
LossFunc::LossFunc(const LossFunc&) noexcept = default;
LossFunc::LossFunc(LossFunc&&) noexcept = default;
LossFunc& LossFunc::operator=(const LossFunc&) noexcept = default;
LossFunc& LossFunc::operator=(LossFunc&&) noexcept = default;
LossFunc::~LossFunc() = default;

template std::shared_ptr<const detail::LossKind> detail::loss_kind(CrossEntropyLossFlat);
template std::shared_ptr<const detail::LossKind> detail::loss_kind(LabelSmoothingCrossEntropy);
template std::shared_ptr<const detail::LossKind> detail::loss_kind(FocalLoss);
template std::shared_ptr<const detail::LossKind> detail::loss_kind(DiceLoss);
template std::shared_ptr<const detail::LossKind> detail::loss_kind(BCEWithLogitsLossFlat);
template std::shared_ptr<const detail::LossKind> detail::loss_kind(BCELossFlat);
template std::shared_ptr<const detail::LossKind> detail::loss_kind(MSELossFlat);
template std::shared_ptr<const detail::LossKind> detail::loss_kind(L1LossFlat);

}  // namespace fastcore
