// SPDX-License-Identifier: MIT
#include "minitorch/ops/attention/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "minitorch/autograd/autocast.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/dispatch.h"
#include "minitorch/core/errors.h"
#include "minitorch/ops/attention/attention_kernels.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/dropout/dropout.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/softmax/softmax.h"
#include "minitorch/tensor/factories.h"

namespace minitorch {

// True where position i of L may see position j of S. Counted on the device: nothing is copied there.
static Tensor causal_mask(int64_t length, int64_t sources, Device device) {
  const auto positions = [&](int64_t n) { return cumsum(ones({n}, {kFloat32, device}), 0); };
  return ge(reshape(positions(length), {length, 1}), reshape(positions(sources), {1, sources}));
}

// MT_DISPATCH for kernels that only GPUs and the simulator have.
#define MT_ON_GPU(where, function, ...)                                        \
  [mt_device = Device(where)](auto&&... mt_arguments) {                        \
    const detail::TimedKernel mt_timed(#function, mt_device, mt_arguments...); \
    if (mt_device.type == Device::kSim) sim::function(mt_arguments...);        \
    else MT_CUDA_CASE(mt_device, function, mt_arguments...);                   \
  }(__VA_ARGS__)

// Whether the kernels can apply the mask: one that needs no gradient and is broadcast to the scores.
static bool is_fused_mask(const Tensor& mask, const Tensor& q, int64_t keys) {
  if (mask.requires_grad() || !(mask.device() == q.device()) || mask.dims() > q.dims()) return false;
  if (mask.dtype() != kBool && !is_floating(mask.dtype())) return false;
  for (int d = 1; d <= mask.dims(); ++d) {
    const int64_t size = mask.size(-d);
    if (size != 1 && size != (d == 1 ? keys : q.size(-d))) return false;
  }
  return true;
}

// The mask as the kernels read it; `kept` is the tensor that holds its numbers.
static AttentionMask mask_of(const Tensor& mask, const Tensor& q, int64_t keys, Tensor& kept) {
  if (!mask.defined()) return {};
  Shape shape = q.shape();
  shape[q.dims() - 1] = keys;
  kept = expand(mask.dtype() == kBool ? mask.detach() : to(mask.detach(), kFloat32), shape);
  if (kept.dims() > 4) kept = contiguous(kept);
  const auto stride = [&](int d) { return kept.dims() >= d ? kept.strides()[kept.dims() - d] : 0; };
  AttentionMask m{.inner = kept.dims() >= 3 ? static_cast<int>(kept.size(-3)) : 1,
                  .group_stride = stride(4),
                  .head_stride = stride(3),
                  .query_stride = stride(2),
                  .key_stride = stride(1)};
  if (mask.dtype() == kBool) m.seen = kept.data<bool>();
  else m.added = kept.data<float>();
  return m;
}

// Whether one kernel computes it all: on a GPU, for heads that fit into shared memory.
static bool is_fused(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& o) {
  if (q.device().is_cpu() || o.dropout > 1) return false;
  if (o.mask.defined() && !is_fused_mask(o.mask, q, k.size(-2))) return false;
  if (!(q.device() == k.device() && q.device() == v.device() && q.dims() == k.dims() && q.dims() == v.dims()))
    return false;
  for (int d = 0; d < q.dims() - 2; ++d)
    if (q.shape()[d] != k.shape()[d] || q.shape()[d] != v.shape()[d]) return false;
  const int64_t most = int64_t{1} << 31, heads = q.numel() / std::max<int64_t>(1, q.size(-1) * q.size(-2));
  if (q.numel() == 0 || v.numel() == 0 || heads * q.size(-2) >= most || heads * k.size(-2) >= most)
    return false;
  bool fits = false;
  const auto ask = [&](int depth, int width) {
    if (q.device().type == Device::kSim) fits = sim::attention_fits(depth, width);
#if defined(MT_WITH_CUDA)
    else fits = cuda::attention_fits(depth, width);
#endif
  };
  if (q.size(-1) <= 1024 && v.size(-1) <= 1024)
    ask(static_cast<int>(q.size(-1)), static_cast<int>(v.size(-1)));
  return fits;
}

static Tensor fused_attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& o,
                              double scale) {
  const auto plain = [](const Tensor& x) { return contiguous(to(x.detach(), kFloat32)); };
  const Tensor a = plain(q), b = plain(k), c = plain(v);
  Shape shape = q.shape();
  shape[q.dims() - 1] = v.size(-1);
  const Tensor y = empty(shape, a.options()), lse = empty({q.numel() / q.size(-1)}, a.options());
  Tensor mask;
  const AttentionShape s{static_cast<int>(lse.numel() / q.size(-2)),
                         static_cast<int>(q.size(-2)),
                         static_cast<int>(k.size(-2)),
                         static_cast<int>(q.size(-1)),
                         static_cast<int>(v.size(-1)),
                         static_cast<float>(scale),
                         o.is_causal,
                         mask_of(o.mask, q, k.size(-2), mask),
                         o.dropout > 0 ? draw_dropout(o.dropout, q.device()) : DropoutRule{0, 0, 1}};
  note_work({.flops = 2.0 * static_cast<double>(lse.numel()) * s.keys * (s.depth + s.width)});
  MT_ON_GPU(q.device(), attention_forward, s, a.data<float>(), b.data<float>(), c.data<float>(),
            y.data<float>(), lse.data<float>());
  const auto rule = [s, mask, a = Saved(a), b = Saved(b), c = Saved(c), y = Saved(y.detach()), lse](
                        const Tensor& gradient, const std::array<bool, 3>&) {
    const Tensor dy = contiguous(to(gradient, kFloat32)), delta = empty_like(lse), dq = empty_like(a()),
                 dk = empty_like(b()), dv = empty_like(c());
    MT_ON_GPU(dy.device(), attention_backward, s, a().data<float>(), b().data<float>(), c().data<float>(),
              y().data<float>(), lse.data<float>(), dy.data<float>(), delta.data<float>(), dq.data<float>(),
              dk.data<float>(), dv.data<float>());
    return std::array{dq, dk, dv};
  };
  return with_gradients(y, "attention", together(rule, q, k, v));
}

static constexpr double kNever = -std::numeric_limits<double>::infinity();

// Of each row of scores the shares; 0, and no gradient, in a row that a mask has hidden as a whole, where
// softmax would give 0 / 0.
static Tensor softmax_or_zero(const Tensor& scores, bool masked) {
  if (!masked || scores.numel() == 0) return softmax(scores, -1);
  const Tensor blind = eq(amax(scores.detach(), {-1}, true), kNever);
  return where(blind, 0, softmax(where(blind, 0, scores), -1));
}

Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v, AttentionOptions o) {
  const bool fits =
      q.dims() >= 2 && k.dims() >= 2 && v.dims() >= 2 && q.size(-1) == k.size(-1) && k.size(-2) == v.size(-2);
  if (!fits)
    throw ShapeError(format(
        "[scaled_dot_product_attention] q %s, k %s, v %s: expected (..., L, E), (..., S, E) and (..., S, D)",
        to_string(q.shape()).c_str(), to_string(k.shape()).c_str(), to_string(v.shape()).c_str()));
  const double scale = o.scale != 0 ? o.scale : 1 / std::sqrt(static_cast<double>(q.size(-1)));
  if (is_fused(q, k, v, o)) {
    const Dtype type = product_dtype(q, k);  // what the products would have given
    return to(fused_attention(to(q, kFloat32), to(k, kFloat32), to(v, kFloat32), o, scale), type);
  }
  Tensor scores = matmul(q * scale, transpose(k, -2, -1));  // (..., L, S)
  if (o.mask.defined()) scores = o.mask.dtype() == kBool ? where(o.mask, scores, kNever) : scores + o.mask;
  if (o.is_causal) scores = where(causal_mask(q.size(-2), k.size(-2), q.device()), scores, kNever);
  Tensor weights = softmax_or_zero(scores, o.mask.defined());
  if (o.dropout > 0) weights = dropout(weights, o.dropout);
  return matmul(weights, v);
}

}  // namespace minitorch
