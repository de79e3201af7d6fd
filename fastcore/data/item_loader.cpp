// SPDX-License-Identifier: MIT
#include "fastcore/data/item_loader.h"

#include "fastcore/data/item_pass.h"
#include "fastcore/data/pipeline_spec.h"
#include "fastcore/data/tensor_loader.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Tensor;

ItemLoader::ItemLoader(std::shared_ptr<const Datasets> data, std::vector<int64_t> places,
                       ItemLoaderOptions options)
    : members_(data->members()),
      data_(std::move(data)),
      places_(std::move(places)),
      options_(std::move(options)) {
  if (options_.bs < 1)
    throw minitorch::ValueError("[DataLoader] bs " + std::to_string(options_.bs) + ": expected 1 or more",
                                "say how many items make a batch: {.bs = 64}");
}

int64_t ItemLoader::size() const { return batch_count(items(), options_.bs, options_.drop_last); }

std::vector<int64_t> ItemLoader::draw_order() { return order_.start(items(), options_.shuffle); }

std::unique_ptr<Pass> ItemLoader::start_with(std::vector<int64_t> order) {
  for (int64_t& at : order) at = places_[static_cast<std::size_t>(at)];
  return std::make_unique<ItemPass>(
      ItemWork{data_, options_, std::move(order), members_, order_.base_seed()});
}

std::unique_ptr<Pass> ItemLoader::start() { return start_with(draw_order()); }

Batch ItemLoader::unique_batch() {
  auto order = draw_order();
  if (order.empty()) return one_batch();
  order.assign(static_cast<std::size_t>(options_.bs), 0);
  std::optional<Batch> batch = start_with(std::move(order))->next();
  return batch ? std::move(*batch) : one_batch();
}

std::shared_ptr<DataLoader> ItemLoader::with(const LoaderChanges& changes) const {
  ItemLoaderOptions options = options_;
  options.bs = changes.bs.value_or(options.bs);
  options.shuffle = changes.shuffle.value_or(options.shuffle);
  options.drop_last = changes.drop_last.value_or(options.drop_last);
  options.split = changes.split.value_or(options.split);
  auto other = std::make_shared<ItemLoader>(data_, places_, std::move(options));
  other->members_ = members_;
  return other;
}

static Pipeline replaced(const Pipeline& before, const std::vector<Transform>& others) {
  std::vector<Transform> stay;
  for (const Transform& transform : before.transforms())
    if (transform.is<ToTensor>() || transform.is<IntToFloatTensor>() || transform.is<Normalize>())
      stay.push_back(transform);
  return merge_transforms(stay, others);
}

std::shared_ptr<ItemLoader> ItemLoader::with_transforms(const std::optional<Transforms>& item_tfms,
                                                        const std::optional<Transforms>& batch_tfms) const {
  const auto other = std::dynamic_pointer_cast<ItemLoader>(with({}));
  if (item_tfms) other->options_.after_item = replaced(options_.after_item, *item_tfms);
  if (batch_tfms) other->options_.after_batch = replaced(options_.after_batch, *batch_tfms);
  if (batch_tfms) other->set_up_batch_tfms();
  return other;
}

// Of an export, which has targets' functions only by their names.
static void require_functions(const Datasets& data) {
  for (const Pipeline& pipeline : data.pipelines())
    for (const Transform& transform : pipeline.transforms())
      if (const auto* left_out = transform.get_if<LeftOut>()) left_out->tell();
}

std::shared_ptr<DataLoader> ItemLoader::test_dl(const std::vector<Value>& items, bool with_labels) const {
  if (with_labels) require_functions(*data_);
  auto data = std::make_shared<const Datasets>(data_->with_items(Items(items)));
  ItemLoaderOptions options = options_;
  options.shuffle = options.drop_last = false;
  options.split = 1;
  auto loader = std::make_shared<ItemLoader>(data, data->split(0), std::move(options));
  loader->members_ = with_labels ? data->members() : data->n_inp();
  return loader;
}

