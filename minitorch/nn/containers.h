// SPDX-License-Identifier: MIT
// Modules made of other modules.
#pragma once
#include "minitorch/nn/module.h"

namespace minitorch::nn {

/// Runs its children one after another: Sequential{Linear(784, 50), ReLU(), Linear(50, 10)}.
///
/// Braces make the layers from left to right, as Python does: after manual_seed(n) they draw the weights that
/// PyTorch's draw. In parentheses C++ leaves the order open, and g++ makes the last layer first: the net is
/// as good, but a seed gives other weights. The same holds for a ModuleList, and for any call with two
/// layers.
class SequentialModule : public Module {
 public:
  template <class... M>
  requires(std::convertible_to<M, ModulePtr>&&...) explicit SequentialModule(const M&... modules) {
    (append(modules), ...);
  }
  explicit SequentialModule(const std::vector<ModulePtr>& modules);
  /// Adds a child, named by its position.
  SequentialModule& append(ModulePtr module);
  /// @throws IndexError
  ModulePtr operator[](int64_t index) const;
  int64_t size() const { return static_cast<int64_t>(children().size()); }
  /// Children begin to end - 1 as a Sequential of their own, sharing weights; negative numbers count from the
  /// end, and what lies outside is left out, as in Python.
  Handle<SequentialModule> slice(int64_t begin, int64_t end) const;
  using Module::operator();
  Tensor forward(const Tensor& x) override;
};
using Sequential = Handle<SequentialModule>;

/// Holds modules for a forward of one's own to use.
class ModuleListModule : public Module {
 public:
  template <class... M>
  requires(std::convertible_to<M, ModulePtr>&&...) explicit ModuleListModule(const M&... modules) {
    (append(modules), ...);
  }
  ModuleListModule& append(ModulePtr module);
  ModulePtr operator[](int64_t index) const;
  int64_t size() const { return static_cast<int64_t>(children().size()); }
};
using ModuleList = Handle<ModuleListModule>;

/// A function as a module: Lambda([](const Tensor& x) { return x.mean({2, 3}); }).
class LambdaModule : public Module {
 public:
  explicit LambdaModule(std::function<Tensor(const Tensor&)> f, std::string name = "")
      : f_(std::move(f)), name_(std::move(name)) {}
  Tensor forward(const Tensor& x) override { return f_(x); }
  std::string details() const override { return name_; }

 private:
  std::function<Tensor(const Tensor&)> f_;
  std::string name_;
};
using Lambda = Handle<LambdaModule>;

/// Gives back what it gets.
class IdentityModule : public Module {
 public:
  Tensor forward(const Tensor& x) override { return x; }
};
using Identity = Handle<IdentityModule>;

}  // namespace minitorch::nn
