// SPDX-License-Identifier: MIT
// Lesson 10: the numbers from 1 to 9,999 in words, and how that text is cut into batches.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/basics/external.h"
#include "fastcore/basics/helpers.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/plot/plot.h"
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

// What every model has to beat.
inline void say_most_common(Lesson& lesson, const HumanNumbers& numbers, const DataLoaders& dls) {
  Tensor counts = zeros({numbers.vocab.size()});
  int64_t n = 0;
  for (Batch& batch : dls.valid())
    for (int64_t word : batch.y[0].to_vector<int64_t>()) counts[word] += 1., ++n;
  const int64_t best = counts.argmax().to_vector<int64_t>()[0];
  lesson.print("always \"%s\": %.4f\n", numbers.vocab.word(best).c_str(), counts.max().item() / double(n));
}

// Trains one model after another, each in a section of its own, and shows them side by side.
class SideBySide {
 public:
  explicit SideBySide(Lesson& lesson)
      : lesson_(lesson), plot_("Numbers in words: the next word guessed right") {
    plot_.x_axis = {.label = "epoch", .whole = true}, plot_.y_axis = {.label = "accuracy", .low = 0};
  }
  void operator()(const char* name, Learner learn, int64_t epochs, double lr, OneCycleOptions options = {}) {
    lesson_.section(name);
    learn.add_cbs(RunReport(lesson_));
    learn.fit_one_cycle(lesson_.epochs(epochs, (epochs + 4) / 5), lesson_.lr(lr), options);
    std::vector<double> accuracies;
    for (const LogValues& row : learn.recorder->values) accuracies.push_back(*row.back());
    rows_.push_back(
        {name, std::to_string(learn.model->parameter_count()), format("%.3f", accuracies.back())});
    plot_.curve(accuracies, {.label = name});
    lesson_.metric(name, accuracies.back());
  }
  void show() {
    lesson_.section("All of them");
    lesson_.table({"model", "parameters", "accuracy"}, rows_);
    lesson_.figure("numbers", plot_, "Validation accuracy of the seven models.");
  }

 private:
  Lesson& lesson_;
  Plot plot_;
  std::vector<std::vector<std::string>> rows_ = {};
};
