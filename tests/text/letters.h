// SPDX-License-Identifier: MIT
// A small set of texts, and a net to match, that tests of learners and exports share.
#pragma once

#include "fastcore/text/awd_lstm.h"
#include "fastcore/text/loaders.h"

namespace fastcore::testing {

inline const AwdLstmConfig kSmall{.emb_sz = 6, .n_hid = 10, .n_layers = 2};

// Texts of 2 to 9 words, some of them longer than a window: those of class "b" begin with b.
inline std::string text_of(int i) {
  std::string text = i % 3 ? "a" : "b";
  for (int w = 0; w < 1 + i * 5 % 8; ++w) text += std::string(" ") + "cdef"[(w + i) % 4];
  return text;
}
inline TextDataLoaders letters(bool is_lm) {
  std::vector<std::string> texts, labels;
  std::vector<bool> is_valid;
  for (int i = 0; i < 40; ++i) {
    texts.push_back(text_of(i));
    labels.push_back(texts.back().substr(0, 1));
    is_valid.push_back(i % 4 == 3);
  }
  return TextDataLoaders::from_texts(texts, labels, is_valid, {.bs = 4, .seq_len = 5, .is_lm = is_lm});
}

}  // namespace fastcore::testing
