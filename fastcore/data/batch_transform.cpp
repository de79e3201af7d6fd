// SPDX-License-Identifier: MIT
#include "fastcore/data/batch_transform.h"

#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Shape;
using minitorch::ShapeError;
using minitorch::Tensor;

TensorImage IntToFloatTensor::encode(const TensorImage& x) const {
  if (is_floating(x.tensor.dtype())) return {x.tensor * (1 / div)};
  return {x.tensor.to(minitorch::kFloat32).mul_(1 / div)};
}

TensorMask IntToFloatTensor::encode(const TensorMask& mask) const {
  const Tensor codes = mask.tensor.to(minitorch::kInt64);
  if (div_mask == 1) return {codes};
  return {floor(codes.to(minitorch::kFloat32) / static_cast<double>(div_mask)).to(minitorch::kInt64)};
}

TensorImage IntToFloatTensor::decode(const TensorImage& x) const {
  if (!is_floating(x.tensor.dtype())) return x;
  return {(x.tensor.clamp(0, 1) * div).to(minitorch::kUint8)};
}

namespace {

// The numbers as (c, 1, 1), on x's device.
Tensor for_channels(const std::vector<double>& numbers, const Tensor& x) {
  const int64_t channels = x.dims() < 3 ? 1 : x.size(-3), count = static_cast<int64_t>(numbers.size());
  if (count != 1 && count != channels)
    throw ShapeError("[Normalize] " + std::to_string(count) + " means for pictures of " +
                         std::to_string(channels) + " channels " + to_string(x.shape()),
                     channels == 1 ? "open the pictures in colour, or use the statistics of grey pictures"
                                   : "give one number for each channel");
  return minitorch::tensor(numbers, {count, 1, 1}).to(x.device());
}

}  // namespace

TensorImage Normalize::encode(const TensorImage& x) const {
  if (mean.empty()) return x;
  return {(x.tensor - for_channels(mean, x.tensor)).div_(for_channels(std, x.tensor))};
}

TensorImage Normalize::decode(const TensorImage& x) const {
  if (mean.empty()) return x;
  return {(x.tensor * for_channels(std, x.tensor)).add_(for_channels(mean, x.tensor))};
}

void Normalize::setup(const Sample& batch) {
  if (!mean.empty()) return;
  for (const Value& value : batch) {
    const auto* picture = std::get_if<TensorImage>(&value);
    if (!picture) continue;
    const Shape axes{0, 2, 3};
    mean = picture->tensor.mean(axes).to_vector<double>();
    std = (picture->tensor.std(axes) + 1e-7).to_vector<double>();
    return;
  }
}

FC_COMPILE_TRANSFORM(IntToFloatTensor)
FC_COMPILE_TRANSFORM(Normalize)

}  // namespace fastcore
