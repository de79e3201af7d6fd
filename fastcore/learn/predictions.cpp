// SPDX-License-Identifier: MIT
#include "fastcore/learn/predictions.h"

#include <algorithm>

#include "fastcore/basics/repr.h"
#include "fastcore/data/batch_kinds.h"
#include "fastcore/data/item_loader.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/default_callbacks.h"
#include "minitorch/core/random.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/gather/gather.h"
#include "minitorch/ops/join/join.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/sort/sort.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

namespace {

class BatchesLoader : public DataLoader {
 public:
  BatchesLoader(std::vector<Batch> batches, Targets targets)
      : batches_(std::move(batches)), targets_(std::move(targets)) {}
  int64_t size() const override { return static_cast<int64_t>(batches_.size()); }
  int64_t items() const override {
    int64_t n = 0;
    for (const Batch& batch : batches_) n += batch.size();
    return n;
  }
  int64_t batch_size() const override { return batches_.empty() ? 1 : batches_.front().size(); }
  std::unique_ptr<Pass> start() override { return std::make_unique<OnePass>(batches_); }
  std::shared_ptr<DataLoader> with(const LoaderChanges&) const override {
    return std::make_shared<BatchesLoader>(*this);
  }
  Targets targets() const override { return targets_; }

 private:
  struct OnePass : Pass {
    std::vector<Batch> batches;
    std::size_t done = 0;
    explicit OnePass(std::vector<Batch> all) : batches(std::move(all)) {}
    std::optional<Batch> next() override {
      return done < batches.size() ? std::optional(batches[done++]) : std::nullopt;
    }
  };
  std::vector<Batch> batches_;
  Targets targets_;
};

Tensor joined(const Tensors& parts, int64_t axis = 0) { return parts.empty() ? Tensor() : cat(parts, axis); }

// The mean loss of each stream: batches count by their length.
Tensor losses_of_streams(const Tensors& losses, const Tensors& preds) {
  if (losses.empty()) return {};
  Tensor sum;
  int64_t length = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const Tensor part = losses[i] * static_cast<double>(preds[i].size(1));
    sum = sum.defined() ? sum + part : part;
    length += preds[i].size(1);
  }
  return sum / static_cast<double>(length);
}

// Inputs of different widths are brought to the widest, by the loader's own padding.
Tensor joined_inputs(const DataLoader* loader, const Tensors& parts) {
  const auto differ = [&](const Tensor& x) {
    return x.dims() != parts[0].dims() ||
           !std::equal(x.shape().begin() + 1, x.shape().end(), parts[0].shape().begin() + 1);
  };
  if (std::none_of(parts.begin(), parts.end(), differ)) return cat(parts);
  Tensors all = parts;
  int64_t width = 0;
  for (const Tensor& x : parts) width = std::max(width, x.dims() == 2 ? x.size(1) : 0);
  if (const auto* pads = dynamic_cast<const PadsInputs*>(loader))
    for (Tensor& x : all)
      if (x.dims() == 2) x = pads->widened(x, width);
  for (const Tensor& x : all)
    if (x.dims() != 2 || x.size(1) != width)
      throw ShapeError("[get_preds] the inputs of the batches are of different sizes, such as " +
                           to_string(parts[0].shape()) + " and " +
                           to_string(std::find_if(parts.begin(), parts.end(), differ)->shape()),
                       "leave out with_input, or make all items of one size");
  return cat(all);
}

}  // namespace

std::shared_ptr<DataLoader> batches_loader(std::vector<Batch> batches, Targets targets) {
  return std::make_shared<BatchesLoader>(std::move(batches), std::move(targets));
}

void GatherPredsCallback::before_validate(Learner&) {
  preds_.clear(), targets_.clear(), losses_.clear(), inputs_.clear();
}

void GatherPredsCallback::after_batch(Learner& learn) {
  if (!learn.pred.defined()) return;  // a callback has cancelled the batch
  preds_.push_back(learn.pred.detach().cpu());
  if (!learn.yb.empty()) targets_.push_back(learn.y().cpu());
  if (with_loss_ && !learn.yb.empty()) losses_.push_back(learn.loss_func.each(learn.pred, learn.yb).cpu());
  if (!with_input_) return;
  inputs_.resize(learn.xb.size());
  for (std::size_t i = 0; i < learn.xb.size(); ++i) inputs_[i].push_back(learn.xb[i].cpu());
}

Predictions GatherPredsCallback::all(const DataLoader* loader) const {
  if (preds_.empty()) throw ValueError("[get_preds] the loader gave no batch", "give it items");
  const bool streams = dynamic_cast<const Streams*>(loader) != nullptr;
  const int64_t axis = streams ? 1 : 0;
  Predictions all{.preds = joined(preds_, axis),
                  .targs = joined(targets_, axis),
                  .decoded = {},
                  .losses = streams ? losses_of_streams(losses_, preds_) : joined(losses_),
                  .plain = {}};
  for (const Tensors& input : inputs_)
    all.inputs.push_back(streams ? joined(input, axis) : joined_inputs(loader, input));
  return all;
}

