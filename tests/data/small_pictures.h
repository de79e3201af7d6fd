// SPDX-License-Identifier: MIT
// The course's first DataBlock over a folder of a few small pictures, for tests of loaders.
#pragma once
#include "fastcore/data/data_block.h"
#include "tests/data/pictures.h"

namespace fastcore::testing {

inline DataBlock whole_game() {
  return {.blocks = {ImageBlock{}, CategoryBlock{}},
          .get_items = get_image_files,
          .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
          .get_y = parent_label,
          .item_tfms = {Resize{.size = 48, .method = squish}}};
}

// A few pictures of two kinds and two sizes.
inline void draw_pictures(const Path& folder, int n) {
  for (int i = 0; i < n; ++i) {
    const Path path = folder / (i % 2 ? "dark" : "light") / (std::to_string(i) + ".png");
    path.parent().mkdir({.parents = true, .exist_ok = true});
    Image({8 + i % 3, 10}, 3, static_cast<uint8_t>(i % 2 ? 40 : 200 + i)).save(path.str());
  }
}

}  // namespace fastcore::testing
