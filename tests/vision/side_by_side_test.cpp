// SPDX-License-Identifier: MIT
// What lesson 7 shows of the pictures kept back, when they are fewer than it would show.
#include <catch2/catch.hpp>

#include "fastcore/basics/testing.h"
#include "fastcore/data/factories.h"
#include "lessons/07_segmentation/judge.h"
#include "tests/temp_folder.h"

TEST_CASE("as many pictures beside their masks as were kept back, four at most") {
  const TempFolder folder;
  const Path path(folder.path);
  for (const char* name : {"images", "masks"}) (path / name).mkdir();
  for (int i = 0; i < 10; ++i) {
    const std::string file = std::to_string(i) + ".png";
    Image({8, 8}, 3, 100).save((path / "images" / file).str());
    Image({8, 8}, 1, 1).save((path / "masks" / file).str());
  }
  const auto mask_of = [path](const Path& file) { return path / "masks" / file.name(); };
  const auto shown = [&](double valid_pct, int64_t every) {
    const std::vector<std::string> codes{"sky", "road"};
    const auto dls = SegmentationDataLoaders::from_label_func(path, get_image_files(path / "images"), mask_of,
                                                              codes, {.valid_pct = valid_pct, .bs = 2});
    const Tensor masks = ones({dls.valid().items(), 8, 8});
    const Judged net{"net", masks, masks, {}, 0, 0, 0};
    return side_by_side(dls.valid(), net, Legend(codes, {0.5, 0.5}), every).items.size();
  };
  CHECK(shown(0.2, 1) == 2 * 3);
  CHECK(shown(0.2, 0) == 2 * 3);  // every fourth part of two
  CHECK(shown(0.5, 1) == 4 * 3);
  CHECK(shown(0.8, 2) == 4 * 3);
}
