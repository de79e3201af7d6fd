// SPDX-License-Identifier: MIT
#include "minitorch/ops/grid_sample/grid_sample.h"

#include "tests/ops/op_table.h"

namespace minitorch::testing {
namespace {

// Where a coordinate looks, by the definition: mirrored one fold at a time.
double position(double g, int64_t n, const GridSampleOptions& o) {
  const auto size = static_cast<double>(n);
  double at = o.align_corners ? (g + 1) / 2 * (size - 1) : ((g + 1) * size - 1) / 2;
  if (o.padding == GridPadding::kReflection) {
    const double low = o.align_corners ? 0 : -0.5, high = o.align_corners ? size - 1 : size - 0.5;
    while (high > low && (at < low || at > high)) at = at < low ? 2 * low - at : 2 * high - at;
  }
  return o.padding == GridPadding::kZeros ? at : std::clamp(at, 0.0, size - 1);
}

Array sampled(const Array& x, const Array& grid, const GridSampleOptions& o) {
  const int64_t height = x.size(2), width = x.size(3);
  Array y({x.size(0), x.size(1), grid.size(1), grid.size(2)});
  const auto pixel = [&](int64_t n, int64_t c, double row, double col) {
    const bool inside =
        row >= 0 && row < static_cast<double>(height) && col >= 0 && col < static_cast<double>(width);
    return inside ? x(n, c, static_cast<int64_t>(row), static_cast<int64_t>(col)) : 0.0;
  };
  for (int64_t n = 0; n < y.size(0); ++n)
    for (int64_t c = 0; c < y.size(1); ++c)
      for (int64_t i = 0; i < y.size(2); ++i)
        for (int64_t j = 0; j < y.size(3); ++j) {
          const double col = position(grid(n, i, j, 0), width, o),
                       row = position(grid(n, i, j, 1), height, o);
          if (o.mode == SampleMode::kNearest) {
            y(n, c, i, j) = pixel(n, c, std::nearbyint(row), std::nearbyint(col));
            continue;
          }
          const double r = std::floor(row), q = std::floor(col), wr = row - r, wq = col - q;
          y(n, c, i, j) = (1 - wr) * ((1 - wq) * pixel(n, c, r, q) + wq * pixel(n, c, r, q + 1)) +
                          wr * ((1 - wq) * pixel(n, c, r + 1, q) + wq * pixel(n, c, r + 1, q + 1));
        }
  return y;
}

// Points all over and outside the picture, none of them near a place where the slope jumps (a pixel's centre
// or an edge).
Tensor away_from_kinks(const Shape& shape, int64_t height, int64_t width, const GridSampleOptions& o) {
  auto points = uniform_input(shape, -2.6, 2.6).to_vector<double>();
  GridSampleOptions unfolded = o;
  unfolded.padding = GridPadding::kZeros;
  for (std::size_t k = 0; k < points.size(); ++k) {
    const int64_t n = k % 2 ? height : width;
    if (n == 1 && o.align_corners) continue;  // every coordinate means the one pixel
    for (double at; at = position(points[k], n, unfolded), std::fabs(2 * at - std::round(2 * at)) < 0.1;)
      points[k] += 0.013;
  }
  return from_values(points, shape, kFloat32);
}

}  // namespace

TEST_CASE("op table: grid_sample") {
  for (SampleMode mode : {SampleMode::kBilinear, SampleMode::kNearest})
    for (GridPadding padding : {GridPadding::kZeros, GridPadding::kBorder, GridPadding::kReflection})
      for (bool aligned : {false, true})
        for (auto [x, grid] :
             {std::pair{Shape{2, 3, 5, 7}, Shape{2, 4, 3, 2}}, {{1, 2, 4, 1}, {1, 11, 13, 2}}}) {
          const GridSampleOptions options{mode, padding, aligned};
          check_op({.name = "grid_sample",
                    .op = [=](const Tensors& in) { return grid_sample(in[0], in[1], options); },
                    .inputs = {normal_input(x), away_from_kinks(grid, x[2], x[3], options)},
                    .reference = [=](const Arrays& in) { return sampled(in[0], in[1], options); }});
        }
}

TEST_CASE("op table: affine_grid") {
  for (bool aligned : {false, true})
    for (Shape size : {Shape{2, 3, 4, 5}, {2, 1, 1, 3}})
      check_op({.name = "affine_grid",
                .op = [=](const Tensors& in) { return affine_grid(in[0], size, aligned); },
                .inputs = {normal_input({2, 2, 3})},
                .reference =
                    [=](const Arrays& in) {
                      const auto at = [=](int64_t i, int64_t n) {
                        const auto k = static_cast<double>(i), count = static_cast<double>(n);
                        return aligned ? (n > 1 ? 2 * k / (count - 1) - 1 : 0) : (2 * k + 1) / count - 1;
                      };
                      Array y({2, size[2], size[3], 2});
                      for (int n = 0; n < 2; ++n)
                        for (int i = 0; i < size[2]; ++i)
                          for (int j = 0; j < size[3]; ++j)
                            for (int k = 0; k < 2; ++k)
                              y(n, i, j, k) = in[0](n, k, 0) * at(j, size[3]) +
                                              in[0](n, k, 1) * at(i, size[2]) + in[0](n, k, 2);
                      return y;
                    }});
}

TEST_CASE("op table: grid_sample of a 4 x 4 picture, number for number") {
  for (Device device : test_devices()) {
    const Tensor x = arange(16).to(kFloat32).reshape({1, 1, 4, 4}).to(device);
    const Tensor grid =
        tensor({{-1.4, -1.}, {.3, .2}, {1.5, 1.2}, {-1., .5}}).reshape({1, 1, 4, 2}).to(device);
    const auto row = [&](GridPadding padding, bool aligned, SampleMode mode = SampleMode::kBilinear) {
      return grid_sample(x, grid, {mode, padding, aligned}).reshape({4});
    };
    CHECK_VALUES(row(GridPadding::kZeros, true), ({4}), 1e-5, 0, 9.15, 2.625, 9);
    CHECK_VALUES(row(GridPadding::kBorder, true), ({4}), 1e-5, 0, 9.15, 15, 9);
    CHECK_VALUES(row(GridPadding::kReflection, true), ({4}), 1e-5, .6, 9.15, 13.05, 9);
    CHECK_VALUES(row(GridPadding::kZeros, false), ({4}), 1e-5, 0, 9.7, 0, 5);
    CHECK_VALUES(row(GridPadding::kBorder, false), ({4}), 1e-5, 0, 9.7, 15, 10);
    CHECK_VALUES(row(GridPadding::kReflection, false), ({4}), 1e-5, .3, 9.7, 14.5, 10);
    CHECK_VALUES(row(GridPadding::kReflection, true, SampleMode::kNearest), ({4}), 0, 1, 10, 14, 8);
    CHECK_VALUES(row(GridPadding::kReflection, false, SampleMode::kNearest), ({4}), 0, 0, 10, 14, 8);
  }
}

TEST_CASE("op table: the grid's gradient at the borders of a picture is PyTorch's") {
  for (Device device : test_devices()) {
    const Tensor x = tensor({{1., 2.}, {3., 4.}}).reshape({1, 1, 2, 2}).to(device);
    const auto gradient = [&](GridPadding padding) {
      const Tensor grid = tensor({{-1.5, -.5}, {1.5, .5}, {-.5, -1.5}, {-1.75, 0.}})
                              .reshape({1, 1, 4, 2})
                              .to(device)
                              .requires_grad_();
      grid_sample(x, grid, {SampleMode::kBilinear, padding}).sum().backward();
      return grid.grad().flatten();
    };
    CHECK_VALUES(gradient(GridPadding::kZeros), ({8}), 1e-6, 1, 0, 0, 0, 0, 1, 0, 0);
    CHECK_VALUES(gradient(GridPadding::kBorder), ({8}), 1e-6, 0, 0, 0, 0, 0, 0, 0, 2);
    CHECK_VALUES(gradient(GridPadding::kReflection), ({8}), 1e-6, 0, 0, 0, 0, 0, 0, -1, 2);
  }
}

TEST_CASE("op table: grid_sample leaves pixels out that it does not look at, and bears any coordinate") {
  for (Device device : test_devices()) {
    Tensor picture = full({1, 1, 2, 2}, INFINITY).to(device);
    const Tensor far = tensor({-9., 5., double{NAN}, 0., 1e30, -1e30}).reshape({1, 3, 1, 2}).to(device);
    CHECK(grid_sample(picture, far).to_vector<float>() == std::vector<float>{0, 0, 0});
    for (GridPadding padding : {GridPadding::kBorder, GridPadding::kReflection})
      CHECK(grid_sample(ones({1, 1, 2, 2}).to(device), far, {SampleMode::kBilinear, padding})
                .to_vector<float>() == std::vector<float>{1, 1, 1});
  }
}

TEST_CASE("refusals of grid_sample and affine_grid") {
  CHECK_THROWS_WITH(grid_sample(zeros({1, 1, 4, 4}), zeros({2, 3, 3, 2})),
                    "[grid_sample] a picture of shape (1, 1, 4, 4) and a grid of shape (2, 3, 3, 2): "
                    "expected (N, C, H, W) and (N, H', W', 2)");
  CHECK_THROWS_AS(grid_sample(zeros({1, 1, 0, 4}), zeros({1, 3, 3, 2})), ShapeError);
  CHECK_THROWS_AS(grid_sample(zeros({1, 1, 4, 4}, {kUint8}), zeros({1, 3, 3, 2})), DtypeError);
  CHECK_THROWS_WITH(affine_grid(zeros({2, 2, 3}), {1, 1, 4, 4}),
                    "[affine_grid] theta of shape (2, 2, 3) for a size of (1, 1, 4, 4): expected (N, 2, 3) "
                    "and (N, C, H, W)");
}

}  // namespace minitorch::testing
