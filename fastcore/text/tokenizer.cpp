// SPDX-License-Identifier: MIT
#include "fastcore/text/tokenizer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "fastcore/text/signs.h"

namespace fastcore {
namespace {

using View = std::string_view;

// Words that end in a dot of their own.
constexpr std::array<View, 16> kAbbreviations{"mr.",  "mrs.", "ms.", "dr.", "st.", "prof.", "e.g.", "i.e.",
                                              "etc.", "vs.",  "no.", "jr.", "sr.", "esq.",  "a.m.", "p.m."};
// Signs of several bytes that stand by themselves, as the plain ones of ASCII do.
constexpr std::array<View, 12> kWideSigns{"\u2014", "\u2013", "\u2018", "\u2019", "\u201c", "\u201d",
                                          "\u2026", "\u00a9", "\u00ae", "\u00a3", "\u20ac", "\u00a0"};
constexpr std::array<View, 8> kSuffixes{"n't", "'s", "'m", "'d", "'re", "'ve", "'ll", "'em"};

bool letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || (c & 0x80); }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool known_abbreviation(View word) {
  std::string low(word);
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
  if (low.size() == 2 && letter(low[0]) && low[1] == '.') return true;  // an initial: J.
  return std::find(kAbbreviations.begin(), kAbbreviations.end(), low) != kAbbreviations.end();
}

// Length of the sign that opens the word and stands by itself; 0 when it opens with a letter, a digit or a
// dot before one (.fast.ai).
std::size_t sign_in_front(View word) {
  for (View sign : kWideSigns)
    if (word.substr(0, sign.size()) == sign) return sign.size();
  const char c = word[0];
  if (letter(c) || digit(c) || c == '_') return 0;
  if (c == '\'' && word.size() > 1 && letter(word[1])) {
    for (View suffix : kSuffixes)
      if (word == suffix) return 0;
    return 1;
  }
  if ((c == '.' || c == '-' || c == '+') && word.size() > 1 && word[1] != c &&
      (letter(word[1]) || digit(word[1])))
    return c == '-' ? 1 : 0;
  std::size_t n = 1;  // -- and ... stay together
  while ((c == '-' || c == '.') && n < word.size() && word[n] == c) ++n;
  return n;
}

std::size_t sign_behind(View word) {
  for (View sign : kWideSigns)
    if (word.size() > sign.size() && word.substr(word.size() - sign.size()) == sign) return sign.size();
  const char c = word.back();
  if (word.size() < 2 || letter(c) || digit(c) || c == '_') return 0;
  if (c == '.' && known_abbreviation(word)) return 0;
  std::size_t n = 1;
  while ((c == '-' || c == '.') && n + 1 < word.size() && word[word.size() - 1 - n] == c) ++n;
  return n;
}

std::size_t contraction(View word) {
  for (View suffix : kSuffixes) {
    if (word.size() <= suffix.size()) continue;
    const View end = word.substr(word.size() - suffix.size());
    const bool same = std::equal(end.begin(), end.end(), suffix.begin(), [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == b;
    });
    if (same) return suffix.size();
  }
  return 0;
}

// A hyphen, a dash or a wide sign between letters parts a word in two.
std::size_t inner_sign(View word, std::size_t& length) {
  for (std::size_t i = 1; i + 1 < word.size(); ++i) {
    if (word[i] == '-') {
      length = 1;
      while (i + length < word.size() && word[i + length] == '-') ++length;
      if (i + length < word.size() && (length > 1 || (letter(word[i - 1]) && letter(word[i + 1])))) return i;
      continue;
    }
    for (View sign : kWideSigns)
      if (sign != "\u2019" && word.substr(i, sign.size()) == sign && i + sign.size() < word.size())
        return length = sign.size(), i;
    if ((word[i] == ',' || word[i] == ';' || word[i] == ':' || word[i] == '!' || word[i] == '?') &&
        letter(word[i - 1]) && letter(word[i + 1]))
      return length = 1, i;
  }
  return 0;
}

void split_word(View word, Tokens& out) {
  Tokens behind;
  while (!word.empty()) {
    if (const std::size_t n = sign_in_front(word)) {
      out.emplace_back(word.substr(0, n));
      word.remove_prefix(n);
    } else {
      break;
    }
  }
  while (!word.empty()) {
    const std::size_t n = sign_behind(word);
    if (!n) break;
    behind.emplace_back(word.substr(word.size() - n));
    word.remove_suffix(n);
  }
  std::size_t length = 0;
  if (const std::size_t at = word.empty() ? 0 : inner_sign(word, length)) {
    split_word(word.substr(0, at), out);
    out.emplace_back(word.substr(at, length));
    split_word(word.substr(at + length), out);
  } else if (const std::size_t n = contraction(word)) {
    out.emplace_back(word.substr(0, word.size() - n));
    out.emplace_back(word.substr(word.size() - n));
  } else if (!word.empty()) {
    out.emplace_back(word);
  }
  out.insert(out.end(), behind.rbegin(), behind.rend());
}

}  // namespace

