// SPDX-License-Identifier: MIT
// Times products, convolutions, reductions and training steps on one device, cuBLAS beside them where it is.
//
//     gpu_bench cuda|sim [SECONDS]      // of measuring for each case
//
// Prints a line for each case, fields separated by tabs: name, seconds, operations, bytes, and cuBLAS's
// seconds or "-". Exit code 1 if a case throws or cuBLAS has other numbers. On the simulator, whose times say
// nothing about a GPU, the cases are tiny: that shows that they run.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "benchmarks/gpu/cublas.h"
#include "benchmarks/steps_jobs.h"
#include "minitorch/core/stream.h"
#include "minitorch/optim/graphed_step.h"

namespace {

using namespace minitorch;
using namespace minitorch::bench;

Device device = Device::cuda();
double budget = 0.3;  // seconds for each case
int failed = 0;       // cases

// Seconds of one run: median of five series, each long enough for the clock.
double time_of(const std::function<void()>& run) {
  const auto series = [&](int64_t count) {
    Event begin(device, true), end(device, true);
    begin.record(Stream::current(device));
    for (int64_t i = 0; i < count; ++i) run();
    end.record(Stream::current(device));
    end.synchronize();
    return begin.elapsed_ms(end) / 1e3 / static_cast<double>(count);
  };
  for (int i = 0; i < 4; ++i) run();  // loads kernels, fills caches, records graphs
  const double once = series(2);
  const auto count = static_cast<int64_t>(std::clamp(budget / 5 / std::max(once, 1e-7), 1.0, 1e5));
  double times[5];
  for (double& t : times) t = series(count);
  std::sort(times, times + 5);
  return times[2];
}

void print_row(const std::string& name, double seconds, double flops, double bytes, double peer = 0) {
  std::printf("%s\t%.4g\t%.4g\t%.4g\t", name.c_str(), seconds, flops, bytes);
  if (peer > 0) std::printf("%.4g\n", peer);
  else std::printf("-\n");
  std::fflush(stdout);
}

void fail(const std::string& name, const std::string& what) {
  ++failed;
  std::fprintf(stderr, "FAILED: %s: %s\n", name.c_str(), what.c_str());
}

// A case that throws must not end the others.
void attempt(const std::string& name, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) { fail(name, error.what()); }
}

struct Precision {
  const char* name;
  Dtype dtype;
  bool tf32;
};
const Precision kPrecisions[] = {{"float32", kFloat32, false},
                                 {"tf32", kFloat32, true},
                                 {"float16", kFloat16, false},
                                 {"bfloat16", kBFloat16, false}};

// Random numbers; the same million over and over where more are needed, since the host draws them.
Tensor numbers(const Shape& shape, Dtype dtype) {
  constexpr int64_t kDrawn = 1 << 20;
  const int64_t n = shape.numel(), times = (n + kDrawn - 1) / kDrawn;
  const Tensor drawn = randn({1, std::min(n, kDrawn)}, {kFloat32, device});
  return drawn.expand({times, drawn.size(1)}).reshape({-1}).slice(0, 0, n).reshape(shape).to(dtype);
}

double largest_error(const Tensor& a, const Tensor& b) {
  return amax(abs(a.to(kFloat32) - b.to(kFloat32))).item() / amax(abs(a.to(kFloat32))).item();
}

void products(const Cublas& cublas, std::vector<int64_t> sizes) {
  for (const Precision& p : kPrecisions)
    for (const int64_t n : sizes) {
      const std::string name = "matmul " + std::to_string(n) + " " + p.name;
      attempt(name, [&] {
        set_allow_tf32(p.tf32);
        const Tensor a = numbers({n, n}, p.dtype), b = numbers({n, n}, p.dtype),
                     c = empty({n, n}, a.options());
        const double ours = time_of([&] { matmul(a, b); });
        double peer = 0;
        if (cublas.is_there() && cublas.multiply(a, b, c, p.tf32)) {
          const double error = largest_error(matmul(a, b), c);
          if (!(error <= 0.02)) fail(name, "cuBLAS differs by " + std::to_string(error));  // NaN, too
          else peer = time_of([&] { cublas.multiply(a, b, c, p.tf32); });
        }
        const double d = static_cast<double>(n);
        print_row(name, ours, 2 * d * d * d, 3 * d * d * item_size(p.dtype), peer);
      });
    }
  set_allow_tf32(false);
}

struct Convolution {
  int64_t batch, in, size, out, kernel, stride;
};

