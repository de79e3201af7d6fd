// SPDX-License-Identifier: MIT
// A convolution as a product of matrices that exist nowhere ("implicit GEMM"): where their elements lie. For
// .cu files only.
//
//     forward          y[o, (n,p,q)]   = sum over (c,a,b) of  w[o, (c,a,b)]   * x under tap (a,b) of (p,q)
//     gradient for x   dx[c, (n,r,t)]  = sum over (o,a,b) of  w[o, c, (a,b)]  * dy that read (r,t) by (a,b)
//     gradient for w   dw[o, (c,a,b)]  = sum over (n,p,q) of  dy[o, (n,p,q)]  * x under tap (a,b) of (p,q)
//
// What is left and right of * are the operands of ops/matmul/gemm_cuda.h: rows over depth. Written out, the
// one made of x would be kh kw times as large as x; here an element's address is worked out when it is
// copied.
#pragma once
#include "minitorch/core/fast_divide.h"
#include "minitorch/ops/conv/conv_kernels.h"
#include "minitorch/ops/matmul/gemm_cuda.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::conv {

/// The convolution's numbers in 32 bits, and the divisions that take indices apart.
struct Sizes {
  int n, ci, h, w, co, kh, kw, oh, ow, groups;
  int stride_h, stride_w, top, left, dilation_h, dilation_w;
  FastDivide by_output, by_output_width, by_input, by_input_width, by_taps, by_tap_width, by_stride_h,
      by_stride_w;

  explicit Sizes(const Conv2dShape& s)
      : n(static_cast<int>(s.n)),
        ci(static_cast<int>(s.ci)),
        h(static_cast<int>(s.h)),
        w(static_cast<int>(s.w)),
        co(static_cast<int>(s.co)),
        kh(static_cast<int>(s.kh)),
        kw(static_cast<int>(s.kw)),
        oh(static_cast<int>(s.out_h())),
        ow(static_cast<int>(s.out_w())),
        groups(static_cast<int>(s.groups)),
        stride_h(static_cast<int>(s.stride_h)),
        stride_w(static_cast<int>(s.stride_w)),
        top(static_cast<int>(s.top)),
        left(static_cast<int>(s.left)),
        dilation_h(static_cast<int>(s.dilation_h)),
        dilation_w(static_cast<int>(s.dilation_w)),
        by_output(oh * ow),
        by_output_width(ow),
        by_input(h * w),
        by_input_width(w),
        by_taps(kh * kw),
        by_tap_width(kw),
        by_stride_h(stride_h),
        by_stride_w(stride_w) {}

  MT_HD int group_ci() const { return ci / groups; }
  MT_HD int group_co() const { return co / groups; }
  MT_HD int taps() const { return kh * kw; }
  MT_HD int inputs() const { return n * h * w; }  // of one channel
  MT_HD int outputs() const { return n * oh * ow; }
};

// Offset, row and column of a pixel or tap, and whether there is one.
struct Spot {
  int offset, y, x;
  bool inside;
};

/// Output place j = (n, p, q): where its window begins in x.
__device__ __forceinline__ Spot window(const Sizes& s, int j) {
  int pixel, q;
  const int image = s.by_output.divide(j, pixel), p = s.by_output_width.divide(pixel, q);
  return {image * s.ci * s.h * s.w, p * s.stride_h - s.top, q * s.stride_w - s.left, j < s.outputs()};
}
/// Index k = (c, a, b): the channel, and how far tap (a, b) lies from the window's beginning.
__device__ __forceinline__ Spot tap(const Sizes& s, int k, int plane, int channels) {
  int ab, b;
  const int channel = s.by_taps.divide(k, ab), a = s.by_tap_width.divide(ab, b);
  return {channel * plane, a * s.dilation_h, b * s.dilation_w, k < channels * s.taps()};
}
/// x at tap `t` of window `v`.
__device__ __forceinline__ const float* pixel(const Sizes& s, const float* x, Spot v, Spot t, bool& inside) {
  const int y = v.y + t.y, at = v.x + t.x;
  inside = v.inside && t.inside && static_cast<unsigned>(y) < static_cast<unsigned>(s.h) &&
           static_cast<unsigned>(at) < static_cast<unsigned>(s.w);
  return x + (inside ? v.offset + t.offset + y * s.w + at : 0);
}

