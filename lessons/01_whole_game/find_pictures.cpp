// SPDX-License-Identifier: MIT
// Lesson 1, pictures of your own: searches the web for them, and removes what is no picture.
//
//     ./course lesson 1 find_pictures FOLDER bird forest
//     ./course lesson 1 --data FOLDER
#include <cstdio>

#include "fastcore/basics/web_images.h"
#include "fastcore/image/files.h"
#include "minitorch/core/errors.h"

using namespace minitorch;
using namespace fastcore;

//! [find]
static void find_pictures(const Path& path, const std::vector<std::string>& searches) {
  for (const std::string& o : searches) {
    const Path dest = path / "images" / o;
    download_images(dest, {.urls = search_images(o + " photo")});
    resize_images(dest, {.max_size = 400, .dest = dest});
    const auto failed = verify_images(get_image_files(dest));
    for (const Path& file : failed) file.unlink();
    std::printf("%s: %d pictures in %s\n", o.c_str(), int(get_image_files(dest).size()), dest.c_str());
  }
}
//! [find]

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr,
                 "error: into which folder, and pictures of what?\n"
                 "try:   ./course lesson 1 find_pictures my_pictures bird forest\n");
    return 2;
  }
  try {
    find_pictures(argv[1], {argv + 2, argv + argc});
    std::printf("now look at them, delete what does not belong there, and: ./course lesson 1 --data %s\n",
                argv[1]);
    return 0;
  } catch (const std::exception& error) { return report_error(error); }
}
