// SPDX-License-Identifier: MIT
// A 1x1 convolution mixes channels pixel by pixel: it is a matrix product as it stands,
//
//     y (co x pixels) = w (co x ci) . x (ci x pixels)      dx = w^T . dy      dw = dy . x^T
//
// Large planes are one product per image, the images shared out among the threads. Of small planes the
// columns of all images together make one wide matrix (conv_planes.h), so that the tiles of the product are
// full. With a stride, only one pixel in stride^2 takes part: those are gathered first.
#include <optional>

#include "minitorch/ops/conv/conv_planes.h"
#include "minitorch/ops/conv/conv_strategies.h"

namespace minitorch::cpu {
namespace {

constexpr int64_t kLargePlane = 400;

// out (n, co, plane) = a . in (n, ci, plane), where a(o, i) = w[o * w_out + i * w_in].
struct Mix {
  int64_t n, ci, co, plane, in_image, out_image, w_out, w_in;
};
void mix_channels(const Mix& m, const float* in, const float* w, const float* bias, float* out) {
  const gemm::PackA weights{{w, m.w_out, m.w_in}};
  if (m.plane >= kLargePlane) {
    const auto images = [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n)
        gemm::multiply(m.co, m.plane, m.ci, weights, gemm::PackB{{in + n * m.in_image, m.plane, 1}},
                       gemm::StoreRows{out + n * m.out_image, m.plane}, {.row_bias = bias});
    };
    return m.n >= num_threads() ? parallel_for(m.n, 1, images) : images(0, m.n);
  }
  Scratch<int64_t> taps(m.ci);
  for (int64_t i = 0; i < m.ci; ++i) taps[i] = i * m.plane;
  const PixelGrid grid{in, 1, m.plane, m.in_image, 0, in + (m.n - 1) * m.in_image + m.ci * m.plane};
  gemm::multiply(m.co, m.n * m.plane, m.ci, weights, PackPixels{grid, taps.data()},
                 StorePlanes{out, m.out_image, m.plane, m.plane}, {.row_bias = bias});
}

// The pixels of x that a stride leaves, as contiguous images; x itself where there is no stride.
class Subsampled {
 public:
  Subsampled(const Conv& c, const float* x) : data_(x), image_(c.x_image) {
    if (c.sh == 1 && c.sw == 1) return;
    memory_.emplace(c.n * c.ci * c.y_plane());
    data_ = memory_->data(), image_ = c.ci * c.y_plane();
    each_plane(c, [&](int64_t i, int64_t plane) {
      float* to = memory_->data() + i * c.y_plane();
      for (int64_t p = 0; p < c.oh; ++p)
        for (int64_t q = 0; q < c.ow; ++q) *to++ = x[plane + p * c.sh * c.w + q * c.sw];
    });
  }
  const float* data() const { return data_; }
  int64_t image() const { return image_; }

  /// Calls body(i, where plane i of x lies) for all planes of all images, over all threads.
  template <class Body>
  static void each_plane(const Conv& c, Body&& body) {
    parallel_for(c.n * c.ci, 1 + 16'384 / c.x_plane(), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) body(i, i / c.ci * c.x_image + i % c.ci * c.x_plane());
    });
  }

 private:
  const float* data_;
  int64_t image_;
  std::optional<Scratch<>> memory_;
};

bool handles(const Conv2dShape& s) {
  return s.kh == 1 && s.kw == 1 && s.top == 0 && s.left == 0 && s.bottom == 0 && s.right == 0;
}

void forward(const Conv& c, const float* x, const float* w, const float* bias, float* y) {
  const Subsampled in(c, x);
  mix_channels({c.n, c.ci, c.co, c.y_plane(), in.image(), c.y_image, c.ci, 1}, in.data(), w, bias, y);
}

void backward_data(const Conv& c, const float* dy, const float* w, float* dx) {
  if (c.sh == 1 && c.sw == 1)
    return mix_channels({c.n, c.co, c.ci, c.y_plane(), c.y_image, c.x_image, 1, c.ci}, dy, w, nullptr, dx);
  Scratch seen(c.n * c.ci * c.y_plane());
  mix_channels({c.n, c.co, c.ci, c.y_plane(), c.y_image, c.ci * c.y_plane(), 1, c.ci}, dy, w, nullptr,
               seen.data());
  Subsampled::each_plane(c, [&](int64_t i, int64_t plane) {
    const float* from = seen.data() + i * c.y_plane();
    std::fill_n(dx + plane, c.x_plane(), 0.f);
    for (int64_t p = 0; p < c.oh; ++p)
      for (int64_t q = 0; q < c.ow; ++q) dx[plane + p * c.sh * c.w + q * c.sw] = *from++;
  });
}

void backward_weights(const Conv& c, const float* x, const float* dy, float* dw) {
  const Subsampled in(c, x);
  gemm::multiply(c.co, c.ci, c.n * c.y_plane(), PackPlanes<gemm::kTileRows>{dy, c.y_image, c.y_plane()},
                 PackPlanes<gemm::kTileCols>{in.data(), in.image(), c.y_plane()}, gemm::StoreRows{dw, c.ci});
}

}  // namespace

const ConvStrategy kConvPointwise{"pointwise", false, handles, forward, backward_data, backward_weights};

}  // namespace minitorch::cpu
