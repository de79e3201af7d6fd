// SPDX-License-Identifier: MIT
#include "fastcore/data/mix.h"

#include <algorithm>
#include <cmath>

#include "minitorch/core/random.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::format;
using minitorch::ShapeError;
using minitorch::Tensor;

namespace {

// Gamma(alpha, 1): with d = alpha - 1/3 and x normal, d (1 + x / sqrt(9 d))^3 has almost that density; the
// rest is rejected. Below alpha = 1 a draw of Gamma(alpha + 1) is scaled by u^(1 / alpha).
double sample_gamma(double alpha, minitorch::Generator& random) {
  double scale = 1;
  if (alpha < 1) {
    scale = std::pow(1 - random.uniform(), 1 / alpha);
    alpha += 1;
  }
  const double d = alpha - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    double x, root;
    do {
      x = random.normal();
      root = 1 + c * x;
    } while (root <= 0);
    const double v = root * root * root, u = 1 - random.uniform();
    if (u < 1 - 0.0331 * x * x * x * x) return scale * d * v;  // surely below the curve: no logarithm needed
    if (std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) return scale * d * v;
  }
}

void check_items(const char* name, const Tensor& x, const Tensor& partner) {
  if (x.dims() > 0 && x.size(0) == partner.size(0)) return;
  throw ShapeError(format("[%s] a batch of shape %s and %lld partners", name, to_string(x.shape()).c_str(),
                          static_cast<long long>(partner.size(0))),
                   "draw for x.size(0) items");
}

}  // namespace

std::vector<double> sample_beta(double a, double b, int64_t n) {
  if (!(a > 0 && b > 0 && std::isfinite(a) && std::isfinite(b)))
    throw minitorch::ValueError(format("[sample_beta] Beta(%g, %g): both numbers must be above 0", a, b));
  std::vector<double> values;
  auto& random = minitorch::default_generator();
  for (int64_t i = 0; i < n; ++i) {
    const double first = sample_gamma(a, random), second = sample_gamma(b, random);
    values.push_back(first + second > 0 ? first / (first + second)
                                        : 0.5);  // both may underflow when a is tiny
  }
  return values;
}

MixUpBatch MixUpBatch::draw(int64_t n, double alpha) {
  std::vector<double> shares = sample_beta(alpha, alpha, n);
  for (double& share : shares) share = std::max(share, 1 - share);
  return {minitorch::randperm(n), minitorch::tensor(shares)};
}

Tensor MixUpBatch::operator()(const Tensor& x) const {
  check_items("MixUpBatch", x, partner);
  minitorch::Shape shape = {x.size(0)};
  for (int axis = 1; axis < x.dims(); ++axis) shape.push_back(1);
  const Tensor other = index_select(x, 0, partner.to(x.device()));
  return lerp(other, x, reshape(lam, shape).to(x.device()));
}

Tensor MixUpBatch::mixed_loss(const Tensor& partners, const Tensor& own) const {
  check_items("MixUpBatch", own, partner);
  return lerp(partners, own, lam.to(own.device()));
}

CutMixBatch CutMixBatch::draw(int64_t n, Size picture, double alpha) {
  const double share = std::sqrt(1 - sample_beta(alpha, alpha, 1).front());
  CutMixBatch mix;
  mix.partner = minitorch::randperm(n);
  auto& random = minitorch::default_generator();
  const int64_t x = random.random_int(0, picture.width), y = random.random_int(0, picture.height);
  mix.box = box_about(x, y, share, picture);
  mix.lam = 1 - double(mix.box.width) * mix.box.height / (double(picture.width) * picture.height);
  return mix;
}

Region CutMixBatch::box_about(int64_t x, int64_t y, double share, Size picture) {
  const auto part = [share](int64_t middle, int side) {
    const auto half = static_cast<int64_t>(std::nearbyint(side * share)) / 2;
    const int64_t from = std::clamp<int64_t>(middle - half, 0, side),
                  to = std::clamp<int64_t>(middle + half, 0, side);
    return std::pair(static_cast<int>(from), static_cast<int>(to - from));
  };
  const auto [left, width] = part(x, picture.width);
  const auto [top, height] = part(y, picture.height);
  return {left, top, width, height};
}

Tensor CutMixBatch::operator()(const Tensor& x) const {
  check_items("CutMixBatch", x, partner);
  if (x.dims() != 4 || box.left + box.width > x.size(3) || box.top + box.height > x.size(2))
    throw ShapeError(
        format("[CutMixBatch] a batch of shape %s: expected pictures (n, c, h, w) that hold the box",
               to_string(x.shape()).c_str()),
        "draw for the pictures' own size");
  const auto inside = [this](const Tensor& pictures) {
    return slice(slice(pictures, 2, box.top, box.top + box.height), 3, box.left, box.left + box.width);
  };
  const Tensor mixed = clone(x.detach());
  copy_(inside(mixed), index_select(inside(x.detach()), 0, partner.to(x.device())));
  return mixed;
}

Tensor CutMixBatch::mixed_loss(const Tensor& partners, const Tensor& own) const {
  return lerp(partners, own, lam);
}

}  // namespace fastcore
