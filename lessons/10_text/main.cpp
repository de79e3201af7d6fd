// SPDX-License-Identifier: MIT
// Lesson 10: language. Numbers in words, then six novels.
#include <cmath>
#include <string>

#include "fastcore/basics/external.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "lessons/10_text/models.h"
#include "lessons/10_text/novels.h"
#include "lessons/10_text/numbers.h"
#include "lessons/10_text/quote.h"

// --- numbers in words ----------------------------------------------------------------------------------

static HumanNumbers count_in_words(Lesson& lesson) {
  lesson.section("Numbers in words");
  const HumanNumbers numbers = read_numbers(lesson);
  const int64_t vocab_sz = numbers.vocab.size(), sl = 16;
  SideBySide train(lesson);

  //! [three]
  auto dls = split_loaders(numbers, threes(numbers.nums), false);
  say_most_common(lesson, numbers, dls);
  train("Three words", Learner(dls, nn::make<LMModel1>(vocab_sz, 64), {.metrics = accuracy}), 4, 1e-3);
  train("A loop", Learner(dls, nn::make<LMModel2>(vocab_sz, 64), {.metrics = accuracy}), 4, 1e-3);
  //! [three]
  //! [stateful]
  dls = split_loaders(numbers, threes(numbers.nums), true);
  const Callbacks forget = ModelResetter{};
  train("A memory", Learner(dls, nn::make<LMModel3>(vocab_sz, 64), {.cbs = forget, .metrics = accuracy}), 10,
        3e-3);
  //! [stateful]
  //! [every]
  dls = split_loaders(numbers, sequences(numbers.nums, sl), true);
  train("A guess after every word",
        Learner(dls, nn::make<LMModel4>(vocab_sz, 64), {.cbs = forget, .metrics = accuracy}), 15, 3e-3);
  //! [every]
  //! [layers]
  train("Two layers", Learner(dls, nn::make<LMModel5>(vocab_sz, 64, 2), {.cbs = forget, .metrics = accuracy}),
        15, 3e-3);
  train("Two layers of LSTM",
        Learner(dls, nn::make<LMModel6>(vocab_sz, 64, 2), {.cbs = forget, .metrics = accuracy}), 15, 1e-2);
  //! [layers]
  //! [regularised]
  const Callbacks regular = {ModelResetter{}, RnnRegularizer(2, 1)};
  train("LSTM, regularised",
        Learner(dls, nn::make<LMModel7>(vocab_sz, 64, 2, 0.4), {.cbs = regular, .metrics = accuracy}), 15,
        1e-2, {.wd = 0.1});
  //! [regularised]

  train.show();
  return numbers;
}

static void check_cell(Lesson& lesson) {
  lesson.section("An LSTM, written out");
  //! [compare]
  const nn::LSTMCell cell(5, 4);
  const Tensor x = randn({3, 5}), h = randn({3, 4}), c = randn({3, 4});
  const auto [ours_h, ours_c] = lstm_cell(cell, x, h, c);
  const auto [next_h, next_c] = cell->step(x, h, c);
  //! [compare]
  lesson.print("largest difference from the library's: h %.6f, c %.6f\n", abs(ours_h - next_h).max().item(),
               abs(ours_c - next_c).max().item());
}

// --- six novels ----------------------------------------------------------------------------------------

static void tell_novels_apart(Lesson& lesson, const TextDataLoaders& dls, Learner& lm);

static void read_novels(Lesson& lesson, int64_t nth) {
  lesson.section("Six novels");
  const Path path = lesson.data(urls::AUSTEN_SAMPLE);
  const int64_t every = lesson.quick() ? 12 : 1;   // passages are left out to be quick
  const int64_t judged = lesson.quick() ? 12 : 2;  // the classifiers are judged by every second one
  //! [novels]
  const auto dls_lm = TextDataLoaders::from_folder(path, {.bs = 32,
                                                          .is_lm = true,
                                                          .valid = "test",
                                                          .every = every,
                                                          .valid_every = every,
                                                          .words = {.max_vocab = 5000}});
  const auto dls = TextDataLoaders::from_folder(path, {.bs = lesson.bs(16),
                                                       .valid = "test",
                                                       .every = every * nth,
                                                       .valid_every = judged,
                                                       .vocab = dls_lm.words()});
  //! [novels]
  lesson.print("%d passages to read, %d of them labelled, %d to be judged by; %d words are known\n\n",
               int(dls_lm.train().items()), int(dls.train().items()), int(dls.valid().items()),
               int(dls.words().size()));
  lesson.print("%s", beginnings(dls, 4).c_str());

  lesson.section("A language model");
  //! [language_model]
  auto lm = language_model_learner(
      dls_lm, AWD_LSTM,
      {.config = kSizes, .drop_mult = 0.3, .cbs = RunReport(lesson), .metrics = {accuracy, Perplexity{}}});
  lm.fit_one_cycle(lesson.epochs(1, 1), lesson.lr(1e-2));
  save_encoder(lm, lesson.folder() / "encoder.safetensors");
  //! [language_model]
  lesson.metric("language model accuracy", lm.recorder->latest("accuracy").value());

  lesson.section("It goes on by itself");
  //! [generate]
  for (double temperature : {0.5, 0.75, 1.0}) {
    const std::string text =
        generate(lm, lesson.option("prompt"), {.n_words = 40, .temperature = temperature});
    lesson.print("temperature %.2f\n%s", temperature, quoted(text).c_str());
  }
  //! [generate]
  tell_novels_apart(lesson, dls, lm);
}

