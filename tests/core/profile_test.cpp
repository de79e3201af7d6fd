// SPDX-License-Identifier: MIT
// The profiler: what it counts, where it finds the memory, and the trace that it writes.
#include "minitorch/core/profile.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "minitorch/core/memory.h"
#include "minitorch/core/parallel.h"
#include "minitorch/minitorch.h"

using namespace minitorch;

namespace {

const ProfileOptions kQuiet{.trace = "", .print = false};

const ProfileRow* find(const ProfileReport& report, const std::string& op) {
  for (auto& row : report.rows)
    if (row.op == op) return &row;
  return nullptr;
}

double flops(const ProfileRow& row) { return row.flops_per_second * row.seconds; }
double bytes(const ProfileRow& row) { return row.bytes_per_second * row.seconds; }

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a profile has a row per op, forward and backward, with its work") {
  const Tensor x = randn({20, 30}), w = randn({40, 30}).requires_grad_();
  Profile profile(kQuiet);
  for (int i = 0; i < 3; ++i) relu(linear(x, w)).sum().backward();
  conv2d(randn({2, 3, 8, 8}), randn({4, 3, 3, 3}), {}, {.padding = 1});
  const ProfileReport& report = profile.stop();

  const ProfileRow* row = find(report, "linear");
  REQUIRE(row);
  CHECK(row->calls == 3);
  CHECK(flops(*row) == Approx(3 * 2 * 20 * 30 * 40));
  CHECK(bytes(*row) == Approx(3 * 4 * (20 * 30 + 40 * 30 + 20 * 40)));
  CHECK(row->share_of_flops > 0);
  row = find(report, "linear backward");  // the weight's gradient alone: x needs none
  REQUIRE(row);
  CHECK(row->calls == 3);
  CHECK(flops(*row) == Approx(3 * 2 * 20 * 30 * 40));
  row = find(report, "relu");
  REQUIRE(row);
  CHECK(row->calls == 3);
  CHECK(bytes(*row) == Approx(3 * 4 * 2 * 20 * 40));
  CHECK(row->flops_per_second == 0);
  CHECK(find(report, "relu backward"));
  row = find(report, "conv2d");
  REQUIRE(row);
  CHECK(flops(*row) == Approx(2 * (4 * 3 * 3 * 3) * (2 * 8 * 8)));

  double seconds = 0;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    seconds += report.rows[i].seconds;
    if (i + 2 < report.rows.size()) CHECK(report.rows[i].seconds >= report.rows[i + 1].seconds);
  }
  CHECK(report.rows.back().op == "everything else");
  CHECK(seconds == Approx(report.seconds));
  CHECK(report.machine.threads == num_threads());
#if defined(MT_SANITIZE) || defined(MT_EMULATED)
  const double least = 1e7;  // watched or emulated code is many times slower
#else
  const double least = 1e9;
#endif
  CHECK(report.machine.flops_per_second > least);
  CHECK(report.machine.bytes_per_second > 1e8);
}

TEST_CASE("a profile counts nothing before, after and without it") {
  const Tensor x = randn({10});
  exp(x);
  ProfileReport report;
  {
    Profile profile(kQuiet);
    log(x);
    report = profile.stop();
    exp(x);
    CHECK(profile.stop().rows.size() == report.rows.size());
  }
  exp(x);
  CHECK(find(report, "log"));
  CHECK_FALSE(find(report, "exp"));
}

TEST_CASE("a repeated element counts once, and a thread's kernels count too") {
  const Tensor row = randn({100}), all = randn({50, 100});
  Profile profile(kQuiet);
  all + row;
  std::thread([&] { all* all; }).join();
  const ProfileReport& report = profile.stop();
  REQUIRE(find(report, "add"));
  CHECK(bytes(*find(report, "add")) == Approx(4 * (5000 + 100 + 5000)));
  REQUIRE(find(report, "mul"));
  CHECK(find(report, "mul")->calls == 1);
}

