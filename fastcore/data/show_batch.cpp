// SPDX-License-Identifier: MIT
#include "fastcore/data/show_batch.h"

#include <algorithm>

#include "fastcore/basics/columns.h"
#include "fastcore/basics/helpers.h"
#include "fastcore/basics/terminal.h"
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

std::string numbers_text(const std::vector<double>& numbers) {
  std::string text;
  for (double x : numbers) text += (text.empty() ? "" : ", ") + number_text(x);
  return text;
}

// What can be said in a title; nothing of masks, points and large tensors.
std::string title_of(const Value& target) {
  if (const auto* one = std::get_if<Category>(&target)) return one->label;
  if (const auto* several = std::get_if<MultiCategory>(&target)) return join(several->labels, ";");
  if (const auto* words = std::get_if<std::string>(&target)) return *words;
  if (const auto* numbers = std::get_if<Numbers>(&target)) return numbers_text(numbers->values);
  if (const auto* tensor = std::get_if<minitorch::Tensor>(&target); tensor && tensor->numel() <= 4)
    return numbers_text(tensor->to_vector<double>());
  return "";
}

// Lays a target over the picture, or adds it to the title.
void add_target(GridItem& item, const Value& target, const Targets& targets) {
  if (const auto* mask = std::get_if<Mask>(&target))
    item.image = overlay_mask(item.image, *mask, static_cast<int>(targets.c ? targets.c : 20));
  else if (const auto* points = std::get_if<Points>(&target)) item.image = marked(item.image, *points);
  const std::string text = title_of(target);
  item.title += (item.title.empty() || text.empty() ? "" : "\n") + text;
}

// A value on one line: of a text its words as the model sees them.
std::string cell_of(const Value& value) {
  constexpr int kWidest = 60;
  std::string line;
  if (const auto* text = std::get_if<Text>(&value); text && !text->tokens.empty())
    line = join(text->tokens, " ");
  else line = title_of(value);
  std::string cell;
  for (const char c : line.empty() ? describe(value) : line)
    cell += c == '\n' ? std::string("\\n") : std::string(1, c);
  return shortened(cell, kWidest);
}

std::optional<Image> known_picture(const Value& value) {
  if (const auto* image = std::get_if<Image>(&value)) return *image;
  if (const auto* planes = std::get_if<TensorImage>(&value)) return to_image(planes->tensor);
  return {};
}

// A tensor of a picture's shape too: the input of a loader of tensors.
std::optional<Image> picture(const Value& value) {
  if (auto known = known_picture(value)) return known;
  const auto* tensor = std::get_if<minitorch::Tensor>(&value);
  const bool flat = tensor && (tensor->dims() == 2 || (tensor->dims() == 3 && tensor->size(0) <= 3));
  if (flat) return to_image(*tensor);
  return {};
}

// The inputs of an item, and behind them the targets that may be pictures, as an ImageBlock's are.
std::vector<Value> decoded_pictures(const DataLoader& loader, const Batch& batch, int64_t i,
                                    const std::vector<Targets>& targets) {
  Batch whole = batch;
  for (std::size_t k = 0; k < batch.y.size() && batch.y[k].dims() == 4; ++k) {
    if (k < targets.size() && targets[k].kind != TargetKind::none) break;
    whole.x.push_back(batch.y[k]);
  }
  return loader.decode_x(whole, i);
}

// The item's pictures behind the first have cells of their own to the right of it.
void add_others(ImageGrid& grid, const std::vector<Value>& values) {
  auto value = std::find_if(values.begin(), values.end(), [](auto& x) { return picture(x).has_value(); });
  while (value != values.end() && ++value != values.end())
    if (auto other = known_picture(*value)) grid.items.push_back({std::move(*other)});
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
  const std::vector<Targets> targets = loader.all_targets();
  int64_t n = std::min(batch.size(), std::max<int64_t>(options.max_n, 0));
  if (options.nrows > 0 && options.ncols > 0)
    n = std::min<int64_t>(n, int64_t{options.nrows} * options.ncols);
  for (int64_t i = 0; i < n; ++i) {
    const std::vector<Value> values = decoded_pictures(loader, batch, i, targets);
    GridItem item = grid_item(values, {}, {});
    for (std::size_t k = 0; k < batch.y.size(); ++k)
      add_target(item, loader.decode_y(batch.y[k].select(0, i), static_cast<int64_t>(k)),
                 k < targets.size() ? targets[k] : Targets{});
    grid.items.push_back(std::move(item));
    add_others(grid, values);
  }
  if (const int cells = static_cast<int>(grid.items.size()); cells > n) {
    const Size shape = grid_shape(static_cast<int>(n), grid.rows, grid.columns);
    grid.rows = shape.height;
    grid.columns = shape.width * cells / static_cast<int>(n);
  }
  return grid;
}

ImageGrid batch_grid(DataLoader& loader, const ShowOptions& options) {
  return batch_grid(loader, options.unique ? loader.unique_batch() : loader.one_batch(), options);
}

std::string batch_lines(const DataLoader& loader, const Batch& batch, int64_t max_n) {
  std::vector<std::vector<std::string>> rows(1);
  for (int64_t i = 0; i < std::min(batch.size(), max_n); ++i) {
    rows.emplace_back();
    const auto add = [&](const Value& value, const char* header) {
      if (i == 0) rows[0].emplace_back(header);
      rows.back().push_back(cell_of(value));
    };
    for (const Value& x : loader.decode_x(batch, i))
      add(x, std::holds_alternative<Text>(x) ? "text" : "input");
    for (std::size_t k = 0; k < batch.y.size(); ++k) {
      const Value y = loader.decode_y(batch.y[k].select(0, i), static_cast<int64_t>(k));
      add(y, std::holds_alternative<Text>(y)       ? "text_"
             : std::holds_alternative<Category>(y) ? "category"
                                                   : "target");
    }
  }
  return aligned(rows);
}

void DataLoader::show_batch(const ShowOptions& options) {
  const Batch batch = options.unique ? unique_batch() : one_batch();
  const auto first = decode_x(batch, 0);
  if (options.path.empty() && std::none_of(first.begin(), first.end(), [](auto& x) { return picture(x); })) {
    std::string lines = batch_lines(*this, batch, options.max_n);
    lines.pop_back();  // write_line ends the last one
    return Terminal::current().write_line(lines);
  }
  const ImageGrid grid = batch_grid(*this, batch, options);
  if (options.path.empty()) show(grid, "show_batch");
  else grid.save(options.path);
}

void DataLoader::show_batch() { show_batch(ShowOptions{}); }

}  // namespace fastcore
