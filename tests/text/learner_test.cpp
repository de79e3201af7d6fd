// SPDX-License-Identifier: MIT
// Learners of texts: predictions in the order of the texts, trainings that go on, options, text that goes on.
#include "fastcore/text/learner.h"

#include "fastcore/data/data_block.h"
#include "fastcore/learn/callbacks.h"
#include "fastcore/learn/interpret.h"
#include "fastcore/learn/metrics.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/text/text_block.h"
#include "fastcore/text/transformer.h"
#include "tests/learn/seeded.h"
#include "tests/tensor_match.h"
#include "tests/text/letters.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;
using minitorch::testing::difference;

namespace {

Learner small_learner(bool is_lm, const Path& folder) {
  set_seed(42);
  const TextLearnerOptions options{
      .config = kSmall, .seq_len = 5, .cbs = CheckpointCallback(), .path = folder};
  return is_lm ? language_model_learner(letters(true), AWD_LSTM, options)
               : text_classifier_learner(letters(false), AWD_LSTM, options);
}

int64_t window_of(const Learner& classifier) {
  return dynamic_cast<const TextClassifierModule&>(*classifier.model).encoder()->bptt();
}

// Four epochs; interrupted after so many batches, and then begun again by another learner.
std::vector<double> trained(bool is_lm, int64_t press, bool in_validation) {
  const Folder folder;
  if (press) {
    Learner learn = small_learner(is_lm, folder.path);
    learn.add_cbs(PressAt(press, in_validation));
    REQUIRE_THROWS_AS(learn.fit(4, 1e-2), Interrupted);
    set_interrupted(false);
  }
  Learner learn = small_learner(is_lm, folder.path);
  if (press) learn.resume("checkpoint");
  learn.fit(4, 1e-2);
  return everything(learn);
}

// The likeliest word again and again, each time from all words before it, as many as there is room for.
std::vector<int64_t> greedy(nn::Module& model, std::vector<int64_t> numbers, int64_t n, int64_t room) {
  const NoGrad no_grad;
  for (; n > 0; --n) {
    const auto all = static_cast<int64_t>(numbers.size());
    const std::vector<int64_t> seen(numbers.end() - std::min(all, room), numbers.end());
    const Tensor scores = model(tensor(seen).unsqueeze(0)).select(1, -1).flatten();
    const Tensor known = scores.slice(0, 1, scores.numel());  // all but xxunk
    numbers.push_back(1 + static_cast<int64_t>(known.argmax().item()));
  }
  return numbers;
}

}  // namespace

TEST_CASE("predictions and largest losses stand in the order of the texts, whatever their lengths") {
  const QuietTerminal quiet;
  const auto loader = std::make_shared<TextLoader>(
      std::vector<Numbered>{{0, 0}, {0, 0, 0, 0, 0}, {0}, {0, 0, 0, 0}, {0, 0, 0}},
      std::vector<int64_t>{0, 1, 1, 0, 1}, WordVocab({"a", "xxpad"}), std::vector<std::string>{"x", "y"},
      TextLoaderOptions{.bs = 2}, std::vector<std::string>{"A", "B", "C", "D", "E"});
  const auto count_words = [](const Tensor& words) {  // scores (n, 2): how many words, and 0
    const Tensor n = (words == 0).to(kFloat32).sum({1}, true);
    return cat({n, zeros_like(n)}, 1);
  };
  Learner learn(DataLoaders({loader, loader}), nn::Lambda(count_words));
  const Predictions p = learn.get_preds({.with_loss = true, .act = [](const Tensor& t) { return t; }});
  CHECK_VALUES(p.preds.select(1, 0).contiguous(), ({5}), 0, 2, 5, 1, 4, 3);
  CHECK_VALUES(p.targs, ({5}), 0, 0, 1, 1, 0, 1);
  CHECK(p.losses.select(0, 1).item() == Approx(5).epsilon(1e-2));
  const TopLosses top = Interpretation::from_learner(learn).top_losses(3);
  CHECK(top.indices == std::vector<int64_t>{1, 4, 2});
  CHECK(top.items == std::vector<std::string>{"B", "E", "C"});
}

