// SPDX-License-Identifier: MIT
// Losses as training uses them. Each knows, besides its value, how a model's outputs become probabilities
// (activation) and how those become an answer (decodes).
//
//     Learner(dls, model, {.loss_func = CrossEntropyLossFlat{.axis = 1}});
//     Learner(dls, model, {.loss_func = mnist_loss});  // a function of one's own
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "minitorch/ops/loss/loss.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

using minitorch::Reduction;
using minitorch::Tensor;
using Tensors = std::vector<Tensor>;

// Predictions and targets are flattened before they are compared: (n, c) against (n), (n, c, h, w) with axis
// 1 against (n, h, w), and a column of numbers (n, 1) against (n).

/// Cross entropy of logits and class numbers. Activation: softmax along `axis`; answer: the largest.
struct CrossEntropyLossFlat {
  int64_t axis = -1;
  Tensor weight = {};  ///< (c): what each class counts
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;

  static constexpr bool y_int = true;
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  Tensor activation(const Tensor& pred) const;
  Tensor decodes(const Tensor& activated) const;
  std::string name() const { return "FlattenedLoss of CrossEntropyLoss()"; }
};

/// Cross entropy where the share `eps` of each target is spread over all classes.
struct LabelSmoothingCrossEntropy {
  double eps = 0.1;
  int64_t axis = -1;
  Tensor weight = {};
  Reduction reduction = Reduction::mean;

  static constexpr bool y_int = true;
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  Tensor activation(const Tensor& pred) const;
  Tensor decodes(const Tensor& activated) const;
  std::string name() const { return "FlattenedLoss of LabelSmoothingCrossEntropy()"; }
};

/// (1 - p)^gamma times the cross entropy, p the probability of the true class: easy items count little.
struct FocalLoss {
  double gamma = 2;
  int64_t axis = -1;
  Tensor weight = {};
  Reduction reduction = Reduction::mean;

  static constexpr bool y_int = true;
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  Tensor activation(const Tensor& pred) const;
  Tensor decodes(const Tensor& activated) const;
  std::string name() const { return "FlattenedLoss of FocalLoss()"; }
};

/// 1 - (2 overlap + smooth) / (sum of both + smooth) for each picture and class; targets hold class numbers.
struct DiceLoss {
  int64_t axis = 1;
  double smooth = 1e-6;
  Reduction reduction = Reduction::sum;
  bool square_in_union = false;

  static constexpr bool y_int = true;
  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  Tensor activation(const Tensor& pred) const;
  Tensor decodes(const Tensor& activated) const;
  std::string name() const { return "DiceLoss()"; }
};

/// Yes or no for each of several labels. Activation: sigmoid; answer: whether it exceeds `thresh`.
struct BCEWithLogitsLossFlat {
  double thresh = 0.5;
  Tensor weight = {};      ///< factor of each label's loss, broadcast
  Tensor pos_weight = {};  ///< factor of the losses of "yes", broadcast
  Reduction reduction = Reduction::mean;

  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  Tensor activation(const Tensor& pred) const;
  Tensor decodes(const Tensor& activated) const;
  std::string name() const { return "FlattenedLoss of BCEWithLogitsLoss()"; }
};

/// The same for predictions that are probabilities already.
struct BCELossFlat {
  Reduction reduction = Reduction::mean;

  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  std::string name() const { return "FlattenedLoss of BCELoss()"; }
};

/// Mean of (pred - target)^2.
struct MSELossFlat {
  Reduction reduction = Reduction::mean;

  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  std::string name() const { return "FlattenedLoss of MSELoss()"; }
};

/// Mean of |pred - target|.
struct L1LossFlat {
  Reduction reduction = Reduction::mean;

  Tensor operator()(const Tensor& pred, const Tensor& target) const;
  std::string name() const { return "FlattenedLoss of L1Loss()"; }
};

namespace detail {
[[noreturn]] void throw_targets(const std::string& loss, std::size_t count);
/// Any loss behind one interface.
struct LossKind {
  virtual ~LossKind() = default;
  virtual Tensor value(const Tensor& pred, const Tensors& targets) const = 0;
  virtual Tensor each(const Tensor& pred, const Tensors& targets, bool sums) const = 0;
  virtual Reduction reduction() const = 0;
  virtual Tensor activation(const Tensor& pred) const = 0;
  virtual Tensor decodes(const Tensor& activated) const = 0;
  virtual bool y_int() const = 0;
  virtual bool has_answers() const = 0;
  virtual bool same_as(const LossKind& other) const = 0;
  virtual std::string name() const = 0;
};
template <class F>
struct LossOf;
template <class F>
std::shared_ptr<const LossKind> loss_kind(F f);
}  // namespace detail

/// A loss of this header, or any function of (prediction, target) or (prediction, targets).
class LossFunc {
 public:
  LossFunc() = default;
  // Compiled once, in losses.cpp.
  LossFunc(const LossFunc&) noexcept;
  LossFunc(LossFunc&&) noexcept;
  LossFunc& operator=(const LossFunc&) noexcept;
  LossFunc& operator=(LossFunc&&) noexcept;
  ~LossFunc();
  template <class F>
  requires(!std::same_as<F, LossFunc> && (std::invocable<const F&, const Tensor&, const Tensor&> ||
                                          std::invocable<const F&, const Tensor&, const Tensors&>))
      LossFunc(F f)
      : kind_(detail::loss_kind(std::move(f))) {}
  explicit operator bool() const { return static_cast<bool>(kind_); }

