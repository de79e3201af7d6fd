// SPDX-License-Identifier: MIT
// Light and colour. Every change of light is linear in the logits, so that any chain of them is three
// numbers.
#include <algorithm>
#include <cmath>

#include "fastcore/image/augment.h"
#include "fastcore/image/augment_kernels.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::format;
using minitorch::Shape;
using minitorch::ShapeError;
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

constexpr double kRed = 0.2989, kGreen = 0.5870, kBlue = 0.1140;  // shares of a colour's grey
constexpr double kEps = 1e-7;  // black and white are this far from having no logit

void check_pictures(const char* op, const Tensor& x, std::size_t changes, bool colour) {
  if (x.dims() != 4 || x.size(0) != static_cast<int64_t>(changes))
    throw ShapeError(format("[%s] pictures of shape %s and %zu changes: expected (N, C, H, W) and N", op,
                            to_string(x.shape()).c_str(), changes));
  if (colour && x.size(1) != 3)
    throw ShapeError(format("[%s] pictures of shape %s: colours need 3 channels, red, green and blue", op,
                            to_string(x.shape()).c_str()),
                     "leave Saturation and Hue out for pictures in grey");
  if (!is_floating(x.dtype()))
    throw minitorch::DtypeError(format("[%s] %s pictures: expected floats from 0 to 1", op, name(x.dtype())),
                                "put IntToFloatTensor before it");
}

// One number for each picture, shaped (N, 1, 1, 1) to go with the batch.
Tensor for_pictures(const std::vector<double>& values, const Tensor& x) {
  const int64_t n = x.size(0);
  return minitorch::from_values(values, {n, 1, 1, 1}, minitorch::kFloat32).to(x.device());
}

}  // namespace

Light operator*(const Light& a, const Light& b) {
  constexpr double kWhole = kRed + kGreen + kBlue;  // the grey of the logits 1, 1, 1
  return {a.scale * b.scale, a.scale * b.grey + a.grey * (b.scale + kWhole * b.grey),
          (a.scale + a.grey * kWhole) * b.offset + a.offset};
}

Light brightness(double change) {
  if (!(change > 0 && change < 1))
    throw ValueError(format("[brightness] a change of %g: expected one between 0 and 1", change),
                     "0.5 changes nothing; max_lighting below 1 keeps the draws inside");
  return {1, 0, std::log(change / (1 - change))};
}
Light contrast(double change) { return {change, 0, 0}; }
Light saturation(double change) { return {change, 1 - change, 0}; }

Tensor lighting(const Tensor& x, const std::vector<Light>& lights) {
  const bool grey = std::any_of(lights.begin(), lights.end(), [](const Light& l) { return l.grey != 0; });
  check_pictures("lighting", x, lights.size(), grey);
  if (x.device() == minitorch::Device::cpu()) {
    const Tensor from = to(x.detach(), minitorch::kFloat32).contiguous();
    const Tensor y = minitorch::empty(x.shape());
    std::vector<kernels::LightChange> changes;
    for (const Light& l : lights)
      changes.push_back(
          {static_cast<float>(l.scale), static_cast<float>(l.grey), static_cast<float>(l.offset)});
    const Shape planes = {x.size(0), x.size(1), x.size(2) * x.size(3)};
    kernels::light(minitorch::view_of<const float, 3>(from.view(planes)), changes.data(),
                   minitorch::view_of<float, 3>(y.view(planes)));
    return to(y, x.dtype());
  }
  minitorch::NoGrad no_grad;
  std::vector<double> scales, greys, offsets;
  for (const Light& l : lights) {
    scales.push_back(l.scale);
    greys.push_back(l.grey);
    offsets.push_back(l.offset);
  }
  const Tensor bounded = clamp(x, kEps, 1 - kEps), logits = -log(1 / bounded - 1);
  Tensor changed = logits * for_pictures(scales, x) + for_pictures(offsets, x);
  if (grey) {
    const Tensor shares = minitorch::tensor<double>(std::vector<double>{kRed, kGreen, kBlue}, {3, 1, 1});
    changed = changed + for_pictures(greys, x) * sum(logits * shares.to(x.device()), {1}, true);
  }
  return sigmoid(changed);
}

Tensor rgb_to_hsv(const Tensor& x) {
  check_pictures("rgb_to_hsv", x, static_cast<std::size_t>(x.size(0)), true);
  minitorch::NoGrad no_grad;
  const auto rgb = unbind(x, 1);  // (N, H, W) each
  const Tensor &r = rgb[0], &g = rgb[1], &b = rgb[2];
  const Tensor most = amax(x, {1}), spread = most - amin(x, {1});
  const Tensor over = where(spread == 0, 1, spread);
  const Tensor sixths =
      where(most == r, (g - b) / over, where(most == g, (b - r) / over + 2, (r - g) / over + 4));
  const Tensor hue = sixths / 6, saturation = spread / where(most == 0, 1, most);
  return minitorch::stack({hue - floor(hue), saturation, most}, 1);
}

// Channel R, G, B is v - v s clamp(min(k, 4 - k), 0, 1) with k = (5, 3, 1 + 6 h) modulo 6: each is a
// trapezium along the wheel, the others' shifted by a third.
Tensor hsv_to_rgb(const Tensor& x) {
  check_pictures("hsv_to_rgb", x, static_cast<std::size_t>(x.size(0)), true);
  minitorch::NoGrad no_grad;
  const Tensor hue = slice(x, 1, 0, 1), saturation = slice(x, 1, 1, 2), value = slice(x, 1, 2, 3);
  const Tensor starts = minitorch::tensor<double>(std::vector<double>{5, 3, 1}, {3, 1, 1}).to(x.device());
  const Tensor turned = (hue * 6 + starts) / 6, k = (turned - floor(turned)) * 6;
  return value - value * saturation * clamp(minimum(k, 4 - k), 0, 1);
}

Tensor shift_hue(const Tensor& x, const std::vector<double>& changes) {
  check_pictures("shift_hue", x, changes.size(), true);
  minitorch::NoGrad no_grad;
  const Tensor hsv = rgb_to_hsv(x), hue = slice(hsv, 1, 0, 1) + for_pictures(changes, x);
  return hsv_to_rgb(minitorch::cat({hue - floor(hue), slice(hsv, 1, 1, 3)}, 1));
}

}  // namespace fastcore