TEST_CASE("Monte Carlo dropout leaves on every dropout of an AWD-LSTM") {
  const QuietTerminal quiet;
  using Config = AwdLstmConfig;
  for (double Config::*p :
       {&Config::output_p, &Config::hidden_p, &Config::input_p, &Config::embed_p, &Config::weight_p}) {
    set_seed(1);
    AwdLstmConfig config = kSmall.dropped(0);
    config.*p = 0.5;
    Learner learn(letters(false), TextClassifier(SentenceEncoder(AwdLstm(100, config), 5), 6, 2, 0));
    const auto loss = [&] { return learn.validate()[0]; };
    CHECK(loss() == loss());
    const Scope mc = learn.added_cbs(MCDropoutCallback());
    CHECK(loss() != loss());
  }
}

TEST_CASE("a training on texts that was interrupted goes on bit for bit") {
  const QuietTerminal quiet;
  for (bool is_lm : {true, false}) {
    const int64_t batches = letters(is_lm).train().size();
    REQUIRE(batches > 3);
    const auto once = trained(is_lm, 0, false);
    CHECK(once == trained(is_lm, 2 * batches, true));       // after two epochs of four
    CHECK(once == trained(is_lm, 2 * batches + 2, false));  // in the third
  }
}

TEST_CASE("new texts are predicted in batches, in their order, as one by one") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = small_learner(false, folder.path);
  learn.fit(2, 1e-2);
  const std::vector<std::string> texts{"a c", "b d e f c d e f", "b", "a c d", "b c d e", "a"};
  const Tensor together = learn.get_preds(*learn.dls.test_dl(texts)).preds;
  REQUIRE(together.shape() == Shape{6, 2});
  for (int64_t i = 0; i < 6; ++i) {
    const Prediction one = learn.predict(texts[static_cast<std::size_t>(i)]);
    CHECK(difference(one.probs, together.select(0, i), 1e-5) == "");
  }
  CHECK(learn.predict("a c").label == learn.predict(std::string("a c")).label);
}

TEST_CASE("a learner of texts is told what every learner may be told") {
  const auto dls = letters(false);
  const Splitter one_group = [](nn::Module& m) { return optim::Groups(m.parameters()); };
  const Learner learn = text_classifier_learner(dls, AWD_LSTM,
                                                {.config = kSmall,
                                                 .n_out = 1,
                                                 .loss_func = MSELossFlat{},
                                                 .splitter = one_group,
                                                 .path = "some/where",
                                                 .model_dir = "kept",
                                                 .wd_bn_bias = true,
                                                 .train_bn = false,
                                                 .moms = {0.9, 0.8, 0.9}});
  CHECK(learn.loss_func.get_if<MSELossFlat>());
  CHECK(learn.splitter(*learn.model).lists.size() == 1);
  CHECK(learn.path == Path("some/where"));
  CHECK(learn.model_dir == Path("kept"));
  CHECK(learn.wd_bn_bias);
  CHECK_FALSE(learn.train_bn);
  CHECK(learn.moms == Moms{0.9, 0.8, 0.9});
  const NoGrad no_grad;
  CHECK((*learn.model)(dls.one_batch().x[0]).shape() == Shape{4, 1});
  const Learner usual = text_classifier_learner(dls, AWD_LSTM, {.config = kSmall});
  CHECK(window_of(usual) == 5);  // as the texts are padded
  CHECK(usual.loss_func.get_if<CrossEntropyLossFlat>());
  CHECK(usual.splitter(*usual.model).lists.size() == 4);
  CHECK(usual.moms == Moms{0.8, 0.7, 0.8});
}

TEST_CASE("each learner of texts refuses the data of the other, and data that are no texts") {
  CHECK_THROWS_WITH(language_model_learner(letters(false), AWD_LSTM), Catch::Contains("are no words"));
  CHECK_THROWS_WITH(text_classifier_learner(letters(true), AWD_LSTM), Catch::Contains("are no classes"));
  CHECK_THROWS_WITH(language_model_learner(line_data(), AWD_LSTM), "[text] the data are no texts");
}

