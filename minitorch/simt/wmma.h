// SPDX-License-Identifier: MIT
// Tensor cores by fragments: nvcuda::wmma under both compilers. In the simulator 16x16x16, 32x8x16 and
// 8x32x16 of half, bfloat16 or bytes, and 16x16x8 of TF32, with float, half or int sums. Which element a lane
// holds is left open by CUDA; here lane l holds the l-th run of consecutive elements of the row-major matrix.
#pragma once
#include "minitorch/simt/fp16.h"
#if defined(__CUDACC__)
#include <mma.h>
#else
#include <bit>

// NOLINTBEGIN: these are CUDA's names
inline namespace simulated {
namespace nvcuda::wmma {

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
enum layout_t { mem_row_major, mem_col_major };
namespace precision {
struct tf32;
}

namespace detail {
template <class T>
struct Element {
  using Type = T;
};
template <>
struct Element<precision::tf32> {
  using Type = float;
};

/// Where element `number` of a fragment lies: its row and column in the matrix.
struct Place {
  int row, column;
};
template <class Fragment>
Place place(int lane, int number) {
  const int element = lane * Fragment::num_elements + number;
  return {element / Fragment::columns, element % Fragment::columns};
}
template <class Fragment>
std::size_t offset(int number, unsigned stride, bool row_by_row) {
  const Place p = place<Fragment>(static_cast<int>(minitorch::simt::lane_id()), number);
  return static_cast<std::size_t>(row_by_row ? p.row : p.column) * stride +
         static_cast<std::size_t>(row_by_row ? p.column : p.row);
}
/// All lanes are here. Unlike __syncwarp() this orders no memory.
inline void meet(minitorch::simt::Site site) {
  int none = 0;
  minitorch::simt::warp_collective(
      0xffffffffu, &none, [](void* const*, unsigned) {}, site);
}
/// Refuses what a GPU does not take: matrices start at multiples of 32 bytes, their rows or columns lie a
/// multiple of 16 bytes apart.
template <class T>
void check_matrix(const T* matrix, unsigned stride, minitorch::simt::Site site) {
  minitorch::simt::check_alignment(matrix, 32, site);
  if (stride * sizeof(T) % 16) minitorch::simt::stop_odd_stride(stride * sizeof(T), site);
}
}  // namespace detail

template <class Use, int M, int N, int K, class T, class Layout = void>
struct fragment {
  using element_type = typename detail::Element<T>::Type;
  static constexpr int rows = std::is_same_v<Use, matrix_b> ? K : M;
  static constexpr int columns = std::is_same_v<Use, matrix_a> ? K : N;
  static constexpr int num_elements = rows * columns / 32;
  element_type x[num_elements];
};

/// Rounds to the 10 bits of fraction that TF32 keeps; what lies half way goes away from zero.
inline float __float_to_tf32(float x) {
  const uint32_t u = __float_as_uint(x);
  if ((u & 0x7f800000u) == 0x7f800000u) return x;
  return __uint_as_float((u + 0x1000u) & ~0x1fffu);
}

template <class Fragment, class T>
void fill_fragment(Fragment& f, T value) {
  for (auto& element : f.x) element = typename Fragment::element_type(value);
}

template <class Use, int M, int N, int K, class T, class Layout>
__forceinline__ void load_matrix_sync(fragment<Use, M, N, K, T, Layout>& f,
                                      const typename fragment<Use, M, N, K, T, Layout>::element_type* from,
                                      unsigned stride, MT_CALLER) {
  detail::check_matrix(from, stride, {"load_matrix_sync()", file_, line_});
  detail::meet({"load_matrix_sync()", file_, line_});
  for (int i = 0; i < f.num_elements; ++i)
    f.x[i] = from[detail::offset<fragment<Use, M, N, K, T, Layout> >(i, stride,
                                                                     std::is_same_v<Layout, row_major>)];
}
template <int M, int N, int K, class T>
__forceinline__ void load_matrix_sync(fragment<accumulator, M, N, K, T>& f, const T* from, unsigned stride,
                                      layout_t layout, MT_CALLER) {
  detail::check_matrix(from, stride, {"load_matrix_sync()", file_, line_});
  detail::meet({"load_matrix_sync()", file_, line_});
  for (int i = 0; i < f.num_elements; ++i)
    f.x[i] = from[detail::offset<fragment<accumulator, M, N, K, T> >(i, stride, layout == mem_row_major)];
}
template <int M, int N, int K, class T>
__forceinline__ void store_matrix_sync(T* to, const fragment<accumulator, M, N, K, T>& f, unsigned stride,
                                       layout_t layout, MT_CALLER) {
  detail::check_matrix(to, stride, {"store_matrix_sync()", file_, line_});
  detail::meet({"store_matrix_sync()", file_, line_});
  for (int i = 0; i < f.num_elements; ++i)
    to[detail::offset<fragment<accumulator, M, N, K, T> >(i, stride, layout == mem_row_major)] = f.x[i];
}

/// d = a b + c. The last lane to arrive computes the product for the whole warp.
template <int M, int N, int K, class T, class LayoutA, class LayoutB, class Sum>
void mma_sync(fragment<accumulator, M, N, K, Sum>& d, const fragment<matrix_a, M, N, K, T, LayoutA>& a,
              const fragment<matrix_b, M, N, K, T, LayoutB>& b, const fragment<accumulator, M, N, K, Sum>& c,
              MT_CALLER) {
  using A = fragment<matrix_a, M, N, K, T, LayoutA>;
  using B = fragment<matrix_b, M, N, K, T, LayoutB>;
  using C = fragment<accumulator, M, N, K, Sum>;
  struct Operands {
    C* d;
    const A* a;
    const B* b;
    const C* c;
    minitorch::simt::Site site;
  } mine{&d, &a, &b, &c, {"mma_sync()", file_, line_}};
  using Number = std::conditional_t<std::is_integral_v<Sum>, int, float>;  // bytes are added up exactly
  const auto multiply = [](void* const* lanes, unsigned present) {
    if (present != 0xffffffffu)
      minitorch::simt::stop_partial_warp(static_cast<Operands*>(lanes[std::countr_zero(present)])->site);
    Number left[M][K], right[K][N];
    for (int lane = 0; lane < 32; ++lane) {
      const auto* of = static_cast<const Operands*>(lanes[lane]);
      for (int i = 0; i < A::num_elements; ++i) {
        const detail::Place p = detail::place<A>(lane, i);
        left[p.row][p.column] = Number(of->a->x[i]);
      }
      for (int i = 0; i < B::num_elements; ++i) {
        const detail::Place p = detail::place<B>(lane, i);
        right[p.row][p.column] = Number(of->b->x[i]);
      }
    }
    for (int lane = 0; lane < 32; ++lane) {
      const auto* of = static_cast<const Operands*>(lanes[lane]);
      for (int i = 0; i < C::num_elements; ++i) {
        const detail::Place p = detail::place<C>(lane, i);
        Number sum = Number(of->c->x[i]);
        for (int k = 0; k < K; ++k) sum += left[p.row][k] * right[k][p.column];
        of->d->x[i] = Sum(sum);
      }
    }
  };
  minitorch::simt::warp_collective(0xffffffffu, &mine, multiply, mine.site);
}

}  // namespace nvcuda::wmma
}  // namespace simulated
   // NOLINTEND
#endif
