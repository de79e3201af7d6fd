// SPDX-License-Identifier: MIT
// Callback: code that training calls at its events. Every feature of training is one.
//
//     struct TerminateOnNaN : Callback {
//       void after_loss(Learner& learn) override { if (!std::isfinite(learn.loss.item())) throw CancelFit{};
//       }
//     };
//     learn.fit(3, {.cbs = TerminateOnNaN{}});
//
// Events, where X{...} is before_X, what stands in the braces, then after_X:
//
//     fit{ epoch{ train{ batch{ after_pred after_loss backward{} step{} } }
//                 validate{ batch{ after_pred after_loss } } } }
#pragma once
#include <concepts>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

namespace minitorch {
class Tensor;
namespace nn {
class Module;
}
}  // namespace minitorch

namespace fastcore {

class Learner;

/// Thrown in a callback to skip the rest of a section: after_cancel_X comes next, then after_X.
struct Cancel : std::exception {
  const char* what() const noexcept override { return "a section of training was cancelled outside of it"; }
};
struct CancelBackward : Cancel {};
struct CancelStep : Cancel {};
struct CancelBatch : Cancel {};  ///< also skips zero_grad: gradients add up with those of the next batch
struct CancelTrain : Cancel {};
struct CancelValid : Cancel {};
struct CancelEpoch : Cancel {};
struct CancelFit : Cancel {};

/// What is called at the events of a training. A callback of your own overrides the events it cares for.
class Callback {
 public:
  virtual ~Callback() = default;

  /// Callbacks run in ascending order; those of equal order as they were added.
  double order = 0;
  bool run = true;          ///< false: no event arrives until the next fit
  bool run_train = true;    ///< whether events of training batches arrive
  bool run_valid = true;    ///< whether events of validation batches arrive
  bool run_lr_find = true;  ///< whether it is there while lr_find looks for a rate
  /// The name of the class.
  virtual std::string name() const;
  /// What it has to remember in a checkpoint; set_state goes on from there.
  virtual std::vector<double> state() const { return {}; }
  virtual void set_state(const std::vector<double>&) {}
  /// At the very end of fit, validate and the like, errors included: takes back what may not stay behind.
  virtual void clean_up(Learner&) noexcept {}

  virtual void after_create(Learner&) {}
  virtual void before_fit(Learner&) {}
  virtual void before_epoch(Learner&) {}
  virtual void before_train(Learner&) {}
  virtual void before_batch(Learner&) {}
  virtual void after_pred(Learner&) {}
  virtual void after_loss(Learner&) {}
  virtual void before_backward(Learner&) {}
  virtual void after_cancel_backward(Learner&) {}
  virtual void after_backward(Learner&) {}
  virtual void before_step(Learner&) {}
  virtual void after_cancel_step(Learner&) {}
  virtual void after_step(Learner&) {}
  virtual void after_cancel_batch(Learner&) {}
  virtual void after_batch(Learner&) {}
  virtual void after_cancel_train(Learner&) {}
  virtual void after_train(Learner&) {}
  virtual void before_validate(Learner&) {}
  virtual void after_cancel_validate(Learner&) {}
  virtual void after_validate(Learner&) {}
  virtual void after_cancel_epoch(Learner&) {}
  virtual void after_epoch(Learner&) {}
  virtual void after_cancel_fit(Learner&) {}
  virtual void after_fit(Learner&) {}
};
using CallbackPtr = std::shared_ptr<Callback>;

/// Callbacks to be given to a Learner: one, or a list in braces; objects, or pointers to keep a hand on them.
class Callbacks {
 public:
  Callbacks() = default;
  // Compiled once, in callback.cpp.
  Callbacks(const Callbacks&);
  Callbacks(Callbacks&&) noexcept;
  Callbacks& operator=(const Callbacks&);
  Callbacks& operator=(Callbacks&&) noexcept;
  ~Callbacks();
  Callbacks(CallbackPtr callback);
  template <std::derived_from<Callback> C>
  Callbacks(C callback) : Callbacks(CallbackPtr(std::make_shared<C>(std::move(callback)))) {}
  template <std::derived_from<Callback> C>
  Callbacks(std::shared_ptr<C> callback) : Callbacks(CallbackPtr(std::move(callback))) {}
  Callbacks(std::initializer_list<Callbacks> several);

  void append(const Callbacks& more);
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  bool empty() const { return list_.empty(); }

 private:
  std::vector<CallbackPtr> list_;
};

/// One of the moments at which callbacks are called.
struct CallbackEvent {
  void (Callback::*call)(Learner&);
  const char* name;
  bool in_batch;  ///< subject to run_train and run_valid
};

/// A model, or a part of one, that remembers something from batch to batch: a recurrent net its state.
struct Resettable {
  virtual ~Resettable() = default;
  /// Forgets it.
  virtual void reset() = 0;
  /// Where it remembers, so that a checkpoint can hold it. Of a model that does not say, an epoch that was
  /// interrupted starts again.
  virtual std::vector<minitorch::Tensor*> memory() { return {}; }
};
/// Calls reset() of every Resettable in the model.
void reset_model(minitorch::nn::Module& model);

namespace detail {
std::string readable_name(const char* type);
}
/// The name of an object's class without namespaces.
template <class T>
std::string class_name() {
  return detail::readable_name(typeid(T).name());
}
template <class T>
std::string class_name(const T& object) {
  return detail::readable_name(typeid(object).name());
}

}  // namespace fastcore