/// Rows (n, p, q), depth (c, a, b): the windows of x, of one group.
struct Windows {
  const float* x;
  Sizes s;
  __device__ Spot row(int j) const { return window(s, j); }
  __device__ Spot depth(int k) const { return tap(s, k, s.h * s.w, s.group_ci()); }
  __device__ const float* at(Spot r, Spot d, bool& inside) const { return pixel(s, x, r, d, inside); }
};
/// The same with the roles exchanged: rows (c, a, b), depth (n, p, q).
struct WindowsAcross {
  const float* x;
  Sizes s;
  __device__ Spot row(int k) const { return tap(s, k, s.h * s.w, s.group_ci()); }
  __device__ Spot depth(int j) const { return window(s, j); }
  __device__ const float* at(Spot r, Spot d, bool& inside) const { return pixel(s, x, d, r, inside); }
};

/// Rows (n, r, t), depth (o, a, b): dy at the output that read x[n, ., r, t] through tap (a, b), if there is
/// one.
struct Readers {
  const float* dy;
  Sizes s;
  __device__ Spot row(int j) const {
    int pixel, t;
    const int image = s.by_input.divide(j, pixel), r = s.by_input_width.divide(pixel, t);
    return {image * s.co * s.oh * s.ow, r + s.top, t + s.left, j < s.inputs()};
  }
  __device__ Spot depth(int k) const { return tap(s, k, s.oh * s.ow, s.group_co()); }
  __device__ const float* at(Spot r, Spot d, bool& inside) const {
    const int y = r.y - d.y, x = r.x - d.x;
    int rest_y, rest_x;
    const int p = s.by_stride_h.divide(y < 0 ? 0 : y, rest_y),
              q = s.by_stride_w.divide(x < 0 ? 0 : x, rest_x);
    inside = r.inside && d.inside && y >= 0 && x >= 0 && rest_y == 0 && rest_x == 0 && p < s.oh && q < s.ow;
    return dy + (inside ? r.offset + d.offset + p * s.ow + q : 0);
  }
};

/// Rows c, depth (o, a, b): the weights as the gradient for x needs them, of one group.
struct WeightsAcross {
  const float* w;
  Sizes s;
  struct Part {
    int offset;
    bool inside;
  };
  __device__ Part row(int c) const { return {c * s.taps(), c < s.group_ci()}; }
  __device__ Part depth(int k) const {
    int ab;
    const int o = s.by_taps.divide(k, ab);
    return {o * s.group_ci() * s.taps() + ab, o < s.group_co()};
  }
  __device__ const float* at(Part r, Part d, bool& inside) const {
    inside = r.inside && d.inside;
    return w + (inside ? r.offset + d.offset : 0);
  }
};

/// Rows o, depth (n, p, q): dy, of one group.
struct OutputsAcross {
  const float* dy;
  Sizes s;
  struct Part {
    int offset;
    bool inside;
  };
  __device__ Part row(int o) const { return {o * s.oh * s.ow, o < s.group_co()}; }
  __device__ Part depth(int k) const {
    int pixel;
    const int image = s.by_output.divide(k, pixel);
    return {image * s.co * s.oh * s.ow + pixel, k < s.outputs()};
  }
  __device__ const float* at(Part r, Part d, bool& inside) const {
    inside = r.inside && d.inside;
    return dy + (inside ? r.offset + d.offset : 0);
  }
};

/// Rows are channels, columns (n, pixel): a result in the layout (n, channel, pixel).
template <class T>
struct Pictures {
  T* data;
  int channels, plane;
  FastDivide by_plane;
  bool vectors;  // four columns from a multiple of four lie in one picture, aligned
  Pictures(T* to, int all_channels, int pixels)
      : data(to),
        channels(all_channels),
        plane(pixels),
        by_plane(pixels),
        vectors(pixels % 4 == 0 && reinterpret_cast<uintptr_t>(to) % (4 * sizeof(T)) == 0) {}
  __device__ T* at(int channel, int j) const {
    int pixel;
    const int image = by_plane.divide(j, pixel);
    return data + (image * channels + channel) * plane + pixel;
  }
  /// The same from channel `first` on.
  __device__ Pictures from(int first) const {
    Pictures p = *this;
    p.data += first * plane;
    return p;
  }
};

}  // namespace minitorch::MT_DEVICE::conv
