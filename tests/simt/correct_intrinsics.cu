// SPDX-License-Identifier: MIT
// Correct kernels: CUDA's functions of bits, integers and floats give what its guide says.
#include <cmath>

#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

// The numbers come from memory, so that no compiler computes them beforehand.
__global__ void of_bits(const unsigned* x, long long* out) {
  const unsigned a = x[0], b = x[1], bytes = x[2];  // 0x00f0, 0x80000001, 0x01028304
  const int negative = static_cast<int>(b);
  long long* to = out;
  const auto next = [&](long long v) { *to++ = v; };
  next(__popc(a) + 10 * __popcll(~0ull << 8));
  next(__clz(static_cast<int>(a)) + 100 * __clzll(1ll << 40));
  next(__ffs(static_cast<int>(a)) + 100 * __ffsll(1ll << 40));
  next(__brev(a));
  next(static_cast<long long>(__brevll(1ull << 62)));
  next(__byte_perm(a, bytes, 0x7540));
  next(__byte_perm(bytes, bytes, 0x9990));
  next(__funnelshift_l(b, a, 4));
  next(__funnelshift_r(b, a, 4));
  next(__funnelshift_lc(b, a, 40));
  next(__funnelshift_rc(b, a, 32));
  next(__fns(a, 0, 2) + 100 * __fns(a, 31, -1));
  next(__mulhi(negative, 4));
  next(__umulhi(b, 4));
  next(__mul64hi(-1ll << 62, 8));
  next(static_cast<long long>(__umul64hi(1ull << 62, 8)));
  next(__mul24(static_cast<int>(a), -3) + static_cast<long long>(__umul24(b, 5)));
  next(__sad(negative, 5, 1));
  next(__usad(3, 8, 1));
  next(__hadd(negative, negative) + 10ll * __rhadd(1, 2));
  next(__uhadd(b, b));
  next(__dp4a(0x01ff0203, 0x01020304, 5));
  next(__dp4a(0x01ff0203u, 0x01020304u, 5u));
  next(min(negative, 3) + 0ll + max(2u, 7u) + abs(-4) + umin(3u, a));
}
std::string check_bits() {
  const DeviceArray<unsigned> x(std::vector<unsigned>{0x00f0, 0x80000001u, 0x01028304u});
  const std::vector<long long> expected = {4 + 560,
                                           24 + 2300,
                                           5 + 4100,
                                           0x0f000000,
                                           2,
                                           0x018304f0,
                                           0xffffff04,
                                           0x00000f08,
                                           0x08000000,
                                           0x80000001ll,
                                           0x00f0,
                                           5 + 700,
                                           -2,
                                           2,
                                           -2,
                                           2,
                                           -720 + 5,
                                           0x80000005ll,
                                           6,
                                           -2147483647ll + 20,
                                           0x80000001ll,
                                           1 - 2 + 6 + 12 + 5,
                                           1 + 510 + 6 + 12 + 5,
                                           -2147483647ll + 7 + 4 + 3};
  const DeviceArray<long long> out(expected.size());
  run(of_bits, 1, 1, x.data(), out.data());
  return first_difference(expected, out.host());
}

// --- floats: directed rounding, conversions, functions ---

