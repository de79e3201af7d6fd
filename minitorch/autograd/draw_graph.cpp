// SPDX-License-Identifier: MIT
// From the graph to a list of boxes, and from that to DOT. graph_svg.cpp draws.
#include "minitorch/autograd/draw_graph.h"

#include <algorithm>
#include <unordered_map>

#include "minitorch/autograd/graph.h"
#include "minitorch/autograd/graph_svg.h"
#include "minitorch/core/atomic_file.h"

namespace minitorch {
namespace {

// Every node that root depends on, inputs before what is computed from them.
std::vector<Node*> nodes_below(Node* root, int64_t most) {
  std::vector<Node*> found{root};
  std::unordered_map<Node*, bool> seen{{root, true}};
  for (std::size_t next = 0; next < found.size(); ++next) {
    for (int i = 0; i < found[next]->input_count(); ++i) {
      Node* input = found[next]->input(i).get();
      if (!input || seen.contains(input)) continue;
      seen[input] = true;
      found.push_back(input);
    }
    if (static_cast<int64_t>(found.size()) > most)
      throw ValueError(
          format("[draw_graph] the graph has more than %lld nodes", static_cast<long long>(most)),
          "draw a smaller network or one step of a loop, or raise max_nodes");
  }
  std::sort(found.begin(), found.end(), [](Node* a, Node* b) { return a->sequence() < b->sequence(); });
  return found;
}

std::vector<detail::GraphBox> boxes_of(Node* root, const DrawGraphOptions& options) {
  std::unordered_map<const Node*, std::string> names;
  for (auto& [name, tensor] : options.names)
    if (tensor.requires_grad()) names[detail::node_of(tensor)] = name;
  const auto nodes = nodes_below(root, options.max_nodes);
  std::unordered_map<const Node*, int> index;
  std::vector<detail::GraphBox> boxes;
  for (Node* node : nodes) {
    detail::GraphBox box;
    const std::string& name = names[node];
    if (node->is_leaf()) {
      box.title = name.empty() ? "leaf" : name;
      box.kind = detail::GraphBox::leaf;
    } else {
      box.title = name.empty() ? node->name() : node->name() + std::string(" → ") + name;
      box.kind = node == root ? detail::GraphBox::root : detail::GraphBox::op;
    }
    box.shape = node->shape().dims() ? to_string(node->shape()) : "scalar";
    box.numel = node->shape().numel();
    for (int i = 0; i < node->input_count(); ++i)
      if (Node* input = node->input(i).get()) box.from.push_back(index.at(input));
    std::sort(box.from.begin(), box.from.end());
    box.from.erase(std::unique(box.from.begin(), box.from.end()), box.from.end());
    index[node] = static_cast<int>(boxes.size());
    boxes.push_back(std::move(box));
  }
  return boxes;
}

std::string quoted(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string to_dot(const std::vector<detail::GraphBox>& boxes, const std::string& title) {
  std::string dot =
      "digraph loss {\n"
      "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=11, color=\"#4a7bd0\", "
      "fillcolor=\"#eaf1fd\"];\n"
      "  edge [color=\"#8a94a3\", arrowsize=0.7];\n";
  if (!title.empty()) dot += "  label=\"" + quoted(title) + "\"; labelloc=t; fontname=\"sans-serif\";\n";
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const char* colours =
        boxes[i].kind == detail::GraphBox::leaf   ? ", color=\"#2f9e5f\", fillcolor=\"#e6f6ec\""
        : boxes[i].kind == detail::GraphBox::root ? ", color=\"#e07b1f\", fillcolor=\"#fdf0e2\""
                                                  : "";
    dot += format("  n%zu [label=\"%s\\n%s\"%s];\n", i, quoted(boxes[i].title).c_str(),
                  boxes[i].shape.c_str(), colours);
  }
  for (std::size_t i = 0; i < boxes.size(); ++i)
    for (int from : boxes[i].from) dot += format("  n%d -> n%zu;\n", from, i);
  return dot + "}\n";
}

}  // namespace

GraphDrawing draw_graph(const Tensor& loss, const DrawGraphOptions& options) {
  if (!loss.requires_grad())
    throw GradError("[draw_graph] this tensor depends on no tensor that requires a gradient",
                    "call requires_grad_() on the parameters, and compute the loss outside NoGrad");
  const auto boxes = boxes_of(detail::node_of(loss), options);
  return {to_dot(boxes, options.title), detail::graph_svg(boxes, options.title)};
}

void GraphDrawing::save(const std::string& stem) const {
  for (auto [text, end] : {std::pair(&dot, ".dot"), std::pair(&svg, ".svg")}) {
    AtomicFile file(stem + end);
    file.write(*text);
    file.commit();
  }
}

}  // namespace minitorch