TEST_CASE("the course's way: a language model, then a classifier, both from a DataBlock") {
  const QuietTerminal quiet;
  set_seed(1);
  const Folder folder;
  for (const char* half : {"train", "test"})
    for (const char* label : {"neg", "pos"}) {
      (folder.path / half / label).mkdir({.parents = true});
      for (int i = 0; i < 8; ++i) {
        std::string text = label;
        for (int w = 0; w < 3 + i; ++w) text += w % 2 ? " it was" : " so";
        (folder.path / half / label / (std::to_string(i) + ".txt")).write_text(text);
      }
    }
  const auto dls_lm = DataBlock{.blocks = {TextBlock{.is_lm = true, .seq_len = 4}},
                                .get_items = get_text_files,
                                .splitter = RandomSplitter{.valid_pct = 0.25, .seed = 42}}
                          .dataloaders(folder.path, {.bs = 4, .path = folder.path});
  CHECK(dls_lm.one_batch().x[0].shape() == Shape{4, 4});
  CHECK(difference(dls_lm.one_batch().x[0].slice(1, 1, 4).contiguous(),
                   dls_lm.one_batch().y[0].slice(1, 0, 3).contiguous(), 0) != "");  // shuffled anew
  CHECK(dls_lm.train().items() == 24);
  CHECK(dls_lm.valid().items() == 8);
  auto lm = language_model_learner(dls_lm, AWD_LSTM, {.config = kSmall, .metrics = {accuracy, Perplexity{}}});
  lm.fit_one_cycle(2, 1e-2);
  const Path encoder = folder.path / "encoder.safetensors";
  save_encoder(lm, encoder);

  const auto dls = DataBlock{.blocks = {TextBlock{.vocab = dls_lm.vocab(), .seq_len = 4}, CategoryBlock{}},
                             .get_items = get_text_files,
                             .splitter = GrandparentSplitter{.valid_name = {"test"}},
                             .get_y = parent_label}
                       .dataloaders(folder.path, {.bs = 4});
  CHECK(word_vocab(dls).words() == word_vocab(dls_lm).words());
  CHECK(word_vocab(dls)["so"] > 8);
  auto learn =
      text_classifier_learner(dls, AWD_LSTM, {.config = kSmall, .drop_mult = 0.1, .metrics = accuracy});
  CHECK(window_of(learn) == 4);
  load_encoder(learn, encoder);
  learn.unfreeze();
  learn.fit_one_cycle(20, 2e-2);
  CHECK(learn.recorder->latest("accuracy").value() == 1);
  CHECK(learn.predict("pos so it was so").label == "pos");
  dls.show_batch({.max_n = 1});
  CHECK(quiet.lines.back().find("category") != std::string::npos);
  CHECK(quiet.lines.back().find("xxbos") != std::string::npos);
  CHECK_THROWS_WITH((DataBlock{.blocks = {TextBlock{.is_lm = true}, CategoryBlock{}},
                               .get_items = get_text_files,
                               .get_y = parent_label}
                         .dataloaders(folder.path)),
                    Catch::Contains("a language model's text has 1 other blocks beside it"));
}

TEST_CASE("a transformer, which keeps no state, goes on from all words that it can look back over") {
  manual_seed(3);
  const auto dls = letters(true);
  Learner learn(dls,
                Transformer(dls.words().size(), {.d_model = 16, .n_heads = 2, .n_layers = 2, .max_len = 6}));
  {
    const NoGrad no_grad;
    for (Tensor p : learn.model->parameters()) p.mul_(8);  // so that words and places count
  }
  learn.model->train();
  for (const char* prompt : {"a c", "a c d e f c d e f"}) {  // shorter and longer than 6 words
    const std::string text = generate(learn, prompt, {.n_words = 8, .temperature = 0});
    CHECK(learn.model->is_training());
    learn.model->eval();
    const auto numbers = greedy(*learn.model, dls.words().encode(tokenize(prompt)), 8, 6);
    CHECK(text == detokenize(dls.words().decode(numbers)));
    learn.model->train();
  }
}

