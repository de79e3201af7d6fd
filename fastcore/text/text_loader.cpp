// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numeric>

#include "fastcore/basics/parallel.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/data/type_transforms.h"
#include "fastcore/text/loaders.h"
#include "fastcore/text/text_block.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Tensor;

void put_padded(const Numbered& text, int64_t width, int64_t seq_len, int64_t* row) {
  std::fill(row, row + width, special::kPaddingIndex);
  const auto missing = width - static_cast<int64_t>(text.size());
  std::copy(text.begin(), text.end(), row + missing / seq_len * seq_len);
}

namespace {

class TextPass : public Pass {
 public:
  TextPass(std::shared_ptr<const TextLoader::Data> data, std::vector<int64_t> order, int64_t bs,
           int64_t batches, int64_t seq_len)
      : data_(std::move(data)), order_(std::move(order)), bs_(bs), batches_(batches), seq_len_(seq_len) {}

  std::optional<Batch> next() override {
    if (done_ == batches_) return {};
    const auto begin = static_cast<std::size_t>(done_++ * bs_);
    const std::size_t end = std::min(order_.size(), begin + static_cast<std::size_t>(bs_));
    std::size_t width = 1;
    for (std::size_t i = begin; i < end; ++i) width = std::max(width, text(i).size());
    const auto rows = static_cast<int64_t>(end - begin), columns = static_cast<int64_t>(width);
    Tensor x = minitorch::empty({rows, columns}, {.dtype = minitorch::kInt64});
    std::vector<int64_t> y;
    for (std::size_t i = begin; i < end; ++i) {
      put_padded(text(i), columns, seq_len_, x.data<int64_t>() + static_cast<int64_t>(i - begin) * columns);
      if (!data_->labels.empty()) y.push_back(data_->labels[static_cast<std::size_t>(order_[i])]);
    }
    Batch batch{{x}, {}};
    if (!y.empty()) batch.y.push_back(minitorch::tensor(y));
    return batch;
  }

 private:
  const Numbered& text(std::size_t i) const { return data_->texts[static_cast<std::size_t>(order_[i])]; }

  std::shared_ptr<const TextLoader::Data> data_;
  std::vector<int64_t> order_;
  int64_t bs_, batches_, seq_len_, done_ = 0;
};

}  // namespace

TextLoader::TextLoader(std::vector<Numbered> texts, std::vector<int64_t> labels, WordVocab vocab,
                       std::vector<std::string> classes, TextLoaderOptions options,
                       std::vector<std::string> names)
    : options_(options) {
  if (!labels.empty() && labels.size() != texts.size())
    throw minitorch::ShapeError("[TextLoader] " + std::to_string(texts.size()) + " texts and " +
                                std::to_string(labels.size()) + " labels: give one label for each text");
  if (!names.empty() && names.size() != texts.size())
    throw minitorch::ShapeError("[TextLoader] " + std::to_string(texts.size()) + " texts and " +
                                std::to_string(names.size()) + " names: give one name for each text");
  if (options_.bs < 1 || options_.seq_len < 1)
    throw minitorch::ValueError("[TextLoader] bs and seq_len must be 1 or more");
  data_ = std::make_shared<const Data>(
      Data{std::move(texts), std::move(labels), std::move(vocab), std::move(classes), std::move(names)});
}

int64_t TextLoader::size() const { return batch_count(items(), options_.bs, options_.drop_last); }

bool TextLoader::longer(int64_t a, int64_t b) const {
  return data_->texts[static_cast<std::size_t>(a)].size() > data_->texts[static_cast<std::size_t>(b)].size();
}

std::vector<int64_t> TextLoader::idxs() const {
  if (options_.shuffle) return {};
  std::vector<int64_t> places(data_->texts.size());
  std::iota(places.begin(), places.end(), 0);
  std::stable_sort(places.begin(), places.end(), [&](int64_t a, int64_t b) { return longer(a, b); });
  if (options_.drop_last) places.resize(static_cast<std::size_t>(size() * options_.bs));
  return places;
}

