// SPDX-License-Identifier: MIT
// Correct kernels: half and bfloat16, one by one and in pairs, their atomics and their conversions.

#include "minitorch/simt/fp16.h"
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

// --- operators and functions of pairs: all results are numbers that both types hold exactly ---

template <class Pair>
__device__ void put(float* to, Pair v) {
  to[0] = __low2float(v);
  to[1] = __high2float(v);
}

constexpr int kPairRows = 24;
template <class Pair, class T>
__global__ void pairs(float* out) {
  const Pair a(T(1.5f), T(-3.0f)), b(T(0.5f), T(2.0f)), c(T(4.0f), T(2.0f));
  float* to = out;
  const auto next = [&](Pair v) {
    put(to, v);
    to += 2;
  };
  Pair sum = a;
  sum += b;
  sum *= c;
  sum -= a;
  sum /= b;  // ((a + b) c - a) / b
  next(sum);
  next(a + b);
  next(a - b);
  next(a * b);
  next(c / b);
  next(-a);
  next(__hadd2(a, b));
  next(__hsub2(a, b));
  next(__hmul2(a, b));
  next(__h2div(c, b));
  next(__hfma2(a, b, c));
  next(__hneg2(a));
  next(__habs2(a));
  next(__hmax2(a, b));
  next(__hmin2(a, b));
  next(__hlt2(a, b));
  next(__heq2(c, Pair(T(4.0f), T(3.0f))));
  next(h2sqrt(c * b * Pair(T(0.5f), T(1.0f))));
  next(h2floor(a + Pair(T(0.25f), T(0.25f))));
  next(__lowhigh2highlow(a));
  next(__hadd2_sat(a, b));
  next(__hfma2_relu(a, b, c));
  to[0] = a == a && !(a == b) && a != b && c >= b && !(a < b) && __hbgt2(c + b, b) ? 1.0f : 0.0f;
  to[1] = static_cast<float>(__hlt2_mask(a, b) == 0xffff0000u);
  to[2] = static_cast<float>(__hisnan(T(__uint_as_float(0x7fc00000u))));
  to[3] = __heq(a.x, T(1.5f)) && __hltu(a.y, a.x) && __hge(a.x, a.y) ? 1.0f : 0.0f;
}
const std::vector<float> kPairs = {13,   0.5f, 2,    -1,   1,     -5, 0.75f, -6, 8,     1,  -1.5f, 3,
                                   2,    -1,   1,    -5,   0.75f, -6, 8,     1,  4.75f, -4, -1.5f, 3,
                                   1.5f, 3,    1.5f, 2,    0.5f,  -3, 0,     1,  1,     0,  1,     2,
                                   1,    -3,   -3,   1.5f, 1,     0,  4.75f, 0,  1,     1,  1,     1};
template <class Pair, class T>
std::string check_pairs() {
  const DeviceArray<float> out(2 * kPairRows);
  run(pairs<Pair, T>, 1, 1, out.data());
  return first_difference(kPairs, out.host());
}

// --- sums by many threads ---

template <class T, class Pair>
__global__ void add_all(T* sum, Pair* sums, float* old) {
  atomicAdd(sum, T(1.0f));
  const Pair before = atomicAdd(sums, Pair(T(0.5f), T(-1.0f)));
  if (__low2float(before) == 0.0f) *old = __high2float(before);  // the first to add
}
template <class T, class Pair>
std::string check_atomics() {
  const DeviceArray<T> sum(1, T(0.0f));
  const DeviceArray<Pair> sums(1, Pair(T(0.0f), T(0.0f)));
  const DeviceArray<float> old(1, 7.0f);
  run(add_all<T, Pair>, 4, 48, sum.data(), sums.data(), old.data());
  const Pair pair = sums.host()[0];
  return first_difference(
      std::vector<float>{192, 96, -192, 0},
      std::vector<float>{float(sum.host()[0]), float(pair.x), float(pair.y), old.host()[0]});
}

// A product by compare-and-swap on the bits, as for any operation without an atomic of its own.
__global__ void multiply_all(half* product) {
  auto* bits = reinterpret_cast<unsigned short*>(product);
  unsigned short seen = atomicCAS(bits, 0, 0), expected;  // a plain read would race with the others
  do {
    expected = seen;
    seen = atomicCAS(bits, expected, __half_as_ushort(__hmul(__ushort_as_half(expected), half(2.0f))));
  } while (seen != expected);
}
std::string check_exchange() {
  const DeviceArray<half> product(2, half(1.0f));
  run(multiply_all, 3, 4, product.data());
  const auto host = product.host();
  return first_difference(std::vector<float>{4096, 1}, std::vector<float>{float(host[0]), float(host[1])});
}

// --- conversions: to nearest, to zero, down, up, and to integers ---

