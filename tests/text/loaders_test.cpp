// SPDX-License-Identifier: MIT
#include "fastcore/text/loaders.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "fastcore/frame/csv.h"
#include "minitorch/ops/ops.h"
#include "tests/learn/synth.h"
#include "tests/temp_folder.h"

using namespace fastcore;
using namespace minitorch;

static Numbered count_up(int64_t from, int64_t to) {
  Numbered out;
  for (int64_t i = from; i < to; ++i) out.push_back(i);
  return out;
}
static std::vector<int64_t> numbers(const Tensor& x) { return x.to_vector<int64_t>(); }

TEST_CASE("a vocabulary: specials, then words by how often they occur") {
  const std::vector<Tokens> texts{{"b", "a", "b", "xxmaj", "c"}, {"b", "a", "c", "a", "d"}};
  const WordVocab vocab = WordVocab::of(texts, {.min_freq = 2});
  REQUIRE(vocab.size() == 16);  // 9 specials, 3 words, filled up to a multiple of 8
  REQUIRE(Tokens(vocab.words().begin() + 9, vocab.words().end()) ==
          Tokens{"b", "a", "c", "xxfake", "xxfake", "xxfake", "xxfake"});
  REQUIRE(vocab.encode({"a", "d", "xxpad"}) == std::vector<int64_t>{10, 0, 1});
  REQUIRE(vocab.decode({9, 0}) == Tokens{"b", "xxunk"});
  REQUIRE_THROWS_AS(vocab.word(16), IndexError);
  REQUIRE(WordVocab::of(texts, {.min_freq = 1, .max_vocab = 2, .specials = false, .multiple_of_8 = false})
              .words() == Tokens{"b", "a"});
  REQUIRE(WordVocab::of({{"1", "2", "3", "4", "5", "6", "7"}}, {.min_freq = 1}).size() ==
          24);  // 16 gets 8 more
  REQUIRE(WordVocab::of(texts, {.min_freq = 1, .max_vocab = 11, .multiple_of_8 = false}).words().back() ==
          "a");  // the specials count too
}

TEST_CASE("a stream of words, side by side and one word later") {
  LMLoader loader({count_up(0, 10), count_up(10, 24)}, WordVocab({"w"}), {.bs = 2, .seq_len = 5});
  REQUIRE(loader.stream_length() == 11);  // 22 of 24 - 1 words
  REQUIRE(loader.size() == 3);
  std::vector<Batch> batches;
  for (Batch& batch : loader) batches.push_back(batch);
  REQUIRE(batches.size() == 3);
  REQUIRE(numbers(batches[0].x[0]) == std::vector<int64_t>{0, 1, 2, 3, 4, 11, 12, 13, 14, 15});
  REQUIRE(numbers(batches[0].y[0]) == std::vector<int64_t>{1, 2, 3, 4, 5, 12, 13, 14, 15, 16});
  REQUIRE(numbers(batches[2].x[0]) == std::vector<int64_t>{10, 21});
  REQUIRE(batches[2].y[0].shape() == Shape{2, 1});
  REQUIRE_THROWS_WITH(LMLoader({count_up(0, 3)}, WordVocab({"w"}), {.bs = 4}),
                      Catch::Contains("3 words do not fill a batch of 4 rows"));
}

TEST_CASE("texts of a class: the longest first, padded in front by whole windows") {
  const WordVocab vocab({"a", "xxpad", "b"});
  TextLoader loader({{0, 0}, {2, 2, 2, 2, 2}, {0}, {2, 0, 2}}, {0, 1, 0, 1}, vocab, {"x", "y"},
                    {.bs = 2, .seq_len = 2});
  std::vector<Batch> batches;
  for (Batch& batch : loader) batches.push_back(batch);
  REQUIRE(batches.size() == 2);
  REQUIRE(numbers(batches[0].x[0]) == std::vector<int64_t>{2, 2, 2, 2, 2, 1, 1, 2, 0, 2});
  REQUIRE(numbers(batches[0].y[0]) == std::vector<int64_t>{1, 1});
  REQUIRE(numbers(batches[1].x[0]) == std::vector<int64_t>{0, 0, 0, 1});
  REQUIRE(loader.targets().vocab == std::vector<std::string>{"x", "y"});
  REQUIRE_THROWS_AS(TextLoader({{0}}, {0, 1}, vocab, {"x"}), ShapeError);
}