  Tensor operator()(const Tensor& pred, const Tensors& targets) const { return kind_->value(pred, targets); }
  Tensor operator()(const Tensor& pred, const Tensor& target) const { return kind_->value(pred, {target}); }
  /// The loss of each item: (n), the mean of its elements or, with `sums`, their sum. A function of one's own
  /// is called item by item.
  Tensor each(const Tensor& pred, const Tensors& targets, bool sums = false) const {
    return kind_->each(pred, targets, sums);
  }
  /// How the losses of items become one number; mean for a function of one's own.
  Reduction reduction() const { return kind_->reduction(); }
  /// Outputs as probabilities; as they are where the loss says nothing.
  Tensor activation(const Tensor& pred) const { return kind_->activation(pred); }
  /// Activated outputs as an answer.
  Tensor decodes(const Tensor& activated) const { return kind_->decodes(activated); }
  /// Whether targets are class numbers, which cannot be mixed as MixUp mixes pictures.
  bool y_int() const { return kind_->y_int(); }
  /// Whether it has an activation or decodes of its own: else outputs are answers as they are.
  bool has_answers() const { return kind_->has_answers(); }
  /// Whether both are one function, or equal objects of one type; false where objects with members have no
  /// ==.
  bool same_as(const LossFunc& other) const { return kind_->same_as(*other.kind_); }
  /// "FlattenedLoss of CrossEntropyLoss()".
  std::string name() const { return kind_ ? kind_->name() : "none"; }
  /// The loss inside, when it is an F.
  template <class F>
  const F* get_if() const {
    auto* kind = dynamic_cast<const detail::LossOf<F>*>(kind_.get());
    return kind ? &kind->f : nullptr;
  }

 private:
  std::shared_ptr<const detail::LossKind> kind_;
};

namespace detail {
Tensor per_item(const Tensor& losses, int64_t items, bool sums);
Tensor stack_losses(const Tensors& losses);
Tensor item(const Tensor& x, int64_t i);

template <class F>
Tensor call_loss(const F& f, const Tensor& pred, const Tensors& targets, const std::string& name) {
  if constexpr (std::invocable<const F&, const Tensor&, const Tensors&>) return f(pred, targets);
  else {
    if (targets.size() != 1) throw_targets(name, targets.size());
    return f(pred, targets.front());
  }
}

template <class F>
struct LossOf final : LossKind {
  F f;
  explicit LossOf(F loss) : f(std::move(loss)) {}

  Tensor value(const Tensor& pred, const Tensors& targets) const override {
    return call_loss(f, pred, targets, name());
  }
  Tensor each(const Tensor& pred, const Tensors& targets, [[maybe_unused]] bool sums) const override {
    const int64_t n = targets.empty() ? pred.size(0) : targets.front().size(0);
    if constexpr (requires(F g) { g.reduction = Reduction::none; }) {
      F unreduced = f;
      unreduced.reduction = Reduction::none;
      return per_item(call_loss(unreduced, pred, targets, name()), n, sums);
    } else {
      Tensors losses;
      for (int64_t i = 0; i < n; ++i) {
        Tensors own;
        for (const Tensor& t : targets) own.push_back(item(t, i));
        losses.push_back(call_loss(f, item(pred, i), own, name()));
      }
      return stack_losses(losses);
    }
  }
  Reduction reduction() const override {
    if constexpr (requires { f.reduction; }) return f.reduction;
    else return Reduction::mean;
  }
  Tensor activation(const Tensor& pred) const override {
    if constexpr (requires { f.activation(pred); }) return f.activation(pred);
    else return pred;
  }
  Tensor decodes(const Tensor& activated) const override {
    if constexpr (requires { f.decodes(activated); }) return f.decodes(activated);
    else return activated;
  }
  bool y_int() const override {
    if constexpr (requires { F::y_int; }) return F::y_int;
    else return false;
  }
  bool has_answers() const override {
    return requires(const Tensor& t) { f.activation(t); }
    || requires(const Tensor& t) { f.decodes(t); };
  }
  bool same_as(const LossKind& other) const override {
    [[maybe_unused]] const auto* one = dynamic_cast<const LossOf*>(&other);
    if constexpr (std::is_empty_v<F>) return one;
    else if constexpr (requires { bool(f == f); }) return one && bool(f == one->f);
    else return false;
  }
  std::string name() const override {
    if constexpr (requires { f.name(); }) return f.name();
    else return "a function of one's own";
  }
};
template <class F>
std::shared_ptr<const LossKind> loss_kind(F f) {
  return std::make_shared<LossOf<F>>(std::move(f));
}
}  // namespace detail

#if !defined(DOXYGEN)
// Compiled once, in losses.cpp.
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(CrossEntropyLossFlat);
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(LabelSmoothingCrossEntropy);
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(FocalLoss);
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(DiceLoss);
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(BCEWithLogitsLossFlat);
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(BCELossFlat);
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(MSELossFlat);
extern template std::shared_ptr<const detail::LossKind> detail::loss_kind(L1LossFlat);
#endif

}  // namespace fastcore
