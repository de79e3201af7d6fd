// SPDX-License-Identifier: MIT
// What kernels see of a tensor: a pointer, sizes and strides, passed by value. Light enough for kernel files.
#pragma once
#include <cstdint>

#include "minitorch/core/dtype.h"
#include "minitorch/core/macros.h"

namespace minitorch {

/// N axes of T; strides in elements. v(i, j) is data[i * stride[0] + j * stride[1]].
template <class T, int N>
struct View {
  T* data;
  int64_t size[N > 0 ? N : 1];
  int64_t stride[N > 0 ? N : 1];

  template <class... I>
  MT_HD T& operator()(I... i) const {
    static_assert(sizeof...(I) == N, "one index per axis");
    const int64_t at[] = {static_cast<int64_t>(i)...};
    int64_t offset = 0;
    for (int k = 0; k < N; ++k) offset += at[k] * stride[k];
    return data[offset];
  }
  MT_HD int64_t numel() const {
    int64_t n = 1;
    for (int k = 0; k < N; ++k) n *= size[k];
    return n;
  }
};

/// Any number of axes and any element type: for elementwise kernels, copies and reductions.
struct AnyView {
  static constexpr int kMaxDims = 8;
  void* data;
  Dtype dtype;
  int dims;
  int64_t size[kMaxDims];
  int64_t stride[kMaxDims];

  MT_HD int64_t numel() const {
    int64_t n = 1;
    for (int k = 0; k < dims; ++k) n *= size[k];
    return n;
  }
};

}  // namespace minitorch
