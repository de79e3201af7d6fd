// SPDX-License-Identifier: MIT
#include "fastcore/plot/image_grid.h"

#include <algorithm>
#include <cmath>

#include "fastcore/image/resample.h"
#include "fastcore/plot/font.h"
#include "fastcore/plot/plot_layout.h"
#include "fastcore/plot/raster.h"
#include "fastcore/plot/svg.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

constexpr double kTitleSize = 14, kLine = 15, kSpace = 12;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at <= text.size() && !text.empty();) {
    size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct Layout {
  Size shape;
  double top, text, width, height;  // above the cells, above each picture, of the whole
  double cell_height;               // less than the width where all pictures are wide
};

Layout lay_out(const ImageGrid& grid) {
  Layout layout{grid_shape(static_cast<int>(grid.items.size()), grid.rows, grid.columns), 0, 0, 0, 0, 0};
  size_t most = 0;
  double tallest = 0;
  for (const GridItem& item : grid.items) {
    most = std::max(most, lines_of(item.title).size());
    if (!item.image.empty()) tallest = std::max(tallest, item.image.height() / double(item.image.width()));
  }
  layout.cell_height = grid.cell * (tallest > 0 ? std::min(tallest, 1.) : 1);
  layout.text = most ? static_cast<double>(most) * kLine + 4 : 0;
  const auto title_lines = static_cast<double>(lines_of(grid.title).size());
  layout.top = kSpace + title_lines * (kTitleSize + 6) + (title_lines > 0 && !most ? 4 : 0);
  layout.width = kSpace + layout.shape.width * (grid.cell + kSpace);
  layout.height = layout.top + layout.shape.height * (layout.cell_height + layout.text + kSpace);
  return layout;
}

// The largest box of the picture's shape in the cell.
Box fit(const Image& image, const Box& cell) {
  double scale = std::min(cell.width / image.width(), cell.height / image.height());
  double width = image.width() * scale, height = image.height() * scale;
  return {cell.x + (cell.width - width) / 2, cell.y + (cell.height - height) / 2, width, height};
}

// A large photo in a small cell need not be carried whole: twice the cell is sharp on any screen.
Image thumbnail(const Image& image, const Box& box) {
  Size size{static_cast<int>(std::lround(box.height * 2)), static_cast<int>(std::lround(box.width * 2))};
  if (size.height >= image.height() || size.height < 1 || size.width < 1) return image;
  return resize(image, size);
}

void draw_item(const GridItem& item, const Box& cell, double text_height, Canvas& canvas) {
  double y = cell.y - text_height;
  auto lines = lines_of(item.title);
  y += text_height - 4 -
       static_cast<double>(lines.size()) * kLine;  // short titles stand close to their picture
  for (const std::string& line : lines) {
    y += kLine;
    canvas.text({cell.x + cell.width / 2, y - 2}, fit_text(line, kTextSize, cell.width + kSpace - 2),
                {kTextSize, {.ink = item.ink}, Align::middle});
  }
  if (item.image.empty()) return;
  Box box = fit(item.image, cell);
  const bool tiny = item.image.height() < 64;
  canvas.picture(box, thumbnail(item.image.convert(PixelMode::rgb), box), !tiny);
  if (!tiny)
    return;  // around a tiny one a frame, or white or black pixels at its edge would be lost on the page
  const double left = box.x - 0.5, right = box.right() + 0.5, top = box.y - 0.5, bottom = box.bottom() + 0.5;
  canvas.polyline({{left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}},
                  {.ink = Ink::frame}, 0.75, 0);
}

void draw_grid(const ImageGrid& grid, const Layout& layout, Canvas& canvas) {
  canvas.rectangle({0, 0, layout.width, layout.height}, {.ink = Ink::paper});
  double y = kSpace;
  for (const std::string& line : lines_of(grid.title)) {
    canvas.text({layout.width / 2, y += kTitleSize}, fit_text(line, kTitleSize, layout.width - 8),
                {kTitleSize, {.ink = Ink::text}, Align::middle});
    y += 6;
  }
  for (size_t i = 0; i < grid.items.size(); ++i) {
    int row = static_cast<int>(i) / layout.shape.width, column = static_cast<int>(i) % layout.shape.width;
    double x = kSpace + column * (grid.cell + kSpace);
    double top = layout.top + row * (layout.cell_height + layout.text + kSpace) + layout.text;
    if (row < layout.shape.height)
      draw_item(grid.items[i], {x, top, grid.cell, layout.cell_height}, layout.text, canvas);
  }
}

}  // namespace

Size grid_shape(int n, int rows, int columns) {
  if (n < 1) return {0, 0};
  if (rows > 0 && columns <= 0) columns = (n + rows - 1) / rows;
  if (columns > 0 && rows <= 0) rows = (n + columns - 1) / columns;
  if (rows <= 0) {
    rows = static_cast<int>(std::sqrt(static_cast<double>(n)));
    columns = (n + rows - 1) / rows;
  }
  return {rows, columns};
}

std::string ImageGrid::svg(SvgShade shade) const {
  Layout layout = lay_out(*this);
  SvgCanvas canvas(layout.width, layout.height, shade);
  draw_grid(*this, layout, canvas);
  return canvas.finish(title);
}

Image ImageGrid::draw(const PictureOptions& options) const {
  Layout layout = lay_out(*this);
  RasterCanvas canvas(layout.width, layout.height, options);
  draw_grid(*this, layout, canvas);
  return canvas.image();
}

void ImageGrid::save(const std::string& path, const PictureOptions& options) const {
  if (path.ends_with(".svg"))
    write_text_file(path, svg(options.shade == Shade::dark ? SvgShade::dark : SvgShade::light));
  else if (path.ends_with(".png")) draw(options).save(path);
  else
    throw minitorch::ValueError("[ImageGrid::save] " + path + ": unknown ending",
                                "end the name in .svg or .png");
}

Image mask_picture(const Mask& mask, int codes) {
  Image out = Image::uninitialized(mask.size(), 3);
  for (int64_t i = 0; i < mask.codes().bytes(); ++i) {
    Rgb color = mask_color(mask.codes().data()[i], codes);
    std::copy(color.begin(), color.end(), out.data() + 3 * i);
  }
  return out;
}

Image overlay_mask(const Image& image, const Mask& mask, int codes, double alpha) {
  if (image.size() != mask.size())
    throw minitorch::ShapeError(minitorch::format(
        "[overlay_mask] a picture of %d x %d and a mask of %d x %d: both need the same size", image.height(),
        image.width(), mask.height(), mask.width()));
  Image out = image.convert(PixelMode::rgb), colors = mask_picture(mask, codes);
  for (int64_t i = 0; i < out.bytes(); ++i)
    out.data()[i] = static_cast<uint8_t>(std::lround((1 - alpha) * out.data()[i] + alpha * colors.data()[i]));
  return out;
}

}  // namespace fastcore
