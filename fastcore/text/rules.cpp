// SPDX-License-Identifier: MIT
#include <array>
#include <cctype>
#include <utility>

#include "fastcore/text/tokenizer.h"

namespace fastcore {
namespace special {
const Tokens& all() {
  static const Tokens tokens{kUnknown, kPadding,    kBegin, kEnd,    kField,
                             kRepeat,  kWordRepeat, kUpper, kCapital};
  return tokens;
}
}  // namespace special

namespace rules {
namespace {

std::string replaced(const std::string& text, const std::string& from, const std::string& to) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at; (at = text.find(from, done)) != std::string::npos; done = at + from.size())
    out.append(text, done, at - done).append(to);
  return out.append(text, done);
}

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80); }

std::string lowered(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (is_upper(text[i])) text[i] = static_cast<char>(c + 32);
    // Latin-1's capitals, two bytes in UTF-8: C3 80 to C3 9E but for the sign of multiplication
    else if (i && static_cast<unsigned char>(text[i - 1]) == 0xC3 && c >= 0x80 && c <= 0x9E && c != 0x97)
      text[i] = static_cast<char>(c + 32);
  }
  return text;
}

// The length in bytes of the code point that starts here.
std::size_t sign_length(const std::string& text, std::size_t at) {
  std::size_t n = 1;
  while (at + n < text.size() && (text[at + n] & 0xC0) == 0x80) ++n;
  return n;
}

std::string unescaped(const std::string& text) {
  static const std::array<std::pair<const char*, const char*>, 12> names{{{"lt", "<"},
                                                                          {"gt", ">"},
                                                                          {"amp", "&"},
                                                                          {"quot", "\""},
                                                                          {"apos", "'"},
                                                                          {"nbsp", "\u00a0"},
                                                                          {"copy", "\u00a9"},
                                                                          {"reg", "\u00ae"},
                                                                          {"mdash", "\u2014"},
                                                                          {"ndash", "\u2013"},
                                                                          {"hellip", "\u2026"},
                                                                          {"eacute", "\u00e9"}}};
  std::string out = text;
  for (const auto& [name, sign] : names)
    if (std::string(name) != "amp") out = replaced(out, "&" + std::string(name) + ";", sign);
  return replaced(out, "&amp;", "&");
}

// Calls change(word) for each run of word characters and puts the result in its place.
template <class F>
std::string each_word(const std::string& text, F&& change) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end == i) {
      out += text[i++];
      continue;
    }
    const bool starts = i == 0 || is_space(text[i - 1]);
    out += change(text.substr(i, end - i), starts);
    i = end;
  }
  return out;
}

}  // namespace

std::string fix_html(const std::string& text) {
  static const std::array<std::pair<const char*, const char*>, 13> pairs{{{"#39;", "'"},
                                                                          {"amp;", "&"},
                                                                          {"#146;", "'"},
                                                                          {"nbsp;", " "},
                                                                          {"#36;", "$"},
                                                                          {"\\n", "\n"},
                                                                          {"quot;", "'"},
                                                                          {"<br />", "\n"},
                                                                          {"\\\"", "\""},
                                                                          {"<unk>", special::kUnknown},
                                                                          {" @.@ ", "."},
                                                                          {" @-@ ", "-"},
                                                                          {"...", " \u2026"}}};
  std::string out = text;
  for (const auto& [from, to] : pairs) out = replaced(out, from, to);
  return unescaped(out);
}

std::string replace_rep(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = sign_length(text, i);
    std::size_t count = 1;
    while (text.compare(i + count * n, n, text, i, n) == 0 && i + (count + 1) * n <= text.size()) ++count;
    if (count >= 3 && !is_space(text[i])) {
      out +=
          std::string(" ") + special::kRepeat + " " + std::to_string(count) + " " + text.substr(i, n) + " ";
      i += count * n;
    } else {
      out.append(text, i, n);
      i += n;
    }
  }
  return out;
}

std::string replace_wrep(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end == i) {
      out += text[i++];
      continue;
    }
    const std::string word = text.substr(i, end - i);
    std::size_t count = 1, next = end;
    while (next < text.size() && is_space(text[next])) {
      std::size_t from = next;
      while (from < text.size() && is_space(text[from])) ++from;
      const std::size_t to = from + word.size();
      if (text.compare(from, word.size(), word) != 0 || (to < text.size() && is_word(text[to]))) break;
      ++count;
      next = to;
    }
    if (count >= 3) {
      out += std::string(" ") + special::kWordRepeat + " " + std::to_string(count) + " " + word + " ";
      i = next;
    } else {
      out += word;
      i = end;
    }
  }
  return out;
}

std::string spec_add_spaces(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '/' || c == '#' || c == '\\') out += std::string(" ") + c + " ";
    else out += c;
  }
  return out;
}

std::string rm_useless_spaces(const std::string& text) {
  std::string out;
  for (char c : text)
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

std::string replace_all_caps(const std::string& text) {
  return each_word(text, [](const std::string& word, bool starts) {
    bool upper = false;
    for (char c : word) {
      if (is_lower(c) || (c & 0x80)) return word;
      upper = upper || is_upper(c);
    }
    if (!upper || !starts) return word;
    return (word.size() > 1 ? std::string(special::kUpper) + " " : "") + lowered(word);
  });
}

std::string replace_maj(const std::string& text) {
  return each_word(text, [](const std::string& word, bool starts) {
    if (!starts || !is_upper(word[0])) return word;
    for (std::size_t i = 1; i < word.size(); ++i)
      if (is_upper(word[i])) return word;
    return (word.size() > 1 ? std::string(special::kCapital) + " " : "") + lowered(word);
  });
}

std::string lowercase(const std::string& text) {
  std::size_t begin = 0, end = text.size();
  while (begin < end && is_space(text[begin])) ++begin;
  while (end > begin && is_space(text[end - 1])) --end;
  return std::string(special::kBegin) + " " + lowered(text.substr(begin, end - begin));
}

}  // namespace rules
}  // namespace fastcore
