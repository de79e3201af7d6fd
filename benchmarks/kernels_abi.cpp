// SPDX-License-Identifier: MIT
// The kernels behind a C interface, for kernels.py: it calls them with ctypes on the buffers of PyTorch's
// tensors. Ops get copies of those.
#include <cstring>
#include <memory>

#include "benchmarks/kernels_ops.h"
#include "minitorch/core/parallel.h"
#include "minitorch/ops/conv/conv_strategies.h"
#include "minitorch/ops/matmul/matmul_kernels.h"

using namespace minitorch;
using bench::Op;

// A tensor of PyTorch's: float32, or int64 when `whole`.
struct Blob {
  const void* data;
  int64_t whole, dims, size[4];
};

static Tensor copy_of(const Blob& blob) {
  const Tensor x =
      empty(Shape(blob.size, static_cast<int>(blob.dims)), {.dtype = blob.whole ? kInt64 : kFloat32});
  std::memcpy(x.raw_data(), blob.data, static_cast<std::size_t>(x.numel()) * item_size(x.dtype()));
  return x;
}

// Parameters whose gradients stay, so that every step does the same work.
struct OptimiserCase {
  std::vector<Tensor> params;
  std::unique_ptr<optim::Optimizer> optimiser;
};

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

// An op of kernels_ops.h over copies of the operands; bit i of `gradients`: operand i gets a gradient. The
// last blob is then dy.
void* mt_op(const char* name, const char* setting, const Blob* blobs, int count, int gradients) {
  auto* op = new Op{bench::find_op(name, setting), {}, {}, {}, {}};
  if (gradients) op->dy = copy_of(blobs[--count]);
  for (int i = 0; i < count; ++i) {
    op->in.push_back(copy_of(blobs[i]));
    if (gradients >> i & 1) op->in.back().requires_grad_();
  }
  return op;
}
void mt_op_run(void* op) { static_cast<Op*>(op)->run(); }
// Copies the gradient of operand i, or the result for i = -1.
void mt_op_result(void* op, int i, float* to) {
  const Tensor x = contiguous(i < 0 ? static_cast<Op*>(op)->y.detach() : static_cast<Op*>(op)->gradients[i]);
  std::memcpy(to, x.data<float>(), static_cast<std::size_t>(x.numel()) * sizeof(float));
}

// numbers and gradients: those of all parameters, one after the other.
void* mt_optimiser(const char* name, const int64_t* sizes, int count, const float* numbers,
                   const float* gradients) {
  auto* job = new OptimiserCase;
  for (int i = 0; i < count; numbers += sizes[i], gradients += sizes[i], ++i) {
    job->params.push_back(copy_of({numbers, 0, 1, {sizes[i]}}).requires_grad_());
    job->params.back().set_grad(copy_of({gradients, 0, 1, {sizes[i]}}));
  }
  const std::string kind = name;
  if (kind == "adam")
    job->optimiser = std::make_unique<optim::Adam>(job->params, optim::AdamOptions{.lr = 1e-3});
  else
    job->optimiser = std::make_unique<optim::SGD>(
        job->params, optim::SgdOptions{.lr = 1e-3, .mom = kind == "sgd_momentum" ? 0.9 : 0});
  return job;
}
void mt_optimiser_step(void* job) { static_cast<OptimiserCase*>(job)->optimiser->step(); }
void mt_optimiser_weights(void* job, float* to) {
  for (const Tensor& p : static_cast<OptimiserCase*>(job)->params) {
    std::memcpy(to, p.data<float>(), static_cast<std::size_t>(p.numel()) * sizeof(float));
    to += p.numel();
  }
}

}  // extern "C"
