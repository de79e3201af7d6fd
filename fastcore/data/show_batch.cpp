// SPDX-License-Identifier: MIT
#include "fastcore/data/show_batch.h"

#include <algorithm>

#include "fastcore/basics/helpers.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/plot/show.h"

namespace fastcore {
namespace {

// A white square in a black frame about each point.
Image marked(Image image, const Points& points) {
  image = image.convert(PixelMode::rgb);
  const auto xy = points.xy.to_vector<double>();
  const Size unit = points.picture;
  const int r = std::max(1, std::min(image.height(), image.width()) / 60);
  for (std::size_t i = 0; i + 1 < xy.size(); i += 2) {
    const bool scaled = unit == Size{0, 0};
    const double x = scaled ? (xy[i] + 1) / 2 * image.width() : xy[i] * image.width() / unit.width;
    const double y = scaled ? (xy[i + 1] + 1) / 2 * image.height() : xy[i + 1] * image.height() / unit.height;
    for (int dy = -2 * r; dy <= 2 * r; ++dy)
      for (int dx = -2 * r; dx <= 2 * r; ++dx) {
        const int row = static_cast<int>(y) + dy, column = static_cast<int>(x) + dx;
        if (row < 0 || column < 0 || row >= image.height() || column >= image.width()) continue;
        const bool inside = std::max(std::abs(dx), std::abs(dy)) <= r;
        for (int c = 0; c < 3; ++c) image(row, column, c) = inside ? 255 : 0;
      }
  }
  return image;
}

std::string number_text(double x) { return minitorch::format("%.4g", x); }

// Lays a target over the picture, or adds it to the title.
void add_target(GridItem& item, const Value& target, const Targets& targets) {
  std::string text;
  if (const auto* one = std::get_if<Category>(&target)) text = one->label;
  else if (const auto* several = std::get_if<MultiCategory>(&target)) text = join(several->labels, ";");
  else if (const auto* words = std::get_if<std::string>(&target)) text = *words;
  else if (const auto* mask = std::get_if<Mask>(&target))
    item.image = overlay_mask(item.image, *mask, static_cast<int>(targets.c ? targets.c : 20));
  else if (const auto* points = std::get_if<Points>(&target)) item.image = marked(item.image, *points);
  else if (const auto* numbers = std::get_if<Numbers>(&target))
    for (double x : numbers->values) text += (text.empty() ? "" : ", ") + number_text(x);
  else if (const auto* tensor = std::get_if<minitorch::Tensor>(&target); tensor && tensor->numel() <= 4)
    for (double x : tensor->to_vector<double>()) text += (text.empty() ? "" : ", ") + number_text(x);
  item.title += (item.title.empty() || text.empty() ? "" : "\n") + text;
}

std::optional<Image> picture(const Value& value) {
  if (const auto* image = std::get_if<Image>(&value)) return *image;
  if (const auto* planes = std::get_if<TensorImage>(&value)) return to_image(planes->tensor);
  const auto* tensor = std::get_if<minitorch::Tensor>(&value);
  const bool flat = tensor && (tensor->dims() == 2 || (tensor->dims() == 3 && tensor->size(0) <= 3));
  if (flat) return to_image(*tensor);
  return {};
}

}  // namespace

GridItem grid_item(const std::vector<Value>& x, const std::vector<Value>& y, const Targets& targets) {
  GridItem item;
  for (const Value& value : x)
    if (auto found = picture(value)) {
      item.image = std::move(*found);
      break;
    }
  if (item.image.empty())
    throw minitorch::ValueError(
        "[show_batch] there is no picture among the inputs: " + (x.empty() ? "none" : describe(x.front())),
        "print them instead: print(describe(value))");
  for (const Value& target : y) add_target(item, target, targets);
  return item;
}

ImageGrid batch_grid(const DataLoader& loader, const Batch& batch, const ShowOptions& options) {
  ImageGrid grid{.items = {}, .rows = options.nrows, .columns = options.ncols, .title = options.title};
  const Targets targets = loader.targets();
  int64_t n = std::min(batch.size(), std::max<int64_t>(options.max_n, 0));
  if (options.nrows > 0 && options.ncols > 0)
    n = std::min<int64_t>(n, int64_t{options.nrows} * options.ncols);
  for (int64_t i = 0; i < n; ++i) {
    std::vector<Value> y;
    for (const auto& target : batch.y) y.push_back(loader.decode_y(target.select(0, i)));
    grid.items.push_back(grid_item(loader.decode_x(batch, i), y, targets));
  }
  return grid;
}

ImageGrid batch_grid(DataLoader& loader, const ShowOptions& options) {
  return batch_grid(loader, options.unique ? loader.unique_batch() : loader.one_batch(), options);
}

void DataLoader::show_batch(const ShowOptions& options) {
  const ImageGrid grid = batch_grid(*this, options);
  if (options.path.empty()) show(grid, "show_batch");
  else grid.save(options.path);
}

void DataLoader::show_batch() { show_batch(ShowOptions{}); }

}  // namespace fastcore
