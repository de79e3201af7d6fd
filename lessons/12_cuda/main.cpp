// SPDX-License-Identifier: MIT
// Lesson 12: what a GPU does. Three ladders of kernels, checked and counted in the simulator, timed on a GPU.
#include <cmath>

#include "fastcore/basics/external.h"
#include "fastcore/report/lesson.h"
#include "lessons/12_cuda/kernels.h"
#include "lessons/12_cuda/measure.h"
#include "lessons/12_cuda/roofline.h"
#include "minitorch/core/errors.h"
#include "minitorch/minitorch.h"
#include "minitorch/simt/control.h"

using namespace minitorch;
using namespace fastcore;

// --- the machine ---

static Machine measure_limits(Lesson& lesson) {
  lesson.section("The machine");
  if (!has_gpu(lesson)) {
    lesson.print("no GPU is timed in this run: the simulator checks and counts\n");
    return {};
  }
  const Tensor out = empty({kLimitThreads}, {.device = gpu()}), big = zeros({1 << 26}, {.device = gpu()});
  const Tensor copy = empty({1 << 26}, {.device = gpu()});
  const double threads = kLimitThreads;
  const Machine m{
      1e5 * 16 * threads / seconds([&] { on_gpu::limits().multiply_adds(out.data<float>(), 100000); }),
      1e4 * 2 * 8192 * threads / 32 /
          seconds([&] { on_gpu::limits().tensor_multiply(out.data<float>(), 10000); }),
      2 * 4.0 * (1 << 26) / seconds([&] { copy.copy_(big); })};
  lesson.table({"limit", "measured"},
               {{"float32 arithmetic", format("%.1f TFLOP/s", m.flops / 1e12)},
                {"tensor cores, 16 bits", format("%.1f TFLOP/s", m.tensor_flops / 1e12)},
                {"memory", format("%.0f GB/s", m.bytes / 1e9)}});
  return m;
}

// --- the ladders ---

static void matmul_ladder(Lesson& lesson, const Machine& machine) {
  lesson.section("A ladder of matrix products");
  const int n = lesson.quick() ? 64 : 128;
  //! [numbers]
  const Tensor a = randint(-8, 9, {n, n}).to(kFloat32) / 8, b = randint(-8, 9, {n, n}).to(kFloat32) / 8;
  const Tensor expected = matmul(a, b);  // on the CPU
  //! [numbers]
  const Tensor on_sim_a = a.to(Device::sim()), on_sim_b = b.to(Device::sim());
  std::vector<std::vector<std::string>> rows;
  std::vector<std::pair<std::string, double>> flops_a_byte;
  for (const MatmulRung& rung : sim::matmul_rungs()) {
    //! [climb]
    const Tensor c = empty({n, n}, {.device = Device::sim()});
    const Traffic t =
        count([&] { rung.run(on_sim_a.data<float>(), on_sim_b.data<float>(), c.data<float>(), n); });
    const double multiply_adds = std::pow(n, 3);
    rows.push_back({rung.kernel, largest_difference(c, expected),
                    format("%.2f", multiply_adds / (t.global_loads + t.shared_loads)),
                    format("%.1f", t.sectors_a_request()), format("%.2f", t.sectors * 32 / 1e6),
                    format("%.2f", t.conflicts_a_request()), format("%.0f", t.barriers)});
    //! [climb]
    flops_a_byte.emplace_back(std::string(rung.kernel).substr(7), 2 * multiply_adds / (t.sectors * 32));
  }
  lesson.table({"kernel", "error", "FMA/load", "sectors", "MB", "conflicts", "barriers"}, rows);
  draw_roofline(lesson, flops_a_byte);
  if (!has_gpu(lesson)) return;
  lesson.section("Matrix products on the GPU");
  const int big = 4096;
  const Tensor x = rand({big, big}).to(gpu()), y = rand({big, big}).to(gpu());
  Tensor z = empty_like(x);
  const Tensor product = matmul(x, y);
  rows.clear();
  const auto timed = [&](const std::string& name, double limit, const auto& run) {
    const double flops = 2 * std::pow(big, 3) / seconds(run);
    rows.push_back({name, checked(z, product, 1e-3), format("%.1f TFLOP/s", flops / 1e12),
                    format("%.0f %%", 100 * flops / limit)});
  };
  for (const MatmulRung& rung : on_gpu::matmul_rungs())
    timed(rung.kernel, std::string(rung.kernel).ends_with("cores") ? machine.tensor_flops : machine.flops,
          [&] { rung.run(x.data<float>(), y.data<float>(), z.data<float>(), big); });
  timed("the library's matmul", machine.flops, [&] { z = matmul(x, y); });
  lesson.table({"kernel, 4096 x 4096", "result", "speed", "of the limit"}, rows);
}

