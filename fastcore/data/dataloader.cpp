// SPDX-License-Identifier: MIT
#include "fastcore/data/dataloader.h"

#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/movement/movement.h"

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
  for (const Tensor& t : x) moved.x.push_back(t.to(device));
  for (const Tensor& t : y) moved.y.push_back(t.to(device));
  return moved;
}

Batch DataLoader::one_batch() {
  std::optional<Batch> batch = start()->next();
  if (!batch)
    throw minitorch::ValueError(
        "This DataLoader does not contain any batches",
        "give it items, or a smaller batch size where incomplete batches are dropped");
  return std::move(*batch);
}

std::shared_ptr<DataLoader> DataLoader::test_dl(const std::vector<Value>&, bool) const {
  throw minitorch::ValueError("[test_dl] this loader does not know how its items were made",
                              "make the batches yourself: learn.get_preds(loader)");
}

std::vector<Value> DataLoader::decode_x(const Batch& batch, int64_t i) const {
  std::vector<Value> values;
  for (const Tensor& t : batch.x) values.push_back(minitorch::select(t, 0, i));
  return values;
}

Value DataLoader::decode_y(const Tensor& target) const {
  const Targets known = targets();
  if (known.kind == TargetKind::category && target.numel() == 1) {
    const auto index = static_cast<int64_t>(target.item());
    const bool named = index >= 0 && index < static_cast<int64_t>(known.vocab.size());
    return Category{index, named ? known.vocab[static_cast<std::size_t>(index)] : std::to_string(index)};
  }
  return target;
}

std::string DataLoader::item_name(int64_t i) const { return std::to_string(i); }

}  // namespace fastcore