TEST_CASE("a model with a memory goes on from each word once") {
  manual_seed(4);
  const Folder folder;
  Learner learn = small_learner(true, folder.path);
  const WordVocab words = word_vocab(learn.dls);
  const std::string text = generate(learn, "a c d", {.n_words = 6, .temperature = 0});
  auto numbers = words.encode(tokenize("a c d"));
  learn.model->eval();
  for (int i = 0; i < 6; ++i) {  // all words anew each time
    reset_model(*learn.model);
    numbers = greedy(*learn.model, numbers, 1, 1000);
  }
  CHECK(text == detokenize(words.decode(numbers)));
}

TEST_CASE(
    "temperature: 0 takes the likeliest word, the smallest above it nearly always, below 0 is refused") {
  manual_seed(5);
  const Tensor scores = log(tensor({.5, .3, .15, .05})).reshape({1, 1, 4});
  const auto same_for_all = [&](const Tensor& words) { return scores.expand({1, words.size(1), 4}); };
  const auto dls =
      TextDataLoaders::from_texts({"a b", "c a"}, {}, {false, true},
                                  {.bs = 1, .is_lm = true, .vocab = WordVocab({"xxunk", "a", "b", "c"})});
  Learner learn(dls, nn::Lambda(same_for_all));
  const auto drawn = [&](double temperature, bool no_unk) {
    return generate(learn, "c", {.n_words = 5, .temperature = temperature, .no_unk = no_unk});
  };
  for (double temperature : {0., 1e-300, 1e-3}) {
    CHECK(drawn(temperature, true).find("c a a a a a") != std::string::npos);
    CHECK(drawn(temperature, false).find("c xxunk xxunk") != std::string::npos);
  }
  for (double wrong : {-0.5, double(NAN), HUGE_VAL})
    CHECK_THROWS_WITH(drawn(wrong, true), Catch::Contains("expected a number from 0 on"));
}

TEST_CASE("text goes on for no words, not for fewer") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = small_learner(true, folder.path);
  CHECK(generate(learn, "a c", {.n_words = 0}) == "a c");
  CHECK_THROWS_WITH(generate(learn, "a c", {.n_words = -4}),
                    Catch::Contains("n_words -4: expected a number from 0 on"));
}

TEST_CASE("a classifier whose max_len holds no window is refused") {
  CHECK_THROWS_WITH(
      text_classifier_learner(letters(false), AWD_LSTM, {.config = kSmall, .seq_len = 20, .max_len = 10}),
      Catch::Contains("max_len 10 is below seq_len 20"));
  CHECK_THROWS_WITH(SentenceEncoder(AwdLstm(20, kSmall), 0), Catch::Contains("windows of 0 words"));
  CHECK_NOTHROW(SentenceEncoder(AwdLstm(20, kSmall), 10, 10));
}

TEST_CASE(
    "a language model's predictions are its streams, read to their ends, where the last batch is short") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = small_learner(true, folder.path);
  for (int64_t ds_idx : {0, 1}) {
    const auto loader = learn.dls[ds_idx].with({.shuffle = false});
    const int64_t length = dynamic_cast<const LMLoader&>(*loader).stream_length();
    REQUIRE(length % 5 != 0);
    REQUIRE(length > 5);
    const Predictions p =
        learn.get_preds(*loader, {.with_input = true, .with_decoded = true, .with_loss = true});
    CHECK(p.preds.shape() == Shape{4, length, word_vocab(learn.dls).size()});
    CHECK(p.decoded.shape() == Shape{4, length});
    REQUIRE(p.targs.shape() == Shape{4, length});
    REQUIRE(p.inputs.at(0).shape() == Shape{4, length});
    CHECK(difference(p.inputs[0].slice(1, 1, length), p.targs.slice(1, 0, length - 1), 0) == "");
    learn.model->eval();
    reset_model(*learn.model);
    const NoGrad no_grad;
    const Tensor once = (*learn.model)(p.inputs[0]);  // all words at once
    CHECK(difference(p.preds, softmax(once, -1), 1e-5) == "");
    REQUIRE(p.losses.shape() == Shape{4});
    CHECK(p.losses.mean().item() == Approx(learn.loss_func(once, {p.targs}).item()).epsilon(1e-4));
    reset_model(*learn.model);
  }
  CHECK(learn.get_preds({.ds_idx = 0}).preds.dims() == 3);
}

