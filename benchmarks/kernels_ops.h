// SPDX-License-Identifier: MIT
// The ops that kernels.py measures as a program calls them: a name, and what it does with its operands.
#pragma once
#include <cstdio>
#include <functional>
#include <string>

#include "minitorch/minitorch.h"

namespace minitorch::bench {

using OpFunction = std::function<Tensor(const std::vector<Tensor>& in)>;

inline PoolOptions pool_options(int64_t stride, int64_t padding) {
  return {.stride = stride, .padding = padding};
}

/// `setting` is what the op needs beside its operands: an activation, "kernel stride padding", or which axes.
inline OpFunction find_op(const std::string& name, const std::string& setting) {
  using In = const std::vector<Tensor>&;
  int k = 1, s = 1, p = 0;
  std::sscanf(setting.c_str(), "%d %d %d", &k, &s, &p);
  const Shape axes = setting == "rows"       ? Shape{1}
                     : setting == "columns"  ? Shape{0}
                     : setting == "channels" ? Shape{0, 2, 3}
                                             : Shape{};
  const Activation act = setting == "relu"    ? Activation::relu
                         : setting == "relu6" ? Activation::relu6
                                              : Activation::none;
  if (name == "batch_norm")
    return [=](In x) { return batch_norm(x[0], x[1], x[2], x[3], x[4], {.activation = act}); };
  if (name == "layer_norm") return [](In x) { return layer_norm(x[0], x[1], x[2]); };
  if (name == "max_pool") return [=](In x) { return max_pool2d(x[0], k, pool_options(s, p)); };
  if (name == "avg_pool") return [=](In x) { return avg_pool2d(x[0], k, pool_options(s, p)); };
  if (name == "global_pool") return [](In x) { return adaptive_avg_pool2d(x[0], 1); };
  if (name == "add") return [](In x) { return x[0] + x[1]; };
  if (name == "add_transposed") return [](In x) { return x[0] + x[0].t(); };
  if (name == "mul") return [](In x) { return x[0] * x[1]; };
  if (name == "where") return [](In x) { return where(x[0] > 0, x[0], x[1]); };
  if (name == "relu") return [](In x) { return relu(x[0]); };
  if (name == "exp") return [](In x) { return exp(x[0]); };
  if (name == "tanh") return [](In x) { return tanh(x[0]); };
  if (name == "sigmoid") return [](In x) { return sigmoid(x[0]); };
  if (name == "gelu") return [](In x) { return gelu(x[0]); };
  if (name == "sum") return [=](In x) { return sum(x[0], axes); };
  if (name == "max") return [=](In x) { return amax(x[0], axes); };
  if (name == "var") return [=](In x) { return var(x[0], axes); };
  if (name == "softmax") return [](In x) { return softmax(x[0], 1); };
  if (name == "log_softmax") return [](In x) { return log_softmax(x[0], 1); };
  if (name == "cross_entropy") return [](In x) { return cross_entropy(x[0], x[1]); };
  if (name == "embedding") return [](In x) { return embedding(x[0], x[1]); };
  if (name == "lstm")
    return [](In x) {
      const Tensor zero = zeros({x[0].size(1), x[2].size(1)});
      return lstm(x[0], zero, zero, x[1], x[2], x[3], x[4]).output;
    };
  throw ValueError("no op named '" + name + "'");
}

/// An op with operands of its own. Those that require a gradient get a new one with every run.
struct Op {
  OpFunction function;
  std::vector<Tensor> in;
  Tensor dy, y;  // without dy the op runs forward only
  std::vector<Tensor> gradients;

  void run() {
    y = Tensor();  // first, so that its memory serves again
    gradients.clear();
    if (!dy.defined()) {
      NoGrad no_grad;
      y = function(in);
      return;
    }
    y = function(in);
    y.backward(dy);
    for (const Tensor& x : in) {
      gradients.push_back(x.grad());
      x.zero_grad();
    }
  }
};

}  // namespace minitorch::bench