TEST_CASE("texts of a class say in which order they come, and by what names") {
  const std::vector<Numbered> texts{{0, 0}, {0, 0, 0, 0, 0}, {0}, {0, 0, 0, 0}, {0, 0}};
  TextLoader loader(texts, {}, WordVocab({"a", "xxpad"}), {"x"}, {.bs = 2}, {"A", "B", "C", "D", "E"});
  CHECK(loader.idxs() == std::vector<int64_t>{1, 3, 0, 4, 2});
  CHECK(loader.idxs() == loader.order());
  CHECK(loader.with({.drop_last = true})->idxs() == std::vector<int64_t>{1, 3, 0, 4});
  CHECK(loader.with({.shuffle = true})->idxs().empty());
  CHECK(loader.item_name(3) == "D");
  CHECK_THROWS_WITH(loader.item_name(5), "[TextLoader] item 5 of 5");
  CHECK(TextLoader(texts, {}, WordVocab({"a", "xxpad"}), {"x"}).item_name(3) == "3");
  CHECK_THROWS_WITH(TextLoader(texts, {}, WordVocab({"a", "xxpad"}), {"x"}, {}, {"A"}),
                    Catch::Contains("5 texts and 1 names"));
}

TEST_CASE("shuffled texts: the longest in the first batch, each text once") {
  std::vector<Numbered> texts;
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 103; ++i) {
    texts.push_back(count_up(0, 1 + i * 37 % 50));
    labels.push_back(i % 2);
  }
  python::seed(3);
  TextLoader loader(texts, labels, WordVocab({"w"}), {"x", "y"}, {.bs = 8, .shuffle = true});
  const auto first = loader.order(), second = loader.order();
  REQUIRE(std::set<int64_t>(first.begin(), first.end()).size() == 103);
  REQUIRE(first != second);
  for (const auto& order : {first, second}) {
    std::size_t longest = 0;
    for (int i = 0; i < 8; ++i) longest = std::max(longest, texts[static_cast<std::size_t>(order[i])].size());
    REQUIRE(longest == 50);
  }
  // A short batch stays the last; the full one of the shortest texts before it comes anywhere behind the
  // first.
  std::set<std::size_t> before_last;
  for (int i = 0; i < 20; ++i) {
    const auto order = loader.order();
    before_last.insert(texts[static_cast<std::size_t>(order[88])].size());
    for (int k = 96; k < 103; ++k) REQUIRE(texts[static_cast<std::size_t>(order[k])].size() <= 4);
  }
  REQUIRE(before_last.size() > 3);
}

TEST_CASE("loaders from texts") {
  std::vector<std::string> texts, labels;
  std::vector<bool> is_valid;
  for (int i = 0; i < 20; ++i) {
    texts.push_back(i % 2 ? "a good good film" : "a bad bad film");
    labels.push_back(i % 2 ? "pos" : "neg");
    is_valid.push_back(i >= 16);
  }
  const auto dls = TextDataLoaders::from_texts(texts, labels, is_valid, {.bs = 4});
  REQUIRE(dls.train().items() == 16);
  REQUIRE(dls.valid().items() == 4);
  REQUIRE(dls.vocab() == std::vector<std::string>{"neg", "pos"});
  REQUIRE(dls.words()["good"] > 8);
  REQUIRE_THROWS_WITH(TextDataLoaders::from_texts(texts, labels, std::vector<bool>(20), {}),
                      Catch::Contains("no text to validate on"));
}

