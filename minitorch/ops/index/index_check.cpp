// SPDX-License-Identifier: MIT
#include "minitorch/ops/index/index_check.h"

#include "minitorch/core/cuda_graph.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/index/index_kernels.h"

namespace minitorch {

bool can_see(const Tensor& index) {
  const Device device = index.device();
  return device.is_cpu() || (device == Device::sim() && !CudaGraph::recording(device));
}

int64_t first_outside(const Tensor& index, int64_t low, int64_t high) {
  if (!can_see(index)) return -1;
  const Tensor here = contiguous(index.detach()).to(Device::cpu());
  return cpu::first_outside(here.data<int64_t>(), here.numel(), low, high);
}

void throw_bad_index(const char* op, const Tensor& index, int64_t position, const std::string& bound) {
  const int64_t value = index.to_vector<int64_t>()[static_cast<std::size_t>(position)];
  Shape at = index.shape();
  for (int d = index.dims() - 1; d >= 0; --d) {
    at[d] = position % index.shape()[d];
    position /= index.shape()[d];
  }
  throw IndexError(format("[%s] index %lld at %s of %s: %s", op, static_cast<long long>(value),
                          to_string(at).c_str(), to_string(index.shape()).c_str(), bound.c_str()));
}

Tensor as_index(const char* op, const Tensor& index) {
  if (is_floating(index.dtype()) || index.dtype() == kBool)
    throw DtypeError(format("[%s] a %s tensor as index: expected int64", op, name(index.dtype())),
                     index.dtype() == kBool ? "nonzero(mask) gives the positions where a mask holds"
                                            : "convert it with .to(kInt64)");
  return to(index, kInt64);
}

}  // namespace minitorch
