// SPDX-License-Identifier: MIT
// The picture of a graph: what is in it, and that nothing stands on anything else.
#include "minitorch/autograd/draw_graph.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "minitorch/autograd/graph_layout.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using detail::Layout, detail::LayoutBox;

namespace {

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Two boxes that share a layer keep their distance, and every arrow points down.
void check_layout(const std::vector<LayoutBox>& boxes, const Layout& layout, double gap_x) {
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto& [x, y] = layout.centres[i];
    CHECK(x - boxes[i].width / 2 >= -1e-6);
    CHECK(x + boxes[i].width / 2 <= layout.width + 1e-6);
    for (int from : boxes[i].from) CHECK(layout.centres[from].y < y);
    for (std::size_t j = 0; j < i; ++j)
      if (layout.centres[j].y == y)
        CHECK(std::fabs(layout.centres[j].x - x) >= (boxes[i].width + boxes[j].width) / 2 + gap_x - 1e-6);
  }
}

}  // namespace

TEST_CASE("draw_graph writes what backward would walk, as DOT") {
  const Tensor w = ones({3, 2}).requires_grad_(), b = zeros({2}).requires_grad_(), x = ones({4, 3});
  const Tensor loss = square(linear(x, w.t(), b)).sum();
  const GraphDrawing drawing =
      draw_graph(loss, {.names = {{"w", w}, {"say \"b\"", b}}, .title = "one & only"});
  const std::string nodes = drawing.dot.substr(drawing.dot.find("  n0"));
  CHECK(nodes ==
        "  n0 [label=\"w\\n(3, 2)\", color=\"#2f9e5f\", fillcolor=\"#e6f6ec\"];\n"
        "  n1 [label=\"say \\\"b\\\"\\n(2)\", color=\"#2f9e5f\", fillcolor=\"#e6f6ec\"];\n"
        "  n2 [label=\"permute\\n(2, 3)\"];\n"
        "  n3 [label=\"linear\\n(4, 2)\"];\n"
        "  n4 [label=\"square\\n(4, 2)\"];\n"
        "  n5 [label=\"sum\\nscalar\", color=\"#e07b1f\", fillcolor=\"#fdf0e2\"];\n"
        "  n0 -> n2;\n"
        "  n1 -> n3;\n"
        "  n2 -> n3;\n"
        "  n3 -> n4;\n"
        "  n4 -> n5;\n"
        "}\n");
}

TEST_CASE("draw_graph's SVG has a box for each node and a curve for each edge") {
  const Tensor w = ones({30, 50}).requires_grad_();
  const Tensor hidden = relu(matmul(ones({2, 30}), w)), loss = (hidden * hidden).sum() + w.sum();
  const GraphDrawing drawing =
      draw_graph(loss, {.names = {{"a < b", w}, {"hidden", hidden}}, .title = "one & only"});
  CHECK(drawing.svg.rfind("<svg xmlns=", 0) == 0);
  CHECK(count(drawing.svg, "<g class=\"leaf\"><title>") == 1);
  CHECK(count(drawing.svg, "<g class=\"op\"><title>") == 5);
  CHECK(count(drawing.svg, "<g class=\"root\"><title>") == 1);
  CHECK(count(drawing.svg, "class=\"e w\"") == 2);
  CHECK(count(drawing.svg, "class=\"e\"") == 5);  // hidden * hidden is one arrow
  CHECK(count(drawing.svg, ">a &lt; b</text>") == 1);
  CHECK(count(drawing.svg, ">relu → hidden</text>") == 1);
  CHECK(count(drawing.svg, ">one &amp; only</text>") == 1);
  CHECK(count(drawing.svg, "1 leaf, 1,500 numbers") == 1);
  for (const char* tag : {"svg", "g", "text", "title", "style", "defs", "marker"})
    CHECK(count(drawing.svg, std::string("<") + tag + ">") +
              count(drawing.svg, std::string("<") + tag + " ") ==
          count(drawing.svg, std::string("</") + tag + ">"));
}

TEST_CASE("draw_graph works after backward, and writes both files") {
  const Tensor w = ones({2}).requires_grad_(), loss = exp(w).sum();
  loss.backward();
  const GraphDrawing drawing = draw_graph(loss);
  CHECK(count(drawing.dot, "label=\"leaf\\n(2)\"") == 1);
  drawing.save("draw_graph_test");
  CHECK(contents("draw_graph_test.dot") == drawing.dot);
  CHECK(contents("draw_graph_test.svg") == drawing.svg);
  std::remove("draw_graph_test.dot");
  std::remove("draw_graph_test.svg");
  CHECK_THROWS_WITH(drawing.save("no/such/folder/graph"),
                    "[save] no/such/folder/graph.dot: cannot be created: No such file or directory");
}

TEST_CASE("draw_graph refuses what has no picture") {
  CHECK_THROWS_WITH(draw_graph(ones({1})),
                    "[draw_graph] this tensor depends on no tensor that requires a gradient");
  Tensor y = ones({1}).requires_grad_();
  for (int i = 0; i < 20; ++i) y = y * 2;
  CHECK_THROWS_WITH(draw_graph(y, {.max_nodes = 20}), "[draw_graph] the graph has more than 20 nodes");
  CHECK(count(draw_graph(y, {.max_nodes = 21}).svg, "<rect") == 21 + 2);
}

TEST_CASE("a residual block is laid out as two straight columns") {
  // 0 weight -> 1 conv -> 2 relu -> 4 conv -> 5 add, and 1 -> 5 past two layers; 3 weight -> 4
  const std::vector<LayoutBox> boxes = {{60, 40, {}, true}, {80, 40, {0}},    {70, 40, {1}},
                                        {60, 40, {}, true}, {90, 40, {2, 3}}, {50, 40, {1, 4}}};
  const Layout layout = detail::lay_out(boxes, 20, 30);
  check_layout(boxes, layout, 20);
  CHECK(layout.centres[2].x == Approx(layout.centres[4].x).margin(0.05));
  CHECK(layout.centres[3].y == layout.centres[2].y);  // the weight stands beside its op's input
  CHECK(layout.centres[0].x == Approx(layout.centres[1].x).margin(0.05));
  for (auto& edge : layout.edges)
    if (edge.from == 1 && edge.to == 5) {
      REQUIRE(edge.points.size() == 2);
      CHECK(edge.points[0].x == Approx(edge.points[1].x).margin(0.05));
    }
  CHECK(layout.height == 5 * 40 + 4 * 30);
}

TEST_CASE("boxes never overlap, however tangled the graph") {
  Generator generator(7);
  for (int graph = 0; graph < 20; ++graph) {
    std::vector<LayoutBox> boxes;
    for (int i = 0; i < 60; ++i) {
      LayoutBox box{.width = 40 + 80 * generator.uniform(), .height = 40, .from = {}};
      for (int k = 0; k < 2 && i; ++k) {
        const int from = static_cast<int>(generator.random_int(std::max(0, i - 15), i));
        if (box.from.empty() || box.from[0] != from) box.from.push_back(from);
      }
      box.floating = box.from.empty();
      boxes.push_back(box);
    }
    check_layout(boxes, detail::lay_out(boxes, 20, 30), 20);
  }
  CHECK(detail::lay_out({}, 20, 30).height == 0);
}