Tokens split_words(const std::string& text) {
  Tokens out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      std::size_t end = i;
      while (end < text.size() && text[end] == '\n') ++end;
      out.emplace_back(text, i, end - i);
      i = end;
    } else if (std::isspace(static_cast<unsigned char>(text[i]))) {
      ++i;
    } else {
      std::size_t end = i;
      while (end < text.size() && !std::isspace(static_cast<unsigned char>(text[end]))) ++end;
      split_word(View(text).substr(i, end - i), out);
      i = end;
    }
  }
  return out;
}

Tokens tokenize(const std::string& text) {
  using namespace rules;
  return split_words(lowercase(replace_maj(
      replace_all_caps(rm_useless_spaces(spec_add_spaces(replace_wrep(replace_rep(fix_html(text)))))))));
}

std::string join_fields(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i)
    out += (i ? " " : "") + std::string(special::kField) + " " + std::to_string(i + 1) + " " + fields[i];
  return out;
}

namespace {

// The first sign of a word as a capital, or all of them.
std::string in_capitals(const std::string& word, bool all) {
  std::string out;
  for (std::size_t at = 0; at < word.size();) {
    if (at > 0 && !all) return out + word.substr(at);
    const Sign sign = sign_at(word, at);
    const char32_t capital = upper(sign.code);
    if (sign.code == U'\u00df') out += "SS";
    else out += capital == sign.code ? word.substr(at, sign.bytes) : to_utf8(capital);
    at += sign.bytes;
  }
  return out;
}

// How often, of xxrep and xxwrep; 0 for what is no such number, as a model may put there.
int times_of(const std::string& token) {
  if (token.empty() || token.size() > 4 || !std::all_of(token.begin(), token.end(), digit)) return 0;
  return std::stoi(token);
}

// What the marks in front of a word say of it.
struct Marks {
  bool capital = false, all_capitals = false;
  bool number_follows = false, apart = false;  // xxrep or xxwrep was there; it was xxwrep
  int times = 1;

  // Whether the token is such a mark, or the number of one.
  bool take(const std::string& token) {
    if (number_follows) {
      number_follows = false;
      const int number = times_of(token);
      times = std::max(1, number);
      if (number > 0) return true;
    }
    const bool words = token == special::kWordRepeat;
    number_follows = words || token == special::kRepeat;
    if (number_follows) apart = words;
    capital = capital || token == special::kCapital;
    all_capitals = all_capitals || token == special::kUpper;
    return number_follows || token == special::kCapital || token == special::kUpper;
  }
  std::string word_of(const std::string& token) const {
    const std::string once = capital || all_capitals ? in_capitals(token, all_capitals) : token;
    std::string out = once;
    for (int i = 1; i < times; ++i) out += (apart ? " " : "") + once;
    return out;
  }
};

}  // namespace

std::string detokenize(const Tokens& tokens) {
  std::string out;
  Marks marks;
  bool joined = true;
  for (const std::string& token : tokens) {
    if (token == special::kBegin || token == special::kPadding || marks.take(token)) continue;
    static const std::string closing = ".,;:!?)]", opening = "([";
    const bool sticks = (token.size() == 1 && closing.find(token) != std::string::npos) || token == "n't" ||
                        (token.size() > 1 && token[0] == '\'' && letter(token[1]));
    if (!joined && !sticks && token[0] != '\n') out += ' ';
    out += marks.word_of(token);
    marks = {};
    joined = token[0] == '\n' || (token.size() == 1 && opening.find(token) != std::string::npos);
  }
  return out;
}

}  // namespace fastcore