// The longest first. To shuffle: texts in random order, sorted by length within pieces of 50 batches, the
// batch with the longest text to the front, the batches between it and the last in random order.
std::vector<int64_t> TextLoader::order() {
  std::vector<int64_t> places = order_.start(items(), options_.shuffle);
  if (!options_.shuffle || places.empty()) return idxs();
  const auto longer = [&](int64_t a, int64_t b) { return this->longer(a, b); };
  const int64_t piece = 50 * options_.bs, n = items();
  const auto longest = std::min_element(places.begin(), places.end(), longer);
  std::iter_swap(places.begin(), longest);
  for (int64_t at = 0; at < n; at += piece)
    std::stable_sort(places.begin() + at, places.begin() + std::min(n, at + piece), longer);
  const int64_t batches = n / options_.bs;     // those that are full
  const int64_t last = (n - 1) / options_.bs;  // which one is the last, full or not
  std::vector<int64_t> middle;
  for (int64_t b = 1; b < last; ++b) middle.push_back(b);
  minitorch::python::global().shuffle(middle);
  std::vector<int64_t> sequence{0};
  sequence.insert(sequence.end(), middle.begin(), middle.end());
  if (last > 0 && last < batches) sequence.push_back(last);
  std::vector<int64_t> out;
  for (int64_t b : batches ? sequence : std::vector<int64_t>{})
    out.insert(out.end(), places.begin() + b * options_.bs, places.begin() + (b + 1) * options_.bs);
  out.insert(out.end(), places.begin() + batches * options_.bs, places.end());
  return out;
}

std::unique_ptr<Pass> TextLoader::start() {
  return std::make_unique<TextPass>(data_, order(), options_.bs, size(), options_.seq_len);
}

std::shared_ptr<DataLoader> TextLoader::with(const LoaderChanges& changes) const {
  auto other = std::make_shared<TextLoader>(*this);
  other->options_.bs = changes.bs.value_or(options_.bs);
  other->options_.shuffle = changes.shuffle.value_or(options_.shuffle);
  other->options_.drop_last = changes.drop_last.value_or(options_.drop_last);
  return other;
}

Targets TextLoader::targets() const {
  return {TargetKind::category, static_cast<int64_t>(data_->classes.size()), data_->classes};
}

std::vector<Value> TextLoader::decode_x(const Batch& batch, int64_t i) const {
  Text text;
  for (int64_t number : batch.x.at(0).select(0, i).to_vector<int64_t>())
    if (number != special::kPaddingIndex) text.tokens.push_back(data_->vocab.word(number));
  text.text = detokenize(text.tokens);
  return {text};
}

Tensor TextLoader::widened(const Tensor& x, int64_t width) const {
  const Tensor out = minitorch::empty({x.size(0), width}, {.dtype = minitorch::kInt64});
  for (int64_t i = 0; i < x.size(0); ++i) {
    Numbered words = x.select(0, i).to_vector<int64_t>();
    std::erase(words, special::kPaddingIndex);
    put_padded(words, width, options_.seq_len, out.data<int64_t>() + i * width);
  }
  return out;
}

std::string TextLoader::item_name(int64_t i) const {
  if (i < 0 || i >= items())
    throw minitorch::IndexError("[TextLoader] item " + std::to_string(i) + " of " + std::to_string(items()));
  return data_->names.empty() ? std::to_string(i) : data_->names[static_cast<std::size_t>(i)];
}

// --- new items ---

namespace {

// The text of an item, which has its class behind it where there is one.
const Value& text_part(const Value& item) {
  const auto* tuple = std::get_if<Tuple>(&item);
  return tuple && !tuple->parts().empty() ? tuple->parts().front() : item;
}

Numbered numbers_of(const Value& item, const WordVocab& vocab) {
  static const Transform words = Tokenizer{};
  const Value& text = text_part(item);
  if (!words.takes(text))
    throw minitorch::ValueError("[test_dl] an item is " + type_of(text) + ", and this loader holds texts",
                                "give texts, or files of text: dls.test_dl(get_text_files(path))");
  return vocab.encode(std::get<Text>(words(text)).tokens);
}

int64_t class_of(const Value& item, const Categorize& classes) {
  const auto* tuple = std::get_if<Tuple>(&item);
  if (!tuple || tuple->parts().size() != 2)
    throw minitorch::ValueError("[test_dl] an item has no class: " + describe(item),
                                "give Tuple({text, label}), or ask for no labels");
  return classes.encode(label_text(tuple->parts()[1])).index;
}

}  // namespace

std::shared_ptr<DataLoader> TextLoader::test_dl(const std::vector<Value>& items, bool with_labels) const {
  const auto texts =
      parallel([&](const Value& item) { return numbers_of(item, data_->vocab); }, L<Value>(items));
  const Categorize classes{.known = Vocab(data_->classes)};
  std::vector<int64_t> labels;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (with_labels) labels.push_back(class_of(items[i], classes));
    const auto* file = std::get_if<Path>(&text_part(items[i]));
    names.push_back(file ? file->str() : std::to_string(i));
  }
  return std::make_shared<TextLoader>(
      std::vector<Numbered>(texts.begin(), texts.end()), std::move(labels), data_->vocab, data_->classes,
      TextLoaderOptions{.bs = options_.bs, .seq_len = options_.seq_len}, std::move(names));
}

}  // namespace fastcore
