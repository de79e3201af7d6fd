// SPDX-License-Identifier: MIT
// Which optimiser a Learner makes:
//
//     {.opt_func = SGD}                        // fastai's defaults
//     {.opt_func = SGD.with({.mom = 0.9})}     // partial(SGD, mom=0.9)
//     {.opt_func = [](optim::Groups groups, double lr) { return optim::Lamb(groups, {.lr = lr}); }}
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>

#include "fastcore/learn/callback.h"
#include "minitorch/nn/module.h"
#include "minitorch/optim/optimizer.h"

namespace fastcore {

namespace detail {
using MakeOptimizer = std::function<std::unique_ptr<minitorch::optim::Optimizer>(
    const minitorch::optim::Groups& groups, double lr)>;
/// The optimiser that f makes.
template <class F>
using MadeBy = std::decay_t<std::invoke_result_t<const F&, minitorch::optim::Groups, double>>;
/// What an OptFunc of f does; f's result is neither copied nor moved.
template <class F>
MakeOptimizer make_optimizer(F f) {
  return [f](const minitorch::optim::Groups& groups, double lr) {
    return std::unique_ptr<minitorch::optim::Optimizer>(new MadeBy<F>(f(groups, lr)));
  };
}
}  // namespace detail

/// (groups of parameters, learning rate) -> an optimiser.
class OptFunc {
 public:
  OptFunc() = default;
  // Compiled once, in opt_func.cpp.
  OptFunc(const OptFunc&);
  OptFunc(OptFunc&&) noexcept;
  OptFunc& operator=(const OptFunc&);
  OptFunc& operator=(OptFunc&&) noexcept;
  ~OptFunc();
  template <class F>
  requires std::invocable<const F&, minitorch::optim::Groups, double> OptFunc(F f)
      : make_(detail::make_optimizer(f)), name_(class_name<detail::MadeBy<F>>()) {
    if constexpr (std::is_empty_v<F>) type_ = &typeid(F);
    else if constexpr (std::is_pointer_v<F>) type_ = &typeid(F), function_ = reinterpret_cast<void (*)()>(f);
  }
  explicit operator bool() const { return static_cast<bool>(make_); }
  /// The class of what it makes: "Adam".
  const std::string& name() const { return name_; }
  /// Whether it is a function, or an object without members: what same_as can tell apart.
  bool comparable() const { return type_; }
  /// Whether both are one function; false where an object has members.
  bool same_as(const OptFunc& other) const {
    return type_ && other.type_ && *type_ == *other.type_ && function_ == other.function_;
  }
  std::unique_ptr<minitorch::optim::Optimizer> operator()(const minitorch::optim::Groups& groups,
                                                          double lr) const {
    return make_(groups, lr);
  }

 private:
  detail::MakeOptimizer make_;
  std::string name_;
  const std::type_info* type_ = nullptr;
  void (*function_)() = nullptr;
};

/// An optimiser with its defaults, or with options.
template <class Optimizer, class Options>
struct OptKind {
  Optimizer operator()(minitorch::optim::Groups groups, double lr) const {
    return Optimizer(std::move(groups), {.lr = lr});
  }
  OptFunc with(Options options) const {
    return [options](minitorch::optim::Groups groups, double lr) {
      Options own = options;
      own.lr = lr;
      return Optimizer(std::move(groups), own);
    };
  }
};
inline constexpr OptKind<minitorch::optim::SGD, minitorch::optim::SgdOptions> SGD;
inline constexpr OptKind<minitorch::optim::RMSProp, minitorch::optim::RmsPropOptions> RMSProp;
inline constexpr OptKind<minitorch::optim::Adam, minitorch::optim::AdamOptions> Adam;
inline constexpr OptKind<minitorch::optim::RAdam, minitorch::optim::RAdamOptions> RAdam;
inline constexpr OptKind<minitorch::optim::QHAdam, minitorch::optim::QHAdamOptions> QHAdam;
inline constexpr OptKind<minitorch::optim::Larc, minitorch::optim::LarcOptions> Larc;
inline constexpr OptKind<minitorch::optim::Lamb, minitorch::optim::LambOptions> Lamb;
#if !defined(DOXYGEN)
// Compiled once, in opt_func.cpp: every options struct of a learner holds one of them.
extern template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(SGD)>);
extern template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(RMSProp)>);
extern template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(Adam)>);
extern template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(RAdam)>);
extern template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(QHAdam)>);
extern template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(Larc)>);
extern template detail::MakeOptimizer detail::make_optimizer(std::remove_const_t<decltype(Lamb)>);
#endif
/// RAdam that looks ahead.
inline minitorch::optim::RAdam ranger(minitorch::optim::Groups groups, double lr) {
  return minitorch::optim::ranger(std::move(groups), {.lr = lr});
}

/// Splits the parameters of a model into groups, the earliest layers first.
using Splitter = std::function<minitorch::optim::Groups(minitorch::nn::Module&)>;
/// One group: all parameters that require a gradient.
minitorch::optim::Groups trainable_params(minitorch::nn::Module& model);
/// Weights and biases of normalisation layers and, with `biases`, the bias of every other layer.
std::vector<minitorch::Tensor> norm_bias_params(minitorch::nn::Module& model, bool biases);

}  // namespace fastcore
