// SPDX-License-Identifier: MIT
// Graphs: recorded work is replayed on the same memory, on the simulator.
#include "minitorch/core/cuda_graph.h"

#include "minitorch/core/memory.h"
#include "minitorch/minitorch.h"
#include "minitorch/simt/control.h"
#include "tests/core/on_sim.h"
#include "tests/tensor_match.h"

using namespace minitorch;
using namespace minitorch::testing;

namespace {

std::vector<float> numbers(const Tensor& x) { return x.to_vector<float>(); }

}  // namespace

TEST_CASE("a graph computes when it is replayed, with what then lies in its inputs") {
  const Tensor x = tensor({1., 2., 3.}).to(kSim);
  Tensor y, sum_of_y;
  CudaGraph graph(kSim);
  CHECK(!graph.is_recorded());
  CHECK_THROWS_WITH(graph.replay(), "[graph] nothing has been recorded");
  graph.record([&] {
    CHECK(CudaGraph::recording(kSim) == &graph);
    const Tensor squares = square(x);  // freed below: its memory stays the graph's
    y = squares + 1.0;
    sum_of_y = sum(y);
  });
  CHECK(CudaGraph::recording(kSim) == nullptr);
  REQUIRE(graph.is_recorded());
  graph.replay();
  CHECK(numbers(y) == std::vector<float>{2, 5, 10});
  CHECK(sum_of_y.item() == 17);
  x.copy_(tensor({0., -1., 4.}).to(kSim));
  graph.replay();
  CHECK(numbers(y) == std::vector<float>{1, 2, 17});
  CHECK(sum_of_y.item() == 20);
}

TEST_CASE("a graph goes with MT_SIM_LAZY, on any stream, and its memory goes with it") {
  simt::set_lazy(true);
  const std::size_t before = memory_stats(kSim).in_use;
  {
    const Tensor x = tensor({1., 2.}).to(kSim);
    Tensor y;
    CudaGraph graph(kSim);
    graph.record([&] { y = x * 3.0; });
    const Stream stream(kSim);
    stream.wait(Stream::current(kSim));  // for the copy of x
    {
      const StreamScope scope(stream);
      graph.replay();
      CHECK(numbers(y) == std::vector<float>{3, 6});
    }
  }
  simt::set_lazy(false);
  CHECK(memory_stats(kSim).in_use == before);
  CHECK(memory_stats(kSim).cached == 0);
}

TEST_CASE("each replay drops other items, and backward the same ones") {
  manual_seed(7);
  const Tensor x = ones({64}, {kFloat32, kSim}).requires_grad_();
  Tensor y, dx;
  CudaGraph graph(kSim);
  graph.record([&] {
    x.zero_grad();
    y = dropout(x, 0.5);
    sum(y).backward();
    dx = x.grad();
  });
  graph.replay();
  const auto first = numbers(y);
  CHECK(numbers(dx) == first);
  manual_seed(7);  // the first replay is what would have been computed without a graph
  CHECK(numbers(dropout(ones({64}), 0.5)) == first);
  graph.replay();
  CHECK(numbers(y) != first);
  CHECK(numbers(dx) == numbers(y));
}

TEST_CASE("what cannot be replayed is refused while recording, and nothing is left of it") {
  const Tensor x = tensor({1., 2., 3.}).to(kSim);
  CudaGraph graph(kSim);
  CHECK_THROWS_WITH(graph.record([&] { sum(x).item(); }),
                    "[copy] to the host while a graph is recorded: a replay would not do it again");
  CHECK_THROWS_WITH(graph.record([&] {
    tensor({1., 2.}).to(kSim);
  }),
                    "[copy] from the host while a graph is recorded: a replay would not do it again");
  CHECK_THROWS_WITH(graph.record([&] { CudaGraph(kSim).record([] {}); }),
                    "[graph] record() inside of record()");
  CHECK(!graph.is_recorded());
  CHECK(CudaGraph::recording(kSim) == nullptr);
  CHECK(sum(x + 1.0).item() == 9);
  CHECK_THROWS_WITH(CudaGraph(Device::cpu()),
                    "[graph] on cpu work is done at once: there is nothing to record");
}
