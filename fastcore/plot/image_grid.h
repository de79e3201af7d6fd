// SPDX-License-Identifier: MIT
// Pictures side by side with titles: what show_batch, show_results and top losses put on the page.
#pragma once
#include <string>
#include <vector>

#include "fastcore/plot/canvas.h"

namespace fastcore {

/// A picture and what to write above it.
struct GridItem {
  Image image;
  std::string title = {};  ///< may have several lines
  Ink ink = Ink::text;     ///< of the title: Ink::good where the model was right, Ink::bad where it was wrong
};

/// Rows and columns for n pictures, as fastai lays them out: rows = int(sqrt(n)), columns = ceil(n / rows);
/// where one of the two is given (not 0), the other follows from it.
Size grid_shape(int n, int rows, int columns);

/// A grid of pictures, each as large as its cell allows with its shape kept. Small pictures keep hard pixels.
struct ImageGrid {
  std::vector<GridItem> items;
  int rows = 0, columns = 0;  ///< 0: see grid_shape
  std::string title = {};     ///< above all
  double cell = 150;          ///< the side of a cell in points

  std::string svg(SvgShade shade = SvgShade::light) const;
  Image draw(const PictureOptions& options = {}) const;
  /// Writes an .svg or a .png file, whole or not at all.
  /// @throws FileError when it cannot be written; ValueError for another ending
  void save(const std::string& path, const PictureOptions& options = {}) const;
};

/// A mask over its picture: out = (1 - alpha) picture + alpha colour, the 20 mask colours spread over the
/// codes 0 ... codes. (h, w, 1 or 3) and (h, w) -> (h, w, 3). @throws ShapeError when the sizes differ
Image overlay_mask(const Image& image, const Mask& mask, int codes, double alpha = 0.5);

/// The mask alone in its colours: (h, w) -> (h, w, 3).
Image mask_picture(const Mask& mask, int codes);

}  // namespace fastcore
