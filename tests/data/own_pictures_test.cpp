// SPDX-License-Identifier: MIT
#include "fastcore/data/own_pictures.h"

#include <catch2/catch.hpp>

#include "fastcore/image/image.h"
#include "minitorch/core/errors.h"
#include "tests/data/pictures.h"

namespace fastcore {
namespace {

void draw(const Path& folder, const std::string& kind, int n) {
  for (int i = 0; i < n; ++i) {
    const Path file = folder / "images" / kind / (std::to_string(i) + ".png");
    file.parent().mkdir({.parents = true, .exist_ok = true});
    Image({4, 4}, 3, uint8_t{100}).save(file.str());
  }
}

}  // namespace

TEST_CASE("pictures of one's own: the kinds that there are, or what is missing") {
  const testing::NamedFolder folder("own");
  const std::string images = (folder.path / "images").str();
  CHECK_THROWS_WITH(own_kinds(folder.path), "no pictures in " + images);
  draw(folder.path, "dog", 6);
  CHECK_THROWS_WITH(own_kinds(folder.path), images + " holds one kind of pictures: dog");
  draw(folder.path, "cat", 4);
  CHECK_THROWS_WITH(own_kinds(folder.path),
                    images + "/cat holds 4: expected 5 pictures of each kind, or more");
  CHECK(own_kinds(folder.path, 4) == std::vector<std::string>{"cat", "dog"});
  draw(folder.path, "cat", 5);
  CHECK(own_kinds(folder.path) == std::vector<std::string>{"cat", "dog"});
}

}  // namespace fastcore
