// SPDX-License-Identifier: MIT
// Tensor's members that compute: each forwards to the free function of the same name.
#include <algorithm>
#include <numeric>
#include <vector>

#include "minitorch/autograd/graph.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/arrange/arrange.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/ops/softmax/softmax.h"
#include "minitorch/ops/sort/sort.h"
#include "minitorch/ops/unary/unary.h"
#include "minitorch/tensor/indexing.h"
#include "minitorch/tensor/tensor.h"

namespace minitorch {
namespace mt = minitorch;

Tensor Tensor::clone() const { return mt::clone(*this); }
Tensor Tensor::contiguous() const { return mt::contiguous(*this); }
Tensor Tensor::to(Device device) const { return mt::to(*this, device); }
Tensor Tensor::to(Dtype dtype) const { return mt::to(*this, dtype); }
Tensor Tensor::reshape(const Shape& shape) const { return mt::reshape(*this, shape); }
Tensor Tensor::view(const Shape& shape) const { return mt::view(*this, shape); }
Tensor Tensor::flatten(int64_t first, int64_t last) const { return mt::flatten(*this, first, last); }
Tensor Tensor::t() const { return mt::t(*this); }
Tensor Tensor::transpose(int64_t a, int64_t b) const { return mt::transpose(*this, a, b); }
Tensor Tensor::permute(const Shape& order) const { return mt::permute(*this, order); }
Tensor Tensor::expand(const Shape& shape) const { return mt::expand(*this, shape); }
Tensor Tensor::squeeze() const { return mt::squeeze(*this); }
Tensor Tensor::squeeze(int64_t axis) const { return mt::squeeze(*this, axis); }
Tensor Tensor::unsqueeze(int64_t axis) const { return mt::unsqueeze(*this, axis); }
Tensor Tensor::select(int64_t axis, int64_t index) const { return mt::select(*this, axis, index); }
Tensor Tensor::slice(int64_t axis, int64_t begin, int64_t end, int64_t step) const {
  return mt::slice(*this, axis, begin, end, step);
}

Tensor Tensor::operator-() const { return neg(*this); }
Tensor Tensor::abs() const { return mt::abs(*this); }
Tensor Tensor::exp() const { return mt::exp(*this); }
Tensor Tensor::log() const { return mt::log(*this); }
Tensor Tensor::sqrt() const { return mt::sqrt(*this); }
Tensor Tensor::square() const { return mt::square(*this); }
Tensor Tensor::pow(double exponent) const { return mt::pow(*this, exponent); }
Tensor Tensor::sigmoid() const { return mt::sigmoid(*this); }
Tensor Tensor::tanh() const { return mt::tanh(*this); }
Tensor Tensor::relu() const { return mt::relu(*this); }
Tensor Tensor::clamp(double lowest, double highest) const { return mt::clamp(*this, lowest, highest); }
Tensor Tensor::sum() const { return mt::sum(*this); }
Tensor Tensor::sum(const Shape& axes, bool keepdim) const { return mt::sum(*this, axes, keepdim); }
Tensor Tensor::mean() const { return mt::mean(*this); }
Tensor Tensor::mean(const Shape& axes, bool keepdim) const { return mt::mean(*this, axes, keepdim); }
Tensor Tensor::std() const { return mt::stddev(*this); }
Tensor Tensor::std(const Shape& axes, bool keepdim) const {
  return mt::stddev(*this, axes, {.keepdim = keepdim});
}
Tensor Tensor::var() const { return mt::var(*this); }
Tensor Tensor::var(const Shape& axes, bool keepdim) const {
  return mt::var(*this, axes, {.keepdim = keepdim});
}
Tensor Tensor::norm(double p) const { return mt::norm(*this, p); }
Tensor Tensor::prod() const { return mt::prod(*this); }
Tensor Tensor::all() const { return mt::all(*this); }
Tensor Tensor::any() const { return mt::any(*this); }
Tensor Tensor::max() const { return mt::max(*this); }
Tensor Tensor::min() const { return mt::min(*this); }
ValuesIndices Tensor::max(int64_t axis, bool keepdim) const { return mt::max(*this, axis, keepdim); }
ValuesIndices Tensor::min(int64_t axis, bool keepdim) const { return mt::min(*this, axis, keepdim); }
Tensor Tensor::argmax() const { return mt::argmax(*this); }
Tensor Tensor::argmax(int64_t axis, bool keepdim) const { return mt::argmax(*this, axis, keepdim); }
Tensor Tensor::argmin() const { return mt::argmin(*this); }
Tensor Tensor::argmin(int64_t axis, bool keepdim) const { return mt::argmin(*this, axis, keepdim); }
Tensor Tensor::cumsum(int64_t axis) const { return mt::cumsum(*this, axis); }
Tensor Tensor::softmax(int64_t axis) const { return mt::softmax(*this, axis); }
Tensor Tensor::log_softmax(int64_t axis) const { return mt::log_softmax(*this, axis); }
ValuesIndices Tensor::sort(int64_t axis, bool descending) const { return mt::sort(*this, axis, descending); }
Tensor Tensor::argsort(int64_t axis, bool descending) const { return mt::argsort(*this, axis, descending); }
ValuesIndices Tensor::topk(int64_t k, int64_t axis, bool largest) const {
  return mt::topk(*this, k, axis, largest);
}
Tensor Tensor::median() const { return mt::median(*this); }

Tensor Tensor::matmul(const Tensor& other) const { return mt::matmul(*this, other); }
Tensor Tensor::gather(int64_t axis, const Tensor& index) const { return mt::gather(*this, axis, index); }
Tensor Tensor::index_select(int64_t axis, const Tensor& index) const {
  return mt::index_select(*this, axis, index);
}
Tensor Tensor::masked_select(const Tensor& mask) const { return mt::masked_select(*this, mask); }
Tensor Tensor::masked_fill(const Tensor& mask, double value) const {
  return mt::masked_fill(*this, mask, value);
}
Tensor Tensor::flip(const Shape& axes) const { return mt::flip(*this, axes); }
std::vector<Tensor> Tensor::split(int64_t size, int64_t axis) const { return mt::split(*this, size, axis); }
std::vector<Tensor> Tensor::chunk(int64_t count, int64_t axis) const { return mt::chunk(*this, count, axis); }
std::vector<Tensor> Tensor::unbind(int64_t axis) const { return mt::unbind(*this, axis); }
Tensor Tensor::masked_fill_(const Tensor& mask, double value) const {
  return mt::masked_fill_(*this, mask, value);
}
Tensor Tensor::scatter_(int64_t axis, const Tensor& index, const Tensor& src) const {
  return mt::scatter_(*this, axis, index, src);
}
Tensor Tensor::scatter_add_(int64_t axis, const Tensor& index, const Tensor& src) const {
  return mt::scatter_add_(*this, axis, index, src);
}

Tensor Tensor::fill_(double value) const { return mt::fill_(*this, value); }
Tensor Tensor::zero_() const { return mt::fill_(*this, 0); }
Tensor Tensor::copy_(const Tensor& from) const { return mt::copy_(*this, from); }
Tensor Tensor::add_(const Tensor& other, double scale) const { return mt::add_(*this, other, scale); }
Tensor Tensor::sub_(const Tensor& other, double scale) const { return mt::sub_(*this, other, scale); }
Tensor Tensor::mul_(const Tensor& other) const { return mt::mul_(*this, other); }
Tensor Tensor::div_(const Tensor& other) const { return mt::div_(*this, other); }
Tensor Tensor::add_(double number) const { return mt::add_(*this, as_written(number)); }
Tensor Tensor::sub_(double number) const { return mt::sub_(*this, as_written(number)); }
Tensor Tensor::mul_(double number) const { return mt::mul_(*this, as_written(number)); }
Tensor Tensor::div_(double number) const { return mt::div_(*this, as_written(number)); }
Tensor Tensor::clamp_(double lowest, double highest) const { return mt::clamp_(*this, lowest, highest); }

// x with its axes as they lie in memory, the widest step first.
static Tensor in_memory_order(const Tensor& x) {
  std::vector<int> axes(static_cast<std::size_t>(x.dims()));
  std::iota(axes.begin(), axes.end(), 0);
  std::stable_sort(axes.begin(), axes.end(), [&](int a, int b) { return x.strides()[a] > x.strides()[b]; });
  Shape order;
  for (int axis : axes) order.push_back(axis);
  return mt::permute(x, order);
}

// Numbers come in the order of memory, as PyTorch draws them: those of a transposed tensor are its base's.
template <class Draw>
static Tensor draw_into(const char* op, const Tensor& x, Draw draw) {
  before_fill(op, x);
  NoGrad no_grad;
  const Tensor in_memory = in_memory_order(x.detach()), numbers = empty(in_memory.shape());
  draw(numbers.data<float>(), x.numel());
  in_memory.copy_(numbers.to(x.device()));
  return x;
}
Tensor Tensor::uniform_(double from, double to) const {
  return draw_into("uniform_", *this,
                   [&](float* p, int64_t n) { default_generator().fill_uniform(p, n, from, to); });
}
Tensor Tensor::normal_(double mean, double std) const {
  // PyTorch draws in blocks of floats into contiguous memory alone, else one double after the other.
  return draw_into("normal_", *this, [&, blocks = is_contiguous()](float* p, int64_t n) {
    if (blocks) return default_generator().fill_normal(p, n, mean, std);
    for (int64_t i = 0; i < n; ++i) p[i] = static_cast<float>(default_generator().normal(mean, std));
  });
}

}  // namespace minitorch