TEST_CASE("inputs of different widths are padded on as the data pad") {
  const QuietTerminal quiet;
  const Folder folder;
  for (int i = 0; i < 24; ++i) {
    std::string text;
    for (int w = 0; w < 1 + i * 5 % 23; ++w) text += w % 3 ? " so" : " it";
    const Path half = folder.path / (i % 2 ? "test" : "train") / (i % 3 ? "neg" : "pos");
    half.mkdir({.parents = true, .exist_ok = true});
    (half / (std::to_string(i) + ".txt")).write_text(text);
  }
  const auto block = DataBlock{.blocks = {TextBlock{.seq_len = 4}, CategoryBlock{}},
                               .get_items = get_text_files,
                               .splitter = GrandparentSplitter{.valid_name = {"test"}},
                               .get_y = parent_label}
                         .dataloaders(folder.path, {.bs = 4});
  for (const DataLoaders& dls : {DataLoaders(letters(false)), block}) {
    Learner learn = text_classifier_learner(dls, AWD_LSTM, {.config = kSmall});
    const Predictions p = learn.get_preds({.with_input = true});
    learn.model->eval();
    const NoGrad no_grad;
    CHECK(difference(softmax((*learn.model)(p.inputs.at(0)), -1), p.preds, 1e-5) == "");
  }
  const std::vector<Batch> sizes{Batch{{ones({2, 1, 4, 4})}, {}}, Batch{{ones({2, 1, 4, 6})}, {}}};
  Learner means(letters(false), nn::Lambda([](const Tensor& x) { return x.mean({2, 3}); }));
  means.loss_func = MSELossFlat{};
  CHECK(means.get_preds(*batches_loader(sizes)).preds.shape() == Shape{4, 1});
  CHECK_THROWS_WITH(means.get_preds(*batches_loader(sizes), {.with_input = true}),
                    "[get_preds] the inputs of the batches are of different sizes, such as (2, 1, 4, 4) and "
                    "(2, 1, 4, 6)");
}

TEST_CASE("a classifier drops half of what the course's sizes say, a language model all of it") {
  const Learner lm = language_model_learner(letters(true), AWD_LSTM);
  const Learner classifier = text_classifier_learner(letters(false), AWD_LSTM);
  const auto& words = dynamic_cast<const AwdLstmModule&>(*lm.model->children()[0].second).config();
  CHECK(words.hidden_p == 0.15);
  CHECK(words.output_p == 0.1);
  const auto& model = dynamic_cast<const TextClassifierModule&>(*classifier.model);
  const AwdLstmConfig& c = model.encoder()->encoder()->config();
  CHECK(c.hidden_p == 0.15);
  CHECK(c.input_p == 0.2);
  CHECK(c.embed_p == 0.025);
  CHECK(c.weight_p == 0.25);
  CHECK(model.output_p() == 0.2);
  const Learner all = text_classifier_learner(letters(false), AWD_LSTM, {.config = kSmall, .drop_mult = 1});
  CHECK(dynamic_cast<const TextClassifierModule&>(*all.model).output_p() == kSmall.output_p);
}

TEST_CASE("a model that does not score every word cannot go on with a text") {
  Learner learn = text_classifier_learner(letters(false), AWD_LSTM, {.config = kSmall});
  CHECK_THROWS_WITH(
      generate(learn, "a c"),
      Catch::Contains("[generate] the model's outputs are (1, 2), not a score for each of the"));
}

TEST_CASE("an encoder of other sizes is refused, with a hint that helps") {
  const Folder folder;
  const Learner lm = small_learner(true, folder.path);
  const Path file = folder.path / "encoder.safetensors";
  save_encoder(lm, file);
  Learner learn = text_classifier_learner(letters(false), AWD_LSTM,
                                          {.config = AwdLstmConfig{.emb_sz = 6, .n_hid = 11, .n_layers = 2}});
  try {
    load_encoder(learn, file);
    FAIL("it was loaded");
  } catch (const ShapeError& e) {
    CHECK_THAT(e.what(), Catch::Contains("[load_encoder] the encoder in") && Catch::Contains("rnns.0"));
    CHECK(e.hint().find(".config") != std::string::npos);
  }
}
