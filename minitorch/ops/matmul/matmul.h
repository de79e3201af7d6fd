// SPDX-License-Identifier: MIT
// Matrix products.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// Whether products and convolutions of float32 numbers on GPUs may round them to TF32, which keeps 10 bits
/// of the fraction and is several times as fast on tensor cores (sm_80 and up). Not at first; the CPU never
/// does.
void set_allow_tf32(bool allow);
bool allow_tf32();

/// Matrix product, by PyTorch's rules of rank:
/// (n) x (n) -> (); (r, n) x (n) -> (r); (n) x (n, c) -> (c); (r, n) x (n, c) -> (r, c); and with more axes,
/// the last two are matrices and the ones before are broadcast. Gradients: da = dc b^T, db = a^T dc, summed
/// over broadcast axes.
/// @throws ShapeError when inner sizes differ or an operand is a scalar; DtypeError for whole numbers
Tensor matmul(const Tensor& a, const Tensor& b);

/// y = x w^T + bias: x (..., in), w (out, in), bias (out) or undefined, y (..., out); with `relu`, max(y, 0),
/// fused. Gradients: dx = dy w, dw = dy^T x, dbias = dy summed over all but the last axis.
/// @throws ShapeError when sizes do not fit
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, bool relu = false);

/// Sums of products by Einstein's notation: einsum("ij,jk->ik", {a, b}). Letters name axes; a letter missing
/// from the result is summed over; without "->" the result has the letters that stand once, in alphabetical
/// order. "..." stands for axes that are broadcast. Gradient: through the products it is made of.
/// @throws ValueError for a formula that does not parse, ShapeError when a letter has two sizes
Tensor einsum(const std::string& formula, const std::vector<Tensor>& operands);

}  // namespace minitorch
