// SPDX-License-Identifier: MIT
// Lesson 2, the product: loads what the lesson exported and names the pictures given on the command line.
//
//     ./course lesson 2 name_pictures export.safetensors cat.jpg dog.jpg
#include <cstdio>

#include "fastcore/learn/export.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

//! [name]
static void name_pictures(const Path& file, const std::vector<std::string>& pictures) {
  auto learn = load_learner(file);
  const auto vocab = learn.dls.vocab();
  for (const std::string& picture : pictures) {
    const Tensor probs = learn.predict(Image::open(picture)).probs;
    const auto [best, kinds] = topk(probs, std::min<int64_t>(2, probs.numel()));  // the likeliest first
    std::printf("%s:", Path(picture).name().c_str());
    for (int64_t i = 0; i < best.numel(); ++i)
      std::printf("%s %s %.2f", i ? ", then" : "", vocab[kinds[i].item()].c_str(), best[i].item());
    std::printf("\n");
  }
}
//! [name]

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr,
                 "error: which learner, and which pictures?\n"
                 "try:   ./course lesson 2 name_pictures export.safetensors PICTURE...\n");
    return 2;
  }
  try {
    name_pictures(argv[1], {argv + 2, argv + argc});
    return 0;
  } catch (const std::exception& error) { return report_error(error); }
}
