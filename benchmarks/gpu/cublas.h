// SPDX-License-Identifier: MIT
// cuBLAS, to measure against: loaded when it is on this machine, so that the program builds without it.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch::bench {

class Cublas {
 public:
  Cublas();
  ~Cublas();
  Cublas(const Cublas&) = delete;
  /// False where there is no cuBLAS, or it has found no GPU.
  bool is_there() const { return handle_ != nullptr; }
  /// c = a b on the current stream: square matrices on the GPU, of one type, sums in float32. False if cuBLAS
  /// refuses.
  bool multiply(const Tensor& a, const Tensor& b, const Tensor& c, bool tf32) const;

 private:
  void* library_ = nullptr;
  void* handle_ = nullptr;
};

}  // namespace minitorch::bench
