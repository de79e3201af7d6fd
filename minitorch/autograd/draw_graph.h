// SPDX-License-Identifier: MIT
// A picture of the graph that backward() would walk, with the shape of every result.
//
//     draw_graph(loss, {.names = net->named_parameters()}).save("out/graph");  // out/graph.dot,
//     out/graph.svg
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch {

struct DrawGraphOptions {
  std::vector<std::pair<std::string, Tensor>> names = {};  ///< of leaves, and of results worth naming
  std::string title = {};                                  ///< above the picture
  int64_t max_nodes = 2000;                                ///< a larger graph is refused
};

struct GraphDrawing {
  std::string dot;  ///< for graphviz: dot -Tpdf
  std::string svg;  ///< a picture of its own, laid out here

  /// Writes `stem`.dot and `stem`.svg. @throws FileError
  void save(const std::string& stem) const;
};

/// Draws what `loss` depends on: leaves (green) at the top, ops (blue) below their inputs, the loss (orange)
/// at the bottom. Each box names the op and the shape of its result. It works before backward() and after.
/// @throws GradError when loss depends on no tensor that requires a gradient
/// @throws ValueError when the graph has more than max_nodes nodes
GraphDrawing draw_graph(const Tensor& loss, const DrawGraphOptions& options = {});

}  // namespace minitorch
