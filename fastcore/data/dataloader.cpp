// SPDX-License-Identifier: MIT
#include "fastcore/data/dataloader.h"

#include <cmath>

#include "fastcore/data/datasets.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/tensor/transfer.h"

namespace fastcore {
using minitorch::Tensor;

int64_t Batch::size() const {
  for (const auto* side : {&y, &x})
    if (!side->empty() && side->front().dims() > 0) return side->front().size(0);
  throw minitorch::ValueError("[Batch::size] an empty batch has no size",
                              "look at the loader: dls.one_batch()");
}

Batch Batch::to(minitorch::Device device) const {
  Batch moved;
  for (const Tensor& t : x) moved.x.push_back(upload(t, device));
  for (const Tensor& t : y) moved.y.push_back(upload(t, device));
  return moved;
}

std::vector<Targets> DataLoader::all_targets() const { return {targets()}; }

DataLoader::Iterator::Iterator(std::unique_ptr<Pass> pass) : pass_(std::move(pass)), batch_(pass_->next()) {}
void DataLoader::Iterator::operator++() { batch_ = pass_->next(); }
DataLoader::Iterator DataLoader::begin() { return Iterator(start()); }

void DataLoader::require_batches() const {
  if (size() > 0) return;
  throw minitorch::ValueError(
      "This DataLoader does not contain any batches",
      items() == 0 ? "it has no items"
                   : "its " + std::to_string(items()) + " items do not fill a batch of " +
                         std::to_string(batch_size()) + ", and incomplete ones are dropped: .bs = " +
                         std::to_string(items()) + " or less (--bs of a lesson)");
}

void DataLoader::throw_all_left_out() const {
  throw minitorch::ValueError(
      "[DataLoader] every item is left out: each of the " + std::to_string(items()) + " ended in a SkipItem",
      "see which transform throws it, and why: block.summary(source)");
}

Batch DataLoader::one_batch() {
  require_batches();
  if (std::optional<Batch> batch = start()->next()) return std::move(*batch);
  throw_all_left_out();
}

std::shared_ptr<DataLoader> DataLoader::test_dl(const std::vector<Value>&, bool) const {
  throw minitorch::ValueError("[test_dl] this loader does not know how its items were made",
                              "make the batches yourself: learn.get_preds(loader)");
}

void DataLoader::add_batch_tfm(const Transform&) {
  throw minitorch::ValueError(
      "[add_batch_tfm] this loader has no batch transforms",
      "change its tensors instead; a vision_learner asks for none with {.normalize = false}");
}

void DataLoader::to(minitorch::Device device) {
  if (!device.is_cpu())
    throw minitorch::ValueError("[DataLoader] this loader cannot hand out batches on " + to_string(device),
                                "move each batch: batch.to(device)");
}

Subset DataLoader::samples() const {
  throw minitorch::ValueError("[DataLoader] this loader's items are rows of tensors, no samples",
                              "look at a batch: dls.one_batch()");
}

bool DataLoader::has_batch_tfm(const std::string&) const { return false; }

std::vector<Value> DataLoader::decode_x(const Batch& batch, int64_t i) const {
  std::vector<Value> values;
  for (const Tensor& t : batch.x) values.push_back(minitorch::select(t, 0, i));
  return values;
}

Value decode_target(const Targets& targets, const Tensor& target) {
  const Tensor t = target.detach().cpu();
  auto label = [&](int64_t i) {
    const bool named = i >= 0 && i < static_cast<int64_t>(targets.vocab.size());
    return named ? targets.vocab[static_cast<std::size_t>(i)] : std::to_string(i);
  };
  // A fraction is an output of which nobody has said what class it stands for.
  const auto whole = [](double x) { return std::abs(x) < 1e15 && x == std::trunc(x); };
  if (targets.kind == TargetKind::category && t.numel() == 1 && whole(t.item())) {
    const auto index = static_cast<int64_t>(t.item());
    return Category{index, label(index)};
  }
  if (targets.kind == TargetKind::multi_category && t.dims() == 1) {
    MultiCategory found;
    const auto flags = t.to_vector<double>();
    found.c = static_cast<int64_t>(flags.size());
    for (int64_t i = 0; i < found.c; ++i)
      if (flags[static_cast<std::size_t>(i)] > 0.5) {
        found.indices.push_back(i);
        found.labels.push_back(label(i));
      }
    return found;
  }
  if (targets.kind == TargetKind::number) return Numbers{t.to_vector<double>()};
  if (targets.kind == TargetKind::mask && t.dims() == 2) {
    const auto codes = t.to_vector<uint8_t>();
    return Mask(Image::create({static_cast<int>(t.size(0)), static_cast<int>(t.size(1))}, 1, codes.data()));
  }
  if (targets.kind == TargetKind::points) return Points{t.reshape({-1, 2})};
  return t;
}

Value DataLoader::decode_y(const Tensor& target) const { return decode_target(targets(), target); }

Value DataLoader::decode_y(const Tensor& target, int64_t i) const {
  const std::vector<Targets> all = all_targets();
  if (i == 0 && all.size() < 2) return decode_y(target);
  const bool known = i >= 0 && i < static_cast<int64_t>(all.size());
  return decode_target(known ? all[static_cast<std::size_t>(i)] : Targets{}, target);
}

std::string DataLoader::item_name(int64_t i) const { return std::to_string(i); }

}  // namespace fastcore