static void tell_novels_apart(Lesson& lesson, const TextDataLoaders& dls, Learner& lm) {
  const int64_t epochs = lesson.epochs(8, 1);
  lesson.section("Which novel is this from?");
  //! [without]
  auto fresh = classifier(lesson, dls);
  fresh.fit_one_cycle(epochs, lesson.lr(1e-2));
  //! [without]
  lesson.metric("without the encoder", fresh.recorder->latest("accuracy").value());

  lesson.section("With the encoder, layer by layer");
  const int64_t last = lesson.epochs(5, 1);
  //! [with]
  const double depth = std::pow(2.6, 3);  // each of four groups learns 2.6 times slower than the one above
  auto learn = classifier(lesson, dls);
  load_encoder(learn, lesson.folder() / "encoder.safetensors");
  const double top = lesson.lr(1e-2);
  learn.fit_one_cycle(1, 2 * top);  // load_encoder() froze all but the head
  learn.freeze_to(-2);
  learn.fit_one_cycle(1, slice(top / depth, top));
  learn.freeze_to(-3);
  learn.fit_one_cycle(1, slice(top / depth, top));
  learn.unfreeze();
  learn.fit_one_cycle(last, slice(top / depth, top));
  //! [with]
  lesson.metric("with the encoder, layer by layer", learn.recorder->latest("accuracy").value());

  lesson.section("With the encoder, all at once");
  //! [again]
  auto again = classifier(lesson, dls);
  load_encoder(again, lesson.folder() / "encoder.safetensors");
  again.unfreeze();
  again.fit_one_cycle(epochs, lesson.lr(1e-2));
  //! [again]
  lesson.metric("with the encoder, all at once", again.recorder->latest("accuracy").value());

  lesson.section("Neighbours");
  const std::string word = lesson.option("word");
  //! [neighbours]
  lesson.print("to the language model\n%s", quoted(neighbours(lm, dls.words(), word)).c_str());
  lesson.print("to the classifier from nothing\n%s", quoted(neighbours(fresh, dls.words(), word)).c_str());
  //! [neighbours]

  lesson.section("Ask it");
  //! [ask]
  const Prediction answer = fresh.predict(lesson.option("passage"));
  //! [ask]
  lesson.print("%s", quoted(lesson.option("passage")).c_str());
  for (std::size_t i = 0; i < dls.vocab().size(); ++i)
    lesson.print("%-22s %.2f\n", dls.vocab()[i].c_str(), answer.probs[int64_t(i)].item());
}

// Last, and from its own seed, so that what stands above does not depend on it.
static void look_back(Lesson& lesson, const HumanNumbers& numbers) {
  lesson.section("A transformer");
  set_seed(static_cast<uint64_t>(lesson.options().seed));
  const int64_t vocab_sz = numbers.vocab.size(), sl = 16;
  const auto dls = split_loaders(numbers, sequences(numbers.nums, sl), true);
  //! [transformer]
  const TransformerConfig small{.d_model = 64, .n_heads = 4, .n_layers = 2, .max_len = sl};
  Learner learn(dls, Transformer(vocab_sz, small), {.cbs = RunReport(lesson), .metrics = accuracy});
  learn.fit_one_cycle(lesson.epochs(15, 3), lesson.lr(3e-3));
  //! [transformer]
  lesson.metric("A transformer", learn.recorder->latest("accuracy").value());
}

static void text_lesson(Lesson& lesson) {
  const int64_t nth = number_from_one("--labels", lesson.option("labels"));
  const HumanNumbers numbers = count_in_words(lesson);
  check_cell(lesson);
  read_novels(lesson, nth);
  look_back(lesson, numbers);
}

int main(int argc, char** argv) {
  return run_lesson(
      {.name = "10_text",
       .title = "Lesson 10: language",
       .options = {{"prompt", "how the text begins that the model goes on with", "It is a truth"},
                   {"labels", "label only every so-many-th passage (4)", "4"},
                   {"word", "whose neighbours are shown", "elinor"},
                   {"passage", "a text to be put to one of the novels",
                    "He had come back rich from the sea, and she had waited eight years."}}},
      argc, argv, text_lesson);
}
