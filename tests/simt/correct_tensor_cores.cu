// SPDX-License-Identifier: MIT
// Correct kernels: half and bfloat16, tensor cores, copies in the background.
#include "minitorch/simt/async_copy.h"
#include "minitorch/simt/wmma.h"
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

template <class... P, class... A>
void run(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t shared_bytes, A... arguments) {
  check(launch(kernel, grid, block, shared_bytes, nullptr, arguments...), "run");
  check(cudaDeviceSynchronize(), "run");
}

template <class T>
std::vector<T> small_numbers(std::size_t n) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = T(static_cast<float>(static_cast<int>(i * 5 % 9) - 4) * 0.25f);
  return values;
}

// --- c = a b by fragments: a warp a 16x16 tile; a is row-major, b column-major ---

template <class T>
__global__ void matmul_fragments(const T* a, const T* b, float* c, int n, int k) {
  using namespace nvcuda::wmma;
  const int row = blockIdx.y * 16, column = (blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * 16;
  fragment<accumulator, 16, 16, 16, float> sum;
  fill_fragment(sum, 0.0f);
  for (int k0 = 0; k0 < k; k0 += 16) {
    fragment<matrix_a, 16, 16, 16, T, row_major> fa;
    fragment<matrix_b, 16, 16, 16, T, col_major> fb;
    load_matrix_sync(fa, a + row * k + k0, k);
    load_matrix_sync(fb, b + column * k + k0, k);
    mma_sync(sum, fa, fb, sum);
  }
  for (int i = 0; i < sum.num_elements; ++i) sum.x[i] *= 2.0f;
  store_matrix_sync(c + row * n + column, sum, n, mem_row_major);
}
template <class T>
std::string check_fragments() {
  const int m = 32, n = 64, k = 48;
  const auto a = small_numbers<T>(m * k), b = small_numbers<T>(n * k);
  const DeviceArray<T> da(a), db(b);
  const DeviceArray<float> dc(m * n);
  run(matmul_fragments<T>, dim3(2, 2), 64, 0, da.data(), db.data(), dc.data(), n, k);
  std::vector<float> expected(m * n);
  for (int r = 0; r < m; ++r)
    for (int c = 0; c < n; ++c)
      for (int i = 0; i < k; ++i)
        expected[r * n + c] += 2 * static_cast<float>(a[r * k + i]) * static_cast<float>(b[c * k + i]);
  return first_difference(expected, dc.host());
}

// --- arithmetic in half: every operation rounds once ---

__global__ void half_arithmetic(const half* x, float* out) {
  const half a = x[0], b = x[1];
  out[0] = __half2float(__hadd(a, b));
  out[1] = __half2float(a * b);
  out[2] = __half2float(__hfma(a, b, __float2half(1.0f)));
  const half2 both = __hmul2(__halves2half2(a, b), __float2half2_rn(3.0f));
  out[3] = __low2float(both);
  out[4] = __half22float2(both).y;
  out[5] = __half2float(__float2half(65520.0f));             // rounds to infinity
  out[6] = __half2float(__float2half(6e-8f));                // the smallest subnormal
  out[7] = __bfloat162float(__float2bfloat16(1.00390625f));  // half way: to even
  out[8] = a > b ? 1.0f : 0.0f;
}
std::string check_half() {
  const DeviceArray<half> x(std::vector<half>{half(1.5f), half(2049.0f / 1024)});
  const DeviceArray<float> out(9);
  run(half_arithmetic, 1, 1, 0, x.data(), out.data());
  const float b = 2048.0f / 1024;  // 2049/1024 is half way between two halves
  return first_difference(
      std::vector<float>{1.5f + b, 1.5f * b, 1.5f * b + 1, 4.5f, 3 * b,
                         std::numeric_limits<float>::infinity(), 5.9604644775390625e-8f, 1.0f, 0.0f},
      out.host());
}

// --- sums of tiles that are copied while the previous one is added up: two buffers ---

__global__ void pipelined_sum(const float* x, float* y, int tiles) {
  __shared__ __align__(16) float tile[2][128];
  const int i = threadIdx.x;
  async_copy<16>(&tile[0][4 * i], x + 4 * i);
  async_commit();
  float sum = 0;
  for (int t = 0; t < tiles; ++t) {
    if (t + 1 < tiles) {
      async_copy<16>(&tile[(t + 1) % 2][4 * i], x + (t + 1) * 128 + 4 * i);
      async_commit();
      async_wait<1>();
    } else {
      async_wait<0>();
    }
    __syncthreads();
    for (int k = 0; k < 128; k += 32) sum += tile[t % 2][k + 31 - i];
    __syncthreads();
  }
  y[i] = sum;
}
__global__ void copy_with_zeros(const float* x, float* y, int n) {
  __shared__ float tile[64];
  async_copy_or_zero<4>(&tile[threadIdx.x], x, false);
  async_commit();
  async_wait<0>();
  __syncthreads();
  async_copy_or_zero<4>(&tile[threadIdx.x], static_cast<int>(threadIdx.x) < n ? x + threadIdx.x : x,
                        static_cast<int>(threadIdx.x) < n);
  async_commit();
  async_wait<0>();
  __syncthreads();
  y[threadIdx.x] = tile[63 - threadIdx.x];
}
std::string check_async_copies() {
  const int tiles = 5;
  const auto x = small_numbers<float>(tiles * 128);
  const DeviceArray<float> dx(x), dy(32), dz(64);
  run(pipelined_sum, 1, 32, 0, dx.data(), dy.data(), tiles);
  std::vector<float> expected(32), with_zeros(64);
  for (int i = 0; i < 32; ++i)
    for (int k = 0; k < tiles * 128; k += 32) expected[i] += x[k + 31 - i];
  run(copy_with_zeros, 1, 64, 0, dx.data(), dz.data(), 50);
  for (int i = 0; i < 50; ++i) with_zeros[63 - i] = x[i];
  const std::string wrong = first_difference(expected, dy.host());
  return wrong.empty() ? first_difference(with_zeros, dz.host()) : wrong;
}

}  // namespace

std::vector<CorrectCase> correct_tensor_cores() {
  return {
    {"fragments of half", check_fragments<half>},
#if !defined(__CUDACC__) || defined(MT_CUDA_BFLOAT16)
        {"fragments of bfloat16", check_fragments<__nv_bfloat16>},
#endif
        {"half", check_half}, {
      "async copies", check_async_copies
    }
  };
}

}  // namespace minitorch::MT_DEVICE
