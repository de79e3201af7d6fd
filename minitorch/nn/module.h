// SPDX-License-Identifier: MIT
// Module: a function with parameters. A net is a module made of modules.
//
//     struct Net : nn::Module {
//       nn::Linear hidden = add("hidden", nn::Linear(784, 50));
//       nn::Linear out = add("out", nn::Linear(50, 10));
//       Tensor forward(const Tensor& x) override { return out(relu(hidden(x))); }
//     };
//     auto net = nn::make<Net>();
//
// Names, the order of parameters and the printed form are PyTorch's, so that its checkpoints fit.
#pragma once
#include <concepts>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch::nn {

class Module;
using ModulePtr = std::shared_ptr<Module>;
using Tensors = std::vector<Tensor>;

/// A counted handle to a module of known type. `Linear(784, 50)` makes a LinearModule; calling the handle
/// runs it.
template <class M>
class Handle {
 public:
  using Type = M;
  template <class... A>
  requires(std::constructible_from<M, A...> &&
           !(sizeof...(A) == 1 && (std::same_as<std::remove_cvref_t<A>, Handle> ||
                                   ...))) explicit(sizeof...(A) == 1) Handle(A&&... arguments)
      : module_(std::make_shared<M>(std::forward<A>(arguments)...)) {}
  explicit Handle(std::shared_ptr<M> module) : module_(std::move(module)) {}

  template <class... T>
  auto operator()(const T&... inputs) const {
    return module_->operator()(inputs...);
  }
  M* operator->() const { return module_.get(); }
  M& operator*() const { return *module_; }
  operator ModulePtr() const { return module_; }
  const std::shared_ptr<M>& pointer() const { return module_; }

 private:
  std::shared_ptr<M> module_;
};

/// Makes a module of a type of one's own.
template <class M, class... A>
Handle<M> make(A&&... arguments) {
  return Handle<M>(std::make_shared<M>(std::forward<A>(arguments)...));
}

/// Parameters and buffers by name, in the order of the modules.
using StateDict = std::vector<std::pair<std::string, Tensor>>;

/// What load_state_dict found that did not fit.
struct LoadReport {
  std::vector<std::string> missing;      ///< in the module, not in the file
  std::vector<std::string> unexpected;   ///< in the file, not in the module
  std::vector<std::string> wrong_shape;  ///< "fc.weight: (10, 512) in the module, (1000, 512) in the file"
  bool fits() const { return missing.empty() && unexpected.empty() && wrong_shape.empty(); }
};
std::string to_string(const LoadReport& report);

using ForwardHook = std::function<void(Module& module, const Tensors& inputs, Tensor& output)>;
using ForwardPreHook = std::function<void(Module& module, const Tensors& inputs)>;

/// A layer or a net: parameters, buffers and modules by name, and a forward pass of its own.
class Module : public std::enable_shared_from_this<Module> {
 public:
  Module();
  Module(const Module&) = delete;  // handles share a module; clone its weights with load_state_dict
  Module& operator=(const Module&) = delete;
  virtual ~Module();

  /// What the module computes. Overridden by modules of one input.
  /// @throws ValueError unless one of the two forms is overridden
  virtual Tensor forward(const Tensor& x);
  /// Overridden by modules of several inputs; by default the first goes to forward(x).
  virtual Tensor forward(const Tensors& inputs);

  /// Runs the hooks and forward.
  Tensor operator()(const Tensor& x) { return call({x}); }
  Tensor operator()(const Tensor& x, const Tensor& y) { return call({x, y}); }
  Tensor operator()(const Tensors& inputs) { return call(inputs); }

  /// "Linear": the type as it is printed.
  virtual std::string type_name() const;
  /// "in_features=784, out_features=50, bias=True": what stands in parentheses. Options that PyTorch lacks,
  /// or does not print, follow where they are not the usual ones.
  virtual std::string details() const { return ""; }

  // --- what it is made of ---
  /// All parameters below, each once, own ones first.
  std::vector<Tensor> parameters() const;
  StateDict named_parameters(const std::string& prefix = "") const;
  StateDict named_buffers(const std::string& prefix = "") const;
  const std::vector<std::pair<std::string, ModulePtr>>& children() const { return children_; }
  /// This module and all below with their dotted names, parents first.
  std::vector<std::pair<std::string, Module*>> named_modules(const std::string& prefix = "");
  /// The module at a dotted name: "0.layer1.1". @throws IndexError naming the children there are
  ModulePtr get_submodule(const std::string& name);
  /// The own parameter or buffer of that name; undefined when there is none.
  Tensor own_parameter(const std::string& name) const;
  int64_t parameter_count() const;

  /// Parameters and buffers by name. The tensors are the module's own, not copies.
  StateDict state_dict(const std::string& prefix = "") const;
  /// Copies values in by name. With `strict`, nothing is copied unless everything fits.
  /// @throws ShapeError in strict mode, listing what is missing, unexpected or of another shape
  LoadReport load_state_dict(const StateDict& state, bool strict = true);

  // --- changing it ---
  bool is_training() const { return training_; }
  Module& train(bool on = true);
  Module& eval() { return train(false); }
  /// Moves parameters and buffers; optimisers and handles keep seeing them.
  Module& to(Device device);
  Module& to(Dtype dtype);
  Module& requires_grad_(bool on = true);
  void zero_grad();
  /// Calls f on every module below and then on this one.
  Module& apply(const std::function<void(Module&)>& f);

  /// Runs after forward; may replace the output. The number returned removes it again.
  int register_forward_hook(ForwardHook hook);
  int register_forward_pre_hook(ForwardPreHook hook);
  void remove_hook(int id);

  // --- building it: for constructors ---
  // A name is taken once, whatever it stands for: @throws ValueError for a second time.
  /// Registers a child under a name and returns it: a handle, or a ModulePtr.
  template <class M>
  requires std::convertible_to<M, ModulePtr> M add(const std::string& name, M child) {
    add_child(name, child);
    return child;
  }
  /// Registers a tensor that training changes.
  Tensor add_parameter(const std::string& name, const Tensor& value);
  /// Registers a tensor that is saved with the module but not trained.
  Tensor add_buffer(const std::string& name, const Tensor& value);
  /// Replaces the child of that name, or adds one: what add refuses to do.
  void set_child(const std::string& name, ModulePtr child);

 private:
  void check_name(const char* op, const std::string& name) const;
  void add_child(const std::string& name, ModulePtr child);
  Tensor call(const Tensors& inputs);
  void collect(StateDict& out, const std::string& prefix, bool parameters, bool buffers) const;

  bool training_ = true;
  std::vector<std::pair<std::string, Tensor>> parameters_, buffers_;
  std::vector<std::pair<std::string, ModulePtr>> children_;
  std::vector<std::pair<int, ForwardHook>> hooks_;
  std::vector<std::pair<int, ForwardPreHook>> pre_hooks_;
};

/// A module whose own forward switches something off at random in training: what Monte Carlo dropout leaves
/// on in validation. A module of your own that calls dropout(x, p, is_training()) derives from it as well.
struct Drops {
  virtual ~Drops() = default;
};

/// The tree of modules as PyTorch 2.15 prints it.
std::string to_string(const Module& module);
std::ostream& operator<<(std::ostream& out, const Module& module);

}  // namespace minitorch::nn
