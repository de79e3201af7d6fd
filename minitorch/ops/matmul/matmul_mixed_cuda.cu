// SPDX-License-Identifier: MIT
// Which products the tensor cores of this GPU take, and what becomes of the others.
#include <algorithm>

#include "minitorch/core/scratch_cuda.h"
#include "minitorch/ops/matmul/gemm_cuda.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/ops/matmul/tensor_cores_cuda.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch::MT_DEVICE {
namespace gemm {

template <class T>
void multiply_matrices(const View<const T, 3>& a, const View<const T, 3>& b, const View<T, 3>& c,
                       const Finish& finish);  // matmul_half_cuda.cu and its neighbours

}  // namespace gemm

static __global__ void code_that_runs() {}  // asked for what it was compiled for; never launched

// PTX for an older GPU runs on newer ones, and has none of what is newer.
bool has_tensor_cores(Dtype dtype) {
  static const int capability = [] {
    int device = 0, major = 0, minor = 0;
    cudaFuncAttributes code{};
    check(cudaFuncGetAttributes(&code, code_that_runs), "device");
    check(cudaGetDevice(&device), "device");
    check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "device");
    check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device), "device");
    return std::min(major * 10 + minor, code.ptxVersion);
  }();
  return capability >= (dtype == kFloat16 ? 75 : 80);
}

namespace {

template <class T>
View<T, 3> typed(const AnyView& v) {
  return {
      static_cast<T*>(v.data), {v.size[0], v.size[1], v.size[2]}, {v.stride[0], v.stride[1], v.stride[2]}};
}

template <class T>
void on_tensor_cores(const AnyView& a, const AnyView& b, const AnyView& c, const gemm::Finish& finish) {
  gemm::multiply_matrices<T>(typed<const T>(a), typed<const T>(b), typed<T>(c), finish);
}

// Room for the same elements in float32, row by row.
struct Widened {
  Widened(const AnyView& x, bool filled) : memory(x.numel() + 1), view(x) {
    view.data = memory.data();
    view.dtype = kFloat32;
    for (int64_t d = 2, step = 1; d >= 0; step *= view.size[d--]) view.stride[d] = step;
    if (filled) copy_strided(x, view);
  }
  DeviceScratch<float> memory;
  AnyView view;
};

// y = x w^T needs w (cols, inner), of which b is the transpose.
View<const float, 2> transposed(const View<const float, 3>& b) {
  return {b.data, {b.size[2], b.size[1]}, {b.stride[2], b.stride[1]}};
}

}  // namespace

void matmul_mixed(AnyView a, AnyView b, AnyView c, MatmulFinish f) {
  if (c.numel() == 0) return;
  const gemm::Finish finish{nullptr, f.bias, f.accumulate, f.relu};
  if (has_tensor_cores(a.dtype) && gemm::fits_31_bits(a) && gemm::fits_31_bits(b) && gemm::fits_31_bits(c)) {
    switch (a.dtype) {
      case kFloat16: return on_tensor_cores<Half>(a, b, c, finish);
      case kBFloat16: return on_tensor_cores<BFloat16>(a, b, c, finish);
      default: return on_tensor_cores<float>(a, b, c, finish);
    }
  }
  const Widened left(a, true), right(b, true), out(c, f.accumulate);
  const auto x = typed<const float>(left.view), y = typed<const float>(right.view);
  const auto z = typed<float>(out.view);
  if (!f.bias && !f.relu) matmul(x, y, z, f.accumulate);
  else
    linear({x.data, {x.size[1], x.size[2]}, {x.stride[1], x.stride[2]}}, transposed(y), f.bias, f.relu,
           {z.data, {z.size[1], z.size[2]}, {z.stride[1], z.stride[2]}});
  copy_strided(out.view, c);
}

}  // namespace minitorch::MT_DEVICE
