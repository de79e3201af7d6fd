// SPDX-License-Identifier: MIT
// Lesson 10: the numbers from 1 to 9,999 in words, and how that text is cut into batches.
#pragma once
#include <utility>

#include "fastcore/basics/external.h"
#include "fastcore/basics/helpers.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/report/lesson.h"
#include "fastcore/text/text.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

//! [tokens]
struct HumanNumbers {
  WordVocab vocab;
  Tensor nums;  // the whole text, a number for each word
};

inline HumanNumbers read_numbers(Lesson& lesson) {
  const Path path = lesson.side_data(urls::HUMAN_NUMBERS);
  const auto lines = (path / "train.txt").readlines() + (path / "valid.txt").readlines();
  const auto tokens = split(join(lines, " . "));
  const WordVocab vocab(tokens.unique().items());
  lesson.print("%s ...\n", join(tokens.slice(0, 14), " ").c_str());
  lesson.print("%d words, %d of them different\n", int(tokens.size()), int(vocab.size()));
  return {vocab, tensor(vocab.encode(tokens.items()))};
}
//! [tokens]

//! [seqs]
// Every three words, and the one that follows: x (n, 3), y (n).
inline std::pair<Tensor, Tensor> threes(const Tensor& nums) {
  const int64_t n = (nums.size(0) - 2) / 3;
  return {nums(Slice{0, 3 * n}).view({n, 3}), nums(Slice{3, 3 * n + 1, 3})};
}
// Every sl words, and the same one word later: x and y (n, sl).
inline std::pair<Tensor, Tensor> sequences(const Tensor& nums, int64_t sl) {
  const int64_t n = (nums.size(0) - 1) / sl;
  return {nums(Slice{0, sl * n}).view({n, sl}), nums(Slice{1, sl * n + 1}).view({n, sl})};
}
//! [seqs]

//! [chunks]
// Row i of a batch goes on where row i of the batch before ended: m batches, cut from bs long stretches.
inline Tensor group_chunks(const Tensor& ds, int64_t bs) {
  const int64_t m = ds.size(0) / bs;
  return ds(arange(m * bs).view({bs, m}).t().flatten());
}
//! [chunks]

//! [split]
// The first 80 % of the text to learn from, the rest to be judged by.
inline DataLoaders split_loaders(const HumanNumbers& numbers, const std::pair<Tensor, Tensor>& seqs,
                                 bool stateful) {
  const int64_t bs = 64, cut = seqs.first.size(0) * 8 / 10;
  const auto part = [&](Slice rows) {
    const auto cut_out = [&](const Tensor& t) { return stateful ? group_chunks(t(rows), bs) : t(rows); };
    return tensor_loader(cut_out(seqs.first), cut_out(seqs.second),
                         {.bs = bs,
                          .drop_last = stateful,
                          .targets = {TargetKind::text, numbers.vocab.size(), numbers.vocab.words()}});
  };
  return DataLoaders({part({0, cut}), part({cut, seqs.first.size(0)})});
}
//! [split]
