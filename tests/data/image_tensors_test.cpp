// SPDX-License-Identifier: MIT
#include "fastcore/data/image_tensors.h"

#include <catch2/catch.hpp>

#include "minitorch/minitorch.h"
#include "tests/temp_folder.h"

using namespace minitorch;
using namespace fastcore;

TEST_CASE("the pictures of folders are stacked, with their folder's place as class") {
  const TempFolder temp;
  const Path folder(temp.path);
  CHECK_THROWS_WITH(stack_class_folders(folder), Catch::Contains("holds no folders"));
  for (int kind = 0; kind < 2; ++kind)
    for (int i = 0; i < 3; ++i) {
      const Path file = folder / (kind ? "dog" : "cat") / (std::to_string(i) + ".png");
      file.parent().mkdir({.parents = true, .exist_ok = true});
      Image({2, 4}, 1, static_cast<uint8_t>(51 * (3 * kind + i))).save(file.str());
    }
  (folder / "notes.txt").write_text("no folder");

  const auto all = stack_class_folders(folder);
  CHECK(all.x.shape() == Shape{6, 1, 2, 4});
  CHECK(all.y.to_vector<int64_t>() == std::vector<int64_t>{0, 0, 0, 1, 1, 1});
  for (int64_t i = 0; i < 6; ++i) CHECK(all.x(i, 0, 1, 3).item() == Approx(0.2 * double(i)).margin(1e-6));

  const auto some = stack_class_folders(folder, {.begin = 1, .end = 3, .every = 2});
  CHECK(some.x.shape() == Shape{2, 1, 2, 4});
  CHECK(some.x(1, 0, 0, 0).item() == Approx(0.8));
  CHECK_THROWS_WITH(stack_class_folders(folder, {.begin = 3}),
                    Catch::EndsWith("cat holds 3 files, none of them from number 3 on"));

  Image({2, 5}, 1, 0).save((folder / "cat" / "9.png").str());
  CHECK_THROWS_WITH(stack_class_folders(folder), Catch::Contains("9.png is 2 x 5, the first is 2 x 4"));
}
