// SPDX-License-Identifier: MIT
#include "fastcore/learn/visualize.h"

#include <algorithm>
#include <cmath>

#include "fastcore/data/image_tensors.h"
#include "fastcore/data/show_batch.h"
#include "fastcore/learn/hooks.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/interpolate/interpolate.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

namespace {

// The model answers as in validation while this lives.
struct Evaluating {
  nn::Module& model;
  bool before;
  explicit Evaluating(nn::Module& m) : model(m), before(m.is_training()) { model.eval(); }
  ~Evaluating() { model.train(before); }
};

// Gradients of the weights are as they were once this is gone.
struct KeepGradients {
  std::vector<std::pair<Tensor, Tensor>> before;
  explicit KeepGradients(nn::Module& model) {
    for (const Tensor& p : model.parameters())
      if (p.requires_grad()) before.emplace_back(p, p.grad().defined() ? p.grad().clone() : Tensor());
  }
  ~KeepGradients() {
    for (const auto& [p, gradient] : before) p.set_grad(gradient);
  }
};

void check_maps(const char* what, const Tensor& activation) {
  if (activation.dims() != 4)
    throw ShapeError(format("[%s] the layer gives %s: expected maps (n, channels, h, w)", what,
                            to_string(activation.shape()).c_str()),
                     "choose a layer before the pooling, the body's last one");
}

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

Image cropped(const Image& image, int top, int left, int height, int width) {
  Image part = Image::uninitialized({height, width}, image.channels());
  for (int y = 0; y < height; ++y)
    std::copy_n(image.row(top + y) + int64_t{left} * image.channels(), int64_t{width} * image.channels(),
                part.row(y));
  return part;
}

}  // namespace

Tensor class_activation_map(nn::Module& model, nn::Module& layer, const Tensor& weight, const Tensor& x) {
  const NoGrad no_grad;
  const Evaluating quiet(model);
  const Hook hook(layer);
  model(x);
  const Tensor a = hook.stored.detach();
  check_maps("class_activation_map", a);
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
  const Evaluating quiet(model);
  const KeepGradients kept(model);
  const CutAt cut(model, layer, x);
  check_maps("grad_cam", cut.activation);
  sum(select(cut.output, 1, cls)).backward();
  const NoGrad no_grad;
  const Tensor weight = mean(cut.activation.grad(), {2, 3}, true);  // (n, k, 1, 1)
  return sum(weight * cut.activation.detach(), {1});
}

Image heat_overlay(const Image& picture, const Tensor& map, double alpha) {
  const NoGrad no_grad;
  if (map.dims() != 2)
    throw ShapeError("[heat_overlay] a map of shape " + to_string(map.shape()) + ": expected (h, w)");
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
    throw ShapeError("[filter_grid] a weight of shape " + to_string(weight.shape()) +
                     ": expected (n, channels, h, w)");
  ImageGrid grid;
  grid.cell = 60;
  for (int64_t i = 0; i < std::min(max_n, weight.size(0)); ++i)
    grid.items.push_back({to_image(shown(select(weight.detach().cpu(), 0, i)))});
  return grid;
}

