// SPDX-License-Identifier: MIT
// Masks as pictures: a colour for each kind of pixel that occurs, no two alike, and a legend that says which.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/basics/l.h"
#include "fastcore/basics/path.h"
#include "fastcore/image/palette.h"
#include "fastcore/plot/image_grid.h"
#include "minitorch/minitorch.h"

/// The share of each code among the pixels of all masks.
inline std::vector<double> pixel_shares(const fastcore::L<fastcore::Path>& masks, int64_t codes) {
  std::vector<double> shares(static_cast<std::size_t>(codes), 0);
  double all = 0;
  for (const fastcore::Path& file : masks) {
    const fastcore::Mask mask = fastcore::Mask::open(file.str());
    mask.check_codes(static_cast<int>(codes), file.str());
    for (int y = 0; y < mask.height(); ++y)
      for (int x = 0; x < mask.width(); ++x) ++shares[mask(y, x)], ++all;
  }
  for (double& share : shares) share /= all;
  return shares;
}

class Legend {
 public:
  /// Codes without a share of the pixels get no colour and no place in the legend.
  Legend(std::vector<std::string> codes, const std::vector<double>& shares) : codes_(std::move(codes)) {
    for (double share : shares) place_.push_back(share > 0 ? kinds_++ : -1);
  }

  /// A mask (h, w) of codes in the legend's colours. What occurs in no mask, and was said all the same, is
  /// black.
  fastcore::Image picture(const minitorch::Tensor& mask) const {
    const auto values = mask.to_vector<double>();
    const fastcore::Size size{static_cast<int>(mask.size(0)), static_cast<int>(mask.size(1))};
    fastcore::Image out = fastcore::Image::uninitialized(size, 3);
    for (std::size_t i = 0; i < values.size(); ++i) paint(out, i, static_cast<std::size_t>(values[i]));
    return out;
  }

  /// A patch of each colour under its name.
  fastcore::ImageGrid grid() const {
    fastcore::ImageGrid grid{.items = {}, .columns = 6, .cell = 100};
    for (std::size_t code = 0; code < place_.size(); ++code) {
      if (place_[code] < 0) continue;
      fastcore::Image patch({3, 5}, 3, 0);
      for (std::size_t i = 0; i < 15; ++i) paint(patch, i, code);
      grid.items.push_back({patch, codes_[code]});
    }
    return grid;
  }

 private:
  void paint(fastcore::Image& image, std::size_t pixel, std::size_t code) const {
    const int place = place_[code];
    const fastcore::Rgb color =
        place < 0 ? fastcore::Rgb{0, 0, 0} : fastcore::kMaskColors[static_cast<std::size_t>(place) % 20];
    for (std::size_t c = 0; c < 3; ++c) image.data()[3 * pixel + c] = color[c];
  }

  std::vector<std::string> codes_;
  std::vector<int> place_;
  int kinds_ = 0;
};
