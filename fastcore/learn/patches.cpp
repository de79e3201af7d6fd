// SPDX-License-Identifier: MIT
// What excites a layer: PatchSearch and exciting_patches.
#include <algorithm>
#include <cmath>

#include "fastcore/data/show_batch.h"
#include "fastcore/learn/default_callbacks.h"
#include "fastcore/learn/hooks.h"
#include "fastcore/learn/visualize.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

/// What one output of a layer sees of the picture, and how far the next output's view lies from it.
struct PatchView {
  double top = 0, left = 0, height = 0, width = 0;  // of output (0, 0); may begin outside the picture
  double step_y = 1, step_x = 1;
};

namespace {

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
PatchView view_of_layer(nn::Module& model, nn::Module& layer, Shape picture, Device device) {
  const Scope kept = gradients_kept(model);
  Tensor stored;
  const Hooks hooks({&layer}, [&](nn::Module&, const nn::Tensors&, Tensor& out) { stored = out; });
  picture[0] = 8;
  Generator generator(0);
  const Tensor noise = empty(picture);
  generator.fill_normal(noise.data<float>(), noise.numel());
  const auto gradients_of = [&](int64_t before) {  // (H, W)
    const Tensor x = noise.to(device).detach().requires_grad_();
    model(x);
    detail::check_maps("exciting_patches", stored);
    const int64_t y = std::max<int64_t>(stored.size(2) / 2 - before, 0),
                  i = std::max<int64_t>(stored.size(3) / 2 - before, 0);
    sum(select(select(stored, 2, y), 2, i)).backward();
    return amax(x.grad().abs(), {0, 1}).cpu();
  };
  const Tensor middle = gradients_of(0), neighbour = gradients_of(1);
  const NoGrad no_grad;
  const Span y = span_of(middle, 0), x = span_of(middle, 1);
  const int64_t h = stored.size(2), w = stored.size(3);
  PatchView view{.height = double(y.end - y.begin), .width = double(x.end - x.begin)};
  view.step_y = step_between(span_of(neighbour, 0), y, picture[2], h);
  view.step_x = step_between(span_of(neighbour, 1), x, picture[3], w);
  view.top = double(y.begin) - view.step_y * double(h / 2);
  view.left = double(x.begin) - view.step_x * double(w / 2);
  return view;
}

Image cropped(const Image& image, int top, int left, int height, int width) {
  Image part = Image::uninitialized({height, width}, image.channels());
  for (int y = 0; y < height; ++y)
    std::copy_n(image.row(top + y) + int64_t{left} * image.channels(), int64_t{width} * image.channels(),
                part.row(y));
  return part;
}

// The part of a picture that output (y, x) sees: less at the border. The picture may be larger than its
// tensor.
Image seen(const Image& picture, const PatchView& view, int64_t y, int64_t x, const Shape& tensor) {
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

struct PatchSearch::Excited {
  float strength;
  Image part;
};

struct PatchSearch::Layer {
  nn::Module* module;
  std::optional<PatchView> view = {};
  std::vector<std::vector<Excited>> best = {};  // by channel, the strongest first
};

PatchSearch::PatchSearch(Learner& learn, const DataLoader& loader, const std::vector<nn::Module*>& layers,
                         PatchOptions options)
    : learn_(&learn), loader_(&loader), options_(options) {
  for (nn::Module* layer : layers) layers_.push_back({layer});
}
PatchSearch::~PatchSearch() = default;

void PatchSearch::add(const Batch& batch) {
  const Scope evaluating = evaluation_mode(*learn_->model);
  const Tensor x = batch.x.at(0).to(learn_->device);
  if (x.dims() != 4)
    throw ValueError("[exciting_patches] the inputs are " + to_string(x.shape()) +
                         ": expected pictures (n, channels, h, w)",
                     "it looks into nets that are given pictures");
  for (Layer& layer : layers_)
    if (!layer.view) layer.view = view_of_layer(*learn_->model, *layer.module, x.shape(), learn_->device);
  const NoGrad no_grad;
  std::vector<std::unique_ptr<Hook>> outputs;
  for (const Layer& layer : layers_) outputs.push_back(std::make_unique<Hook>(*layer.module));
  (*learn_->model)(x);
  std::vector<Image> pictures(static_cast<std::size_t>(batch.size()));  // those that are needed
  const auto picture = [&](int64_t i) -> const Image& {
    Image& one = pictures[static_cast<std::size_t>(i)];
    if (one.empty()) one = grid_item(loader_->decode_x(batch, i), {}, {}).image;
    return one;
  };
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    detail::check_maps("exciting_patches", outputs[l]->stored);
    add_maps(layers_[l], outputs[l]->stored.detach().cpu(), picture, x.shape());
  }
}

// Of each picture and channel only the largest output counts.
void PatchSearch::add_maps(Layer& layer, const Tensor& maps, const PictureOf& picture, const Shape& tensor) {
  const int64_t channels = std::min(options_.channels, maps.size(1)), w = maps.size(3);
  const Tensor flat = reshape(slice(maps, 1, 0, channels), {maps.size(0), channels, maps.size(2) * w});
  const auto peaks = max(flat, 2);
  const auto strength = peaks.values.to_vector<float>();
  const auto places = peaks.indices.to_vector<int64_t>();
  layer.best.resize(static_cast<std::size_t>(channels));
  for (int64_t i = 0; i < maps.size(0); ++i)
    for (int64_t c = 0; c < channels; ++c) {
      const auto at = static_cast<std::size_t>(i * channels + c);
      auto& row = layer.best[static_cast<std::size_t>(c)];
      const bool full = static_cast<int64_t>(row.size()) == options_.k;
      if (full && row.back().strength >= strength[at]) continue;
      if (full) row.pop_back();
      const auto after =
          std::find_if(row.begin(), row.end(), [&](auto& e) { return e.strength < strength[at]; });
      row.insert(after,
                 {strength[at], seen(picture(i), *layer.view, places[at] / w, places[at] % w, tensor)});
    }
}

std::vector<ImageGrid> PatchSearch::grids() const {
  std::vector<ImageGrid> grids;
  for (const Layer& layer : layers_) {
    ImageGrid grid{.items = {}, .rows = 0, .columns = static_cast<int>(options_.k)};
    grid.cell = 60;
    for (const auto& row : layer.best)
      for (const Excited& e : row) grid.items.push_back({e.part});
    grids.push_back(std::move(grid));
  }
  return grids;
}

ImageGrid exciting_patches(Learner& learn, nn::Module& layer, const PatchOptions& o) {
  const auto loader = learn.dls[o.ds_idx].with({.shuffle = false, .drop_last = false});
  PatchSearch search(learn, *loader, {&layer}, o);
  int64_t batches = 0;
  for (const Batch& batch : *loader) {
    if (batches++ == o.max_batches) break;
    search.add(batch);
  }
  return search.grids().front();
}

}  // namespace fastcore
