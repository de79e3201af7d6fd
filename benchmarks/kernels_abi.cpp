// SPDX-License-Identifier: MIT
// The kernels behind a C interface, for kernels.py: it calls them with ctypes on the buffers of PyTorch's
// tensors.
#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_strategies.h"
#include "minitorch/ops/matmul/matmul_kernels.h"

using namespace minitorch;

extern "C" {

void mt_set_threads(int threads) { set_num_threads(threads); }

// c (batch, m, n) = a b; a_row, a_col, b_row, b_col are strides; the batches of a and b follow each other.
void mt_matmul(int64_t batch, int64_t m, int64_t k, int64_t n, const float* a, int64_t a_row, int64_t a_col,
               const float* b, int64_t b_row, int64_t b_col, float* c) {
  cpu::matmul({a, {batch, m, k}, {m * k, a_row, a_col}}, {b, {batch, k, n}, {k * n, b_row, b_col}},
              {c, {batch, m, n}, {m * n, n, 1}}, false);
}

void mt_linear(int64_t rows, int64_t in, int64_t out, const float* x, const float* w, const float* bias,
               int relu, float* y) {
  cpu::linear({x, {rows, in}, {in, 1}}, {w, {out, in}, {in, 1}}, bias, relu != 0, {y, {rows, out}, {out, 1}});
}

// shape: the 16 numbers of Conv2dShape in their order.
static Conv2dShape conv_shape(const int64_t* s) {
  return {s[0], s[1], s[2],  s[3],  s[4],  s[5],  s[6],  s[7],
          s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15]};
}
void mt_conv2d_forward(const int64_t* shape, const float* x, const float* w, const float* bias, float* y) {
  cpu::conv2d_forward(conv_shape(shape), x, w, bias, y);
}
void mt_conv2d_backward_data(const int64_t* shape, const float* dy, const float* w, float* dx) {
  cpu::conv2d_backward_data(conv_shape(shape), dy, w, dx);
}
void mt_conv2d_backward_weights(const int64_t* shape, const float* x, const float* dy, float* dw) {
  cpu::conv2d_backward_weights(conv_shape(shape), x, dy, dw);
}
// The name of the strategy of pass 0 (forward), 1 (data) or 2 (weights).
const char* mt_conv2d_strategy(const int64_t* shape, int pass) {
  return cpu::choose_conv_strategy(conv_shape(shape), static_cast<cpu::ConvPass>(pass)).name;
}

}  // extern "C"
