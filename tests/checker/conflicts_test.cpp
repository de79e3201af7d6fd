// SPDX-License-Identifier: MIT
// The library's kernels that live on shared memory read it without bank conflicts, as their tiles promise.
#include <catch2/catch.hpp>

#include "minitorch/minitorch.h"
#include "minitorch/simt/control.h"

using namespace minitorch;

namespace {

struct Reads {
  uint64_t requests = 0, conflicts = 0;
  std::string lines;  // those with conflicts
};

// Reads of shared memory by kernels whose names hold `kernel`.
template <class Run>
Reads reads_of(const std::string& kernel, Run run) {
  simt::set_counting(true);
  run();
  simt::set_counting(false);
  Reads sum;
  for (const simt::CountedKernel& k : simt::counted_kernels()) {
    if (k.kernel.find(kernel) == std::string::npos) continue;
    for (const simt::CountedLine& line : k.lines) {
      if (line.access != "shared load") continue;
      sum.requests += line.requests, sum.conflicts += line.bank_conflicts;
      if (line.bank_conflicts)
        sum.lines += "\n" + k.kernel + " " + line.line + ": " + std::to_string(line.bank_conflicts) + " of " +
                     std::to_string(line.requests);
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("products in TF32 read their tiles without bank conflicts, however the operands lie") {
  const Device sim = Device::sim();
  for (bool across : {false, true}) {
    Tensor a = ones({130, 40}).to(sim), b = ones({40, 130}).to(sim);
    if (across) a = ones({40, 130}).to(sim).t(), b = ones({130, 40}).to(sim).t();
    const Reads reads = reads_of("multiply_mma", [&] {
      set_allow_tf32(true);
      matmul(a, b);
      set_allow_tf32(false);
    });
    INFO(reads.lines);
    CHECK(reads.requests > 0);
    CHECK(reads.conflicts == 0);
  }
}

TEST_CASE("attention reads its tiles without bank conflicts, forward and backward") {
  for (int64_t depth : {32, 64, 128}) {
    const Tensor q = ones({1, 64, depth}).to(Device::sim()).requires_grad_();
    Tensor y;
    const Reads forward = reads_of("attend", [&] { y = scaled_dot_product_attention(q, q, q); });
    const Reads backward = reads_of("attend_d", [&] { y.sum().backward(); });
    INFO("depth " << depth << forward.lines << backward.lines);
    CHECK((forward.requests > 0 && backward.requests > 0));
    CHECK(forward.conflicts == 0);
    CHECK(backward.conflicts == 0);
  }
}
