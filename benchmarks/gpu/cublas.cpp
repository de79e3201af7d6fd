// SPDX-License-Identifier: MIT
#include "benchmarks/gpu/cublas.h"

#include <dlfcn.h>

#include "minitorch/core/stream.h"

namespace minitorch::bench {
namespace {

// From cublas_api.h and library_types.h.
constexpr int kNoTranspose = 0, kDefaultAlgorithm = -1, kSumInFloat = 68, kSumInFloatOfTf32 = 77;

int cuda_type(Dtype dtype) { return dtype == kFloat16 ? 2 : dtype == kBFloat16 ? 14 : 0; }

template <class F>
F* function(void* library, const char* name) {
  return reinterpret_cast<F*>(dlsym(library, name));
}

using Create = int(void** handle);
using Destroy = int(void* handle);
using SetStream = int(void* handle, void* stream);
using GemmEx = int(void* handle, int transpose_a, int transpose_b, int m, int n, int k, const void* alpha,
                   const void* a, int type_a, int lda, const void* b, int type_b, int ldb, const void* beta,
                   void* c, int type_c, int ldc, int compute_type, int algorithm);

}  // namespace

Cublas::Cublas() {
  for (const char* name : {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "libcublas.so"})
    if (!library_) library_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  auto* create = library_ ? function<Create>(library_, "cublasCreate_v2") : nullptr;
  if (!create || create(&handle_) != 0) handle_ = nullptr;
}

Cublas::~Cublas() {
  if (auto* destroy = handle_ ? function<Destroy>(library_, "cublasDestroy_v2") : nullptr) destroy(handle_);
}

bool Cublas::multiply(const Tensor& a, const Tensor& b, const Tensor& c, bool tf32) const {
  static auto* set_stream = function<SetStream>(library_, "cublasSetStream_v2");
  static auto* gemm = function<GemmEx>(library_, "cublasGemmEx");
  if (!set_stream || !gemm || set_stream(handle_, current_stream_handle(a.device())) != 0) return false;
  const float one = 1, zero = 0;
  const int n = static_cast<int>(a.size(0)), type = cuda_type(a.dtype());
  // Its matrices are by columns: c^T = b^T a^T is what we have by rows.
  return gemm(handle_, kNoTranspose, kNoTranspose, n, n, n, &one, b.raw_data(), type, n, a.raw_data(), type,
              n, &zero, c.raw_data(), type, n, tf32 ? kSumInFloatOfTf32 : kSumInFloat,
              kDefaultAlgorithm) == 0;
}

}  // namespace minitorch::bench
