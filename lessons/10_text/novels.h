// SPDX-License-Identifier: MIT
// The classifier of novels, and what lies near a word to a model.
#pragma once
#include <algorithm>
#include <charconv>
#include <string>

#include "fastcore/basics/helpers.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "fastcore/text/text.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// The value of an option that counts. @throws ValueError for what is no whole number from 1 on
inline int64_t number_from_one(const char* option, const std::string& words) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), number);
  if (error != std::errc() || end != words.data() + words.size() || number < 1)
    throw ValueError(format("%s %s", option, words.c_str()),
                     format("a whole number from 1 on: %s 4", option));
  return number;
}

inline const AwdLstmConfig kSizes{.emb_sz = 96, .n_hid = 192, .n_layers = 2};

// The first texts of a batch: the class, and the words that they begin with.
inline std::string beginnings(const TextDataLoaders& dls, int64_t n) {
  const Batch batch = dls.one_batch();
  std::string lines;
  for (int64_t i = 0; i < std::min(n, batch.size()); ++i) {
    const Text text = std::get<Text>(dls.train().decode_x(batch, i).front());
    const Value label = dls.train().decode_y(batch.y.front().select(0, i));
    lines += std::get<Category>(label).label + ":";
    for (std::size_t t = 0; t < std::min<std::size_t>(12, text.tokens.size()); ++t)
      lines += " " + (text.tokens[t][0] == '\n' ? std::string("\\n") : text.tokens[t]);
    lines += text.tokens.size() > 12 ? " ...\n" : "\n";
  }
  return lines;
}

//! [classifier]
// The course's classifier, with its dropouts, in the sizes of our language model.
inline Learner classifier(Lesson& lesson, const TextDataLoaders& dls) {
  AwdLstmConfig config = AwdLstmConfig::classifier();
  config.emb_sz = kSizes.emb_sz, config.n_hid = kSizes.n_hid, config.n_layers = kSizes.n_layers;
  return text_classifier_learner(
      dls, AWD_LSTM, {.config = config, .drop_mult = 0.5, .cbs = RunReport(lesson), .metrics = accuracy});
}
//! [classifier]

//! [near]
// The eight words whose vectors point most nearly the way of this one's, with the cosine of the angle.
inline std::string neighbours(Learner& learn, const WordVocab& words, const std::string& word) {
  if (words.word(words[word]) != word) return word + ": none of the words that are known";
  Tensor vectors;
  for (const auto& [name, tensor] : learn.model->state_dict())
    if (name.ends_with("encoder.weight")) vectors = tensor;
  const Tensor unit = vectors / (square(vectors).sum({1}, true).sqrt() + 1e-6);
  const Tensor cosines = unit.matmul(unit.select(0, words[word]));
  std::string list = word + ":";
  const auto [near, which] = topk(cosines, 9);
  for (int64_t i = 1; i < 9; ++i)  // the nearest of all is the word itself
    list += " " + words.word(which.to_vector<int64_t>()[size_t(i)]) + format(" %.2f", near[i].item());
  return list;
}
//! [near]
