// SPDX-License-Identifier: MIT
// TextBlock: texts as inputs of a DataBlock.
//
//     auto dls = DataBlock{.blocks = {TextBlock{}, CategoryBlock{}},
//                          .get_items = get_text_files,
//                          .splitter = GrandparentSplitter{.valid_name = {"test"}},
//                          .get_y = parent_label}.dataloaders(path, {.bs = 16});
//
// and, for a language model, which the vocabulary is then taken from: .vocab = dls_lm.vocab()
//
//     auto dls_lm = DataBlock{.blocks = {TextBlock{.is_lm = true}}, .get_items = get_text_files}
//                       .dataloaders(path, {.bs = 64});
//
// A text of a class is cut into words each time it is used. TextDataLoaders (loaders.h) does so once, and
// puts texts of like length together: for many texts and epochs that is faster.
#pragma once
#include <string>
#include <vector>

#include "fastcore/data/blocks.h"
#include "fastcore/text/vocab.h"

namespace fastcore {

/// A text as words, by fastai's rules: see tokenize().
struct Tokenizer {
  /// The contents of a file. @throws FileError when it cannot be read
  Text encode(const Path& file) const { return encode(file.read_text()); }
  Text encode(const std::string& text) const { return encode(Text{text, {}}); }
  /// What is in words already stays as it is.
  Text encode(Text text) const;
};

/// Words as their numbers, int64 (n). The words are those of the training texts, unless they are given.
struct Numericalize {
  std::vector<std::string> vocab = {};
  int64_t min_freq = 3, max_vocab = 60000;  ///< what becomes a word of the vocabulary, see WordVocabOptions
  WordVocab known = {};

  minitorch::Tensor encode(const Text& text) const;
  /// The words again, without padding, and the text that they make.
  Text decode(const minitorch::Tensor& numbers) const;
  void setup(const Sample& values);
  bool is_set_up() const { return known.size() > 0; }
  void fields(Fields& f);
};

/// Before a batch is put together: its int64 (n) members made equally long with xxpad, whole multiples of
/// seq_len in front, what is left behind. @throws ValueError for a seq_len below 1
BeforeBatch pad_input(int64_t seq_len = 72);

/// A text, from its file or as it is: a batch of int64 (bs, longest text).
struct TextBlock {
  std::vector<std::string> vocab = {};  ///< {}: found in the training texts
  bool is_lm = false;                   ///< predict words: the only block then, and the loaders are LMLoaders
  int64_t min_freq = 3, max_vocab = 60000;
  int64_t seq_len = 72;  ///< of pad_input, and of an LMLoader's batches
  operator TransformBlock() const;
};

/// The words of a TextBlock, once its data are set up. @throws ValueError when the first block is none
const WordVocab& vocabulary_of(const Datasets& data);

FC_DECLARE_TRANSFORM(Tokenizer)
FC_DECLARE_TRANSFORM(Numericalize)

}  // namespace fastcore
