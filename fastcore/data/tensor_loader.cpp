// SPDX-License-Identifier: MIT
#include "fastcore/data/tensor_loader.h"

#include <algorithm>

#include "minitorch/ops/join/join.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Tensor;

namespace {

Targets found_from(const std::vector<Tensor>& y) {
  if (y.empty()) return {};
  const Tensor& first = y.front();
  if (first.dtype() != minitorch::kInt64 || first.dims() != 1)
    return {TargetKind::number, first.numel() / std::max<int64_t>(1, first.size(0)), {}};
  Targets found{TargetKind::category, first.numel() ? static_cast<int64_t>(first.max().item()) + 1 : 0, {}};
  for (int64_t i = 0; i < found.c; ++i) found.vocab.push_back(std::to_string(i));
  return found;
}

class TensorPass : public Pass {
 public:
  TensorPass(const Batch& data, std::vector<int64_t> order, int64_t bs, int64_t batches)
      : data_(data), order_(std::move(order)), bs_(bs), batches_(batches) {}

  std::optional<Batch> next() override {
    if (done_ == batches_) return {};
    const auto begin = order_.begin() + done_++ * bs_;
    const auto end = order_.end() - begin < bs_ ? order_.end() : begin + bs_;
    const Tensor rows = minitorch::tensor(std::vector<int64_t>(begin, end));
    Batch batch;
    for (const Tensor& t : data_.x) batch.x.push_back(t.index_select(0, rows.to(t.device())));
    for (const Tensor& t : data_.y) batch.y.push_back(t.index_select(0, rows.to(t.device())));
    return batch;
  }

 private:
  Batch data_;
  std::vector<int64_t> order_;
  int64_t bs_, batches_, done_ = 0;
};

}  // namespace

int64_t batch_count(int64_t n, int64_t bs, bool drop_last) { return n / bs + (!drop_last && n % bs != 0); }

TensorLoader::TensorLoader(std::vector<Tensor> x, std::vector<Tensor> y, TensorLoaderOptions options)
    : data_{std::move(x), std::move(y)}, options_(std::move(options)) {
  if (options_.bs < 1)
    throw minitorch::ValueError("[TensorLoader] bs " + std::to_string(options_.bs) + ": expected 1 or more",
                                "say how many items make a batch: {.bs = 64}");
  if (data_.x.empty())
    throw minitorch::ValueError("[TensorLoader] no input tensor was given", "TensorLoader({x}, {y})");
  for (const auto* side : {&data_.x, &data_.y})
    for (const Tensor& t : *side)
      if (t.dims() < 1 || t.size(0) != data_.x.front().size(0))
        throw minitorch::ShapeError("[TensorLoader] x " + to_string(data_.x.front().shape()) + " and " +
                                        to_string(t.shape()) + ": the first axis must count the same items",
                                    "give one row for each item");
  if (options_.targets.kind == TargetKind::none) options_.targets = found_from(data_.y);
}

int64_t TensorLoader::size() const { return batch_count(items(), options_.bs, options_.drop_last); }

std::unique_ptr<Pass> TensorLoader::start() {
  return std::make_unique<TensorPass>(data_, order_.start(items(), options_.shuffle), options_.bs, size());
}

std::shared_ptr<DataLoader> TensorLoader::with(const LoaderChanges& changes) const {
  TensorLoaderOptions options = options_;
  options.bs = changes.bs.value_or(options.bs);
  options.shuffle = changes.shuffle.value_or(options.shuffle);
  options.drop_last = changes.drop_last.value_or(options.drop_last);
  return std::make_shared<TensorLoader>(data_.x, data_.y, options);
}

std::shared_ptr<DataLoader> TensorLoader::test_dl(const std::vector<Value>& items, bool) const {
  std::vector<Tensor> rows;
  for (const Value& item : items) {
    if (const auto* row = std::get_if<Tensor>(&item)) rows.push_back(*row);
    else
      throw minitorch::ValueError("[test_dl] an item is " + type_of(item) + ", and this loader holds tensors",
                                  "give a row of x as a tensor");
  }
  const Tensor x = rows.empty() ? data_.x.front().slice(0, 0, 0) : minitorch::stack(rows);
  return std::make_shared<TensorLoader>(std::vector<Tensor>{x}, std::vector<Tensor>{},
                                        TensorLoaderOptions{.bs = options_.bs, .targets = options_.targets});
}

std::shared_ptr<DataLoader> tensor_loader(const Tensor& x, const Tensor& y,
                                          const TensorLoaderOptions& options) {
  return std::make_shared<TensorLoader>(std::vector<Tensor>{x}, std::vector<Tensor>{y}, options);
}

}  // namespace fastcore