__global__ void conversions(float* out) {
  float* to = out;
  const auto next = [&](float v) { *to++ = v; };
  for (const float x : {2049.0f, -2051.0f, 1e-9f}) {
    next(__half2float(__float2half_rn(x)));
    next(__half2float(__float2half_rz(x)));
    next(__half2float(__float2half_rd(x)));
    next(__half2float(__float2half_ru(x)));
  }
  next(__half2float(__float2half_rz(1e6f)));
  next(__bfloat162float(__float2bfloat16_rz(257.0f)));
  next(__bfloat162float(__float2bfloat16_ru(257.0f)));
  next(static_cast<float>(__half2int_rn(half(2.5f))));
  next(static_cast<float>(__half2int_rz(half(-2.75f))));
  next(static_cast<float>(__half2int_ru(half(2.25f))));
  next(static_cast<float>(__bfloat162int_rz(__float2bfloat16(3.75f))));
  next(__half2float(__int2half_rn(2051)));
  next(__bfloat162float(__int2bfloat16_rn(-259)));
  const float2 both = __half22float2(__floats2half2_rn(1.0f, 2.0f));
  const float2 same = __bfloat1622float2(__float2bfloat162_rn(3.0f));
  next(both.x + 10 * both.y + 100 * same.x + 1000 * same.y);
  next(__low2float(__lows2half2(__halves2half2(half(1.0f), half(2.0f)), __half2half2(half(5.0f)))));
  next(__half2float(hsqrt(half(9.0f))) + __half2float(hexp2(half(3.0f))) + __half2float(htrunc(half(-1.5f))));
  half counted = half(7);
  ++counted;
  next(__half2float(counted++) + __half2float(counted));
  next(__half2float(__habs(half(-4.0f))) + static_cast<float>(__hisinf(-__float2half(1e9f))));
}
std::string check_conversions() {
  const std::vector<float> expected = {2048, 2048, 2048,     2050,  -2052, -2050, -2052, -2050, 0,
                                       0,    0,    0x1p-24f, 65504, 256,   258,   2,     -2,    3,
                                       3,    2052, -260,     3321,  1,     10,    17,    3};
  const DeviceArray<float> out(expected.size());
  run(conversions, 1, 1, out.data());
  return first_difference(expected, out.host());
}

// --- a dot product in pairs: a lane multiplies, the warp adds up by shuffles of pairs ---

__global__ void dot(const half2* x, const half2* y, float* out, int n) {
  half2 sum = __float2half2_rn(0.0f);
  for (int i = threadIdx.x; i < n; i += 32) sum = __hfma2(x[i], y[i], sum);
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  if (threadIdx.x == 0) *out = __low2float(sum) + __high2float(sum);
}
std::string check_dot() {
  const int n = 75;
  std::vector<half2> x, y;
  float expected = 0;
  for (int i = 0; i < n; ++i) {
    const float a = static_cast<float>(i % 5), b = static_cast<float>(i % 3);
    x.emplace_back(half(a), half(1.0f));
    y.emplace_back(half(b), half(b));
    expected += a * b + b;
  }
  const DeviceArray<half2> dx(x), dy(y);
  const DeviceArray<float> out(1);
  run(dot, 1, 32, dx.data(), dy.data(), out.data(), n);
  return first_difference(std::vector<float>{expected}, out.host());
}

// --- arrays of a class in shared memory: GCC keeps a note beside each, whether it has been made ---

__global__ void turned_round(const half* x, float* out) {
  __shared__ __align__(32) half first[32], second[32];
  const int t = threadIdx.x;
  first[t] = x[t];
  second[t] = half(2.0f);
  __syncthreads();
  out[t] = float(first[31 - t]) * float(second[31 - t]);
}
std::string check_shared() {
  std::vector<half> x;
  std::vector<float> expected;
  for (int i = 0; i < 32; ++i) {
    x.emplace_back(i);
    expected.push_back(static_cast<float>(2 * (31 - i)));
  }
  const DeviceArray<half> dx(x);
  const DeviceArray<float> out(32);
  run(turned_round, 1, 32, dx.data(), out.data());
  return first_difference(expected, out.host());
}

}  // namespace

std::vector<CorrectCase> correct_half() {
  return {{"pairs of half", check_pairs<half2, half>},
          {"pairs of bfloat16", check_pairs<__nv_bfloat162, __nv_bfloat16>},
          {"atomics of half", check_atomics<half, half2>},
          {"atomics of bfloat16", check_atomics<__nv_bfloat16, __nv_bfloat162>},
          {"compare and swap of 16 bits", check_exchange},
          {"conversions", check_conversions},
          {"dot product in pairs", check_dot},
          {"arrays of half in shared memory", check_shared}};
}

}  // namespace minitorch::MT_DEVICE
