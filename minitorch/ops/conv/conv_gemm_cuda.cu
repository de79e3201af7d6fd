// SPDX-License-Identifier: MIT
// Convolution in true float32 as a product of matrices, by the tiles of ops/matmul/gemm_float_cuda.h. The
// problems below say which operands and which result; groups are the batch.
//
// 2 n co oh ow ci/groups kh kw operations. x is read about kh kw times, but by blocks that run together, so
// from the caches; from memory each tensor comes about once, and the multiply-add units are the limit from
// some 16 channels on.
#include "minitorch/ops/conv/conv_gemm_cuda.h"

#include "minitorch/ops/conv/conv_operands_cuda.h"
#include "minitorch/ops/matmul/gemm_launch_cuda.h"

namespace minitorch::MT_DEVICE {
namespace {

using conv::Sizes;

struct Forward {
  Sizes s;
  const float *x, *w;
  conv::Pictures<float> y;
  __device__ gemm::MatrixOperand<float> a(int g) const {
    const int deep = s.group_ci() * s.taps();
    return {w + g * s.group_co() * deep, s.group_co(), deep, deep, 1, false};
  }
  __device__ conv::Windows b(int g) const { return {x + g * s.group_ci() * s.h * s.w, s}; }
  __device__ conv::Pictures<float> result(int g) const { return y.from(g * s.group_co()); }
};

struct BackwardData {
  Sizes s;
  const float *dy, *w;
  conv::Pictures<float> dx;
  __device__ conv::WeightsAcross a(int g) const {
    return {w + g * s.group_co() * s.group_ci() * s.taps(), s};
  }
  __device__ conv::Readers b(int g) const { return {dy + g * s.group_co() * s.oh * s.ow, s}; }
  __device__ conv::Pictures<float> result(int g) const { return dx.from(g * s.group_ci()); }
};

struct BackwardWeights {
  Sizes s;
  const float *x, *dy;
  float* dw;
  __device__ conv::OutputsAcross a(int g) const { return {dy + g * s.group_co() * s.oh * s.ow, s}; }
  __device__ conv::WindowsAcross b(int g) const { return {x + g * s.group_ci() * s.h * s.w, s}; }
  __device__ gemm::MatrixResult<float> result(int g) const {
    const int cols = s.group_ci() * s.taps();
    return {dw + g * s.group_co() * cols, cols, 1,
            cols % 4 == 0 && reinterpret_cast<uintptr_t>(dw) % 16 == 0};
  }
};

// Few channels make flat matrices: a tile of 16 rows wastes less on them.
using Flat = gemm::FloatTile<16, 128, 4, 4, 45>;
using Small = gemm::FloatTile<32, 32, 4, 4, 40>;
using Middle = gemm::FloatTile<64, 64, 8, 4, 70>;
using Large = gemm::FloatTile<128, 128, 8, 8, 100>;

}  // namespace

void conv_gemm_forward(const Conv2dShape& shape, const float* x, const float* w, const float* bias,
                       float* y) {
  const Sizes s(shape);
  const Forward problem{s, x, w, {y, s.co, s.oh * s.ow}};
  gemm::multiply_by<true, false, Large, Middle, Flat>(
      problem, s.group_co(), s.outputs(), s.group_ci() * s.taps(), s.groups,
      {.row_bias = bias, .row_bias_step = s.group_co()}, "conv2d");
}

void conv_gemm_backward_data(const Conv2dShape& shape, const float* dy, const float* w, float* dx) {
  const Sizes s(shape);
  const BackwardData problem{s, dy, w, {dx, s.ci, s.h * s.w}};
  gemm::multiply_by<true, false, Large, Middle, Flat>(
      problem, s.group_ci(), s.inputs(), s.group_co() * s.taps(), s.groups, {}, "conv2d backward");
}

void conv_gemm_backward_weights(const Conv2dShape& shape, const float* x, const float* dy, float* dw) {
  const Sizes s(shape);
  const BackwardWeights problem{s, x, dy, dw};
  gemm::multiply_by<true, true, Large, Middle, Small>(problem, s.group_co(), s.group_ci() * s.taps(),
                                                      s.outputs(), s.groups, {}, "conv2d backward");
}

}  // namespace minitorch::MT_DEVICE
