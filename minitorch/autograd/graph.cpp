// SPDX-License-Identifier: MIT
#include "minitorch/autograd/graph.h"

#include <algorithm>
#include <atomic>

#include "minitorch/core/profile_hooks.h"

namespace minitorch {
namespace {

thread_local bool recording = true;
thread_local const char* current_op = "";  // whose rules run right now

std::atomic<uint64_t> next_sequence{1}, next_visit{1};

// A tensor that collects a gradient: no inputs, no rules.
class Leaf final : public Node {
 public:
  explicit Leaf(const Tensor& x) : Node("leaf", x, 0) {}
  const Ref<Node>& input(int) const override {
    static const Ref<Node> none;
    return none;
  }
  bool is_leaf() const override { return true; }
  void gradients(const Tensor&, Tensor*) override {}
  void release() override {}
};

}  // namespace

bool grad_enabled() { return recording; }
NoGrad::NoGrad() : before_(recording) { recording = false; }
NoGrad::~NoGrad() { recording = before_; }

const Tensor& Saved::operator()() const {
  if (x_.version() != version_)
    throw GradError(
        format("[%s] backward needs a tensor of shape %s that was overwritten by `%s` after it was used",
               current_op, to_string(x_.shape()).c_str(), x_.impl().storage->last_change()),
        "use the form without the underscore, or clone() before changing it");
  return x_;
}

Node::Node(const char* name, const Tensor& output, int input_count)
    : name_(name),
      sequence_(next_sequence.fetch_add(1, std::memory_order_relaxed)),
      shape_(output.shape()),
      input_count_(input_count) {}

// Deleting a node drops its inputs, whose last references these may be, and so on down the chain. Instead of
// recursing, nodes that die meanwhile wait in a list until the one at work is gone. The list is a local
// variable, and what a thread keeps is a plain pointer to it: static tensors die after the main thread's own
// objects.
void Node::destroy() const {
  thread_local std::vector<const Node*>* list = nullptr;
  if (list) return list->push_back(this);
  std::vector<const Node*> waiting;
  list = &waiting;
  delete this;
  while (!waiting.empty()) {
    const Node* node = waiting.back();
    waiting.pop_back();
    delete node;
  }
  list = nullptr;
}

void detail::attach(const Tensor& output, Node* node) { output.impl().node = Ref<RefCounted>(node); }

static Node* node_pointer(const Tensor& x) { return static_cast<Node*>(x.impl().node.get()); }

bool Tensor::is_leaf() const { return !requires_grad() || node_pointer(*this)->is_leaf(); }

Tensor Tensor::requires_grad_(bool on) const {
  if (!is_floating(dtype()))
    throw GradError(
        format("[requires_grad_] a %s tensor: only floating-point tensors have gradients", name(dtype())),
        "make it floating with .to(kFloat32)");
  if (!is_leaf())
    throw GradError("[requires_grad_] this tensor is the result of other tensors, not a leaf",
                    "use detach() for a tensor that starts a graph of its own");
  if (on == requires_grad()) return *this;
  std::swap(impl().node, impl().resting_node);
  if (on && !requires_grad()) impl().node = Ref<RefCounted>(new Leaf(*this));
  return *this;
}

// Where the gradient of x is kept: a leaf that does not require one now may hold one from before.
static Node* holder(const Tensor& x) {
  return static_cast<Node*>((x.requires_grad() ? x.impl().node : x.impl().resting_node).get());
}

Tensor Tensor::grad() const { return holder(*this) ? holder(*this)->gradient : Tensor(); }

void Tensor::set_grad(const Tensor& grad) const {
  if (!holder(*this))
    throw GradError("[set_grad] this tensor does not require a gradient", "call requires_grad_()");
  if (grad.defined() && !(grad.shape() == shape()))
    throw ShapeError("[set_grad] a gradient of shape " + to_string(grad.shape()) + " for a tensor of shape " +
                     to_string(shape()));
  holder(*this)->gradient = grad;
}

void Tensor::zero_grad() const {
  if (holder(*this)) holder(*this)->gradient = Tensor();
}

void Tensor::backward(const Tensor& gradient, bool retain_graph) const {
  minitorch::backward(*this, gradient, retain_graph);
}

void register_hook(const Tensor& x, GradientHook hook) {
  if (!x.requires_grad())
    throw GradError("[register_hook] this tensor is outside the graph", "call requires_grad_() first");
  node_pointer(x)->hooks.push_back(std::move(hook));
}

void retain_grad(const Tensor& x) {
  if (!x.requires_grad())
    throw GradError("[retain_grad] this tensor is outside the graph", "call requires_grad_() first");
  node_pointer(x)->keep_gradient = true;
}

void detail::throw_stale_view(const Tensor& x) {
  throw GradError(
      format("a view of shape %s is older than the `%s` that changed its base inside the graph: its place in "
             "the graph is no longer known",
             to_string(x.shape()).c_str(), x.impl().storage->last_change()),
      "take the view again after the change, or change the base by the form without the underscore");
}

static void check_in_place(const char* op, const Tensor& x) {
  if (!recording || !detail::node_of(x)) return;
  if (x.is_leaf())
    throw GradError(
        format("[%s] a leaf that requires a gradient cannot be changed in place while the graph is recorded",
               op),
        "put `NoGrad no_grad;` in scope around the update");
  if (x.is_view())
    throw GradError(format("[%s] a view inside the graph cannot be changed in place", op),
                    "use the form without the underscore, or build the whole with cat, stack or where");
}

void before_in_place(const char* op, const Tensor& x) {
  check_in_place(op, x);
  for (int i = 0; x.is_view() && i < x.dims(); ++i)
    if (x.strides()[i] == 0 && x.shape()[i] > 1)
      throw ValueError(format("[%s] an expanded view of shape %s: several of its elements are one in memory",
                              op, to_string(x.shape()).c_str()),
                       "clone() it before changing it");
  x.impl().storage->changed_by(op);
}

void before_fill(const char* op, const Tensor& x) {
  check_in_place(op, x);
  x.impl().storage->changed_by(op);
  if (!recording || !x.requires_grad()) return;
  x.impl().node = {};  // nothing of what x depended on is left
  x.impl().storage->regraph();
}

// backward() itself, one step per function.
namespace {

// Every node that root depends on, later results first: an op's sequence number is above its inputs'.
std::vector<Ref<Node>> reachable(Node* root) {
  const uint64_t visit = next_visit.fetch_add(1);
  std::vector<Ref<Node>> found{Ref<Node>(root)};
  root->visit = visit;
  for (std::size_t next = 0; next < found.size(); ++next) {
    Node* node = found[next].get();
    for (int i = 0; i < node->input_count(); ++i) {
      Node* input = node->input(i).get();
      if (!input || input->visit == visit) continue;
      input->visit = visit;
      found.push_back(node->input(i));
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Ref<Node>& a, const Ref<Node>& b) { return a->sequence() > b->sequence(); });
  return found;
}

void check_gradient(const Node& from, const Node& to, const Tensor& gradient) {
  if (!gradient.defined()) throw GradError(format("[%s] the rule returned no gradient", from.name()));
  if (!(gradient.shape() == to.shape()))
    throw ShapeError(format("[%s] the rule returned a gradient of shape %s for an input of shape %s",
                            from.name(), to_string(gradient.shape()).c_str(), to_string(to.shape()).c_str()));
}

// Sums what arrives. A sum that is ours alone grows in place; a gradient that others may see is left
// untouched.
void accumulate(Node& node, Tensor gradient) {
  if (!node.gradient.defined()) node.gradient = std::move(gradient);
  else if (node.gradient.unique() && !node.gradient.is_view()) node.gradient.add_(gradient);
  else node.gradient = node.gradient.clone().add_(gradient);
}

// A leaf's gradient outlives the walk, so it must be memory of its own.
void collect(Node& leaf, Tensor&& arrived, const Tensor& before) {
  if (before.defined()) {
    leaf.gradient = before;
    leaf.gradient.add_(arrived);
  } else {
    const bool own = arrived.unique() && arrived.is_contiguous() && !arrived.is_view();
    leaf.gradient = own ? std::move(arrived) : arrived.clone();
  }
}

// A leaf's gradient goes to optimizers and an inner one to kernels, which trust its shape.
void check_replacement(const Node& node, const Tensor& before, const Tensor& after) {
  if (!(after.shape() == node.shape()))
    throw ShapeError(format("[register_hook] a hook returned a gradient of shape %s for a tensor of shape %s",
                            to_string(after.shape()).c_str(), to_string(node.shape()).c_str()));
  if (after.dtype() != before.dtype())
    throw DtypeError(format("[register_hook] a hook returned a %s gradient in place of a %s one",
                            name(after.dtype()), name(before.dtype())));
  check_same_device("register_hook", before, after);
}

void run_hooks(Node& node, Tensor& gradient) {
  const auto hooks = node.hooks;  // a hook may register another
  for (auto& hook : hooks)
    if (Tensor changed = hook(gradient); changed.defined()) {
      check_replacement(node, gradient, changed);
      gradient = std::move(changed);
    }
}

}  // namespace

void backward(const Tensor& root, const Tensor& gradient, bool retain_graph) {
  if (!root.requires_grad() || !detail::node_of(root))
    throw GradError("[backward] this tensor depends on no tensor that requires a gradient",
                    "call requires_grad_() on the parameters, and compute the loss outside NoGrad");
  if (!gradient.defined() && root.numel() != 1)
    throw GradError(
        "[backward] a tensor of shape " + to_string(root.shape()) + " needs the gradient to start from",
        "reduce it to one number with mean() or sum(), or call backward(gradient)");
  if (gradient.defined() && !(gradient.shape() == root.shape()))
    throw ShapeError("[backward] a gradient of shape " + to_string(gradient.shape()) +
                     " for a tensor of shape " + to_string(root.shape()));
  NoGrad no_grad;
  auto nodes = reachable(node_pointer(root));
  // Leaves and results under retain_grad keep what they collected before; all else starts from nothing.
  std::vector<Tensor> before(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i]->is_leaf() || nodes[i]->keep_gradient) before[i] = std::move(nodes[i]->gradient);
    nodes[i]->gradient = Tensor();
  }
  node_pointer(root)->gradient = gradient.defined() ? gradient.to(root.dtype()) : empty_like(root).fill_(1);
  std::vector<Tensor> to_inputs;
  std::size_t k = 0;
  try {
    for (; k < nodes.size(); ++k) {
      Node& node = *nodes[k];
      Tensor dy = std::move(node.gradient);
      node.gradient = before[k];
      if (!dy.defined()) continue;
      current_op = node.name();
      run_hooks(node, dy);
      if (node.is_leaf()) {
        collect(node, std::move(dy), before[k]);
        continue;
      }
      if (node.released)
        throw GradError(
            format("[%s] backward a second time through the same graph: what it saved is gone", node.name()),
            "call backward({}, /*retain_graph=*/true) the first time, or compute the loss again");
      if (node.keep_gradient) node.gradient = before[k].defined() ? before[k].clone().add_(dy) : dy;
      to_inputs.assign(node.input_count(), Tensor());
      const detail::TimedBackward timed(node.name());
      node.gradients(dy, to_inputs.data());
      dy = Tensor();
      if (!retain_graph) {
        node.release();
        node.released = true;
      }
      for (int i = 0; i < node.input_count(); ++i) {
        if (!node.input(i)) continue;
        check_gradient(node, *node.input(i), to_inputs[i]);
        accumulate(*node.input(i), std::move(to_inputs[i]));
      }
      if (!retain_graph) nodes[k] = Ref<Node>();
    }
  } catch (...) {
    for (; k < nodes.size(); ++k) nodes[k]->gradient = before[k];
    throw;
  }
}

}  // namespace minitorch