void convolution(const Convolution& s, const Precision& p, bool backward) {
  char name[96];
  std::snprintf(name, sizeof name, "conv b%lld %lldx%lld to %lld k%lld s%lld %s %s",
                static_cast<long long>(s.batch), static_cast<long long>(s.in), static_cast<long long>(s.size),
                static_cast<long long>(s.out), static_cast<long long>(s.kernel),
                static_cast<long long>(s.stride), p.name, backward ? "forward+backward" : "forward");
  attempt(name, [&] {
    set_allow_tf32(p.tf32);
    const Tensor x = numbers({s.batch, s.in, s.size, s.size}, p.dtype).detach();
    const Tensor w = numbers({s.out, s.in, s.kernel, s.kernel}, p.dtype).detach();
    const ConvOptions options{.stride = s.stride, .padding = s.kernel / 2};
    const Tensor dy = ones_like(conv2d(x, w, {}, options));
    if (backward) x.requires_grad_(), w.requires_grad_();
    const double seconds = time_of([&] {
      const Tensor y = conv2d(x, w, {}, options);
      if (!backward) return;
      y.backward(dy);
      x.zero_grad(), w.zero_grad();
    });
    const double flops =
        2.0 * static_cast<double>(dy.numel() * s.in * s.kernel * s.kernel) * (backward ? 3 : 1);
    print_row(name, seconds, flops,
              static_cast<double>((x.numel() + w.numel() + dy.numel()) * item_size(p.dtype)));
  });
  set_allow_tf32(false);
}

void passes_over_memory(int64_t rows, int64_t columns) {
  const std::string size = std::to_string(rows) + "x" + std::to_string(columns);
  const Tensor x = numbers({rows, columns}, kFloat32), w = ones({columns}, x.options());
  const double bytes = 4.0 * static_cast<double>(x.numel());
  const std::pair<const char*, std::function<void()>> cases[] = {{"add", [&] { x + x; }},
                                                                 {"relu", [&] { relu(x); }},
                                                                 {"softmax", [&] { softmax(x, 1); }},
                                                                 {"layer_norm", [&] { layer_norm(x, w, w); }},
                                                                 {"sum", [&] { sum(x); }}};
  for (const auto& [name, run] : cases)
    attempt(name, [&, name = name, run = run] {
      NoGrad no_grad;
      print_row(std::string(name) + " " + size, time_of(run), 0,
                std::strcmp(name, "sum") ? 2 * bytes : bytes);
    });
}

void step(const std::string& name) {
  attempt(name, [&] {
    manual_seed(1);
    Job job = make_job(name);
    job.net->to(device);
    Tensors batch = job.inputs;
    batch.push_back(job.target);
    for (Tensor& t : batch) t = t.to(device);
    const auto opt = make_optimizer(job);
    optim::GraphedStep graphed(
        [&](const Tensors& b) { return job.loss((*job.net)(Tensors(b.begin(), b.end() - 1)), b.back()); },
        *opt);
    print_row("step " + name, time_of([&] { graphed(batch); }), 0, 0);
  });
}

void measure(bool tiny) {
  const Cublas cublas;
  products(cublas, tiny ? std::vector<int64_t>{64} : std::vector<int64_t>{1024, 2048, 4096, 8192});
  const std::vector<Convolution> convolutions =
      tiny ? std::vector<Convolution>{{1, 8, 8, 16, 3, 1}}
           : std::vector<Convolution>{{32, 3, 224, 64, 7, 2},   {32, 64, 56, 64, 3, 1},
                                      {32, 128, 28, 128, 3, 1}, {32, 256, 14, 256, 3, 1},
                                      {32, 512, 7, 512, 3, 1},  {32, 64, 56, 128, 1, 2}};
  for (const Precision& p : kPrecisions)
    for (const Convolution& s : convolutions)
      for (const bool backward : {false, true}) convolution(s, p, backward);
  passes_over_memory(tiny ? 16 : 32768, tiny ? 33 : 1024);
  for (const char* name : {"mlp b256", "mnist b64", "mnist b512", "tabular b64", "collab b64",
                           "resnet18 b32 64px", "resnet18 b32 128px"})
    if (!tiny || !std::strcmp(name, "mlp b256") || !std::strcmp(name, "collab b64")) step(name);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) throw ValueError("usage: gpu_bench cuda|sim [SECONDS]");
  device = Device::parse(argv[1]);
  if (argc > 2) budget = std::atof(argv[2]);
  if (!(budget > 0 && budget < 60)) throw ValueError("SECONDS must lie between 0 and 60");
  measure(device == Device::sim());
  if (failed) std::fprintf(stderr, "%d cases failed\n", failed);
  return failed != 0;
} catch (const std::exception& error) { return minitorch::report_error(error); }
