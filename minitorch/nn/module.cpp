// SPDX-License-Identifier: MIT
#include "minitorch/nn/module.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <ostream>
#include <set>
#include <typeinfo>

#include "minitorch/autograd/graph.h"
#include "minitorch/nn/containers.h"
#include "minitorch/ops/copy/copy.h"

namespace minitorch::nn {
namespace {

std::string dotted(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

// Gives a tensor other elements while every handle to it stays valid.
void replace_elements(const Tensor& x, const Tensor& with) {
  TensorImpl &to = x.impl(), &from = with.impl();
  to.storage = from.storage;
  to.strides = from.strides;
  to.offset = from.offset;
  to.dtype = from.dtype;
}

}  // namespace

Module::Module() = default;
Module::~Module() = default;

Tensor Module::forward(const Tensor&) {
  throw ValueError("[" + type_name() + "] this module defines no forward",
                   "override Tensor forward(const Tensor& x)");
}

Tensor Module::forward(const Tensors& inputs) {
  if (inputs.size() != 1)
    throw ValueError(
        format("[%s] called with %zu inputs: this module takes one", type_name().c_str(), inputs.size()));
  return forward(inputs[0]);
}

Tensor Module::call(const Tensors& inputs) {
  const auto before = pre_hooks_;  // a hook may remove itself
  for (auto& [id, hook] : before) hook(*this, inputs);
  Tensor output = inputs.size() == 1 ? forward(inputs[0]) : forward(inputs);
  const auto after = hooks_;
  for (auto& [id, hook] : after) hook(*this, inputs, output);
  return output;
}

// The C++ name without namespaces and without the ending that tells a module from its handle.
std::string Module::type_name() const {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> readable(
      abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status), std::free);
  std::string name = status == 0 ? readable.get() : typeid(*this).name();
  name = name.substr(0, name.find('<'));
  if (auto at = name.rfind("::"); at != std::string::npos) name = name.substr(at + 2);
  if (name.size() > 6 && name.ends_with("Module")) name.resize(name.size() - 6);
  return name;
}

void Module::collect(StateDict& out, const std::string& prefix, bool parameters, bool buffers) const {
  if (parameters)
    for (auto& [name, tensor] : parameters_) out.emplace_back(dotted(prefix, name), tensor);
  if (buffers)
    for (auto& [name, tensor] : buffers_) out.emplace_back(dotted(prefix, name), tensor);
  for (auto& [name, child] : children_) child->collect(out, dotted(prefix, name), parameters, buffers);
}

// Tied weights appear under each of their names, so that PyTorch's checkpoints fit; parameters() lists them
// once.
StateDict Module::state_dict(const std::string& prefix) const {
  StateDict out;
  collect(out, prefix, true, true);
  return out;
}
StateDict Module::named_parameters(const std::string& prefix) const {
  StateDict all, once;
  collect(all, prefix, true, false);
  std::set<const TensorImpl*> seen;
  for (auto& entry : all)
    if (seen.insert(&entry.second.impl()).second) once.push_back(entry);
  return once;
}
StateDict Module::named_buffers(const std::string& prefix) const {
  StateDict out;
  collect(out, prefix, false, true);
  return out;
}

std::vector<Tensor> Module::parameters() const {
  std::vector<Tensor> out;
  for (auto& [name, tensor] : named_parameters()) out.push_back(tensor);
  return out;
}

int64_t Module::parameter_count() const {
  int64_t count = 0;
  for (auto& p : parameters()) count += p.numel();
  return count;
}

std::vector<std::pair<std::string, Module*>> Module::named_modules(const std::string& prefix) {
  std::vector<std::pair<std::string, Module*>> out{{prefix, this}};
  for (auto& [name, child] : children_)
    for (auto& entry : child->named_modules(dotted(prefix, name))) out.push_back(entry);
  return out;
}

ModulePtr Module::get_submodule(const std::string& name) {
  if (name.empty()) return shared_from_this();
  const auto dot = name.find('.');
  const std::string head = name.substr(0, dot);
  std::string there;
  for (auto& [child_name, child] : children_) {
    if (child_name == head)
      return dot == std::string::npos ? child : child->get_submodule(name.substr(dot + 1));
    there += (there.empty() ? "" : ", ") + child_name;
  }
  throw IndexError("[get_submodule] " + type_name() + " has no child '" + head + "'",
                   "its children are: " + (there.empty() ? "none" : there));
}

Tensor Module::own_parameter(const std::string& name) const {
  for (auto* list : {&parameters_, &buffers_})
    for (auto& [own, tensor] : *list)
      if (own == name) return tensor;
  return {};
}

std::string to_string(const LoadReport& report) {
  std::string text;
  auto list = [&](const char* title, const std::vector<std::string>& names) {
    if (names.empty()) return;
    text += std::string(text.empty() ? "" : "\n") + title + ":";
    for (std::size_t i = 0; i < names.size() && i < 10; ++i) text += "\n  " + names[i];
    if (names.size() > 10) text += format("\n  and %zu more", names.size() - 10);
  };
  list("missing", report.missing);
  list("unexpected", report.unexpected);
  list("of another shape", report.wrong_shape);
  return text.empty() ? "everything fits" : text;
}

LoadReport Module::load_state_dict(const StateDict& state, bool strict) {
  std::map<std::string, Tensor> given(state.begin(), state.end());
  LoadReport report;
  std::vector<std::pair<Tensor, Tensor>> copies;
  for (auto& [name, own] : state_dict()) {
    auto found = given.find(name);
    if (found == given.end()) {
      // Batch counters came late to PyTorch: older files lack them, and nothing is computed from them.
      if (!name.ends_with("num_batches_tracked")) report.missing.push_back(name);
      continue;
    }
    if (found->second.shape() == own.shape()) copies.emplace_back(own, found->second);
    else
      report.wrong_shape.push_back(name + ": " + to_string(own.shape()) + " in the module, " +
                                   to_string(found->second.shape()) + " in the file");
  }
  std::set<std::string> known;
  for (auto& [name, own] : state_dict()) known.insert(name);
  for (auto& [name, tensor] : state)
    if (!known.count(name)) report.unexpected.push_back(name);
  if (strict && !report.fits())
    throw ShapeError("[load_state_dict] the weights do not fit " + type_name() + "\n" + to_string(report),
                     "load_state_dict(state, /*strict=*/false) takes what fits and reports the rest");
  NoGrad no_grad;
  for (auto& [own, value] : copies) own.copy_(value.to(own.device()));
  return report;
}

Module& Module::train(bool on) {
  training_ = on;
  for (auto& [name, child] : children_) child->train(on);
  return *this;
}

Module& Module::to(Device device) {
  NoGrad no_grad;
  for (auto& [name, tensor] : state_dict()) {
    replace_elements(tensor, tensor.detach().to(device));
    if (Tensor g = tensor.grad(); g.defined()) tensor.set_grad(g.to(device));
  }
  return *this;
}

Module& Module::to(Dtype dtype) {
  NoGrad no_grad;
  for (auto& [name, tensor] : state_dict())
    if (is_floating(tensor.dtype())) replace_elements(tensor, tensor.detach().to(dtype));
  return *this;
}

Module& Module::requires_grad_(bool on) {
  for (auto& p : parameters()) p.requires_grad_(on);
  return *this;
}

void Module::zero_grad() {
  for (auto& p : parameters()) p.zero_grad();
}

Module& Module::apply(const std::function<void(Module&)>& f) {
  for (auto& [name, child] : children_) child->apply(f);
  f(*this);
  return *this;
}

static int next_hook_id() {
  static int id = 0;
  return ++id;
}
int Module::register_forward_hook(ForwardHook hook) {
  hooks_.emplace_back(next_hook_id(), std::move(hook));
  return hooks_.back().first;
}
int Module::register_forward_pre_hook(ForwardPreHook hook) {
  pre_hooks_.emplace_back(next_hook_id(), std::move(hook));
  return pre_hooks_.back().first;
}
void Module::remove_hook(int id) {
  std::erase_if(hooks_, [id](auto& h) { return h.first == id; });
  std::erase_if(pre_hooks_, [id](auto& h) { return h.first == id; });
}

// Two tensors under one name would stand in a state dict twice, and only one of them be loaded.
void Module::check_name(const char* op, const std::string& name) const {
  const auto refuse = [&](const char* kind) {
    throw ValueError(
        format("[%s] %s has a %s '%s' already", op, type_name().c_str(), kind, name.c_str()),
        "give every parameter, buffer and module a name of its own; set_child replaces a module");
  };
  for (auto& [own, tensor] : parameters_)
    if (own == name) refuse("parameter");
  for (auto& [own, tensor] : buffers_)
    if (own == name) refuse("buffer");
  for (auto& [own, child] : children_)
    if (own == name) refuse("module");
}
Tensor Module::add_parameter(const std::string& name, const Tensor& value) {
  check_name("add_parameter", name);
  value.requires_grad_();
  parameters_.emplace_back(name, value);
  return value;
}
Tensor Module::add_buffer(const std::string& name, const Tensor& value) {
  check_name("add_buffer", name);
  buffers_.emplace_back(name, value);
  return value;
}
void Module::add_child(const std::string& name, ModulePtr child) {
  if (!child) throw ValueError("[add] the child '" + name + "' of " + type_name() + " is empty");
  check_name("add", name);
  children_.emplace_back(name, std::move(child));
}
void Module::set_child(const std::string& name, ModulePtr child) {
  for (auto& [own, module] : children_)
    if (own == name) {
      module = std::move(child);
      return;
    }
  add_child(name, std::move(child));
}

std::string to_string(const Module& module) {
  const auto& children = module.children();
  const bool folds = dynamic_cast<const ModuleListModule*>(&module);  // "(0-5): 6 x Linear(...)"
  std::string lines;
  for (std::size_t i = 0, end = 0; i < children.size(); i = end) {
    std::string text = to_string(*children[i].second), name = children[i].first;
    for (end = i + 1; folds && end < children.size() && to_string(*children[end].second) == text;) ++end;
    if (end - i > 1) {
      text = format("%zu x ", end - i) + text;
      name += "-" + children[end - 1].first;
    }
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 3)
      text.replace(at, 1, "\n  ");
    lines += "\n  (" + name + "): " + text;
  }
  const std::string head = module.type_name() + "(" + module.details();
  return lines.empty() ? head + ")" : head + lines + "\n)";
}
std::ostream& operator<<(std::ostream& out, const Module& module) { return out << to_string(module); }

}  // namespace minitorch::nn