__global__ void of_floats(const float* x, double* out) {
  const float one = x[0], three = x[1], tiny = x[2], big = x[3];  // 1, 3, 2^-30, 3e38
  double* to = out;
  const auto next = [&](double v) { *to++ = v; };
  next(__fadd_rn(one, tiny) - 1.0);
  next(__fadd_ru(one, tiny) - 1.0);
  next(__fadd_rz(one, -tiny) - 1.0);
  next(__fsub_rd(-one, tiny) + 1.0);
  next(__fmul_rz(big, three));
  next(__fmul_ru(big, three));
  next(__fdiv_rd(one, three) < 1.0 / 3 && __fdiv_ru(one, three) > 1.0 / 3 ? 1 : 0);
  next(__frcp_rz(-three) > -1.0 / 3 ? 1 : 0);
  next(__fsqrt_rd(three) < std::sqrt(3.0) && __fsqrt_ru(three) > std::sqrt(3.0) ? 1 : 0);
  next(__fmaf_rn(three, three, one) + __fmaf_ru(one, one, tiny) - 1.0);
  next(__fdividef(three, 2.0f) + __saturatef(three) + __fsqrt_rn(4.0f));
  next(__float2int_rn(2.5f) + 10 * __float2int_rz(-2.5f) + 100 * __float2int_ru(2.1f));
  next(static_cast<double>(__float2ll_rz(big)) + __float2uint_rn(-3.0f));
  next(__double2int_rn(-3.5) + 10 * __double2int_rd(3.9) + __int2float_rz(16777217));
  next(__int2float_ru(16777217));
  next(__ll2float_rd(-16777217ll));
  next(__hiloint2double(__double2hiint(1.25), __double2loint(1.25)));
  next(__int_as_float(__float_as_int(one)) + __longlong_as_double(__double_as_longlong(0.5)));
  float s, c;
  sincosf(0.0f, &s, &c);
  next(s + 2 * c);
  sincospif(0.5f, &s, &c);
  next(s + 2 * c);
  __sincosf(0.0f, &s, &c);
  next(s + 2 * c);
  next(rsqrtf(0.25f) + sinpif(0.5f) + cospif(1.0f));
  next(rcbrtf(0.125f) + norm3df(2.0f, 3.0f, 6.0f) + rhypotf(3.0f, 4.0f) * 5);
  next(exp10f(2.0f) + exp2f(3.0f) + __log2f(8.0f) + normcdff(0.0f) + __expf(0.0f));
  next(std::fabs(erff(erfinvf(0.3f)) - 0.3f) < 1e-6 && std::fabs(erf(erfinv(-0.99)) + 0.99) < 1e-14 ? 1 : 0);
  next(isnan(x[4]) && isinf(x[5]) && !isfinite(x[5]) && signbit(-one) ? 1 : 0);
  next(fmaxf(x[4], one) + fminf(one, x[4]) + max(one, x[4]));
  next(abs(-0.5f) + floorf(-0.5f) + copysignf(2.0f, -one));
}
std::string check_floats() {
  const DeviceArray<float> x(std::vector<float>{1, 3, 0x1p-30f, 3e38f, std::nanf(""), HUGE_VALF});
  const std::vector<double> expected = {0,
                                        0x1p-23,
                                        -0x1p-24,
                                        -0x1p-23,
                                        3.4028234663852886e38,
                                        HUGE_VAL,
                                        1,
                                        1,
                                        1,
                                        10 + 0x1p-23,
                                        4.5,
                                        2 - 20 + 300,
                                        9223372036854775807.0,
                                        -4 + 30 + 16777216.0,
                                        16777218.0,
                                        -16777218.0,
                                        1.25,
                                        1.5,
                                        2,
                                        1,
                                        2,
                                        2,
                                        10,
                                        112.5,
                                        1,
                                        1,
                                        3,
                                        -2.5};
  const DeviceArray<double> out(expected.size());
  run(of_floats, 1, 1, x.data(), out.data());
  return first_difference(expected, out.host(), 1e-6);
}

// --- loads and stores with hints, vectors of long, time, waiting ---

__global__ void of_memory(const float* x, float* y, unsigned long* z) {
  const int i = static_cast<int>(threadIdx.x);
  const long long begin = clock64();
  __stcs(&y[i], __ldg(&x[i]) + __ldcs(&x[i]) + __ldcg(&x[i]));
  __nanosleep(20);
  const ulong2 both = make_ulong2(1ul << 40, static_cast<unsigned long>(clock64() >= begin));
  z[i] = both.x + both.y;
  if (i > 1000) printf("never printed %d\n", i);
}
std::string check_memory() {
  const DeviceArray<float> x(std::vector<float>{1, 2, 3}), y(3);
  const DeviceArray<unsigned long> z(3);
  run(of_memory, 1, 3, x.data(), y.data(), z.data());
  return first_difference(std::vector<float>{3, 6, 9}, y.host()) +
         first_difference(std::vector<unsigned long>(3, (1ul << 40) + 1), z.host());
}

}  // namespace

std::vector<CorrectCase> correct_intrinsics() {
  return {{"bits and integers", check_bits}, {"floats", check_floats}, {"loads and stores", check_memory}};
}

}  // namespace minitorch::MT_DEVICE