TEST_CASE("loaders of texts from a table and from a file") {
  std::string csv = "text,label,is_valid\n";
  for (int i = 0; i < 20; ++i)
    csv += std::string(i % 2 ? "\"a good, good film\",pos," : "a bad bad film,neg,") +
           (i >= 16 ? "True\n" : "False\n");
  const Path file = Path("/tmp") / ("texts_" + std::to_string(getpid()) + ".csv");
  file.write_text(csv);
  const auto dls = TextDataLoaders::from_csv(file, {.valid = "is_valid"}, {.bs = 4});
  REQUIRE(dls.train().items() == 16);
  REQUIRE(dls.valid().items() == 4);
  REQUIRE(dls.vocab() == std::vector<std::string>{"neg", "pos"});
  REQUIRE(dls.path() == Path("/tmp"));
  const DataFrame df = read_csv(file);
  const auto random = TextDataLoaders::from_df(df, {}, {.bs = 4, .seed = 42});
  REQUIRE(random.valid().items() == 4);  // a fifth
  const auto lm =
      TextDataLoaders::from_df(df, {.label = "no such column"}, {.bs = 2, .seq_len = 5, .is_lm = true});
  REQUIRE(lm.train().one_batch().x.front().shape() == Shape{2, 5});
  REQUIRE_THROWS_AS(TextDataLoaders::from_df(df, {.text = "review"}, {}), minitorch::IndexError);
  CHECK(dls.valid().item_name(1) == "17");  // the row's label
  for (double no_share : {20., -0.2, 1.5, std::nan("")})
    CHECK_THROWS_WITH(
        TextDataLoaders::from_df(df, {}, {.valid_pct = no_share}),
        Catch::Contains("[RandomSplitter] valid_pct") && Catch::Contains("a share of the items"));
  file.unlink();
}

TEST_CASE("loaders of the texts of a folder: files by name, a share of them at random") {
  const TempFolder temp;
  const Path folder = temp.path;
  for (const char* label : {"neg", "pos"}) {
    (folder / label).mkdir();
    for (int i = 0; i < 5; ++i)
      (folder / label / (std::to_string(i) + ".txt")).write_text(std::string(label) + " it is");
  }
  const auto dls = TextDataLoaders::from_folder(folder, {.bs = 2, .valid_pct = 0.2, .seed = 1});
  CHECK(dls.train().items() == 8);
  CHECK(dls.valid().items() == 2);
  const Batch batch = dls.valid().one_batch();
  const std::vector<int64_t> order = dls.valid().idxs();
  for (int64_t i = 0; i < 2; ++i) {
    const Value label = dls.valid().decode_y(batch.y[0].select(0, i));
    const Path file = dls.valid().item_name(order[static_cast<std::size_t>(i)]);
    CHECK(file.exists());
    CHECK(file.parent().name() == std::get<Category>(label).label);
  }
  CHECK_THROWS_WITH(TextDataLoaders::from_folder(folder, {.valid_pct = 20}),
                    "[RandomSplitter] valid_pct 20: expected a share of the items, 0 to 1");
}

TEST_CASE("new texts are cut, numbered and padded as those of validation") {
  const auto dls = TextDataLoaders::from_texts({"good good good", "bad bad bad", "good bad", "bad"},
                                               {"pos", "neg", "pos", "neg"}, {false, false, true, true},
                                               {.bs = 2, .seq_len = 2});
  const int64_t good = dls.words()["good"], bad = dls.words()["bad"];
  const std::vector<std::string> texts{"bad", "Good, bad, good", "good bad"};
  const auto loader = dls.test_dl(texts);
  CHECK(loader->items() == 3);
  CHECK(loader->batch_size() == 2);
  CHECK(loader->targets().vocab == std::vector<std::string>{"neg", "pos"});
  CHECK(loader->idxs() == std::vector<int64_t>{1, 2, 0});
  std::vector<Batch> batches;
  for (Batch& batch : *loader) batches.push_back(batch);
  REQUIRE(batches.size() == 2);
  CHECK(batches[0].y.empty());
  // xxbos xxmaj good , bad , good; of seven, four are missing in the second: two windows in front
  CHECK(numbers(batches[0].x[0]) ==
        std::vector<int64_t>{2, 8, good, 0, bad, 0, good, 1, 1, 1, 1, 2, good, bad});
  CHECK(numbers(batches[1].x[0]) == std::vector<int64_t>{2, bad});

  const auto labelled =
      dls.test_dl(std::vector<Value>{Tuple({std::string("good"), std::string("pos")})}, true);
  CHECK(numbers(labelled->one_batch().y.at(0)) == std::vector<int64_t>{1});
  CHECK(dls.new_empty().test_dl(texts)->items() == 3);
  CHECK_THROWS_WITH(dls.test_dl(std::vector<Value>{Numbers{{1}}}),
                    Catch::Contains("[test_dl] an item is Numbers, and this loader holds texts"));
  CHECK_THROWS_WITH(dls.test_dl(std::vector<Value>{std::string("good")}, true),
                    Catch::Contains("[test_dl] an item has no class"));
  CHECK_THROWS_WITH(dls.test_dl(std::vector<Value>{Tuple({std::string("good"), std::string("so-so")})}, true),
                    Catch::Contains("the label 'so-so' is not in the vocabulary: neg, pos"));
}

