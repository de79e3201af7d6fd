// SPDX-License-Identifier: MIT
#include "fastcore/data/type_transforms.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "fastcore/basics/helpers.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

constexpr const char* kMissing = "#na#";
constexpr std::initializer_list<const char*> kModes = {"rgb", "grey", "as_stored"};

std::vector<std::string> labels_of(const Value& value) {
  if (const auto* several = std::get_if<MultiCategory>(&value)) return several->labels;
  if (std::holds_alternative<std::monostate>(value)) return {};
  return {label_text(value)};
}

std::string several(const std::vector<std::string>& labels) {
  return join(L<std::string>(labels).slice(0, 10), ", ") + (labels.size() > 10 ? ", ..." : "");
}

[[noreturn]] void throw_unknown(const char* where, const std::string& label, const Vocab& known) {
  const std::string near = nearest(label, L<std::string>(known.labels));
  throw ValueError(std::string("[") + where + "] the label " + repr(label) +
                       " is not in the vocabulary: " + several(known.labels),
                   near.empty() ? "labels are collected from the training items only: give all of them, "
                                  ".vocab = {...}, or split so that each is in training"
                                : "did you mean " + repr(near) + "?");
}

}  // namespace

// --- pictures ---

Image OpenImage::encode(const Path& path) const {
  DecodeOptions options;
  options.mode = mode;
  return Image::open(path.str(), options);
}
Image OpenImage::encode(Image image) const {
  const int channels = mode == PixelMode::rgb ? 3 : mode == PixelMode::grey ? 1 : image.channels();
  return image.channels() == channels ? image : image.convert(mode);
}
void OpenImage::fields(Fields& f) { f("mode", mode, kModes); }

Mask OpenMask::encode(const Path& path) const {
  Mask mask = Mask::open(path.str());
  if (!codes.empty()) mask.check_codes(static_cast<int>(codes.size()), path.str());
  return mask;
}
Mask OpenMask::encode(Mask mask) const {
  if (!codes.empty()) mask.check_codes(static_cast<int>(codes.size()), "a mask");
  return mask;
}
Targets OpenMask::targets() const { return {TargetKind::mask, static_cast<int64_t>(codes.size()), codes}; }

// --- categories ---

Vocab::Vocab(std::vector<std::string> all) : labels(std::move(all)) {
  for (std::size_t i = 0; i < labels.size(); ++i) places.emplace(labels[i], static_cast<int64_t>(i));
}
int64_t Vocab::find(const std::string& label) const {
  const auto found = places.find(label);
  return found == places.end() ? -1 : found->second;
}

std::string label_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* path = std::get_if<Path>(&value)) return path->str();
  const auto* numbers = std::get_if<Numbers>(&value);
  if (!numbers || numbers->values.size() != 1)
    throw ValueError("[Categorize] no label: " + describe(value) + " (" + type_of(value) + ")",
                     "get_y should return a text or a number");
  const double x = numbers->values[0];
  const bool whole = std::abs(x) < 1e15 && x == static_cast<double>(static_cast<int64_t>(x));
  return whole ? std::to_string(static_cast<int64_t>(x)) : repr_number(x);
}

Vocab find_vocab(const Sample& values, bool sort, bool add_na) {
  std::vector<std::string> labels;
  std::map<std::string, double> seen;  // with its number, if it is one
  bool numbers = true;
  for (const Value& value : values) {
    const auto* number = std::get_if<Numbers>(&value);
    if (number && number->values.size() == 1 && number->values[0] != number->values[0]) continue;  // NaN
    for (const std::string& label : labels_of(value)) {
      if (!number) numbers = false;
      if (seen.emplace(label, number ? number->values[0] : 0).second) labels.push_back(label);
    }
  }
  if (sort)
    std::sort(labels.begin(), labels.end(), [&](const std::string& a, const std::string& b) {
      return numbers ? seen[a] < seen[b] : a < b;
    });
  if (add_na && !seen.count(kMissing)) labels.insert(labels.begin(), kMissing);
  return Vocab(labels);
}

void Categorize::setup(const Sample& values) {
  if (vocab.empty()) known = find_vocab(values, sort, add_na);
  else known = find_vocab(Sample(vocab.begin(), vocab.end()), sort, add_na);
}

Category Categorize::place(const std::string& label) const {
  const int64_t index = known.find(label);
  if (index >= 0) return {index, label};
  if (add_na && !known.labels.empty()) return {0, known.labels[0]};
  throw_unknown("Categorize", label, known);
}

Category Categorize::encode(const Numbers& number) const { return place(label_text(number)); }
Category Categorize::encode(std::monostate) const {
  if (add_na) return place(kMissing);
  throw ValueError("[Categorize] an item has no label",
                   "leave it out (.get_items), or count it as a class: CategoryBlock{.add_na = true}");
}

Targets Categorize::targets() const {
  return {TargetKind::category, static_cast<int64_t>(known.labels.size()), known.labels};
}

void Categorize::fields(Fields& f) {
  auto labels = known.labels;
  f("vocab", labels)("sort", sort)("add_na", add_na);
  known = Vocab(labels);
}

// --- several categories ---

// Of several numbers each for itself, as find_vocab takes them.
static Sample one_by_one(const Sample& values) {
  Sample all;
  for (const Value& value : values)
    if (const auto* numbers = std::get_if<Numbers>(&value))
      for (const double number : numbers->values) all.push_back(Numbers{{number}});
    else all.push_back(value);
  return all;
}

