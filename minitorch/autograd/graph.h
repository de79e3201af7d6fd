// SPDX-License-Identifier: MIT
// The graph that backward() walks: one node for each result that depends on a leaf.
//
// An op computes its result, then says how each input's gradient follows from the result's:
//
//     return with_gradients(c, "mul", wrt(a, [b = Saved(b)](const Tensor& dc) { return dc * b(); }),
//                                     wrt(b, [a = Saved(a)](const Tensor& dc) { return dc * a(); }));
//
// Rules return gradients; only the engine adds them up. A rule for an input that needs no gradient is never
// run, and no node is made when no input needs one or inside NoGrad.
#pragma once
#include <array>
#include <functional>
#include <optional>
#include <tuple>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Whether ops record the graph in this thread.
bool grad_enabled();

/// Ops record nothing while one of these is in scope.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;

 private:
  bool before_;
};

/// A tensor that a rule needs later. Calling it gives the tensor back, or throws when it was overwritten
/// since.
class Saved {
 public:
  explicit Saved(const Tensor& x) : x_(x), version_(x.version()) {}
  /// @throws GradError naming the op that saved the tensor and the op that overwrote it
  const Tensor& operator()() const;

 private:
  Tensor x_;
  uint32_t version_;
};

using GradientHook = std::function<Tensor(const Tensor& gradient)>;

/// A place in the graph. The engine's; ops use with_gradients.
class Node : public RefCounted {
 public:
  Node(const char* name, const Tensor& output, int input_count);

  const char* name() const { return name_; }
  uint64_t sequence() const { return sequence_; }
  const Shape& shape() const { return shape_; }
  int input_count() const { return input_count_; }
  virtual const Ref<Node>& input(int i) const = 0;
  virtual bool is_leaf() const { return false; }
  /// Fills gradients[i] for each input that has a node.
  virtual void gradients(const Tensor& dy, Tensor* gradients) = 0;
  /// Drops the rules and what they saved.
  virtual void release() = 0;

  Tensor gradient;             // what has arrived so far during a backward; a leaf's collected gradient
  bool keep_gradient = false;  // retain_grad()
  bool released = false;
  uint64_t visit = 0;  // the backward that reached this node last
  std::vector<GradientHook> hooks;

 protected:
  void destroy() const override;  // iterative: a chain may be a million nodes long

 private:
  const char* name_;
  uint64_t sequence_;
  Shape shape_;
  int input_count_;
};

namespace detail {

[[noreturn]] void throw_stale_view(const Tensor& x);

/// @throws GradError for a view that an in-place op on its base has left behind
inline Node* node_of(const Tensor& x) {
  if (!x.defined()) return nullptr;
  const TensorImpl& impl = x.impl();
  if (impl.is_view && impl.storage->regraphed() > impl.viewed_at) throw_stale_view(x);
  return static_cast<Node*>(impl.node.get());
}
void attach(const Tensor& output, Node* node);

template <class Rule>
struct Wrt {
  const Tensor& input;
  Rule rule;
};
template <std::size_t N, class Rule>
struct Together {
  std::array<const Tensor*, N> inputs;
  Rule rule;
};

template <class... Rules>
class RuleNode final : public Node {
 public:
  RuleNode(const char* name, const Tensor& output, Wrt<Rules>&&... rules)
      : Node(name, output, sizeof...(Rules)),
        inputs_{Ref<Node>(node_of(rules.input))...},
        rules_(std::in_place, std::move(rules.rule)...) {}
  const Ref<Node>& input(int i) const override { return inputs_[i]; }
  void gradients(const Tensor& dy, Tensor* out) override {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((inputs_[I] ? void(out[I] = std::get<I>(*rules_)(dy)) : void()), ...);
    }
    (std::index_sequence_for<Rules...>{});
  }
  void release() override { rules_.reset(); }

 private:
  std::array<Ref<Node>, sizeof...(Rules)> inputs_;
  std::optional<std::tuple<Rules...>> rules_;
};

template <std::size_t N, class Rule>
class TogetherNode final : public Node {
 public:
  TogetherNode(const char* name, const Tensor& output, Together<N, Rule>&& t)
      : Node(name, output, N), rule_(std::move(t.rule)) {
    for (std::size_t i = 0; i < N; ++i) inputs_[i] = Ref<Node>(node_of(*t.inputs[i]));
  }
  const Ref<Node>& input(int i) const override { return inputs_[i]; }
  void gradients(const Tensor& dy, Tensor* out) override {
    std::array<bool, N> needed;
    for (std::size_t i = 0; i < N; ++i) needed[i] = static_cast<bool>(inputs_[i]);
    std::array<Tensor, N> got = (*rule_)(dy, needed);
    for (std::size_t i = 0; i < N; ++i)
      if (needed[i]) out[i] = std::move(got[i]);
  }
  void release() override { rule_.reset(); }