namespace {

/// What one output of a layer sees of the picture, and how far the next output's view lies from it.
struct View {
  double top = 0, left = 0, height = 0, width = 0;  // of output (0, 0); may begin outside the picture
  double step_y = 1, step_x = 1;
};

struct Span {
  int64_t begin = 0, end = 0;
};

// Along one axis of the picture: where the gradients (H, W) are not 0; all of it where they are 0 everywhere.
Span span_of(const Tensor& gradients, int axis) {
  const auto along = amax(gradients, {1 - axis}).to_vector<float>();
  const auto first = std::find_if(along.begin(), along.end(), [](float g) { return g != 0; });
  const auto last = std::find_if(along.rbegin(), along.rend(), [](float g) { return g != 0; });
  if (first == along.end()) return {0, static_cast<int64_t>(along.size())};
  return {first - along.begin(), along.rend() - last};
}

// How far the views of neighbours lie apart. A side that ends with the picture says nothing about it; where
// both do, it follows from the sizes.
double step_between(const Span& before, const Span& after, int64_t pixels, int64_t outputs) {
  if (outputs > 1 && before.begin > 0) return static_cast<double>(after.begin - before.begin);
  if (outputs > 1 && after.end < pixels) return static_cast<double>(after.end - before.end);
  return static_cast<double>(pixels) / static_cast<double>(outputs);
}

// The pixels of noise whose gradient, from the output in the middle of the layer's maps, is not 0; and from
// its neighbour before it. A ReLU or a pooling passes a gradient on to some pixels only: several pictures
// show all.
View view_of_layer(nn::Module& model, nn::Module& layer, Shape picture, Device device) {
  const KeepGradients kept(model);
  Tensor stored;
  const Hooks hooks({&layer}, [&](nn::Module&, const nn::Tensors&, Tensor& out) { stored = out; });
  picture[0] = 8;
  Generator generator(0);
  const Tensor noise = empty(picture);
  generator.fill_normal(noise.data<float>(), noise.numel());
  const auto gradients_of = [&](int64_t before) {  // (H, W)
    const Tensor x = noise.to(device).detach().requires_grad_();
    model(x);
    check_maps("exciting_patches", stored);
    const int64_t y = std::max<int64_t>(stored.size(2) / 2 - before, 0),
                  i = std::max<int64_t>(stored.size(3) / 2 - before, 0);
    sum(select(select(stored, 2, y), 2, i)).backward();
    return amax(x.grad().abs(), {0, 1}).cpu();
  };
  const Tensor middle = gradients_of(0), neighbour = gradients_of(1);
  const NoGrad no_grad;
  const Span y = span_of(middle, 0), x = span_of(middle, 1);
  const int64_t h = stored.size(2), w = stored.size(3);
  View view{.height = double(y.end - y.begin), .width = double(x.end - x.begin)};
  view.step_y = step_between(span_of(neighbour, 0), y, picture[2], h);
  view.step_x = step_between(span_of(neighbour, 1), x, picture[3], w);
  view.top = double(y.begin) - view.step_y * double(h / 2);
  view.left = double(x.begin) - view.step_x * double(w / 2);
  return view;
}

struct Excited {
  float strength;
  Image part;
};

// The part of a picture that output (y, x) sees: less at the border. The picture may be larger than its
// tensor.
Image seen(const Image& picture, const View& view, int64_t y, int64_t x, const Shape& tensor) {
  const double zoom_y = double(picture.height()) / double(tensor[2]),
               zoom_x = double(picture.width()) / double(tensor[3]);
  const auto place = [](double from, double size, double zoom, int limit) {
    const int a = std::clamp(static_cast<int>(std::lround(from * zoom)), 0, limit - 1);
    const int b = std::clamp(static_cast<int>(std::lround((from + size) * zoom)), a + 1, limit);
    return std::pair(a, b - a);
  };
  const auto [top, height] = place(view.top + double(y) * view.step_y, view.height, zoom_y, picture.height());
  const auto [left, width] = place(view.left + double(x) * view.step_x, view.width, zoom_x, picture.width());
  return cropped(picture, top, left, height, width);
}

}  // namespace

ImageGrid exciting_patches(Learner& learn, nn::Module& layer, const PatchOptions& o) {
  const Evaluating quiet(*learn.model);
  const auto loader = learn.dls[o.ds_idx].with({.shuffle = false, .drop_last = false});
  std::vector<std::vector<Excited>> best;  // by channel, the strongest first
  std::optional<View> view;
  int64_t batches = 0;
  for (Batch& batch : *loader) {
    if (batches++ == o.max_batches) break;
    const Tensor x = batch.x.at(0).to(learn.device);
    if (x.dims() != 4)
      throw ValueError("[exciting_patches] the inputs are " + to_string(x.shape()) +
                       ": expected pictures (n, channels, h, w)");
    if (!view) view = view_of_layer(*learn.model, layer, x.shape(), learn.device);
    const NoGrad no_grad;
    const Hook hook(layer);
    (*learn.model)(x);
    check_maps("exciting_patches", hook.stored);
    const Tensor maps = hook.stored.detach().cpu();
    const int64_t channels = std::min(o.channels, maps.size(1)), w = maps.size(3);
    const Tensor flat = reshape(slice(maps, 1, 0, channels), {maps.size(0), channels, maps.size(2) * w});
    const auto peaks = max(flat, 2);
    const auto strength = peaks.values.to_vector<float>();
    const auto places = peaks.indices.to_vector<int64_t>();
    best.resize(static_cast<std::size_t>(channels));
    for (int64_t i = 0; i < maps.size(0); ++i) {
      Image picture;
      for (int64_t c = 0; c < channels; ++c) {
        const auto at = static_cast<std::size_t>(i * channels + c);
        auto& row = best[static_cast<std::size_t>(c)];
        const bool full = static_cast<int64_t>(row.size()) == o.k;
        if (full && row.back().strength >= strength[at]) continue;
        if (picture.empty()) picture = grid_item(loader->decode_x(batch, i), {}, {}).image;
        if (full) row.pop_back();
        const auto after =
            std::find_if(row.begin(), row.end(), [&](auto& e) { return e.strength < strength[at]; });
        row.insert(after, {strength[at], seen(picture, *view, places[at] / w, places[at] % w, x.shape())});
      }
    }
  }
  ImageGrid grid{.items = {}, .rows = 0, .columns = static_cast<int>(o.k)};
  grid.cell = 60;
  for (const auto& row : best)
    for (const Excited& e : row) grid.items.push_back({e.part});
  return grid;
}

}  // namespace fastcore