Predictions Learner::get_preds(DataLoader& given, const PredsOptions& o) {
  const Scope random = random_kept_in_fit(*this);  // making a loader draws a number
  const auto whole = given.in_order() ? nullptr : given.with({.shuffle = false, .drop_last = false});
  DataLoader& loader = whole ? *whole : given;
  auto gather = std::make_shared<GatherPredsCallback>(o.with_input, o.with_loss);
  {
    const Scope cbs = added_cbs(gather);
    one_pass(loader);
  }
  Predictions p = gather->all(&loader);
  p.preds = o.act ? o.act(p.preds) : loss_func.activation(p.preds);
  if (o.with_decoded) p.decoded = loss_func.decodes(p.preds);
  if (const auto order = loader.idxs(); o.reorder && !order.empty()) {  // back to the items' own order
    const Tensor places = argsort(tensor(order));
    for (Tensor* t : {&p.preds, &p.targs, &p.decoded, &p.losses})
      if (t->defined()) *t = index_select(*t, 0, places);
    for (Tensor& t : p.inputs) t = index_select(t, 0, places);
  }
  return p;
}

Predictions Learner::get_preds(const PredsOptions& o) {
  const Scope random = random_kept_in_fit(*this);
  // A new loader in any case: making one draws a number, as in fastai, and what follows depends on it.
  return get_preds(*dls[o.ds_idx].with({.shuffle = false, .drop_last = false}), o);
}

Prediction Learner::predict(const Value& item) {
  const Scope random = random_kept_in_fit(*this);
  const auto loader = dls.test_dl({item});
  const Scope silent = no_bar();
  const Predictions p = get_preds(*loader, {.with_decoded = true});
  const Tensor decoded = select(p.decoded, 0, 0);
  return {short_text(loader->decode_y(decoded)), decoded, select(p.preds, 0, 0)};
}

Prediction Learner::predict(const char* text) { return predict(Value(std::string(text))); }

// With other transforms, where some were given.
static std::shared_ptr<DataLoader> tta_loader(DataLoader& loader, const TtaOptions& o, int split) {
  const auto plain = loader.with({.shuffle = false, .drop_last = false, .split = split});
  if (!o.item_tfms && !o.batch_tfms) return plain;
  const auto items = std::dynamic_pointer_cast<ItemLoader>(plain);
  if (!items)
    throw ValueError(
        "[tta] the loader has no transforms that others could take the place of",
        "leave out item_tfms and batch_tfms, or give a loader that a DataBlock made: {.dl = ...}");
  return items->with_transforms(o.item_tfms, o.batch_tfms);
}

Predictions Learner::tta(const TtaOptions& o) {
  const Scope random = random_kept_in_fit(*this);
  const auto loader = [&](int split) { return tta_loader(o.dl ? *o.dl : dls[o.ds_idx], o, split); };
  Tensor augmented;
  for (int64_t i = 0; i < o.n; ++i) {
    const Tensor preds = get_preds(*loader(0)).preds;
    if (fitting) default_generator().random();  // the pass has put it back: the next one is to differ
    augmented = !augmented.defined() ? preds : o.use_max ? maximum(augmented, preds) : augmented + preds;
  }
  Predictions all = get_preds(*loader(1));
  if (o.n < 1) return all;
  if (!o.use_max) augmented = augmented / static_cast<double>(o.n);
  if (!o.beta) all.plain = std::exchange(all.preds, augmented);
  else all.preds = o.use_max ? maximum(augmented, all.preds) : lerp(augmented, all.preds, *o.beta);
  return all;
}

std::string short_text(const Value& value) {
  if (const auto* category = std::get_if<Category>(&value)) return category->label;
  if (const auto* several = std::get_if<MultiCategory>(&value)) {
    std::string text;
    for (const std::string& label : several->labels) text += (text.empty() ? "" : ", ") + label;
    return text;
  }
  if (const auto* numbers = std::get_if<Numbers>(&value)) {
    std::string text;
    for (double x : numbers->values) text += (text.empty() ? "" : ", ") + format("%.4f", x);
    return text;
  }
  if (const auto* text = std::get_if<Text>(&value); text && !text->text.empty()) return text->text;
  if (const auto* t = std::get_if<Tensor>(&value); t && t->numel() <= 4) {
    std::string text;
    for (double x : t->to_vector<double>())
      text += (text.empty() ? "" : ", ") + (is_floating(t->dtype()) ? format("%.4f", x) : format("%.0f", x));
    return text;
  }
  return describe(value);
}

}  // namespace fastcore
