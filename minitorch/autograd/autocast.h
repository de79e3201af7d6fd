// SPDX-License-Identifier: MIT
// Mixed precision: products in 16 bits, everything that must not lose digits in float32.
//
//     GradScaler scaler;                          // optim/grad_scaler.h
//     for (...) {
//       Tensor loss;
//       {
//         Autocast autocast(kFloat16);            // matmul, linear and convolutions run on tensor cores
//         loss = cross_entropy(net(x), y);
//       }
//       scaler.scale(loss).backward();
//       scaler.step(opt);
//       scaler.update();
//     }
//
// The weights stay in float32: an update is often too small to change a 16-bit number.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// While it lives, in this thread: products and convolutions take their operands, and give their results, in
/// `dtype`; softmax, norms and losses work in float32, whatever they are given. Scopes may be nested.
class Autocast {
 public:
  /// @throws DtypeError unless `dtype` is float16 or bfloat16
  explicit Autocast(Dtype dtype, bool enabled = true);
  ~Autocast();
  Autocast(const Autocast&) = delete;

 private:
  Dtype before_;
};

/// The type that products are computed in; float32 outside Autocast.
Dtype autocast_dtype();

/// For an op that multiplies: the type its operands go to, which is autocast's, or what both promote to.
Dtype product_dtype(const Tensor& a, const Tensor& b);
/// For an op that needs its digits: whether x has fewer, inside Autocast.
bool needs_full_precision(const Tensor& x);
/// For an op that needs its digits: inside Autocast x in float32, otherwise x itself. Gradient: rounded back.
Tensor in_full_precision(const Tensor& x);

}  // namespace minitorch
