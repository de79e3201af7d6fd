// SPDX-License-Identifier: MIT
#include "fastcore/data/own_pictures.h"

#include <map>

#include "fastcore/data/getters.h"
#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::format;

std::vector<std::string> own_kinds(const Path& path, int64_t least) {
  const Path images = path / "images";
  std::map<std::string, int64_t> counts;
  if (images.exists())
    for (const Path& file : get_image_files(images)) ++counts[parent_label(file)];
  if (counts.empty())
    throw minitorch::FileError("no pictures in " + images.str(),
                               "a folder for each kind: " + (images / "KIND" / "NAME.jpg").str());
  if (counts.size() == 1)
    throw minitorch::ValueError(
        format("%s holds one kind of pictures: %s", images.c_str(), counts.begin()->first.c_str()),
        "two kinds or more, each in a folder of its own");
  std::vector<std::string> kinds;
  for (const auto& [kind, count] : counts) {
    if (count < least)
      throw minitorch::ValueError(format("%s holds %d: expected %d pictures of each kind, or more",
                                         (images / kind).c_str(), int(count), int(least)),
                                  "more pictures there, or leave the folder out");
    kinds.push_back(kind);
  }
  return kinds;
}

}  // namespace fastcore
