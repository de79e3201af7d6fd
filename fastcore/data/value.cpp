// SPDX-License-Identifier: MIT
#include "fastcore/data/value.h"

#include "fastcore/basics/repr.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using minitorch::format;
using minitorch::Tensor;

std::string picture(const char* type, Size size, int channels) {
  return format("%s %dx%dx%d", type, size.width, size.height, channels);
}

// Small ones in full, others by their size.
std::string tensor(const char* type, const Tensor& x) {
  if (!x.defined()) return std::string(type) + "()";
  if (x.dims() < 2 && x.numel() <= 20) return std::string(type) + "(" + to_string(x).substr(7);
  std::string sides;
  for (int64_t side : x.shape()) sides += (sides.empty() ? "" : "x") + std::to_string(side);
  return std::string(type) + " of size " + sides;
}

template <class T>
std::string list(const std::vector<T>& items) {
  const std::size_t shown = 10;
  if (items.size() <= shown) return repr(items);
  const std::string text = repr(std::vector<T>(items.begin(), items.begin() + shown));
  return text.substr(0, text.size() - 1) + ", ...]";
}

struct Describe {
  std::string operator()(std::monostate) const { return "nothing"; }
  std::string operator()(const Path& path) const { return path.str(); }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const Numbers& numbers) const {
    return numbers.values.size() == 1 ? repr(numbers.values[0]) : list(numbers.values);
  }
  std::string operator()(const Image& x) const { return picture("Image", x.size(), x.channels()); }
  std::string operator()(const Mask& x) const { return format("Mask %dx%d", x.width(), x.height()); }
  std::string operator()(const Category& x) const {
    return format("Category %lld", static_cast<long long>(x.index)) +
           (x.label.empty() ? "" : " (" + x.label + ")");
  }
  std::string operator()(const MultiCategory& x) const {
    std::string text = "MultiCategory";
    if (!x.indices.empty()) text += " " + list(x.indices);
    return x.labels.empty() ? text : text + " (" + list(x.labels) + ")";
  }
  std::string operator()(const Points& x) const {
    return tensor("Points", x.xy) +
           (x.picture == Size{0, 0} ? "" : format(" on %dx%d", x.picture.width, x.picture.height));
  }
  std::string operator()(const Row& x) const { return format("row %lld", static_cast<long long>(x.index)); }
  std::string operator()(const Text& x) const {
    if (!x.tokens.empty()) return "Text " + list(x.tokens);
    return "Text " + (x.text.size() <= 60 ? x.text : x.text.substr(0, 60) + "...");
  }
  std::string operator()(const Sound& x) const {
    return format("Sound of %zu samples at %d Hz", x.samples.size(), x.rate);
  }
  std::string operator()(const TensorImage& x) const { return tensor("TensorImage", x.tensor); }
  std::string operator()(const TensorMask& x) const { return tensor("TensorMask", x.tensor); }
  std::string operator()(const Tensor& x) const { return tensor("Tensor", x); }
  std::string operator()(const Tuple& x) const {
    std::string text;
    for (const Value& part : x.parts()) text += (text.empty() ? "" : ", ") + describe(part);
    return "(" + text + ")";
  }
};

}  // namespace

Value::Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

std::string describe(const Value& value) { return std::visit(Describe(), value); }

Tuple::Tuple(std::vector<Value> parts)
    : parts_(std::make_shared<const std::vector<Value>>(std::move(parts))) {}

const std::vector<Value>& Tuple::parts() const {
  static const std::vector<Value> kNone;
  return parts_ ? *parts_ : kNone;
}

std::string type_of(const Value& value) {
  static const char* const kNames[] = {"nothing",     "Path",          "text",   "Numbers", "Image", "Mask",
                                       "Category",    "MultiCategory", "Points", "Row",     "Text",  "Sound",
                                       "TensorImage", "TensorMask",    "Tensor", "Tuple"};
  static_assert(std::size(kNames) == std::variant_size_v<AnyMeaning>);
  return kNames[value.index()];
}

minitorch::Tensor* tensor_of(Value& value) {
  if (auto* image = std::get_if<TensorImage>(&value)) return &image->tensor;
  if (auto* mask = std::get_if<TensorMask>(&value)) return &mask->tensor;
  if (auto* points = std::get_if<Points>(&value)) return &points->xy;
  return std::get_if<Tensor>(&value);
}
const minitorch::Tensor* tensor_of(const Value& value) { return tensor_of(const_cast<Value&>(value)); }

}  // namespace fastcore
