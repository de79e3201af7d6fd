// SPDX-License-Identifier: MIT
#include "fastcore/basics/range.h"

#include <ostream>

namespace fastcore {

using minitorch::format;

namespace detail {

void write_to(std::ostream& out, const std::string& text) { out << text; }

std::string filled_in(std::string_view pattern, const std::string& text) {
  std::string filled;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const auto two = pattern.substr(at, 2);
    if (two == "{}") filled += text;
    else filled += pattern[at];
    at += two == "{}" || two == "{{" || two == "}}";
  }
  return filled;
}

void throw_index(int64_t index, int64_t size) {
  throw minitorch::IndexError(format("[L] index %lld: the list has %lld items", static_cast<long long>(index),
                                     static_cast<long long>(size)));
}
void throw_match(int64_t size, int64_t wanted) {
  throw minitorch::ValueError(format("[L] match: %lld items: expected 1 or %lld",
                                     static_cast<long long>(size), static_cast<long long>(wanted)));
}
void throw_mask(int64_t size, int64_t wanted) {
  throw minitorch::IndexError(format("[L] a mask or a list of values of length %lld: expected %lld",
                                     static_cast<long long>(size), static_cast<long long>(wanted)));
}
void throw_empty(const char* method) {
  throw minitorch::ValueError(format("[L] %s of an empty list: give a first value", method));
}

}  // namespace detail

L<int64_t> range(int64_t begin, int64_t end, int64_t step) {
  if (step == 0) throw minitorch::ValueError("[range] step 0: expected a step that moves");
  L<int64_t> numbers;
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step) numbers.append(i);
  return numbers;
}

L<int64_t> range(int64_t end) { return range(0, end); }

L<std::string> split(const std::string& text, const std::string& separator) {
  L<std::string> parts;
  if (separator.empty()) {
    const char* white = " \t\r\n\f\v";
    for (auto at = text.find_first_not_of(white); at != text.npos;) {
      const auto end = text.find_first_of(white, at);
      parts.append(text.substr(at, end - at));
      at = text.find_first_not_of(white, end);
    }
    return parts;
  }
  std::size_t at = 0;
  for (auto end = text.find(separator); end != text.npos; end = text.find(separator, at)) {
    parts.append(text.substr(at, end - at));
    at = end + separator.size();
  }
  parts.append(text.substr(at));
  return parts;
}

L<std::string> splitlines(const std::string& text) {
  L<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    auto line = text.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.append(line);
    if (end == text.npos) break;
    at = end + 1;
  }
  return lines;
}

template L<std::string> L<std::string>::slice(std::optional<int64_t>, std::optional<int64_t>, int64_t) const;
template L<std::string> L<std::string>::sorted(detail::Identity, bool) const;
template L<std::string> L<std::string>::unique(bool, const L<std::string>&) const;

}  // namespace fastcore
