// SPDX-License-Identifier: MIT
#include "fastcore/text/vocab.h"

#include <algorithm>

#include "minitorch/core/errors.h"

namespace fastcore {

static const char* const kFake = "xxfake";

WordVocab::WordVocab(Tokens words) : words_(std::move(words)) {
  for (std::size_t i = 0; i < words_.size(); ++i)
    if (words_[i] != kFake && !numbers_.emplace(words_[i], static_cast<int64_t>(i)).second)
      throw minitorch::ValueError("[WordVocab] the word '" + words_[i] + "' is given twice");
}

WordVocab WordVocab::of(const std::vector<Tokens>& texts, const WordVocabOptions& options) {
  std::unordered_map<std::string, std::size_t> place;
  std::vector<std::pair<std::string, int64_t>> counts;  // in the order first seen
  for (const Tokens& text : texts)
    for (const std::string& token : text) {
      const auto [at, fresh] = place.emplace(token, counts.size());
      if (fresh) counts.emplace_back(token, 0);
      ++counts[at->second].second;
    }
  std::stable_sort(counts.begin(), counts.end(), [](auto& a, auto& b) { return a.second > b.second; });
  Tokens words = options.specials ? special::all() : Tokens{};
  const auto first = static_cast<int64_t>(words.size());
  for (const auto& [word, count] : counts) {
    if (static_cast<int64_t>(words.size()) >= options.max_vocab || count < options.min_freq) break;
    if (std::find(words.begin(), words.begin() + first, word) == words.begin() + first) words.push_back(word);
  }
  if (options.multiple_of_8)
    for (std::size_t missing = 8 - words.size() % 8; missing > 0; --missing) words.emplace_back(kFake);
  return WordVocab(std::move(words));
}

int64_t WordVocab::operator[](const std::string& word) const {
  const auto at = numbers_.find(word);
  return at == numbers_.end() ? 0 : at->second;
}

const std::string& WordVocab::word(int64_t index) const {
  if (index < 0 || index >= size())
    throw minitorch::IndexError("[WordVocab] word " + std::to_string(index) + " of " +
                                std::to_string(size()));
  return words_[static_cast<std::size_t>(index)];
}

std::vector<int64_t> WordVocab::encode(const Tokens& tokens) const {
  std::vector<int64_t> numbers;
  numbers.reserve(tokens.size());
  for (const std::string& token : tokens) numbers.push_back((*this)[token]);
  return numbers;
}

Tokens WordVocab::decode(const std::vector<int64_t>& numbers) const {
  Tokens tokens;
  for (int64_t number : numbers) tokens.push_back(word(number));
  return tokens;
}

}  // namespace fastcore
