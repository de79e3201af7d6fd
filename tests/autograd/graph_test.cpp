// SPDX-License-Identifier: MIT
// How graphs end.
#include "minitorch/autograd/graph.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "minitorch/minitorch.h"

using namespace minitorch;

namespace {

Tensor chain_on(const Tensor& x, int length) {
  Tensor end = x;
  for (int i = 0; i < length; ++i) end = end + 1;
  return end;
}

}  // namespace

TEST_CASE("graphs and leaves of static lifetime end well, after the thread's own objects are gone") {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    static const Tensor weight = ones({2}).requires_grad_();
    static const Tensor graph = chain_on(weight, 100);
    chain_on(weight, 100);
    std::exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