static void sum_ladder(Lesson& lesson, const Machine& machine) {
  lesson.section("A ladder of sums");
  const int n = 50001;
  const Tensor x = randint(-8, 9, {n}).to(kFloat32), expected = x.sum();
  const Tensor on_sim = x.to(Device::sim());
  std::vector<std::vector<std::string>> rows;
  for (const SumRung& rung : sim::sum_rungs()) {
    const Tensor parts = empty({n / 64 + 2}, {.device = Device::sim()}), y = empty({1}, parts.options());
    const Traffic t = count([&] { rung.run(on_sim.data<float>(), parts.data<float>(), y.data<float>(), n); });
    rows.push_back({rung.kernel, largest_difference(y[0], expected),
                    format("%.3f", t.shared_requests * 32 / n),
                    format("%.0f %%", 100 * t.diverged / std::max(t.shared_requests, 1.0)),
                    format("%.2f", t.conflicts_a_request()), format("%.2f", t.requests * 32 / n)});
  }
  lesson.table({"kernel", "error", "shared/number", "diverged", "conflicts", "global/number"}, rows);
  if (!has_gpu(lesson)) return;
  lesson.section("Sums on the GPU");
  const int big = 1 << 26;
  const Tensor on_it = ones({big}, {.device = gpu()}), parts = empty({big / 64 + 2}, {.device = gpu()});
  Tensor y = empty({1}, on_it.options());
  rows.clear();
  const auto timed = [&](const std::string& name, const auto& run) {
    const double bytes = 4.0 * big / seconds(run);
    rows.push_back({name, checked(y, full({1}, big, on_it.options()), 1e-6), format("%.0f GB/s", bytes / 1e9),
                    format("%.0f %%", 100 * bytes / machine.bytes)});
  };
  for (const SumRung& rung : on_gpu::sum_rungs())
    timed(rung.kernel, [&] { rung.run(on_it.data<float>(), parts.data<float>(), y.data<float>(), big); });
  timed("the library's sum", [&] { y = on_it.sum(); });
  lesson.table({"kernel, 67 million numbers", "result", "speed", "of the limit"}, rows);
}

static void softmax_ladder(Lesson& lesson, const Machine& machine) {
  lesson.section("A ladder of softmaxes");
  const int lines = 70, cols = 333;
  const Tensor x = randn({lines, cols}) * 4, expected = softmax(x, 1), on_sim = x.to(Device::sim());
  std::vector<std::vector<std::string>> rows;
  for (const SoftmaxRung& rung : sim::softmax_rungs()) {
    const Tensor y = empty({lines, cols}, {.device = Device::sim()});
    const Traffic t = count([&] { rung.run(on_sim.data<float>(), y.data<float>(), lines, cols); });
    const bool right = max(abs(y.to(Device::cpu()) - expected)).item() < 333 * 6e-8;  // a rounding for each
    rows.push_back({rung.kernel, right ? "as the CPU" : "wrong", format("%.1f", t.sectors_a_request()),
                    format("%.1f", t.sectors * 32 / (lines * cols))});
  }
  lesson.table({"kernel", "result", "sectors", "bytes/number"}, rows);
  if (!has_gpu(lesson)) return;
  lesson.section("Softmaxes on the GPU");
  const int many = 1 << 16, wide = 1000;
  const Tensor on_it = rand({many, wide}, {.device = gpu()}), known = softmax(on_it, 1);
  Tensor y = empty_like(on_it);
  rows.clear();
  const auto timed = [&](const std::string& name, const auto& run) {
    const double bytes = 8.0 * many * wide / seconds(run);
    rows.push_back({name, checked(y, known, 1e-5), format("%.0f GB/s", bytes / 1e9),
                    format("%.0f %%", 100 * bytes / machine.bytes)});
  };
  for (const SoftmaxRung& rung : on_gpu::softmax_rungs())
    timed(rung.kernel, [&] { rung.run(on_it.data<float>(), y.data<float>(), many, wide); });
  timed("the library's softmax", [&] { y = softmax(on_it, 1); });
  lesson.table({"kernel, 65536 rows of 1000", "result", "speed", "of the limit"}, rows);
}

// --- pictures and bugs ---

static void draw_touches(Lesson& lesson) {
  lesson.section("Which thread touches which word");
  //! [picture]
  const Tensor x = ones({4, 32}).to(Device::sim()), y = empty_like(x);
  for (const SoftmaxRung& rung : sim::softmax_rungs()) {
    count([&] { rung.run(x.data<float>(), y.data<float>(), 4, 32); });
    const Path file = lesson.folder() / (std::string(rung.kernel) + ".svg");
    file.write_text(simt::counters_svg(rung.kernel));
    lesson.print("picture: %s\n", file.c_str());
  }
  //! [picture]
}

static void find_the_bugs(Lesson& lesson) {
  const Tensor x = ones({256}).to(Device::sim()), y = empty_like(x);
  for (const Bug& bug : sim::bugs()) {
    lesson.section(format("A bug: %s", bug.kernel));
    //! [report]
    try {
      bug.run(x.data<float>(), y.data<float>());
      lesson.print("nothing was found\n");
    } catch (const DeviceError& error) { lesson.print("%s\ntry: %s\n", error.what(), error.hint().c_str()); }
    //! [report]
  }
}

static void cuda_lesson(Lesson& lesson) {
  const Machine machine = measure_limits(lesson);
  matmul_ladder(lesson, machine);
  sum_ladder(lesson, machine);
  softmax_ladder(lesson, machine);
  draw_touches(lesson);
  find_the_bugs(lesson);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "12_cuda", .title = "Lesson 12: what a GPU does"}, argc, argv, cuda_lesson);
}
