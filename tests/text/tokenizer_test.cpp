// SPDX-License-Identifier: MIT
#include "fastcore/text/tokenizer.h"

#include <catch2/catch.hpp>

#include "fastcore/text/signs.h"

using namespace fastcore;

namespace {
#include "tests/text/rules_goldens.inc"
}  // namespace

TEST_CASE("the rules, one by one") {
  using namespace rules;
  REQUIRE(fix_html("It&#39;s a <br />b &amp; \\n c...") == "It&'s a \nb && \n c \u2026");
  REQUIRE(replace_rep("cccc and !!! but  no   spaces") == " xxrep 4 c  and  xxrep 3 !  but  no   spaces");
  REQUIRE(replace_wrep("word word word word word end") == " xxwrep 5 word  end");
  REQUIRE(replace_wrep("a word wordy word") == "a word wordy word");
  REQUIRE(replace_wrep("a-b b b") == "a-b b b");
  REQUIRE(spec_add_spaces("a/b #c") == "a / b  # c");
  REQUIRE(rm_useless_spaces("a   b  c") == "a b c");
  REQUIRE(replace_all_caps("I'M SHOUTING a lot") == "xxup i'm xxup shouting a lot");
  REQUIRE(replace_all_caps("the U.S. and NASA, A B2") == "the xxup u.s. and xxup nasa, a xxup b2");
  REQUIRE(replace_maj("The Cat sat, McDonald too") == "xxmaj the xxmaj cat sat, McDonald too");
  REQUIRE(replace_maj("Jean-Paul, I'll (Not)") == "Jean-Paul, xxmaj i'll (Not)");
  REQUIRE(lowercase("  The END ") == "xxbos the end");
}

TEST_CASE("all rules together, as fastai's") {
  using namespace rules;
  for (const auto& [text, expected] : kRuled)
    CHECK(lowercase(replace_maj(replace_all_caps(
              rm_useless_spaces(spec_add_spaces(replace_wrep(replace_rep(fix_html(text)))))))) == expected);
}

TEST_CASE("letters and digits, as Python's regular expressions know them") {
  for (const char32_t letter : {U'a', U'_', U'7', U'\u00e9', U'\u02ee', U'\u0371', U'\u05d0', U'\u064a',
                                U'\u0661', U'\u0e01', U'\u3005', U'\u65e5', U'\uff11', U'\uff41'})
    CHECK(is_word(letter));
  for (const char32_t sign : {U'-', U'\u00d7', U'\u02c2', U'\u0300', U'\u036f', U'\u0489', U'\u05b0',
                              U'\u0651', U'\u1dc0', U'\u20d7', U'\u3001', U'\ufe0f', U'\ufe20', U'\uff01'})
    CHECK_FALSE(is_word(sign));
}

TEST_CASE("&names; and &#numbers; of web pages") {
  REQUIRE(rules::unescape_html("caf&eacute; caf&#233; caf&#xe9; &mdash; &hearts;") ==
          "caf\u00e9 caf\u00e9 caf\u00e9 \u2014 \u2665");
  REQUIRE(rules::unescape_html("AT&T &nosuch; &# &#; &") == "AT&T &nosuch; &# &#; &");
  REQUIRE(rules::unescape_html("&#0;&#xD800;&#1114112;&#99999999999;") == "\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("words and signs") {
  REQUIRE(split_words("he said, \"no!\" (twice)") ==
          Tokens{"he", "said", ",", "\"", "no", "!", "\"", "(", "twice", ")"});
  REQUIRE(split_words("it's what they don't and I've") ==
          Tokens{"it", "'s", "what", "they", "do", "n't", "and", "I", "'ve"});
  REQUIRE(split_words("Mr. Darcy came.") == Tokens{"Mr.", "Darcy", "came", "."});
  REQUIRE(split_words("a well-known man--at 3.50") ==
          Tokens{"a", "well", "-", "known", "man", "--", "at", "3.50"});
  REQUIRE(split_words("two\n\nparts") == Tokens{"two", "\n\n", "parts"});
  REQUIRE(split_words("").empty());
}

TEST_CASE("fastai's example") {
  REQUIRE(tokenize("&copy;   Fast.ai www.fast.ai/INDEX") ==
          Tokens{"xxbos", "\u00a9", "xxmaj", "fast.ai", "xxrep", "3", "w", ".fast.ai", "/", "xxup", "index"});
}

TEST_CASE("back to text") {
  REQUIRE(detokenize({"xxbos", "xxmaj", "it", "was", "xxup", "so", "good", ",", "was", "n't", "it", "?"}) ==
          "It was SO good, wasn't it?");
  const auto there_and_back = [](const std::string& text) { return detokenize(tokenize(text)); };
  CHECK(detokenize({"xxrep", "3", "z", "a"}) == "zzz a");
  CHECK(there_and_back("so good good good, Ha Ha Ha!!!!") == "so good good good, Ha Ha Ha!!!!");
  CHECK(detokenize({"xxrep", "the", "end"}) == "the end");  // as a model may say
  CHECK(detokenize({"xxrep", "99999", "z", "xxwrep", "2", "xxmaj", "no", "no"}) == "99999 z No No no");
  CHECK(there_and_back("The CAFÉ") == "The CAFÉ");
  CHECK(detokenize({"xxmaj", "\u00e9cole", "xxup", "stra\u00dfe"}) == "École STRASSE");
  REQUIRE(join_fields({"a", "b"}) == "xxfld 1 a xxfld 2 b");
}

TEST_CASE("capitals of Europe and Vietnam become small") {
  const auto small = [](const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const Sign sign = sign_at(text, at);
      out += to_utf8(lower(sign.code));
      at += sign.bytes;
    }
    return out;
  };
  CHECK(small("AZ ÀÖØÞ ĀĮĶĹŇŊŶŸŹŽ ƠƤƯ ǍǛǞǮ ǸȞȲɎ") == "az àöøþ āįķĺňŋŷÿźž ơƥư ǎǜǟǯ ǹȟȳɏ");
  CHECK(small("ΆΈΊΌΎΏ ΑΡΣΫ") == "άέίόύώ αρσϋ");
  CHECK(small("ЀЏАЯ ѠҀҊҾӀӁӍӐԮ") == "ѐџая ѡҁҋҿӏӂӎӑԯ");
  CHECK(small("ḀẔẞẠẢẤỲỸỾ") == "ḁẕßạảấỳỹỿ");
  const auto both_ways = [](char32_t code) { return upper(lower(code)) == code; };
  for (const char32_t code :
       U"AZÀÖØÞĀĮĶŇŊŶŸƯǮɎΆΏΑΣΫЀЏАЯѠҊӀӁԮḀẔẞẤỸ×ĸ中")
    if (code) CHECK(both_ways(code));
  CHECK(upper(U'ς') == U'Σ');
  CHECK(small("az ß×÷ĸŉſ İ άώςϐ аяѐ 中") == "az ß×÷ĸŉſ İ άώςϐ аяѐ 中");
}
