// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <utility>

#include "fastcore/text/signs.h"
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

std::string lowered(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Sign sign = sign_at(text, i);
    const char32_t small = lower(sign.code);
    if (small != sign.code) out += to_utf8(small);
    else out.append(text, i, sign.bytes);
    i += sign.bytes;
  }
  return out;
}

// Where the run of signs that are, or are not, of a kind ends.
std::size_t run_end(const std::string& text, std::size_t at, bool (*kind)(char32_t), bool are = true) {
  while (at < text.size()) {
    const Sign sign = sign_at(text, at);
    if (kind(sign.code) != are) break;
    at += sign.bytes;
  }
  return at;
}

// Puts change(x) in the place of everything x between white space.
template <class F>
std::string each_chunk(const std::string& text, F&& change) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = run_end(text, i, is_space), end = run_end(text, begin, is_space, false);
    out.append(text, i, begin - i);
    if (end > begin) out += change(text.substr(begin, end - begin));
    i = end;
  }
  return out;
}

std::string marked(const char* mark, const std::string& word) {
  return (word.size() > 1 ? std::string(mark) + " " : "") + lowered(word);
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
  return unescape_html(out);
}

std::string replace_rep(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Sign sign = sign_at(text, i);
    const std::size_t n = sign.bytes;
    std::size_t count = 1;
    while (i + (count + 1) * n <= text.size() && text.compare(i + count * n, n, text, i, n) == 0) ++count;
    if (count >= 3 && !is_space(sign.code)) {
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

namespace {
// How often the word that ends at `end` stands there, white space between; `end` moves behind the last.
std::size_t count_repeats(const std::string& text, const std::string& word, std::size_t& end) {
  std::size_t count = 1;
  for (;; ++count) {
    const std::size_t from = run_end(text, end, is_space), to = from + word.size();
    if (from == end || text.compare(from, word.size(), word) != 0) return count;
    if (to < text.size() && is_word(sign_at(text, to).code)) return count;
    end = to;
  }
}
}  // namespace

std::string replace_wrep(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    // The white space in front belongs to what is replaced, and so does the sign behind it, which comes back.
    const Sign front = sign_at(text, i);
    const std::size_t begin = is_space(front.code) ? i + front.bytes : i;
    std::size_t end = run_end(text, begin, is_word);
    const std::string word = text.substr(begin, end - begin);
    const std::size_t count = (begin > i || i == 0) && !word.empty() ? count_repeats(text, word, end) : 1;
    if (count >= 3) {
      out += std::string(" ") + special::kWordRepeat + " " + std::to_string(count) + " " + word + " ";
      i = end;
    }
    if (i == text.size()) break;
    const std::size_t n = sign_at(text, i).bytes;
    out.append(text, i, n);
    i += n;
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
  return each_chunk(text, [](const std::string& word) {
    return is_upper(word[0]) && std::none_of(word.begin(), word.end(), is_lower)
               ? marked(special::kUpper, word)
               : word;
  });
}

std::string replace_maj(const std::string& text) {
  return each_chunk(text, [](const std::string& word) {
    return is_upper(word[0]) && std::none_of(word.begin() + 1, word.end(), is_upper)
               ? marked(special::kCapital, word)
               : word;
  });
}

std::string lowercase(const std::string& text) {
  const std::size_t begin = run_end(text, 0, is_space);
  std::size_t end = begin;
  for (std::size_t i = begin; i < text.size();) {
    end = run_end(text, i, is_space, false);
    i = run_end(text, end, is_space);
  }
  return std::string(special::kBegin) + " " + lowered(text.substr(begin, end - begin));
}

}  // namespace rules
}  // namespace fastcore
