// SPDX-License-Identifier: MIT
// Value: what flows through a data pipeline. A closed set of meanings, so that a transform can say which of
// them it changes: a picture is resized, a mask is resized without mixing codes, a category stays as it is.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "fastcore/basics/path.h"
#include "fastcore/data/sound.h"
#include "fastcore/image/image.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

class DataFrame;

/// One of several classes, by its place in the vocabulary.
struct Category {
  int64_t index = 0;
  std::string label = {};
};

/// Any number of classes at once.
struct MultiCategory {
  std::vector<int64_t> indices = {};
  std::vector<std::string> labels = {};
  int64_t c = 0;  ///< how many classes there are
};

/// A number to be predicted, or several.
struct Numbers {
  std::vector<double> values = {};
};

/// Places on a picture: (n, 2) as x, y; in pixels of a picture of that size, or, once PointScaler has done
/// its work and `picture` is {0, 0}, from -1 to 1.
struct Points {
  minitorch::Tensor xy = {};
  Size picture = {0, 0};
};

/// A row of a table.
struct Row {
  std::shared_ptr<const DataFrame> table = {};
  int64_t index = 0;
};

/// A text, and the same as words once it is tokenised.
struct Text {
  std::string text = {};
  std::vector<std::string> tokens = {};
};

/// A picture as a tensor on its way to a batch: (channels, height, width), uint8 or float32.
struct TensorImage {
  minitorch::Tensor tensor = {};
};

/// A mask as a tensor: (height, width), whole numbers.
struct TensorMask {
  minitorch::Tensor tensor = {};
};

struct Value;
/// An item of several parts: a file and its label. @see ItemGetter
struct Tuple {
  Tuple() = default;
  explicit Tuple(std::vector<Value> parts);
  const std::vector<Value>& parts() const;

 private:
  std::shared_ptr<const std::vector<Value>> parts_;
};

using AnyMeaning =
    std::variant<std::monostate, Path, std::string, Numbers, Image, Mask, Category, MultiCategory, Points,
                 Row, Text, Sound, TensorImage, TensorMask, minitorch::Tensor, Tuple>;

/// Nothing (a missing label), or one of the meanings above; a plain Tensor passes every transform that does
/// not say Tensor. Taken apart with std::get, std::get_if and std::visit. Copied, moved and destroyed in
/// value.cpp: the code for all meanings, in every file that holds a list of values, would double the time to
/// compile it.
struct Value : AnyMeaning {
  using AnyMeaning::AnyMeaning;
  using AnyMeaning::operator=;
  Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();
};

/// The tensor of a TensorImage, a TensorMask, Points or a plain Tensor; nullptr for what holds none. Changing
/// it leaves what the value means.
minitorch::Tensor* tensor_of(Value& value);
const minitorch::Tensor* tensor_of(const Value& value);

/// What there is to learn from: files, rows, texts ...
using Items = L<Value>;

/// What a value is, for error messages and summaries: "Image 128x96x3", "Category 2 (forest)".
std::string describe(const Value& value);
/// Its type alone: "Image", "Category".
std::string type_of(const Value& value);

}  // namespace fastcore
