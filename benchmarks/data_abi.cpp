// SPDX-License-Identifier: MIT
// Loading pictures and tables, timed: loaded by data.py, each case in a process of its own.
#include <chrono>
#include <string>

#include "fastcore/data/data_block.h"
#include "fastcore/frame/csv.h"
#include "minitorch/core/parallel.h"

namespace {

using namespace fastcore;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Grey digits as they are (size 0), or colour pictures through RandomResizedCrop, a flip and Normalize.
DataLoaders loaders(const std::string& folder, int size, int workers) {
  DataBlock block{.blocks = {ImageBlock{size ? PixelMode::rgb : PixelMode::grey}, CategoryBlock{}},
                  .get_items = get_image_files,
                  .splitter = EndSplitter{.valid_pct = 0.01},
                  .get_y = parent_label};
  if (size) {
    block.item_tfms = {RandomResizedCrop{.size = size, .min_scale = 0.35}, FlipItem{}};
    block.batch_tfms = Normalize::from_stats(imagenet_stats);
  }
  return block.dataloaders(folder, {.bs = 64, .num_workers = workers});
}

}  // namespace

/// Goes through a folder of pictures again and again for about `seconds`. Returns pictures a second, or -1 on
/// an error, which is printed.
extern "C" double data_pictures(const char* folder, int size, int workers, double seconds) try {
  minitorch::set_num_threads(workers > 1 ? workers : 1);
  auto dls = loaders(folder, size, workers);
  dls.train().one_batch();
  int64_t pictures = 0;
  const auto start = Clock::now();
  while (since(start) < seconds)
    for (Batch& batch : dls.train()) pictures += batch.size();
  return static_cast<double>(pictures) / since(start);
} catch (const std::exception& error) {
  minitorch::report_error(error);
  return -1;
}

/// Reads a CSV file again and again for about `seconds`. Returns the seconds of the fastest reading, or -1.
extern "C" double data_csv(const char* file, int threads, double seconds) try {
  minitorch::set_num_threads(threads);
  double best = 1e9;
  const auto start = Clock::now();
  while (since(start) < seconds) {
    const auto before = Clock::now();
    const auto rows = read_csv(Path(file)).rows();
    if (rows > 0) best = std::min(best, since(before));
  }
  return best;
} catch (const std::exception& error) {
  minitorch::report_error(error);
  return -1;
}
