// SPDX-License-Identifier: MIT
// Texts as inputs of a DataBlock: from files to padded batches and back to words.
#include "fastcore/text/text_block.h"

#include <catch2/catch.hpp>

#include "fastcore/data/data_block.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"
#include "tests/bundled.h"
#include "tests/tensor_match.h"

using namespace fastcore;

TEST_CASE("a text block: words of the training texts, numbers, padding") {
  const TransformBlock block = TextBlock{.min_freq = 1, .seq_len = 3};
  const Items training{std::string("One two two"), std::string("two three")};
  const Pipeline pipeline = set_up(Pipeline(block.type_tfms), training);
  const Value numbers = pipeline(std::string("Two four"));
  // xxbos, xxmaj, "two" (the most frequent word, so the first behind the nine special ones), xxunk.
  CHECK_VALUES(std::get<minitorch::Tensor>(numbers), ({4}), 0, 2, 8, 9, 0);
  Sample back{numbers};
  pipeline.decode(back);
  CHECK(std::get<Text>(back[0]).tokens == Tokens{"xxbos", "xxmaj", "two", "xxunk"});

  std::vector<Sample> samples{{minitorch::tensor({5, 6}), Category{0, "a"}},
                              {minitorch::tensor({1, 2, 3, 4, 5, 6, 7}), Category{1, "b"}}};
  block.before_batch[0](samples);
  // Five are missing: one window of three in front, two behind.
  CHECK_VALUES(std::get<minitorch::Tensor>(samples[0][0]), ({7}), 0, 1, 1, 1, 5, 6, 1, 1);
  CHECK(type_of(samples[0][1]) == "Category");
  CHECK_THROWS_WITH(Tokenizer{}.encode(Path("no/such.txt")), Catch::Contains("no/such.txt"));
}

TEST_CASE("novels through a DataBlock: batches of words, their novels, and words again") {
  const Path path = fastcore::testing::bundled(urls::AUSTEN_SAMPLE);
  const auto some = [](const Path& folder) {
    return get_text_files(folder).filter([](const Path& p) { return p.stem().back() == '7'; });
  };
  auto dls = DataBlock{.blocks = {TextBlock{}, CategoryBlock{}},
                       .get_items = some,
                       .splitter = GrandparentSplitter{.valid_name = {"test"}},
                       .get_y = parent_label}
                 .dataloaders(path, {.bs = 8});
  CHECK(dls.c() == 6);
  const Batch batch = dls.valid().one_batch();
  CHECK(batch.x[0].dtype() == minitorch::kInt64);
  CHECK(batch.x[0].size(0) == 8);
  CHECK(batch.x[0].size(1) > 100);
  CHECK((batch.x[0].slice(1, 0, 1) == 2).to(minitorch::kInt64).sum().item() >= 1);  // xxbos of the longest
  const Value first = dls.valid().decode_x(batch, 0)[0];
  REQUIRE(type_of(first) == "Text");
  const auto words = tokenize(Path(dls.valid().item_name(0)).read_text());
  CHECK(std::get<Text>(first).tokens.size() == words.size());
  CHECK(std::get<Text>(first).tokens[0] == "xxbos");
}
