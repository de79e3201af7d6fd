// SPDX-License-Identifier: MIT
#include "fastcore/basics/helpers.h"

#include <cctype>

#include "datasets/words.h"

namespace fastcore {

L<double> even_mults(double start, double stop, int64_t n) {
  if (n < 1)
    throw minitorch::ValueError(
        minitorch::format("[even_mults] n = %lld: expected 1 or more", static_cast<long long>(n)));
  if (n == 1) return {stop};
  const double step = std::pow(stop / start, 1.0 / static_cast<double>(n - 1));
  return range(n).map([&](int64_t i) { return start * std::pow(step, static_cast<double>(i)); });
}

int64_t round_multiple(double x, int64_t mult, bool round_down) {
  const double parts = x / static_cast<double>(mult);
  return static_cast<int64_t>(round_down ? std::floor(parts) : std::nearbyint(parts)) * mult;
}

// An underscore goes before a capital that starts a word: after a small letter or digit, or before a small
// letter.
std::string camel2snake(const std::string& name) {
  std::string snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const unsigned char c = name[i], before = i ? name[i - 1] : '_',
                        after = i + 1 < name.size() ? name[i + 1] : 'A';
    if (std::isupper(c) && before != '_' && (!std::isupper(before) || std::islower(after))) snake += '_';
    snake += static_cast<char>(std::tolower(c));
  }
  return snake;
}

std::string snake2camel(const std::string& name) {
  std::string camel;
  bool start = true;
  for (unsigned char c : name) {
    if (c != '_') camel += static_cast<char>(start ? std::toupper(c) : c);
    start = c == '_';
  }
  return camel;
}

std::string class2attr(const std::string& class_name, const std::string& suffix) {
  const bool has_it = class_name.size() > suffix.size() && class_name.ends_with(suffix);
  return camel2snake(has_it ? class_name.substr(0, class_name.size() - suffix.size()) : class_name);
}

std::string join(const L<std::string>& words, const std::string& separator) {
  std::string text;
  for (int64_t i = 0; i < words.size(); ++i) text += (i ? separator : "") + words[i];
  return text;
}

std::string nearest(const std::string& word, const L<std::string>& candidates) {
  return datasets::nearest(word, candidates.items());
}

}  // namespace fastcore
