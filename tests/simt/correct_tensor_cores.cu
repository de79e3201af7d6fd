// SPDX-License-Identifier: MIT
// Correct kernels: half and bfloat16, tensor cores, copies in the background.
#include <limits>

#include "minitorch/simt/async_copy.h"
#include "minitorch/simt/wmma.h"
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

template <class T>
std::vector<T> small_numbers(std::size_t n) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = T(static_cast<float>(static_cast<int>(i * 5 % 9) - 4) * 0.25f);
  return values;
}

// --- c = 2 a b by fragments: a warp an M x N tile; a is row-major, b column-major ---

template <int M, int N, int K, class T, class Sum, class Element>
__global__ void matmul_fragments(const Element* a, const Element* b, Sum* c, int n, int k) {
  using namespace nvcuda::wmma;
  const int row = blockIdx.y * M, column = (blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * N;
  fragment<accumulator, M, N, K, Sum> sum;
  fill_fragment(sum, Sum(0.0f));
  for (int k0 = 0; k0 < k; k0 += K) {
    fragment<matrix_a, M, N, K, T, row_major> fa;
    fragment<matrix_b, M, N, K, T, col_major> fb;
    load_matrix_sync(fa, a + row * k + k0, k);
    load_matrix_sync(fb, b + column * k + k0, k);
    if constexpr (std::is_same_v<T, precision::tf32>) {
      for (float& x : fa.x) x = __float_to_tf32(x);
      for (float& x : fb.x) x = __float_to_tf32(x);
    }
    mma_sync(sum, fa, fb, sum);
  }
  for (int i = 0; i < sum.num_elements; ++i) sum.x[i] = sum.x[i] * Sum(2.0f);
  store_matrix_sync(c + row * n + column, sum, n, mem_row_major);
}
template <int M, int N, int K, class T, class Sum = float, class Element = T>
std::string check_fragments() {
  const int m = 32, n = 64, k = 48;
  const auto a = small_numbers<Element>(m * k), b = small_numbers<Element>(n * k);
  const DeviceArray<Element> da(a), db(b);
  const DeviceArray<Sum> dc(m * n);
  run(matmul_fragments<M, N, K, T, Sum, Element>, dim3(n / N / 2, m / M), 64, 0, da.data(), db.data(),
      dc.data(), n, k);
  std::vector<float> expected(m * n);
  for (int r = 0; r < m; ++r)
    for (int c = 0; c < n; ++c)
      for (int i = 0; i < k; ++i)
        expected[r * n + c] += 2 * static_cast<float>(a[r * k + i]) * static_cast<float>(b[c * k + i]);
  return first_difference(expected, dc.host());
}

// --- TF32 keeps 10 bits of fraction; what lies half way goes away from zero ---

__global__ void round_to_tf32(const float* x, float* y) {
  y[threadIdx.x] = nvcuda::wmma::__float_to_tf32(x[threadIdx.x]);
}
std::string check_tf32() {
  const float last = 1.0f / 1024, infinity = std::numeric_limits<float>::infinity();
  const DeviceArray<float> x(
      std::vector<float>{1 + 0.5f * last, 1 + 0.45f * last, -1 - 1.5f * last, infinity});
  const DeviceArray<float> y(4);
  run(round_to_tf32, 1, 4, 0, x.data(), y.data());
  return first_difference(std::vector<float>{1 + last, 1, -1 - 2 * last, infinity}, y.host());
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
  // Half way between two numbers of 16 bits, but for what a float has no room for.
  const half tiny = x[2], three = x[3], many = x[4];
  out[9] = __half2float(__hfma(three, many, tiny));
  out[10] = __half2float(__hfma(three, many, -tiny));
  out[11] = __half2float(__hfma(-three, many, -tiny));
  out[12] = __half2float(__hfma(three, many, __float2half(0.0f)));
  const __nv_bfloat16 one = __float2bfloat16(1.0f), almost = __float2bfloat16(0.00390625f);
  out[13] = __bfloat162float(__hfma(one, almost, one));
  out[14] = __bfloat162float(__hfma(__float2bfloat16(1.00390625f + 0.0078125f), almost, one));
  out[15] = __half2float(half(1 + 0x1p-11 + 0x1p-40));
  out[16] = __half2float(half(1 + 0x1p-11 - 0x1p-40));
  out[17] = __bfloat162float(__nv_bfloat16((1 << 30) + (1 << 22) + 1));
}
std::string check_half() {
  const DeviceArray<half> x(
      std::vector<half>{half(1.5f), half(2049.0f / 1024), half(0x1p-24f), half(3.0f), half(683.0f)});
  const DeviceArray<float> out(18);
  run(half_arithmetic, 1, 1, 0, x.data(), out.data());
  const float b = 2048.0f / 1024;  // 2049/1024 is half way between two halves
  return first_difference(
      std::vector<float>{1.5f + b, 1.5f * b, 1.5f * b + 1, 4.5f, 3 * b,
                         std::numeric_limits<float>::infinity(), 5.9604644775390625e-8f, 1.0f, 0.0f, 2050,
                         2048, -2050, 2048, 1.0f, 1.0078125f, 1 + 0x1p-10f, 1.0f, 0x1p30f + 0x1p23f},
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

// --- bytes, whose sums are whole numbers beyond what a float holds ---

__global__ void square_of_bytes(const signed char* a, int* c, int times) {
  using namespace nvcuda::wmma;
  fragment<matrix_a, 16, 16, 16, signed char, row_major> fa;
  fragment<matrix_b, 16, 16, 16, signed char, col_major> fb;
  fragment<accumulator, 16, 16, 16, int> sum;
  fill_fragment(sum, 1);
  load_matrix_sync(fa, a, 16);
  load_matrix_sync(fb, a, 16);
  for (int i = 0; i < times; ++i) mma_sync(sum, fa, fb, sum);
  store_matrix_sync(c, sum, 16, mem_row_major);
}
std::string check_bytes() {
  const DeviceArray<signed char> a(256, static_cast<signed char>(-127));
  const DeviceArray<int> c(256);
  run(square_of_bytes, 1, 32, 0, a.data(), c.data(), 200);
  return first_difference(std::vector<int>(256, 127 * 127 * 16 * 200 + 1), c.host());
}

}  // namespace

std::vector<CorrectCase> correct_tensor_cores() {
  using Tf32 = nvcuda::wmma::precision::tf32;
  return {{"fragments of half", check_fragments<16, 16, 16, half>},
          {"flat fragments", check_fragments<8, 32, 16, half>},
          {"high fragments", check_fragments<32, 8, 16, half>},
          {"fragments with sums in half", check_fragments<16, 16, 16, half, half>},
          {"fragments of bfloat16", check_fragments<16, 16, 16, __nv_bfloat16>},
          {"fragments of TF32", check_fragments<16, 16, 8, Tf32, float, float>},
          {"fragments of bytes", check_bytes},
          {"rounding to TF32", check_tf32},
          {"half", check_half},
          {"async copies", check_async_copies}};
}

}  // namespace minitorch::MT_DEVICE