void MultiCategorize::setup(const Sample& values) {
  known = vocab.empty() ? find_vocab(one_by_one(values), true, add_na)
                        : find_vocab(Sample(vocab.begin(), vocab.end()), false, add_na);
}

MultiCategory MultiCategorize::encode(MultiCategory labels) const {
  labels.indices.clear();
  for (const std::string& label : labels.labels) {
    const int64_t index = known.find(label);
    if (index < 0 && !add_na) throw_unknown("MultiCategorize", label, known);
    labels.indices.push_back(std::max<int64_t>(index, 0));
  }
  labels.c = static_cast<int64_t>(known.labels.size());
  return labels;
}

MultiCategory MultiCategorize::encode(const Numbers& numbers) const {
  MultiCategory labels;
  for (const double number : numbers.values)
    if (!std::isnan(number)) labels.labels.push_back(label_text(Numbers{{number}}));
  return encode(std::move(labels));
}

Targets MultiCategorize::targets() const {
  return {TargetKind::multi_category, static_cast<int64_t>(known.labels.size()), known.labels};
}

void MultiCategorize::fields(Fields& f) {
  auto labels = known.labels;
  f("vocab", labels)("add_na", add_na);
  known = Vocab(labels);
}

Tensor OneHotEncode::encode(const MultiCategory& categories) const {
  const Tensor flags = minitorch::zeros({categories.c});
  for (int64_t index : categories.indices) {
    if (index < 0 || index >= categories.c)
      throw minitorch::IndexError("[OneHotEncode] class " + std::to_string(index) + " of " +
                                  std::to_string(categories.c));
    flags.data<float>()[index] = 1;
  }
  return flags;
}

Tensor EncodedMultiCategorize::encode(const Numbers& flags) const {
  if (flags.values.size() != vocab.size())
    throw minitorch::ShapeError(minitorch::format("[EncodedMultiCategorize] %zu flags for %zu classes",
                                                  flags.values.size(), vocab.size()),
                                "name them in that order, one for each flag: .vocab = {\"cat\", \"dog\"}");
  for (const double flag : flags.values)
    if (std::isnan(flag))
      throw ValueError("[EncodedMultiCategorize] a flag is missing, or NaN",
                       "leave the item out: .get_items, df = df.dropna(), or throw SkipItem in get_y");
  return minitorch::tensor(flags.values);
}

Tensor EncodedMultiCategorize::encode(const MultiCategory& flags) const {
  Numbers numbers;
  for (const std::string& flag : flags.labels) {
    if (flag != "True" && flag != "False" && flag != "1" && flag != "0")
      throw ValueError("[EncodedMultiCategorize] " + repr(flag) + " is no flag: expected True, False, 1 or 0",
                       "labels, not flags? MultiCategoryBlock{} without .encoded");
    numbers.values.push_back(flag == "True" || flag == "1");
  }
  return encode(numbers);
}

// --- numbers and points ---

Numbers RegressionSetup::encode(Numbers numbers) const {
  for (const double number : numbers.values)
    if (std::isnan(number)) encode(std::monostate());
  return numbers;
}

Numbers RegressionSetup::encode(std::monostate) const {
  throw ValueError("[RegressionSetup] an item has no number to predict: nothing, or NaN",
                   "leave it out: .get_items, df = df.dropna({\"price\"}), or throw SkipItem in get_y");
}

Numbers RegressionSetup::encode(const std::string& text) const {
  if (text == "True" || text == "False") return {{text == "True" ? 1.0 : 0.0}};
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size())
    throw ValueError("[RegressionSetup] " + repr(text) + " is no number",
                     "for labels use CategoryBlock{} instead of RegressionBlock{}");
  return encode(Numbers{{number}});
}

void RegressionSetup::setup(const Sample& values) {
  if (c != 0) return;
  c = 1;
  if (!values.empty())
    if (const auto* numbers = std::get_if<Numbers>(&values.front()))
      c = static_cast<int64_t>(numbers->values.size());
}

Points MakePoints::encode(const Numbers& numbers) const {
  if (numbers.values.size() % 2)
    throw minitorch::ShapeError(
        minitorch::format("[MakePoints] %zu numbers: expected x and y of each point", numbers.values.size()));
  return encode(minitorch::tensor(numbers.values, {static_cast<int64_t>(numbers.values.size()) / 2, 2}));
}

Points MakePoints::encode(const Tensor& xy) const {
  for (const float number : xy.to_vector<float>())
    if (std::isnan(number)) encode(std::monostate());
  return {xy};
}

Points MakePoints::encode(std::monostate) const {
  throw ValueError("[MakePoints] an item has no point, or one with NaN",
                   "leave it out: .get_items, df = df.dropna(), or throw SkipItem in get_y");
}

void MakePoints::setup(const Sample& values) {
  if (c != 0 || values.empty()) return;
  if (const auto* numbers = std::get_if<Numbers>(&values.front()))
    c = static_cast<int64_t>(numbers->values.size());
  if (const auto* points = std::get_if<Points>(&values.front())) c = points->xy.numel();
  if (const auto* xy = std::get_if<Tensor>(&values.front())) c = xy->numel();
}

FC_COMPILE_TRANSFORM(OpenImage)
FC_COMPILE_TRANSFORM(OpenMask)
FC_COMPILE_TRANSFORM(Categorize)
FC_COMPILE_TRANSFORM(MultiCategorize)
FC_COMPILE_TRANSFORM(OneHotEncode)
FC_COMPILE_TRANSFORM(EncodedMultiCategorize)
FC_COMPILE_TRANSFORM(RegressionSetup)
FC_COMPILE_TRANSFORM(MakePoints)

}  // namespace fastcore
