// SPDX-License-Identifier: MIT
// From text to words that a model can count: fastai's rules, then a word tokenizer for English.
//
//     tokenize("It was GREAT!!!!")  ->  xxbos xxmaj it was xxup great xxrep 4 !
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace fastcore {

/// A text as words and signs.
using Tokens = std::vector<std::string>;

/// What the rules put into a text beside its words. Their places in a vocabulary are 0 to 8.
namespace special {
inline constexpr const char *kUnknown = "xxunk", *kPadding = "xxpad", *kBegin = "xxbos", *kEnd = "xxeos",
                            *kField = "xxfld", *kRepeat = "xxrep", *kWordRepeat = "xxwrep", *kUpper = "xxup",
                            *kCapital = "xxmaj";
const Tokens& all();
inline constexpr int64_t kPaddingIndex = 1;
}  // namespace special

/// The rules that run before words are split, in this order.
namespace rules {
/// What is left of web pages: &amp; and its like become signs, <br /> a line feed.
std::string fix_html(const std::string& text);
/// HTML's names and numbers of signs (`&eacute;`, `&#233;`) as those signs: the names of HTML 4, of them the
/// oldest without a semicolon too.
std::string unescape_html(const std::string& text);
/// Three or more of a sign: "cccc" becomes " xxrep 4 c ".
std::string replace_rep(const std::string& text);
/// Three or more of a word that begins the text or stands behind white space: "word word word" becomes
/// " xxwrep 3 word ".
std::string replace_wrep(const std::string& text);
/// Spaces around / # and \.
std::string spec_add_spaces(const std::string& text);
/// Runs of spaces become one.
std::string rm_useless_spaces(const std::string& text);
/// "GREAT" becomes "xxup great". As in replace_maj, a word reaches from white space to white space: "I'M",
/// "U.S." and "NASA," are words.
std::string replace_all_caps(const std::string& text);
/// "Great" becomes "xxmaj great"; with a second capital, as in "Jean-Paul", the word stays as it is.
std::string replace_maj(const std::string& text);
/// Small letters, no space at either end, xxbos in front.
std::string lowercase(const std::string& text);
}  // namespace rules

/// Words and signs of English: punctuation by itself, 's and n't cut off, abbreviations and addresses kept
/// whole.
Tokens split_words(const std::string& text);

/// All rules, then split_words.
Tokens tokenize(const std::string& text);

/// Several fields of a row as one text: "xxfld 1 ... xxfld 2 ...".
std::string join_fields(const std::vector<std::string>& fields);

/// Words joined so that they read as text again: no space before a comma, xxmaj, xxup, xxrep and
/// xxwrep undone. A word behind xxrep that is no number stays, and the mark goes.
std::string detokenize(const Tokens& tokens);

}  // namespace fastcore
