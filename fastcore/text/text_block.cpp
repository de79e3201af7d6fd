// SPDX-License-Identifier: MIT
#include "fastcore/text/text_block.h"

#include <algorithm>

#include "fastcore/basics/parallel.h"
#include "fastcore/data/item_loader.h"
#include "fastcore/text/loaders.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Tensor;

Text Tokenizer::encode(Text text) const {
  if (text.tokens.empty()) text.tokens = tokenize(text.text);
  return text;
}

void Numericalize::setup(const Sample& values) {
  std::vector<Tokens> texts;
  for (const Value& value : values)
    if (const auto* text = std::get_if<Text>(&value)) texts.push_back(text->tokens);
  known =
      vocab.empty() ? WordVocab::of(texts, {.min_freq = min_freq, .max_vocab = max_vocab}) : WordVocab(vocab);
}

// Written down are the words that are known; read, they are known at once.
void Numericalize::fields(Fields& f) {
  std::vector<std::string> words = known.size() ? known.words() : vocab;
  f("vocab", words)("min_freq", min_freq)("max_vocab", max_vocab);
  if (words == vocab || words == known.words()) return;
  vocab = words;
  known = WordVocab(words);
}

Tensor Numericalize::encode(const Text& text) const { return minitorch::tensor(known.encode(text.tokens)); }

Text Numericalize::decode(const Tensor& numbers) const {
  Text text;
  for (const int64_t number : numbers.to_vector<int64_t>())
    if (number != special::kPaddingIndex) text.tokens.push_back(known.word(number));
  text.text = detokenize(text.tokens);
  return text;
}

namespace {

const Tensor* numbers_of_words(const Value& value) {
  const auto* tensor = std::get_if<Tensor>(&value);
  return tensor && tensor->dims() == 1 && tensor->dtype() == minitorch::kInt64 ? tensor : nullptr;
}

void pad_member(std::vector<Sample>& samples, std::size_t member, int64_t seq_len) {
  int64_t width = 0;
  for (const Sample& sample : samples) {
    const Tensor* text = numbers_of_words(sample[member]);
    if (!text) return;
    width = std::max(width, text->numel());
  }
  for (Sample& sample : samples) {
    const auto text = numbers_of_words(sample[member])->to_vector<int64_t>();
    const Tensor row = minitorch::empty({width}, {.dtype = minitorch::kInt64});
    put_padded(text, width, seq_len, row.data<int64_t>());
    sample[member] = row;
  }
}

// All texts, cut into words once, as one stream.
LoaderMaker stream_loader(int64_t seq_len) {
  return [seq_len](const std::shared_ptr<const Datasets>& data, const std::vector<int64_t>& places,
                   const ItemLoaderOptions& options) -> std::shared_ptr<DataLoader> {
    if (data->members() != 1)
      throw minitorch::ValueError("[TextBlock] a language model's text has " +
                                      std::to_string(data->members() - 1) + " other blocks beside it",
                                  "leave them out, .blocks = {TextBlock{.is_lm = true}}: the words are the "
                                  "targets");
    const auto numbers_of = [&](int64_t place) -> Numbered {
      Context context(options.split);
      try {
        const Sample sample = data->sample(place, 1, context);
        if (const Tensor* numbers = numbers_of_words(sample[0])) return numbers->to_vector<int64_t>();
        throw minitorch::ValueError(
            "[TextBlock] no text: " + describe(sample[0]) + " (item " + data->item_name(place) + ")",
            "get_x should return a text, or a file of text");
      } catch (const SkipItem&) { return {}; }
    };
    const auto texts = parallel(numbers_of, L<int64_t>(places), {.n_workers = options.num_workers});
    return std::make_shared<LMLoader>(std::vector<Numbered>(texts.begin(), texts.end()), vocabulary_of(*data),
                                      LMLoaderOptions{options.bs, seq_len, options.shuffle});
  };
}

}  // namespace

const WordVocab& vocabulary_of(const Datasets& data) {
  for (const Transform& transform : data.pipelines().at(0).transforms())
    if (const auto* numbers = transform.get_if<Numericalize>()) return numbers->known;
  throw minitorch::ValueError("[text] the data are no texts", "let TextBlock{} be the first of the blocks");
}

BeforeBatch pad_input(int64_t seq_len) {
  if (seq_len < 1)
    throw minitorch::ValueError("[pad_input] seq_len " + std::to_string(seq_len) + ": expected 1 or more");
  return {"pad_input", {{"seq_len", seq_len}}, [seq_len](std::vector<Sample>& samples) {
            for (std::size_t member = 0; member < samples.front().size(); ++member)
              pad_member(samples, member, seq_len);
          }};
}

TextBlock::operator TransformBlock() const {
  return {.type_tfms = {Tokenizer{}, Numericalize{vocab, min_freq, max_vocab}},
          .item_tfms = {},
          .batch_tfms = {},
          .before_batch = {pad_input(seq_len)},
          .make_loader = is_lm ? stream_loader(seq_len) : LoaderMaker()};
}

FC_COMPILE_TRANSFORM(Tokenizer)
FC_COMPILE_TRANSFORM(Numericalize)

}  // namespace fastcore
