// SPDX-License-Identifier: MIT
// Learners of texts as data: words, models and how texts are put together come back.
#include "fastcore/learn/export.h"

#include "fastcore/data/data_block.h"
#include "fastcore/learn/model_spec.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/text/text.h"
#include "minitorch/core/random.h"
#include "minitorch/io/io.h"
#include "tests/learn/synth.h"
#include "tests/tensor_match.h"
#include "tests/text/letters.h"

using namespace minitorch;
using namespace fastcore;
using namespace fastcore::testing;

namespace {

// letters() by a DataBlock.
DataLoaders block_of_letters() {
  std::vector<Value> texts;
  for (int i = 0; i < 40; ++i) texts.push_back(text_of(i));
  return DataBlock{.blocks = {TextBlock{.min_freq = 1, .seq_len = 5}, CategoryBlock{}},
                   .splitter = IndexSplitter{.valid_idx = {0, 4, 8}},
                   .get_y = [](const std::string& text) { return text.substr(0, 1); }}
      .dataloaders(Items(texts), {.bs = 4});
}

Tensor preds_of(Learner& learn) {
  const std::vector<Value> texts{std::string("b c d e f c d e f c d"), std::string("a c"),
                                 std::string("b unknown c")};
  return learn.get_preds(*learn.dls.test_dl(texts)).preds;
}

Path changed(const Path& file, const char* note, const std::string& from, const std::string& to) {
  auto stored = io::load_safetensors(file.str());
  std::string& text = stored.metadata[note];
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const Path other = file.parent() / "changed.safetensors";
  io::save_safetensors(other.str(), stored.tensors, stored.metadata);
  return other;
}

}  // namespace

TEST_CASE("a classifier of texts is exported: new texts are read, and answered, as before") {
  const QuietTerminal quiet;
  const Folder folder;
  for (const bool block : {false, true}) {
    set_seed(42);
    const DataLoaders dls = block ? block_of_letters() : DataLoaders(letters(false));
    Learner learn = text_classifier_learner(
        dls, AWD_LSTM, {.config = kSmall, .seq_len = 5, .max_len = 20, .path = folder.path});
    learn.fit(1, 1e-2);
    const Path file = learn.export_learner("texts.safetensors");
    Learner again = load_learner(file);
    CHECK(to_string(*again.model) == to_string(*learn.model));
    CHECK(again.dls.vocab() == std::vector<std::string>{"a", "b"});
    CHECK(word_vocab(again.dls).words() == word_vocab(dls).words());
    CHECK_TENSOR(preds_of(again), preds_of(learn), 0);
    const Prediction first = learn.predict(std::string("b c d")), second = again.predict("b c d");
    CHECK(first.label == second.label);
    CHECK_TENSOR(second.probs, first.probs, 0);
    CHECK(again.export_learner("again.safetensors").read_text() == file.read_text());
    CHECK(again.splitter(*again.model).lists.size() == 4);  // embedding, two layers, head

    again.dls = dls;  // and trains
    again.freeze();
    const Tensor embedding = again.model->parameters()[0].detach().clone();
    again.fit(1, 1e-2);
    CHECK_TENSOR(again.model->parameters()[0].detach(), embedding, 0);
    CHECK(again.recorder->losses.size() > 0);
  }
}

TEST_CASE("a language model is exported: it goes on with a text as before") {
  const QuietTerminal quiet;
  const Folder folder;
  const GenerateOptions likeliest{.n_words = 12, .temperature = 0};
  set_seed(42);
  const TextDataLoaders dls = letters(true);
  Learner learn = language_model_learner(dls, AWD_LSTM, {.config = kSmall, .path = folder.path});
  learn.fit(2, 1e-2);
  Learner again = load_learner(learn.export_learner());
  const std::string text = generate(learn, "b c", likeliest);
  CHECK(text.size() > 12);
  CHECK(generate(again, "b c", likeliest) == text);
  const auto weights = again.model->named_parameters(), before = learn.model->named_parameters();
  CHECK(weights.size() == before.size());  // the decoder's is the embedding's
  CHECK(again.dls.valid().size() == 0);
  CHECK(again.dls.valid().batch_size() == 4);
  again.dls = dls;
  CHECK_NOTHROW(again.fit(1, 1e-2));
  save_encoder(again, folder.path / "encoder.safetensors");
  CHECK((folder.path / "encoder.safetensors").exists());

  Learner small(dls, Transformer(word_vocab(dls).size(), {.d_model = 8, .n_heads = 2, .n_layers = 2}),
                {.path = folder.path});
  small.fit(1, 1e-2);
  Learner back = load_learner(small.export_learner());
  CHECK(generate(back, "b c", likeliest) == generate(small, "b c", likeliest));
  CHECK(to_string(*back.model) == to_string(*small.model));
}

TEST_CASE("an export of texts that was damaged is refused") {
  const QuietTerminal quiet;
  const Folder folder;
  Learner learn = text_classifier_learner(letters(false), AWD_LSTM,
                                          {.config = kSmall, .seq_len = 5, .path = folder.path});
  const Path file = learn.export_learner();
  const auto load = [&](const char* note, const std::string& from, const std::string& to) {
    return load_learner(changed(file, note, from, to));
  };
  CHECK_THROWS_WITH(load("data", "\"c\"", "\"d\""), "[WordVocab] the word 'd' is given twice");
  CHECK_THROWS_WITH(load("data", "\"bs\":4", "\"bs\":0"), "[TextLoader] bs and seq_len must be 1 or more");
  CHECK_THROWS_WITH(load("data", "\"words\":[", "\"words\":7,\"w\":["),
                    "[Fields] the setting words holds a value of another type");
  CHECK_THROWS_WITH(load("model", "\"n_layers\":2", "\"n_layers\":9999"),
                    "[make_model] 9999 layers cannot be made");
  CHECK_THROWS_WITH(load("model", "\"n_hid\":10", "\"n_hid\":999999"),
                    Catch::EndsWith("weights cannot be made"));
  CHECK_THROWS_WITH(load("model", "\"vocab_sz\"", "\"vocab\""),
                    "[make_model] the argument 'vocab_sz' is missing or no whole number");
  CHECK_THROWS_AS(load("model", "\"n_out\":2", "\"n_out\":3"), ShapeError);
}

TEST_CASE("words that are not UTF-8 are not exported as others") {
  const Folder folder;
  const auto loader = std::make_shared<TextLoader>(
      std::vector<Numbered>{{2, 3}, {3}}, std::vector<int64_t>{0, 1},
      WordVocab({"xxunk", "xxpad", "caf\xe9", "b"}), std::vector<std::string>{"a", "b"});
  Learner learn = text_classifier_learner(DataLoaders({loader, loader}), AWD_LSTM,
                                          {.config = kSmall, .path = folder.path});
  try {
    learn.export_learner();
    FAIL("nothing was thrown");
  } catch (const ValueError& error) {
    CHECK(std::string(error.what()) == "[export] a word or label of the data is not UTF-8");
    CHECK_THAT(error.hint(), Catch::Contains("iconv"));
  }
  CHECK(folder.path.ls().empty());
}
