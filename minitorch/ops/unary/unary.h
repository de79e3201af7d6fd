// SPDX-License-Identifier: MIT
// Functions of one tensor, element by element. Shapes: y has x's shape. Whole numbers become float32 first,
// except where noted. Half types are computed in float32 and rounded back.
#pragma once
#include "minitorch/tensor/tensor.h"

namespace minitorch {

/// -x; whole numbers stay whole. Gradient -dy. @throws DtypeError for booleans
Tensor neg(const Tensor& x);
Tensor abs(const Tensor& x);         ///< |x|; whole numbers stay whole. Gradient sign(x) dy
Tensor sign(const Tensor& x);        ///< -1, 0 or 1. Gradient 0
Tensor exp(const Tensor& x);         ///< e^x. Gradient y dy
Tensor log(const Tensor& x);         ///< natural logarithm. Gradient dy / x
Tensor log1p(const Tensor& x);       ///< log(1 + x), exact near 0. Gradient dy / (1 + x)
Tensor sqrt(const Tensor& x);        ///< square root. Gradient dy / (2 y)
Tensor rsqrt(const Tensor& x);       ///< 1 / sqrt(x). Gradient -y^3 dy / 2
Tensor square(const Tensor& x);      ///< x^2; whole numbers stay whole. Gradient 2 x dy
Tensor reciprocal(const Tensor& x);  ///< 1 / x. Gradient -y^2 dy
Tensor sin(const Tensor& x);         ///< sine. Gradient cos(x) dy
Tensor cos(const Tensor& x);         ///< cosine. Gradient -sin(x) dy
Tensor tanh(const Tensor& x);        ///< hyperbolic tangent. Gradient (1 - y^2) dy
Tensor sigmoid(const Tensor& x);     ///< 1 / (1 + e^-x). Gradient y (1 - y) dy
Tensor relu(const Tensor& x);        ///< max(x, 0). Gradient dy where x > 0
Tensor erf(const Tensor& x);         ///< error function. Gradient 2/sqrt(pi) e^(-x^2) dy
Tensor floor(const Tensor& x);       ///< largest whole number not above x. Gradient 0
Tensor round(const Tensor& x);       ///< nearest whole number, ties to even. Gradient 0
Tensor gelu(
    const Tensor& x);  ///< x Phi(x), Phi the normal distribution, exact (erf). Gradient (Phi + x phi) dy
Tensor silu(const Tensor& x);      ///< x sigmoid(x). Gradient s (1 + x (1 - s)) dy, s = sigmoid(x)
Tensor mish(const Tensor& x);      ///< x tanh(softplus(x))
Tensor softplus(const Tensor& x);  ///< log(1 + e^x); x itself above 20. Gradient sigmoid(x) dy
Tensor leaky_relu(const Tensor& x, double slope = 0.01);  ///< x above 0, slope x below
Tensor elu(const Tensor& x, double alpha = 1);            ///< x above 0, alpha (e^x - 1) below
/// x limited to [lowest, highest], where an infinite bound is none; whole numbers stay whole between whole
/// bounds. Gradient dy where x lies between the bounds, 0 at them.
Tensor clamp(const Tensor& x, double lowest, double highest);
/// x^exponent; whole numbers to a whole exponent stay whole, and exact up to 64 bits.
/// Gradient exponent x^(exponent - 1) dy. @throws ValueError for whole numbers to a negative whole exponent
Tensor pow(const Tensor& x, double exponent);

// In place: x becomes f(x). @throws GradError as before_in_place says
Tensor relu_(const Tensor& x);
Tensor clamp_(const Tensor& x, double lowest, double highest);

}  // namespace minitorch
