// SPDX-License-Identifier: MIT
#include <algorithm>

#include "fastcore/text/loaders.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Tensor;

namespace {

Tensor matrix(const std::vector<int64_t>& values, int64_t rows) {
  const auto columns = static_cast<int64_t>(values.size()) / rows;
  Tensor out = minitorch::empty({rows, columns}, {.dtype = minitorch::kInt64});
  std::copy(values.begin(), values.end(), out.data<int64_t>());
  return out;
}

Text as_text(const WordVocab& vocab, const Tensor& numbers) {
  Text text;
  for (int64_t number : numbers.to_vector<int64_t>()) text.tokens.push_back(vocab.word(number));
  text.text = detokenize(text.tokens);
  return text;
}

class LMPass : public Pass {
 public:
  LMPass(std::vector<int64_t> stream, int64_t rows, int64_t row_length, int64_t step)
      : stream_(std::move(stream)), rows_(rows), row_length_(row_length), step_(step) {}

  std::optional<Batch> next() override {
    const int64_t length = std::min(step_, row_length_ - done_);
    if (length <= 0) return {};
    std::vector<int64_t> x, y;
    for (int64_t row = 0; row < rows_; ++row) {
      const auto from = stream_.begin() + row * row_length_ + done_;
      x.insert(x.end(), from, from + length);
      y.insert(y.end(), from + 1, from + 1 + length);
    }
    done_ += length;
    return Batch{{matrix(x, rows_)}, {matrix(y, rows_)}};
  }

 private:
  std::vector<int64_t> stream_;
  int64_t rows_, row_length_, step_, done_ = 0;
};

}  // namespace

LMLoader::LMLoader(WordVocab vocab, LMLoaderOptions options) : vocab_(std::move(vocab)), options_(options) {
  if (options_.bs < 1 || options_.seq_len < 1)
    throw minitorch::ValueError("[LMLoader] bs and seq_len must be 1 or more");
}

LMLoader::LMLoader(std::vector<Numbered> texts, WordVocab vocab, LMLoaderOptions options)
    : LMLoader(std::move(vocab), options) {
  int64_t total = 0;
  for (const Numbered& text : texts) total += static_cast<int64_t>(text.size());
  words_ = (total - 1) / options_.bs * options_.bs;
  if (total < options_.bs + 1)
    throw minitorch::ValueError("[LMLoader] " + std::to_string(total) + " words do not fill a batch of " +
                                    std::to_string(options_.bs) + " rows",
                                "a smaller bs, or more text");
  texts_ = std::make_shared<const std::vector<Numbered>>(std::move(texts));
}

std::shared_ptr<LMLoader> LMLoader::without_texts(WordVocab vocab, LMLoaderOptions options) {
  std::shared_ptr<LMLoader> loader(new LMLoader(std::move(vocab), options));
  loader->texts_ = std::make_shared<const std::vector<Numbered>>();
  return loader;
}

int64_t LMLoader::size() const { return (stream_length() + options_.seq_len - 1) / options_.seq_len; }

std::unique_ptr<Pass> LMLoader::start() {
  std::vector<int64_t> stream;
  for (int64_t i : order_.start(items(), options_.shuffle)) {
    const Numbered& text = (*texts_)[static_cast<std::size_t>(i)];
    stream.insert(stream.end(), text.begin(), text.end());
  }
  return std::make_unique<LMPass>(std::move(stream), options_.bs, stream_length(), options_.seq_len);
}

std::shared_ptr<DataLoader> LMLoader::with(const LoaderChanges& changes) const {
  auto other = std::make_shared<LMLoader>(*this);
  other->options_.shuffle = changes.shuffle.value_or(options_.shuffle);
  if (texts_->empty()) other->options_.bs = changes.bs.value_or(options_.bs);
  else if (changes.bs && *changes.bs != options_.bs)
    return std::make_shared<LMLoader>(
        *texts_, vocab_, LMLoaderOptions{*changes.bs, options_.seq_len, other->options_.shuffle});
  return other;
}

std::vector<Value> LMLoader::decode_x(const Batch& batch, int64_t i) const {
  return {as_text(vocab_, batch.x.at(0).select(0, i))};
}
Value LMLoader::decode_y(const Tensor& target) const { return as_text(vocab_, target); }

std::shared_ptr<DataLoader> LMLoader::test_dl(const std::vector<Value>&, bool) const {
  throw minitorch::ValueError("[test_dl] a language model reads one stream of words, not items one by one",
                              "generate(learn, text) goes on with a text of yours");
}

}  // namespace fastcore
