// SPDX-License-Identifier: MIT
#include "minitorch/ops/matmul/matmul.h"

#include <atomic>

#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/matmul/matmul_kernels.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {

static std::atomic<bool> tf32_is_allowed{false};
void set_allow_tf32(bool allow) { tf32_is_allowed = allow; }
bool allow_tf32() { return tf32_is_allowed; }

namespace {

// A matrix as a batch of one.
template <class T>
View<T, 3> batch_of(const Tensor& x) {
  if (x.dims() == 3) return view_of<T, 3>(x);
  const auto m = view_of<T, 2>(x);
  return {m.data, {1, m.size[0], m.size[1]}, {0, m.stride[0], m.stride[1]}};
}

// All axes but the last, joined: -1 cannot say it where the last size is 0.
int64_t rows_of(const Tensor& x) { return Shape(x.shape().data(), x.dims() - 1).numel(); }

Tensor transposed(const Tensor& x) { return transpose(x, -2, -1); }

AnyView any_batch_of(const Tensor& x) {
  AnyView v = view_of(x);
  if (v.dims == 3) return v;
  return {v.data, v.dtype, 3, {1, v.size[0], v.size[1]}, {0, v.stride[0], v.stride[1]}};
}

// Whether the kernels for tensor cores are asked: they know what this device has.
bool is_mixed(const Tensor& x) { return x.dtype() != kFloat32 || (allow_tf32() && !x.device().is_cpu()); }

// (r, n) x (n, c), or (N, r, n) x (N, n, c), of one floating type.
Tensor product(const Tensor& a, const Tensor& b) {
  Shape shape = a.shape();
  shape[shape.dims() - 1] = b.shape().back();
  Tensor c = empty(shape, a.options());
  note_work({.flops = 2.0 * static_cast<double>(c.numel() * b.size(-2))});
  if (is_mixed(a))
    MT_DISPATCH(a.device(), matmul_mixed, any_batch_of(a), any_batch_of(b), any_batch_of(c), MatmulFinish{});
  else
    MT_DISPATCH(a.device(), matmul, batch_of<const float>(a), batch_of<const float>(b), batch_of<float>(c),
                false);
  if (!needs_graph(a, b)) return c;
  return with_gradients(
      c, "matmul",
      wrt(a, [b = Saved(b.detach())](
                 const Tensor& dc) { return product(to(dc, b().dtype()), transposed(b())); }),
      wrt(b, [a = Saved(a.detach())](const Tensor& dc) {
        return product(transposed(a()), to(dc, a().dtype()));
      }));
}

void check_operands(const char* op, const Tensor& a, const Tensor& b, int64_t inner_a, int64_t inner_b,
                    const char* hint) {
  check_same_device(op, a, b);
  if (!is_floating(a.dtype()) || !is_floating(b.dtype()))
    throw DtypeError(format("[%s] %s x %s: products of matrices are computed in floating point", op,
                            name(a.dtype()), name(b.dtype())),
                     "convert with .to(kFloat32)");
  if (inner_a != inner_b)
    throw ShapeError(format("[%s] %s x %s: inner sizes %lld and %lld differ", op,
                            to_string(a.shape()).c_str(), to_string(b.shape()).c_str(),
                            static_cast<long long>(inner_a), static_cast<long long>(inner_b)),
                     hint);
}

// Both operands with three axes, their leading axes broadcast and joined.
Tensor batched_product(const Tensor& a, const Tensor& b) {
  Shape lead_a(a.shape().data(), a.dims() - 2), lead_b(b.shape().data(), b.dims() - 2);
  const Shape lead = broadcast_shapes("matmul", lead_a, lead_b);
  auto joined = [&](const Tensor& x) {
    Shape full = lead;
    full.push_back(x.size(-2)).push_back(x.size(-1));
    return reshape(expand(x, full), {lead.numel(), x.size(-2), x.size(-1)});
  };
  Shape out = lead;
  out.push_back(a.size(-2)).push_back(b.size(-1));
  return reshape(product(joined(a), joined(b)), out);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (a.dims() == 0 || b.dims() == 0)
    throw ShapeError(format("[matmul] %s x %s: a scalar is no matrix", to_string(a.shape()).c_str(),
                            to_string(b.shape()).c_str()),
                     "use a * b");
  check_operands("matmul", a, b, a.size(-1), b.dims() == 1 ? b.size(0) : b.size(-2),
                 "the last axis of the left must match the last but one of the right: is a .t() missing?");
  if (const Dtype type = product_dtype(a, b); a.dtype() != type || b.dtype() != type)
    return matmul(to(a, type), to(b, type));
  if (a.dims() == 2 && b.dims() == 2) return product(a, b);
  if (a.dims() == 1) return squeeze(matmul(unsqueeze(a, 0), b), b.dims() == 1 ? 0 : -2);
  if (b.dims() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  if (b.dims() == 2) {  // one matrix on the right: all rows of the left in one product
    Shape out = a.shape();
    out[out.dims() - 1] = b.size(1);
    return reshape(product(reshape(a, {rows_of(a), a.size(-1)}), b), out);
  }
  return batched_product(a, b);
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, bool relu) {
  if (weight.dims() != 2 || x.dims() == 0)
    throw ShapeError(format("[linear] x %s, weight %s: expected (..., in) and (out, in)",
                            to_string(x.shape()).c_str(), to_string(weight.shape()).c_str()));
  check_operands("linear", x, weight, x.size(-1), weight.size(1),
                 "the weight is stored (out, in), and in is x's last size");
  const int64_t out = weight.size(0);
  if (bias.defined() && !(bias.shape() == Shape{out}))
    throw ShapeError(format("[linear] bias %s for weight %s: expected (%lld)",
                            to_string(bias.shape()).c_str(), to_string(weight.shape()).c_str(),
                            static_cast<long long>(out)));
  if (const Dtype type = product_dtype(x, weight); x.dtype() != type || weight.dtype() != type)
    return linear(to(x, type), to(weight, type), bias, relu);
  if (x.dims() != 2) {
    Shape shape = x.shape();
    shape[shape.dims() - 1] = out;
    return reshape(linear(reshape(x, {rows_of(x), x.size(-1)}), weight, bias, relu), shape);
  }
  Tensor y = empty({x.size(0), out}, x.options());
  const Tensor b = bias.defined() ? contiguous(to(bias.detach(), kFloat32)) : Tensor();
  const float* b_data = b.defined() ? b.data<float>() : nullptr;
  note_work({.flops = 2.0 * static_cast<double>(y.numel() * x.size(1))});
  if (is_mixed(x))
    MT_DISPATCH(x.device(), matmul_mixed, any_batch_of(x), any_batch_of(weight.detach().t()), any_batch_of(y),
                (MatmulFinish{.bias = b_data, .relu = relu}));
  else
    MT_DISPATCH(x.device(), linear, (view_of<const float, 2>(x)), (view_of<const float, 2>(weight)), b_data,
                relu, (view_of<float, 2>(y)));
  if (!needs_graph(x, weight, bias)) return y;
  // What reaches the sum inside: dy, where the fused ReLU let it through.
  return with_gradients(
      y, "linear",
      together(
          [x = Saved(x.detach()), w = Saved(weight.detach()), y = Saved(relu ? y.detach() : x.detach()), relu,
           bias_type = bias.defined() ? bias.dtype() : kFloat32](const Tensor& dy,
                                                                 const std::array<bool, 3>& needed) {
            const Tensor inner = to(relu ? where(y() > 0, dy, 0.0) : dy, w().dtype());
            std::array<Tensor, 3> d;
            if (needed[0]) d[0] = product(inner, w());
            if (needed[1]) d[1] = product(inner.t(), x());
            if (needed[2]) d[2] = to(sum(to(inner, kFloat32), {0}), bias_type);
            return d;
          },
          x, weight, bias));
}

}  // namespace minitorch
