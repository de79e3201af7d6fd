// SPDX-License-Identifier: MIT
// Simulator: CUDA's keywords, vector types and built-in variables.
//
// Everything that CUDA has in the global namespace stands in an inline namespace here: kernel code sees no
// difference, and a program that also holds nvcc's objects has no two things of one name.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

#define __global__
#define __host__
#if defined(__has_feature)
#define MT_WATCHED __has_feature(thread_sanitizer)
#elif defined(__SANITIZE_THREAD__)
#define MT_WATCHED 1
#else
#define MT_WATCHED 0
#endif
#if MT_WATCHED && !defined(__clang__)
// For the checker: by its address a __device__ variable is told from one of the host (symbols.cpp). Functions
// that say __device__ are aligned as well, which does them no harm.
#define __device__ __attribute__((aligned(512)))
#else
#define __device__
#endif
#if MT_WATCHED
// For the checker: each in a section of its own, by whose name it is known. In one they could not be const
// and not const.
#define MT_TEXT_OF(number) #number
#define MT_CONSTANT(number) __device__ __attribute__((section("minitorch_constant_" MT_TEXT_OF(number))))
#define __constant__ MT_CONSTANT(__COUNTER__)
#else
#define __constant__
#endif
#define __managed__ __device__
#define __grid_constant__
// A worker runs one block at a time: its thread-local storage is the block's. In watched kernels a gap stands
// before each statement, so that who runs past the end of an array does not hit the next one.
#if MT_WATCHED
#define MT_NAME_GAP(number) minitorch_gap_##number
#define MT_GAP(number) __attribute__((used)) static thread_local char MT_NAME_GAP(number)[256]
#define __shared__     \
  MT_GAP(__COUNTER__); \
  static thread_local
#else
#define __shared__ static thread_local
#endif
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __align__(n) __attribute__((aligned(n)))  // alignas may not follow "static thread_local"
// __noinline__ stays undefined: libstdc++ spells attributes that way.

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {

#define MT_VECTOR(T, Name, align2, align4)                              \
  struct Name##1 {                                                      \
    T x;                                                                \
  };                                                                    \
  struct alignas(align2) Name##2 {                                      \
    T x, y;                                                             \
  };                                                                    \
  struct Name##3 {                                                      \
    T x, y, z;                                                          \
  };                                                                    \
  struct alignas(align4) Name##4 {                                      \
    T x, y, z, w;                                                       \
  };                                                                    \
  constexpr Name##1 make_##Name##1(T x) { return {x}; }                 \
  constexpr Name##2 make_##Name##2(T x, T y) { return {x, y}; }         \
  constexpr Name##3 make_##Name##3(T x, T y, T z) { return {x, y, z}; } \
  constexpr Name##4 make_##Name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
MT_VECTOR(signed char, char, 2, 4)
MT_VECTOR(unsigned char, uchar, 2, 4)
MT_VECTOR(short, short, 4, 8)
MT_VECTOR(unsigned short, ushort, 4, 8)
MT_VECTOR(int, int, 8, 16)
MT_VECTOR(unsigned, uint, 8, 16)
MT_VECTOR(long, long, 16, 16)
MT_VECTOR(unsigned long, ulong, 16, 16)
MT_VECTOR(long long, longlong, 16, 16)
MT_VECTOR(unsigned long long, ulonglong, 16, 16)
MT_VECTOR(float, float, 8, 16)
MT_VECTOR(double, double, 16, 16)
#undef MT_VECTOR

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  constexpr operator uint3() const { return {x, y, z}; }
};

inline constinit thread_local uint3 threadIdx{}, blockIdx{};
inline constinit thread_local dim3 blockDim{}, gridDim{};
inline constexpr int warpSize = 32;

}  // namespace simulated
// NOLINTEND

namespace minitorch::simt {
/// half, bfloat16 and pairs of them, which simt/fp16.h defines: what takes them comes earlier.
template <class T>
inline constexpr bool kIsSmallFloat = false;
template <class T, class... Types>
inline constexpr bool kIsOneOf = (std::is_same_v<T, Types> || ...);
}  // namespace minitorch::simt
