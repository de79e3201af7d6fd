// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <catch2/catch.hpp>

#include "fastcore/basics/terminal.h"
#include "fastcore/text/text.h"
#include "minitorch/minitorch.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using namespace minitorch;
using minitorch::testing::difference;

namespace {

const AwdLstmConfig kTiny{.emb_sz = 16,
                          .n_hid = 64,
                          .n_layers = 2,
                          .output_p = 0.1,
                          .hidden_p = 0.1,
                          .input_p = 0.1,
                          .embed_p = 0.05,
                          .weight_p = 0.1};

// "a b c d a b c d ..." and, in other texts, the letters backwards.
TextDataLoaders up_or_down(bool is_lm) {
  std::vector<std::string> texts, labels;
  std::vector<bool> is_valid;
  for (int i = 0; i < 40; ++i) {
    const std::string letters =
        i % 2 ? "pqrs" : "srqp";  // GCC 12 with -fsanitize cannot index the two at once
    std::string text;
    for (int w = 0; w < 12 + i % 3; ++w) text += std::string(w ? " " : "") + letters[(w + i) % 4];
    texts.push_back(text);
    labels.push_back(i % 2 ? "up" : "down");
    is_valid.push_back(i >= 32);
  }
  return TextDataLoaders::from_texts(texts, labels, is_valid, {.bs = 8, .seq_len = 7, .is_lm = is_lm});
}

double norm_of(const Tensor& x) { return square(x).sum().item(); }

}  // namespace

TEST_CASE("AWD_LSTM of the course: 21 million weights in the layers, tied decoder") {
  nn::ModulePtr model = language_model(64, AwdLstmConfig{});
  const int64_t lstm1 = 4 * 1152 * (400 + 1152 + 2), lstm2 = 4 * 1152 * (1152 + 1152 + 2),
                lstm3 = 4 * 400 * (1152 + 400 + 2);
  REQUIRE(model->parameter_count() == 64 * 400 + lstm1 + lstm2 + lstm3 + 64);
}

TEST_CASE("the state goes on from batch to batch until reset") {
  manual_seed(1);
  AwdLstm encoder(20, kTiny);
  encoder->eval();
  const NoGrad no_grad;
  const Tensor words = randint(2, 20, {3, 10});
  const Tensor whole = encoder(words).contiguous();
  encoder->reset();
  const Tensor first = encoder(words.slice(1, 0, 4)), second = encoder(words.slice(1, 4, 10));
  REQUIRE(difference(whole, cat({first, second}, 1), 1e-5) == "");
  encoder->reset();
  REQUIRE(difference(whole, encoder(words).contiguous(), 1e-6) == "");
}

TEST_CASE("concat_pool leaves padding out") {
  const Tensor states = tensor({1., 5., 3., 2., 9., 9., 9., 9., 4., 4., 2., 6.}).reshape({2, 3, 2});
  const Tensor padding = tensor({0, 0, 1, 1, 0, 0}).reshape({2, 3}) == 1;
  const Tensor expected = tensor({3., 2., 3., 5., 2., 3.5, 2., 6., 4., 6., 3., 5.}).reshape({2, 6});
  REQUIRE(difference(expected, concat_pool(states, padding), 1e-6) == "");
}

TEST_CASE("padding in front and behind changes nothing in what a classifier says") {
  manual_seed(2);
  TextClassifier model(SentenceEncoder(AwdLstm(20, kTiny), 4), kTiny.emb_sz, 3, 0.1);
  model->eval();
  const NoGrad no_grad;
  const Tensor text = tensor({{5, 6, 7, 8, 9}}), behind = tensor({{5, 6, 7, 8, 9, 1, 1}});
  REQUIRE(difference(model(text), model(behind), 1e-5) == "");
  const Tensor pads = ones({1, 16}).to(kInt64);
  REQUIRE(difference(model(text), model(cat({pads.slice(1, 0, 4), text}, 1)), 1e-5) == "");
  REQUIRE(difference(model(text), model(cat({pads, behind}, 1)), 1e-5) == "");
}

