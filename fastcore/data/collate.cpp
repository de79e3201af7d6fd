// SPDX-License-Identifier: MIT
#include "fastcore/data/collate.h"

#include <cstring>

#include "minitorch/ops/join/join.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Shape;
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

std::string place(std::size_t member) {
  return "[collate] It's not possible to collate your items in a batch: member " + std::to_string(member) +
         " of the samples ";
}

// In fastai's words.
[[noreturn]] void throw_shapes(std::size_t member, const char* type, const Shape& a, const Shape& b) {
  const std::string kind = type;
  // Grey and of one height: what sounds become, a column for each moment.
  const bool lengths =
      kind == "TensorImage" && a.dims() == 3 && b.dims() == 3 && a[0] == 1 && b[0] == 1 && a[1] == b[1];
  const char* hint = kind == "Tensor"
                         ? "pad the items to one length before they are put together (before_batch)"
                     : lengths ? "sounds: cut all to one length, SoundBlock{.seconds = 1.5}; pictures: "
                                 ".item_tfms = {Resize{.size = 192}}"
                     : kind == "Points"  ? "let the getter give every item as many points"
                     : kind == "Numbers" ? "let the getter give every item as many numbers"
                                         : "give all the same size: .item_tfms = {Resize{.size = 192}}";
  throw minitorch::ShapeError(
      "[collate] It's not possible to collate your items in a batch: could not collate the " +
          std::to_string(member) + "-th members of your tuples (" + type +
          ") because got the following shapes: " + to_string(a) + ", " + to_string(b),
      hint);
}

// All tensors of one shape, one behind the other.
Tensor stack(const std::vector<const Tensor*>& tensors, std::size_t member, const char* type) {
  const Tensor& first = *tensors.front();
  bool plain = first.device().is_cpu();
  for (const Tensor* t : tensors) {
    if (!(t->shape() == first.shape())) throw_shapes(member, type, first.shape(), t->shape());
    plain = plain && t->dtype() == first.dtype() && t->is_contiguous() && t->device() == first.device();
  }
  if (!plain) {
    std::vector<Tensor> all;
    for (const Tensor* t : tensors) all.push_back(*t);
    return minitorch::stack(all);
  }
  Shape shape = first.shape();
  shape.insert(0, static_cast<int64_t>(tensors.size()));
  Tensor whole = minitorch::empty(shape, first.options());
  const auto bytes = static_cast<std::size_t>(first.numel() * item_size(first.dtype()));
  auto* to = static_cast<char*>(whole.raw_data());
  for (const Tensor* t : tensors) {
    std::memcpy(to, t->raw_data(), bytes);
    to += bytes;
  }
  return whole;
}

Tensor numbers(const std::vector<Sample>& samples, std::size_t member) {
  const std::size_t count = std::get<Numbers>(samples.front()[member]).values.size();
  std::vector<double> all;
  for (const Sample& sample : samples) {
    const auto& values = std::get<Numbers>(sample[member]).values;
    if (values.size() != count)
      throw_shapes(member, "Numbers", {static_cast<int64_t>(count)}, {static_cast<int64_t>(values.size())});
    all.insert(all.end(), values.begin(), values.end());
  }
  const auto n = static_cast<int64_t>(samples.size());
  return minitorch::tensor(all, count == 1 ? Shape{n} : Shape{n, static_cast<int64_t>(count)});
}

template <class X>
std::vector<const Tensor*> tensors_of(const std::vector<Sample>& samples, std::size_t member,
                                      Tensor X::*tensor) {
  std::vector<const Tensor*> all;
  for (const Sample& sample : samples) all.push_back(&(std::get<X>(sample[member]).*tensor));
  return all;
}

Value collate_member(const std::vector<Sample>& samples, std::size_t member) {
  const Value& first = samples.front()[member];
  for (const Sample& sample : samples)
    if (sample[member].index() != first.index())
      throw ValueError(place(member) + "is now " + describe(first) + " (" + type_of(first) + "), now " +
                           describe(sample[member]) + " (" + type_of(sample[member]) + ")",
                       "let its getter and its block give one type for every item");
  if (std::holds_alternative<TensorImage>(first))
    return TensorImage{stack(tensors_of(samples, member, &TensorImage::tensor), member, "TensorImage")};
  if (std::holds_alternative<TensorMask>(first))
    return TensorMask{stack(tensors_of(samples, member, &TensorMask::tensor), member, "TensorMask")};
  if (std::holds_alternative<Points>(first))
    return Points{stack(tensors_of(samples, member, &Points::xy), member, "Points")};
  if (std::holds_alternative<Numbers>(first)) return numbers(samples, member);
  if (std::holds_alternative<Category>(first)) {
    std::vector<int64_t> places;
    for (const Sample& sample : samples) places.push_back(std::get<Category>(sample[member]).index);
    return minitorch::tensor(places);
  }
  if (std::holds_alternative<Tensor>(first)) {
    std::vector<const Tensor*> all;
    for (const Sample& sample : samples) all.push_back(&std::get<Tensor>(sample[member]));
    return stack(all, member, "Tensor");
  }
  throw ValueError(place(member) + "is " + describe(first) + " (" + type_of(first) + "), which is no tensor",
                   std::holds_alternative<Image>(first) || std::holds_alternative<Mask>(first)
                       ? "ToTensor{} among the item transforms makes it one; ImageBlock{} brings it"
                   : std::holds_alternative<Path>(first)
                       ? "a getter says what is wanted of the file, as .get_y = parent_label"
                       : "a block or an item transform has to make numbers of it");
}

}  // namespace

Sample collate(const std::vector<Sample>& samples) {
  if (samples.empty()) throw ValueError("[collate] there are no items to put together");
  for (const Sample& sample : samples)
    if (sample.size() != samples.front().size())
      throw ValueError("[collate] samples of " + std::to_string(samples.front().size()) + " and " +
                       std::to_string(sample.size()) + " members cannot be put together");
  Sample batch;
  for (std::size_t member = 0; member < samples.front().size(); ++member)
    batch.push_back(collate_member(samples, member));
  return batch;
}

}  // namespace fastcore