TEST_CASE("show_batch of texts prints words and classes, of a language model words and the next ones") {
  const fastcore::testing::QuietTerminal terminal;
  const std::vector<std::string> texts{"It is\nso. It is so. It is so indeed.", "It is", "It is so"};
  const auto dls = TextDataLoaders::from_texts(texts, {"long", "short", "short"}, {false, false, true},
                                               {.bs = 2, .words = {.min_freq = 1}});
  dls.train().with({.shuffle = false})->show_batch({.max_n = 2});
  REQUIRE(terminal.lines.size() == 1);
  CHECK(terminal.lines[0] ==
        "text                                                          category\n"
        "xxbos xxmaj it is \\n so . xxmaj it is so . xxmaj it is so...  long\n"
        "xxbos xxmaj it is                                             short");
  const auto lm = TextDataLoaders::from_texts(
      texts, {}, {false, false, true}, {.bs = 1, .seq_len = 2, .is_lm = true, .words = {.min_freq = 1}});
  lm.show_batch({.max_n = 1});
  CHECK(terminal.lines.at(1) == "text         text_\nxxbos xxmaj  xxmaj it");
  CHECK_THROWS_WITH(lm.test_dl(texts), Catch::Contains("one stream of words"));
}

TEST_CASE("labels that are numbers are classes in the order of numbers") {
  std::vector<std::string> texts;
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 24; ++i) {
    texts.push_back("text " + std::to_string(i));
    labels.push_back(i % 12);
  }
  DataFrame df{{"text", Series(texts)}, {"label", Series(labels)}};
  const auto dls = TextDataLoaders::from_df(df, {}, {.bs = 4, .seed = 1});
  CHECK(dls.vocab() ==
        std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"});
  DataLoader& valid = dls.valid();
  for (const Batch& batch : valid)
    for (int64_t i = 0; i < batch.size(); ++i) {
      const auto words = std::get<Text>(valid.decode_x(batch, i).at(0)).tokens;
      if (words.back() == "xxunk") continue;
      CHECK(std::stoi(words.back()) % 12 == batch.y[0].select(0, i).item());
    }
}

TEST_CASE("a missing text or label is refused, and its row named") {
  DataFrame df{{"text", {"one", "two", "three", "four", "five"}}, {"label", {"a", "b", "a", "b", "a"}}};
  df["label"] = Series({"a", "b", Cell{}, "b", "a"});
  CHECK_THROWS_WITH(TextDataLoaders::from_df(df), "[TextDataLoaders] the label of row 2 is missing");
  CHECK_NOTHROW(TextDataLoaders::from_df(df, {}, {.bs = 1, .seq_len = 2, .is_lm = true, .valid_pct = 0.5}));
  df["label"] = Series({"a", "b", "a", "b", "a"});
  df["text"] = Series({"one", "two", "three", Cell{}, "five"});
  CHECK_THROWS_WITH(TextDataLoaders::from_df(df), "[TextDataLoaders] the text of row 3 is missing");
}