namespace {

// A batch of texts as a loader makes it: xxpad in front in whole windows, what is left behind.
Tensor side_by_side(const std::vector<int64_t>& lengths, int64_t width, int64_t seq_len) {
  std::vector<Tensor> rows;
  for (const int64_t n : lengths) {
    const int64_t front = (width - n) / seq_len * seq_len;
    rows.push_back(
        cat({ones({front}), randint(2, 20, {n}).to(kFloat32), ones({width - n - front})}).to(kInt64));
  }
  return stack(rows);
}

}  // namespace

TEST_CASE("a text beside a longer one keeps words to pool, also when the last window has none of its own") {
  manual_seed(3);
  TextClassifier model(SentenceEncoder(AwdLstm(20, kTiny), 10, 15), kTiny.emb_sz, 2, 0.1);
  model->eval();
  const NoGrad no_grad;
  const auto kept = [&](const std::vector<int64_t>& lengths) {
    CHECK(std::isfinite(sum(model(side_by_side(lengths, lengths[0], 10))).item()));
    return model->encoder()->padding.size(1);
  };
  CHECK(kept({27, 26}) == 7);   // both have words there: as few as fastai keeps
  CHECK(kept({27, 19}) == 17);  // the second has its last word just before
  CHECK(kept({25, 19}) == 15);  // a whole window and more
  CHECK(kept({15, 8}) == 15);   // all there is

  TextClassifier narrow(SentenceEncoder(AwdLstm(20, kTiny), 10, 10), kTiny.emb_sz, 2, 0.1);  // training
  CHECK(std::isfinite(sum(narrow(side_by_side({27, 19, 8}, 27, 10))).item()));
  CHECK(narrow->encoder()->padding.size(1) == 17);
}

TEST_CASE("a language model learns an alphabet, and its encoder helps nobody forget it") {
  set_quiet(true, true);
  manual_seed(4);
  python::seed(4);
  const auto dls = up_or_down(true);
  auto lm = language_model_learner(dls, AWD_LSTM,
                                   {.config = kTiny, .drop_mult = 0.1, .metrics = {accuracy, Perplexity{}}});
  lm.fit_one_cycle(60, 1e-2);
  const auto scores = lm.validate();
  CHECK(scores[1] > 0.6);  // where a text ends, and how the next begins, nobody can know
  CHECK(scores[2] == Approx(std::exp(scores[0])).epsilon(1e-3));

  manual_seed(5);
  const std::string text = generate(lm, "p q r s p q r", {.n_words = 1, .temperature = 0.1});
  CHECK(text == "p q r s p q r s");

  const Path file = Path("/tmp") / ("encoder_" + std::to_string(getpid()) + ".safetensors");
  save_encoder(lm, file);
  const auto classes = up_or_down(false);
  AwdLstmConfig config = kTiny;
  auto learn =
      text_classifier_learner(classes, AWD_LSTM, {.config = config, .drop_mult = 0.5, .metrics = accuracy});
  const double before = norm_of(learn.model->parameters()[0]);
  load_encoder(learn, file);
  CHECK(norm_of(learn.model->parameters()[0]) != Approx(before));
  CHECK(learn.frozen_to == 3);  // the head alone learns until unfreeze()
  learn.unfreeze();
  learn.fit_one_cycle(20, 1e-2);
  CHECK(learn.validate()[1] > 0.9);
  CHECK(learn.predict("p q r s p q r s p q r s").label == "up");
  file.unlink();
  set_quiet(false, false);
}

