// SPDX-License-Identifier: MIT
// What tests/tools/gdb.py looks at in gdb.
#include "fastcore/basics/basics.h"
#include "minitorch/minitorch.h"

using namespace minitorch;

static void stop_here() { asm volatile(""); }

int main() {
  const Tensor matrix = tensor({{1., 2.5}, {-3., 4.}});
  const Tensor columns = matrix.t();
  const Tensor whole = arange(100);
  const Tensor half = matrix.to(kBFloat16);
  const Tensor weight = ones({2}).requires_grad_();
  const Tensor nothing;
  const Shape shape{2, 3, 4};
  const fastcore::L<int64_t> list{3, 1, 2};
  const fastcore::L<std::string> words{"a", "b"};
  fastcore::L<bool> flags{true, false, true}, last_flag{true}, no_flags;
  while (flags.size() < 70) flags.append(true);  // more than one word holds
  const auto net = nn::Sequential(nn::Linear(3, 2), nn::ReLU(), nn::Conv2d(1, 4, 3));
  const nn::ModulePtr held = net, no_net;
  const Tensor& reference = matrix;
  stop_here();
  return static_cast<int>(list.size() + words.size() + shape.dims()) - 8 + (reference.defined() ? 0 : 1) +
         (net->size() == 3 && held && !no_net && !nothing.defined() ? 0 : 1);
}
