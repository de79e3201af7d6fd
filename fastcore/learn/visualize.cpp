// SPDX-License-Identifier: MIT
#include "fastcore/learn/visualize.h"

#include <algorithm>
#include <cmath>

#include "fastcore/data/image_tensors.h"
#include "fastcore/data/show_batch.h"
#include "fastcore/learn/default_callbacks.h"
#include "fastcore/learn/hooks.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/interpolate/interpolate.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"

namespace fastcore {
using namespace minitorch;

namespace {

// A layer's output, cut off from what made it, and the model's output on top of it.
struct CutAt {
  Tensor activation, output;
  CutAt(nn::Module& model, nn::Module& layer, const Tensor& x) {
    const Hooks hooks({&layer}, [this](nn::Module&, const nn::Tensors&, Tensor& out) {
      activation = out.detach().requires_grad_();
      out = activation;
    });
    output = model(x);
  }
};

Tensor shown(const Tensor& filter) {  // (1 or 3, h, w) from 0 to 1
  const Tensor part = filter.size(0) == 1 || filter.size(0) == 3 ? filter : mean(filter, {0}, true);
  const double low = amin(part).item(), high = amax(part).item();
  return (part - low) / std::max(high - low, 1e-12);
}

}  // namespace

void detail::check_maps(const char* what, const Tensor& activation) {
  if (!activation.defined())
    throw ValueError(format("[%s] the model does not use the layer", what), "choose one that forward calls");
  if (activation.dims() != 4)
    throw ShapeError(format("[%s] the layer gives %s: expected maps (n, channels, h, w)", what,
                            to_string(activation.shape()).c_str()),
                     "choose a layer before the pooling, the body's last one");
}

Tensor class_activation_map(nn::Module& model, nn::Module& layer, const Tensor& weight, const Tensor& x) {
  const NoGrad no_grad;
  const Scope evaluating = evaluation_mode(model);
  const Hook hook(layer);
  model(x);
  const Tensor a = hook.stored.detach();
  detail::check_maps("class_activation_map", a);
  const int64_t n = a.size(0), k = a.size(1), h = a.size(2), w = a.size(3);
  if (weight.dims() != 2 || weight.size(1) < k)
    throw ShapeError(format("[class_activation_map] a weight %s for a layer of %d channels",
                            to_string(weight.shape()).c_str(), static_cast<int>(k)),
                     "give the weight of the last linear layer: (classes, channels)");
  const Tensor own = slice(weight.detach(), 1, 0, k);  // (classes, k)
  Tensors maps;
  for (int64_t i = 0; i < n; ++i) maps.push_back(matmul(own, reshape(select(a, 0, i), {k, h * w})));
  return reshape(stack(maps), {n, own.size(0), h, w});
}

Tensor grad_cam(nn::Module& model, nn::Module& layer, const Tensor& x, int64_t cls) {
  const Scope evaluating = evaluation_mode(model), kept = gradients_kept(model);
  const CutAt cut(model, layer, x);
  detail::check_maps("grad_cam", cut.activation);
  sum(select(cut.output, 1, cls)).backward();
  const NoGrad no_grad;
  const Tensor weight = mean(cut.activation.grad(), {2, 3}, true);  // (n, k, 1, 1)
  return sum(weight * cut.activation.detach(), {1});
}

Image heat_overlay(const Image& picture, const Tensor& map, double alpha) {
  const NoGrad no_grad;
  if (map.dims() != 2)
    throw ShapeError("[heat_overlay] a map of shape " + to_string(map.shape()) + ": expected (h, w)",
                     "choose one of several: map.select(0, i)");
  Image mixed = picture.convert(PixelMode::rgb);
  const Tensor large = interpolate(reshape(map.detach().cpu(), {1, 1, map.size(0), map.size(1)}),
                                   {.size = {mixed.height(), mixed.width()}, .mode = Resample::kBilinear});
  const auto values = large.to_vector<float>();
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double range = std::max(static_cast<double>(*high) - *low, 1e-12);
  for (int y = 0; y < mixed.height(); ++y)
    for (int x = 0; x < mixed.width(); ++x) {
      const auto value = values[static_cast<std::size_t>(y) * static_cast<std::size_t>(mixed.width()) +
                                static_cast<std::size_t>(x)];
      const Rgb heat = map_color(ColorMap::viridis, (value - *low) / range);
      for (int c = 0; c < 3; ++c)
        mixed(y, x, c) = static_cast<uint8_t>(
            std::lround((1 - alpha) * mixed(y, x, c) + alpha * heat[static_cast<std::size_t>(c)]));
    }
  return mixed;
}

ImageGrid filter_grid(const Tensor& weight, int64_t max_n) {
  const NoGrad no_grad;
  if (weight.dims() != 4)
    throw ShapeError(
        "[filter_grid] a weight of shape " + to_string(weight.shape()) + ": expected (n, channels, h, w)",
        "give the weight of a convolution");
  ImageGrid grid;
  grid.cell = 60;
  for (int64_t i = 0; i < std::min(max_n, weight.size(0)); ++i)
    grid.items.push_back({to_image(shown(select(weight.detach().cpu(), 0, i)))});
  return grid;
}

}  // namespace fastcore
