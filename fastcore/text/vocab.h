// SPDX-License-Identifier: MIT
// WordVocab: which words a model knows, and their numbers.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "fastcore/text/tokenizer.h"

namespace fastcore {

/// What becomes a word of the vocabulary.
struct WordVocabOptions {
  int64_t min_freq = 3;
  int64_t max_vocab = 60000;  ///< words at most, the special ones counted, which are always there
  bool specials = true;       ///< xxunk, xxpad ... as the first nine
  bool multiple_of_8 = true;  ///< filled up with xxfake, as matrix units like it
};

/// Words and their numbers, both ways.
class WordVocab {
 public:
  WordVocab() = default;
  /// Words by number. @throws ValueError for a word given twice (xxfake excepted)
  explicit WordVocab(Tokens words);
  /// The special tokens, then the words of the texts by how often they occur, those seen first first.
  static WordVocab of(const std::vector<Tokens>& texts, const WordVocabOptions& options = {});

  int64_t size() const { return static_cast<int64_t>(words_.size()); }
  const Tokens& words() const { return words_; }
  /// The word's number; 0, xxunk, for one that is not known.
  int64_t operator[](const std::string& word) const;
  /// @throws IndexError
  const std::string& word(int64_t index) const;
  std::vector<int64_t> encode(const Tokens& tokens) const;
  Tokens decode(const std::vector<int64_t>& numbers) const;

 private:
  Tokens words_;
  std::unordered_map<std::string, int64_t> numbers_;
};

}  // namespace fastcore