TEST_CASE("min_p leaves out the unlikely words, but never all of them") {
  manual_seed(7);
  const Tensor scores = log(tensor({.5, .3, .15, .05})).reshape({1, 1, 4});
  const auto same_for_all = [&](const Tensor& words) { return scores.expand({1, words.size(1), 4}); };
  const auto dls =
      TextDataLoaders::from_texts({"a b", "c a"}, {}, {false, true},
                                  {.bs = 1, .is_lm = true, .vocab = WordVocab({"xxunk", "a", "b", "c"})});
  Learner learn(dls, nn::Lambda(same_for_all));
  const auto drawn = [&](double min_p, double temperature) {
    return generate(learn, "a", {.n_words = 60, .temperature = temperature, .min_p = min_p});
  };
  const auto has = [](const std::string& text, char c) { return text.find(c, 1) != std::string::npos; };
  const std::string all = drawn(0.9, 1), likely = drawn(0.1, 3), one = drawn(0.2, 1);
  CHECK(all.find("xxunk") == std::string::npos);
  CHECK((has(all, 'a') && has(all, 'b') && has(all, 'c')));
  CHECK((has(likely, 'b') && !has(likely, 'c')));  // .05 < .1, whatever the temperature makes of it
  CHECK_FALSE(has(one, 'b'));
}

TEST_CASE("groups of a language model: each layer, then the embedding with the decoder") {
  const auto dls = up_or_down(true);
  auto learn = language_model_learner(dls, AWD_LSTM, {.config = kTiny});
  learn.create_opt();
  const auto& groups = learn.opt->groups();
  const auto& encoder = dynamic_cast<AwdLstmModule&>(*learn.model->children()[0].second);
  REQUIRE(groups.size() == 3);
  for (std::size_t layer : {0, 1}) {
    const auto own = encoder.layers()[layer]->parameters();
    REQUIRE(groups[layer].params.size() == own.size());
    for (std::size_t i = 0; i < own.size(); ++i) CHECK(groups[layer].params[i].same(own[i]));
  }
  REQUIRE(groups[2].params.size() == 2);  // the decoder's weights are the embedding's
  CHECK(groups[2].params[0].same(encoder.embedding()));
  CHECK(groups[2].params[1].shape() == Shape{dls.words().size()});
}

TEST_CASE("groups for gradual unfreezing") {
  const auto dls = up_or_down(false);
  auto learn = text_classifier_learner(dls, AWD_LSTM, {.config = kTiny});
  learn.freeze_to(-2);
  REQUIRE(learn.opt->groups().size() == 4);  // embedding, two layers, head
  REQUIRE_FALSE(learn.opt->groups()[1].params[0].requires_grad());
  REQUIRE(learn.opt->groups()[2].params[0].requires_grad());
}

TEST_CASE("a transformer sees no later word") {
  manual_seed(6);
  Transformer model(30, {.d_model = 16, .n_heads = 2, .n_layers = 2, .max_len = 12});
  model->eval();
  const NoGrad no_grad;
  const Tensor words = randint(0, 30, {2, 9});
  const Tensor scores = model(words);
  REQUIRE(scores.shape() == Shape{2, 9, 30});
  REQUIRE(difference(scores.slice(1, 0, 5).contiguous(), model(words.slice(1, 0, 5)), 1e-5) == "");
  REQUIRE_THROWS_WITH(model(randint(0, 30, {1, 13})), Catch::Contains("up to 12"));
}

TEST_CASE("a transformer learns the alphabet that AWD_LSTM learns, in the same loaders and Learner") {
  set_quiet(true, true);
  manual_seed(4);
  python::seed(4);
  const auto dls = up_or_down(true);
  Learner learn(dls,
                Transformer(dls.words().size(), {.d_model = 32, .n_heads = 2, .n_layers = 2, .max_len = 8}),
                {.metrics = {accuracy, Perplexity{}}});
  const double before = learn.validate()[1];
  learn.fit_one_cycle(30, 5e-3);
  const auto scores = learn.validate();
  CHECK(before < 0.3);
  CHECK(scores[1] > 0.6);  // as AWD_LSTM above
  CHECK(scores[2] == Approx(std::exp(scores[0])).epsilon(1e-3));
  set_quiet(false, false);
}