TEST_CASE("the peak of memory is told by the ops that held it") {
  const Tensor before = ones({250'000});
  const std::size_t in_use = memory_stats(Device::cpu()).in_use;
  Profile profile(kQuiet);
  Tensor kept;
  {
    const Tensor a = exp(before);  // 1 MB
    kept = matmul(a.reshape({500, 500}), a.reshape({500, 500}));
    exp(kept) + exp(kept);  // at the + there are three results of exp, and one of matmul
  }
  sin(before);
  const ProfileReport& report = profile.stop();
  const auto megabyte = [&](const char* op) {
    return static_cast<double>(find(report, op)->bytes_at_peak) / 1e6;
  };
  CHECK(report.before_bytes == in_use);
  CHECK(megabyte("matmul") == Approx(1).margin(0.25));
  CHECK(megabyte("exp") == Approx(3).margin(0.5));
  CHECK(find(report, "sin")->bytes_at_peak == 0);
  std::size_t sum = report.before_bytes;
  for (auto& row : report.rows) sum += row.bytes_at_peak;
  CHECK(sum == report.peak_bytes);
}

TEST_CASE("the trace nests kernels in the ranges and gradient rules that ran them") {
  const std::string path = "profile_test_trace.json";
  {
    Profile profile({.trace = path, .print = false});
    ProfileRange range("epoch \"1\"");
    const Tensor x = randn({8, 8}).requires_grad_();
    square(x).sum().backward();
  }
  const std::string json = contents(path);
  std::remove(path.c_str());
  CHECK(json.rfind("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n", 0) == 0);
  CHECK(json.substr(json.size() - 4) == "\n]}\n");
  CHECK(count(json, "{") == count(json, "}"));
  CHECK(count(json, "\"name\":\"epoch \\\"1\\\"\",\"cat\":\"range\"") == 1);
  CHECK(count(json, "\"name\":\"square\",\"cat\":\"kernel\"") == 2);
  CHECK(count(json, "\"name\":\"square backward\",\"cat\":\"backward\"") == 1);
  CHECK(count(json, "\"args\":{\"shape\":\"8x8\"") >= 2);
  CHECK(count(json, "\"ph\":\"C\"") >= 1);
}

TEST_CASE("a trace has a limit, the table has none") {
  const std::string path = "profile_test_short_trace.json";  // tests run side by side
  const Tensor x = randn({10});
  Profile profile({.trace = path, .print = false, .max_events = 3});
  for (int i = 0; i < 10; ++i) exp(x);
  const ProfileReport& report = profile.stop();
  CHECK(find(report, "exp")->calls == 10);
  CHECK(report.events_left_out >= 7);
  CHECK_THAT(report.text(), Catch::Contains("the trace lacks the last"));
  CHECK_THROWS_WITH(profile.write_trace("no/such/folder/trace.json"),
                    "[save] no/such/folder/trace.json: cannot be created: No such file or directory");
  profile.write_trace(path);
  CHECK(count(contents(path), "\"ph\":\"X\"") == 3);
}

TEST_CASE("only one profile at a time") {
  Profile profile(kQuiet);
  CHECK_THROWS_WITH(Profile(kQuiet), "[Profile] another profile is in scope");
}

TEST_CASE("the table of a profile reads as a table") {
  ProfileReport report{.seconds = 2, .peak_bytes = 3'000'000, .before_bytes = 1'000'000};
  report.machine = {.threads = 2, .flops_per_second = 2e11, .bytes_per_second = 2e10};
  report.rows = {{.op = "conv2d backward",
                  .calls = 12,
                  .seconds = 1.5,
                  .share = 0.75,
                  .flops_per_second = 1e11,
                  .bytes_per_second = 1e9,
                  .share_of_flops = 0.5,
                  .share_of_bytes = 0.05,
                  .bytes_at_peak = 2'000'000},
                 {.op = "relu",
                  .calls = 3,
                  .seconds = 2e-3,
                  .share = 0.001,
                  .bytes_per_second = 3e10,
                  .share_of_bytes = 1.5},
                 {.op = "add", .calls = 2, .seconds = 5e-6},
                 {.op = "everything else", .seconds = 0.4, .share = 0.2}};
  CHECK(report.text(2) ==
        "op                  calls       time   share   GFLOP/s of peak     GB/s of peak     memory\n"
        "conv2d backward        12    1.50 s   75.0 %     100.0    50 %      1.0     5 %     2.0 MB\n"
        "relu                    3    2.00 ms   0.1 %         -       -     30.0   150 %          -\n"
        "1 more                  2     5.0 us   0.0 %         -       -        -       -          -\n"
        "everything else         -  400.00 ms  20.0 %         -       -        -       -          -\n"
        "in all                       2.00 s \n"
        "peak of memory: 3.0 MB, of which 1.0 MB were in use before; \"memory\" is what each op held of it\n"
        "this machine, 2 threads: 200 GFLOP/s, 20.0 GB/s; above 100 % of the latter, data came from the "
        "caches\n");
}
