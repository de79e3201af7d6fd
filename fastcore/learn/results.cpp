// SPDX-License-Identifier: MIT
// Learner::show_results: what the model says beside what is true.
#include <algorithm>
#include <cmath>

#include "fastcore/basics/terminal.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/item_table.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/plot/show.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/movement/movement.h"

namespace fastcore {
using namespace minitorch;

namespace {

constexpr int64_t kMostMasks = 6;

// One item: its inputs, what is true and what was said.
struct Shown {
  std::vector<Value> x;
  Value truth, said;
};

// Masks, points and pictures stand side by side; labels and numbers one above the other, coloured.
ImageGrid grid_of(const std::vector<Shown>& items, const Targets& targets) {
  ImageGrid grid;
  const bool side_by_side = targets.kind == TargetKind::mask || targets.kind == TargetKind::points;
  if (side_by_side) grid = {.items = {}, .columns = 2, .title = "Target/Prediction"};
  for (const Shown& item : items) {
    if (side_by_side) {
      grid.items.push_back(grid_item(item.x, {item.truth}, targets));
      grid.items.push_back(grid_item(item.x, {item.said}, targets));
      continue;
    }
    GridItem one = grid_item(item.x, {}, targets);
    const std::string truth = short_text(item.truth), said = short_text(item.said);
    one.title = truth + "\n" + said;
    const bool judged = std::holds_alternative<Category>(item.said) ||
                        std::holds_alternative<MultiCategory>(item.said);  // else the loss has no answers
    if (judged) one.ink = truth == said ? Ink::good : Ink::bad;
    grid.items.push_back(std::move(one));
  }
  return grid;
}

std::vector<Shown> shown_items(const DataLoader& loader, const Batch& batch, const Tensor& decoded,
                               int64_t max_n) {
  const int64_t most = loader.targets().kind == TargetKind::mask ? std::min(max_n, kMostMasks) : max_n;
  std::vector<Shown> items;
  for (int64_t i = 0; i < std::min(batch.size(), most); ++i)
    items.push_back({loader.decode_x(batch, i), loader.decode_y(select(batch.y.at(0), 0, i)),
                     loader.decode_y(select(decoded, 0, i))});
  return items;
}

bool are_pictures(const std::vector<Shown>& items) {
  return !items.empty() && !items[0].x.empty() && is_picture(items[0].x[0]);
}

}  // namespace

ImageGrid results_grid(const DataLoader& loader, const Batch& batch, const Tensor& decoded, int64_t max_n) {
  const std::vector<Shown> items = shown_items(loader, batch, decoded, max_n);
  return are_pictures(items) ? grid_of(items, loader.targets()) : ImageGrid{};
}

void Learner::show_results(const ShowResultsOptions& o) {
  const Scope random = random_kept_in_fit(*this);
  const auto loader = (o.dl ? *o.dl : dls[o.ds_idx]).with({.shuffle = o.shuffle, .drop_last = false});
  const Batch batch = loader->one_batch();
  Predictions p;
  {
    const Scope silent = no_bar();
    p = get_preds(*batches_loader({batch}, loader->targets()), {.with_decoded = true});
  }
  const std::vector<Shown> items = shown_items(*loader, batch, p.decoded, o.max_n);
  if (are_pictures(items)) {
    const ImageGrid grid = grid_of(items, loader->targets());
    if (o.path.empty()) show(grid, "show_results");
    else grid.save(o.path);
  } else {
    Terminal::current().write_line(results_table(*loader, batch, p.decoded, o.max_n).text());
  }
}

}  // namespace fastcore