const std::vector<std::size_t>& ItemLoader::meanings() const {
  std::lock_guard lock(meanings_mutex_);
  if (!meanings_.empty()) return meanings_;
  if (places_.empty())
    throw minitorch::ValueError("[DataLoader] a loader without items does not know what its inputs are",
                                "decode with the loader of the items: dls.test_dl(items)");
  ItemLoaderOptions options = options_;
  options.num_workers = 0;
  options.bs = 1;
  options.drop_last = false;
  ItemPass pass(ItemWork{data_, options, places_, members_, 0});
  if (const auto sample = pass.next_sample())
    for (const Value& value : *sample) meanings_.push_back(value.index());
  return meanings_;
}

std::vector<Value> ItemLoader::decode_x(const Batch& batch, int64_t i) const {
  Sample sample;
  const auto& known = meanings();
  for (std::size_t member = 0; member < batch.x.size(); ++member) {
    const Tensor tensor = batch.x[member].detach().select(0, i).cpu();
    const std::size_t meaning = member < known.size() ? known[member] : Value(tensor).index();
    if (meaning == Value(TensorImage()).index()) sample.push_back(TensorImage{tensor});
    else if (meaning == Value(TensorMask()).index()) sample.push_back(TensorMask{tensor});
    else if (meaning == Value(Points()).index()) sample.push_back(Points{tensor});
    else sample.push_back(tensor);
  }
  options_.after_batch.decode(sample);
  options_.after_item.decode(sample);
  for (std::size_t member = 0; member < sample.size(); ++member) {
    Sample one{std::move(sample[member])};
    data_->pipelines()[member].decode(one);
    sample[member] = std::move(one.front());
  }
  return sample;
}

std::string ItemLoader::item_name(int64_t i) const {
  if (i < 0 || i >= items())
    throw minitorch::IndexError("[DataLoader] item " + std::to_string(i) + " of " + std::to_string(items()));
  return data_->item_name(places_[static_cast<std::size_t>(i)]);
}

void ItemLoader::add_batch_tfm(const Transform& transform) { options_.after_batch.add(transform); }

bool ItemLoader::has_batch_tfm(const std::string& name) const {
  for (const Transform& transform : options_.after_batch.transforms())
    if (transform.name() == name) return true;
  return false;
}

void ItemLoader::set_up_batch_tfms() {
  const Pipeline all = options_.after_batch;
  options_.after_batch = {};
  for (const Transform& transform : all.transforms()) {
    if (!transform.needs_setup()) {
      options_.after_batch.add(transform);
      continue;
    }
    const std::unique_ptr<Pass> pass = start();
    auto batch = static_cast<ItemPass&>(*pass).next_sample();
    if (!batch && size() > 0) throw_all_left_out();
    if (!batch)
      throw minitorch::ValueError("[" + transform.name() +
                                      "] there is no batch to learn from: " + std::to_string(items()) +
                                      " items in batches of " + std::to_string(options_.bs),
                                  "give more items or a smaller bs");
    Context context(options_.split);
    options_.after_batch.encode(*batch, context);
    options_.after_batch.add(transform.set_up(*batch));
  }
}

minitorch::Tensor ItemLoader::widened(const minitorch::Tensor& x, int64_t width) const {
  if (x.size(1) == width || options_.before_batch.empty()) return x;
  std::vector<Sample> samples{
      {minitorch::zeros({width}, {.dtype = x.dtype()})}};  // tells the width, and is left out
  for (int64_t i = 0; i < x.size(0); ++i) samples.push_back({x.select(0, i)});
  for (const BeforeBatch& change : options_.before_batch) change(samples);
  std::vector<minitorch::Tensor> rows;
  for (std::size_t i = 1; i < samples.size(); ++i) rows.push_back(std::get<minitorch::Tensor>(samples[i][0]));
  return minitorch::stack(rows);
}

}  // namespace fastcore
