// SPDX-License-Identifier: MIT
#include "fastcore/data/data_block.h"

#include <algorithm>

namespace fastcore {
using minitorch::ValueError;

namespace {

std::string count(int64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

void check_getters(const char* name, int64_t getters, int64_t wanted, const char* what) {
  if (getters == 0 || getters == wanted) return;
  throw ValueError(std::string("[DataBlock] ") + name + " has " + count(getters, "function") + " for " +
                       count(wanted, what),
                   wanted == 0
                       ? "a block for each says what it gives: .blocks = {ImageBlock{}, CategoryBlock{}}"
                       : "give one for each: ." + std::string(name) + " = {first, second}");
}

// A getter that does not take the items would leave them as they are: an error far from its cause.
void check_takes(const char* name, const Transforms& getters, const Items& items) {
  for (const Transform& getter : getters)
    if (getter && !getter.takes(items[0]))
      throw ValueError("[DataBlock] " + std::string(name) + " (" + getter.name() + ") does not take " +
                           describe(items[0]) + " (" + type_of(items[0]) + ")",
                       "let its parameter be that type: [](const " + type_of(items[0]) + "& item) { ... }");
}

// A loader for each split; `loader` holds its transforms. Without `make` they are ItemLoaders.
DataLoaders loaders_of(Datasets data, ItemLoaderOptions loader, const DataLoadersOptions& options,
                       const LoaderMaker& make = {}) {
  const auto dsets = std::make_shared<const Datasets>(std::move(data));
  loader.bs = options.bs;
  loader.shuffle = options.shuffle;
  loader.drop_last = options.drop_last.value_or(options.shuffle);
  loader.num_workers = options.num_workers;
  loader.split = 0;
  loader.device = options.device;
  std::vector<int64_t> training = dsets->split(0);
  if (options.n && *options.n < static_cast<int64_t>(training.size()))
    training.resize(static_cast<std::size_t>(std::max<int64_t>(*options.n, 0)));
  std::vector<DataLoaders::LoaderPtr> loaders;
  const auto add_loader = [&](const std::vector<int64_t>& places) {
    loaders.push_back(make ? make(dsets, places, loader)
                           : std::make_shared<ItemLoader>(dsets, places, loader));
  };
  add_loader(training);
  if (const auto train = std::dynamic_pointer_cast<ItemLoader>(loaders[0])) {
    train->set_up_batch_tfms();
    loader.after_batch = train->options().after_batch;
  }
  loader.bs = options.val_bs.value_or(options.bs);
  loader.shuffle = loader.drop_last = false;
  loader.split = 1;
  for (int64_t i = 1; i < dsets->n_splits(); ++i) add_loader(dsets->split(i));
  return DataLoaders(std::move(loaders), options.path);
}

}  // namespace

ItemSource::ItemSource(Items items) : items_(std::move(items)) {}
ItemSource::ItemSource(const L<Path>& files) : items_(files) {}
GetItems::GetItems(L<Path> (*function)(const Path&))
    : GetItems([function](const Path& folder) { return function(folder); }) {}

ItemSource::ItemSource(const DataFrame& table) : items_(rows_of(table)) {}

std::string ItemSource::repr() const {
  return path_ ? path_->str() : "a list of " + count(items_.size(), "item");
}

int64_t DataBlock::inputs() const {
  return n_inp > 0 ? n_inp : std::max<int64_t>(1, static_cast<int64_t>(blocks.size()) - 1);
}

Items DataBlock::find_items(const ItemSource& source) const {
  if (source.path() && !get_items)
    throw ValueError("[DataBlock] no get_items: what are the items of " + source.path()->str() + "?",
                     ".get_items = get_image_files, or give a list instead of a folder");
  Items items = source.items();
  if (get_items) {
    if (!source.path())
      throw ValueError("[DataBlock] get_items looks into a folder, but was given " + source.repr(),
                       "leave get_items out");
    items = get_items(*source.path());
  }
  if (items.empty())
    throw ValueError("[DataBlock] no items in " + source.repr(),
                     "look at what is there: print(path.ls()); get_image_files finds files by their suffix");
  return items;
}

Splits DataBlock::split(const Items& items) const {
  Splits splits = splitter ? splitter(items) : RandomSplitter{}(items);
  for (const auto& places : splits)
    for (int64_t i : places)
      if (i < 0 || i >= items.size())
        throw minitorch::IndexError("[DataBlock] the splitter returned place " + std::to_string(i) + " of " +
                                        count(items.size(), "item"),
                                    "a splitter returns places, 0 to " + std::to_string(items.size() - 1) +
                                        ": those that train first, then those that validate");
  splits.resize(std::max<std::size_t>(splits.size(), 2));
  if (splits[0].empty())
    throw ValueError("[DataBlock] none of the " + count(items.size(), "item") + " is left to train with",
                     "a splitter returns the places of training items first");
  if (splits[1].empty())
    throw ValueError("[DataBlock] none of the " + count(items.size(), "item") +
                         " validates: only items that were not learned from show whether a model has learned",
                     "set some aside: .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42}");
  return splits;
}

std::vector<Pipeline> DataBlock::pipelines() const {
  const auto n = static_cast<int64_t>(blocks.size()), x = inputs();
  if (n == 0)
    throw ValueError("[DataBlock] there are no blocks",
                     ".blocks = {ImageBlock{}, CategoryBlock{}} says what inputs and targets are");
  if (x > n)
    throw ValueError("[DataBlock] n_inp " + std::to_string(x) + " of " + count(n, "block"),
                     "n_inp says how many of the blocks are inputs; 0: all but the last");
  check_getters("get_x", get_x.size(), x, "input");
  check_getters("get_y", get_y.size(), n - x, "target");
  std::vector<Pipeline> all;
  for (int64_t i = 0; i < n; ++i) {
    const Transforms& getters = i < x ? get_x : get_y;
    std::vector<Transform> steps;
    if (!getters.empty()) steps.push_back(getters[i < x ? i : i - x]);
    for (const Transform& t : blocks[static_cast<std::size_t>(i)].type_tfms) steps.push_back(t);
    all.emplace_back(std::move(steps));
  }
  return all;
}

Pipeline DataBlock::after_item() const {
  std::vector<Transform> all;
  for (const TransformBlock& block : blocks) all = merge_transforms(all, block.item_tfms);
  return merge_transforms(all, item_tfms);
}

Pipeline DataBlock::after_batch() const {
  std::vector<Transform> all;
  for (const TransformBlock& block : blocks) all = merge_transforms(all, block.batch_tfms);
  return merge_transforms(all, batch_tfms);
}

Datasets DataBlock::datasets(const ItemSource& source) const {
  static_cast<void>(pipelines());  // blocks and getters that do not fit are said before items are looked for
  const Items items = find_items(source);
  return datasets(items, split(items));
}

Datasets DataBlock::datasets(const Items& items, Splits splits) const {
  check_takes("get_x", get_x, items);
  check_takes("get_y", get_y, items);
  return Datasets(items, std::move(splits), pipelines(), inputs());
}

DataLoaders DataBlock::dataloaders(const ItemSource& source, const DataLoadersOptions& options) const {
  ItemLoaderOptions loader{.after_item = after_item(), .after_batch = after_batch()};
  LoaderMaker make;
  for (const TransformBlock& block : blocks) {
    for (const BeforeBatch& change : block.before_batch) loader.before_batch.push_back(change);
    if (block.make_loader) make = block.make_loader;
  }
  return loaders_of(datasets(source), std::move(loader), options, make);
}

DataLoaders DataLoaders::from_dblock(const DataBlock& block, const ItemSource& source,
                                     const DataLoadersOptions& options) {
  return block.dataloaders(source, options);
}

DataLoaders DataLoaders::from_dsets(Datasets data, const NewTransforms& transforms,
                                    const DataLoadersOptions& options) {
  return loaders_of(std::move(data),
                    {.after_item = merge_transforms({}, transforms.item_tfms),
                     .after_batch = merge_transforms({}, transforms.batch_tfms)},
                    options);
}

DataBlock DataBlock::new_with(NewTransforms transforms) const {
  DataBlock other = *this;
  other.item_tfms = std::move(transforms.item_tfms);
  other.batch_tfms = std::move(transforms.batch_tfms);
  return other;
}

}  // namespace fastcore