 private:
  std::array<Ref<Node>, N> inputs_;
  std::optional<Rule> rule_;
};

template <class Rule>
class EachNode final : public Node {
 public:
  EachNode(const char* name, const Tensor& output, const std::vector<Tensor>& inputs, Rule&& rule)
      : Node(name, output, static_cast<int>(inputs.size())), rule_(std::move(rule)) {
    for (auto& x : inputs) inputs_.emplace_back(node_of(x));
  }
  const Ref<Node>& input(int i) const override { return inputs_[i]; }
  void gradients(const Tensor& dy, Tensor* out) override {
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i]) out[i] = (*rule_)(dy, i);
  }
  void release() override { rule_.reset(); }

 private:
  std::vector<Ref<Node>> inputs_;
  std::optional<Rule> rule_;
};

}  // namespace detail

/// The rule of one input: given d(loss)/d(result), it returns d(loss)/d(input), of the input's shape.
template <class Rule>
detail::Wrt<Rule> wrt(const Tensor& input, Rule rule) {
  return {input, std::move(rule)};
}

/// One rule for several inputs, where computing their gradients together saves work:
/// rule(dy, needed) returns std::array<Tensor, N>; entries that are not needed may stay undefined.
template <class Rule, class... T>
auto together(Rule rule, const T&... inputs) {
  return detail::Together<sizeof...(T), Rule>{{&inputs...}, std::move(rule)};
}

/// Records how `output` depends on its inputs, and returns it.
template <class... Rules>
Tensor with_gradients(const Tensor& output, const char* name, detail::Wrt<Rules>... rules) {
  if (grad_enabled() && (detail::node_of(rules.input) || ...))
    detail::attach(output, new detail::RuleNode<Rules...>(name, output, std::move(rules)...));
  return output;
}
template <std::size_t N, class Rule>
Tensor with_gradients(const Tensor& output, const char* name, detail::Together<N, Rule> rule) {
  bool any = false;
  for (auto* input : rule.inputs) any = any || detail::node_of(*input);
  if (grad_enabled() && any)
    detail::attach(output, new detail::TogetherNode<N, Rule>(name, output, std::move(rule)));
  return output;
}
/// For any number of inputs: rule(dy, i) returns the gradient of inputs[i].
template <class Rule>
Tensor with_gradients(const Tensor& output, const char* name, const std::vector<Tensor>& inputs, Rule rule) {
  bool any = false;
  for (auto& x : inputs) any = any || detail::node_of(x);
  if (grad_enabled() && any)
    detail::attach(output, new detail::EachNode<Rule>(name, output, inputs, std::move(rule)));
  return output;
}
/// Whether with_gradients would record anything for these inputs.
template <class... T>
bool needs_graph(const T&... inputs) {
  return grad_enabled() && (detail::node_of(inputs) || ...);
}

/// Walks the graph from `root` and adds to the gradient of every leaf it depends on.
///
/// `gradient` is d(loss)/d(root), of root's shape and brought to its type; it may be left out when root has
/// one element.
/// The rules are dropped on the way unless `retain_graph`.
/// @throws GradError when root depends on no leaf, when a gradient is needed and missing,
///   on a second walk over dropped rules,
///   or when a saved tensor was overwritten
void backward(const Tensor& root, const Tensor& gradient = {}, bool retain_graph = false);

/// Calls hook(gradient) when the gradient of x is complete during backward; a defined result replaces it.
/// @throws GradError when x is outside the graph; backward() throws ShapeError, DtypeError or DeviceError for
/// a result that is not of the gradient's kind
void register_hook(const Tensor& x, GradientHook hook);

/// Keeps the gradient of a tensor that is not a leaf, so that x.grad() gives it after backward; a second
/// backward adds to it.
void retain_grad(const Tensor& x);

/// Every op that changes x in place calls this first: it marks the elements as changed.
/// @throws GradError while the graph is recorded, for a leaf that requires a gradient or a view inside the
/// graph; ValueError for an expanded view, whose elements share memory
void before_in_place(const char* op, const Tensor& x);
/// The same for an op that sets every element anew: x leaves the graph, and may be an expanded view.
void before_fill(const char* op, const Tensor& x);

/// Ends an in-place op inside the graph: x takes the elements of `result` and its place in the graph.
/// Call before_in_place after `result` was computed, so that a rule that saved the old x is caught.
Tensor finish_in_place(const char* op, const Tensor& x, const Tensor& result);

}  // namespace minitorch
