// SPDX-License-Identifier: MIT
// The small functions that the rest of fastcore is written with; names and results as in fastcore for Python.
#pragma once
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>

#include "fastcore/basics/range.h"

namespace fastcore {

/// a, or b when a is empty.
template <class T, class U>
T ifnone(const std::optional<T>& a, const U& b) {
  return a ? *a : static_cast<T>(b);
}

/// The first item of x for which f is true, or none.
template <class X, class F>
std::optional<detail::Element<X>> first(const X& x, F&& f) {
  for (const auto& item : x)
    if (detail::invoke(f, item)) return item;
  return {};
}
/// The first item of x, or none.
template <class X>
std::optional<detail::Element<X>> first(const X& x) {
  return first(x, [](const auto&) { return true; });
}

/// x as a list: a list or another range becomes an L of its items, a map one of its keys, anything else a
/// list of one.
template <class X>
auto listify(const X& x) {
  if constexpr (detail::Range<X> && !detail::Text<X>) return L(x);
  else if constexpr (detail::Text<X>) return L<std::string>{std::string(std::string_view(x))};
  else return L<X>{x};
}

/// h(x) = f3(f2(f1(x))): the functions from left to right.
template <class... Fs>
auto compose(Fs... fs) {
  return [... fs = fs]<class X>(X&& x) {
    auto chain = [](auto& self, auto&& value, const auto& f, const auto&... rest) {
      if constexpr (sizeof...(rest) == 0) return detail::invoke(f, value);
      else return self(self, detail::invoke(f, value), rest...);
    };
    if constexpr (sizeof...(fs) == 0) return std::decay_t<X>(x);
    else return chain(chain, x, fs...);
  };
}

/// x -> f(x.*member) or f(x.member()): f applied to that attribute of its argument.
template <class F, class Member>
auto using_attr(F f, Member member) {
  return [f, member](const auto& x) { return detail::invoke(f, detail::invoke(member, x)); };
}

/// Pieces of `size` items; the last may be shorter, unless it is dropped.
/// @throws ValueError unless size >= 1
template <class T>
L<L<T>> chunked(const L<T>& items, int64_t size, bool drop_last = false) {
  if (size < 1)
    throw minitorch::ValueError("[chunked] size " + std::to_string(size) + ": expected 1 or more");
  L<L<T>> chunks;
  for (int64_t at = 0; at < items.size(); at += size)
    if (!drop_last || at + size <= items.size()) chunks.append(items.slice(at, at + size));
  return chunks;
}
/// Pieces of ceil(length / n) items: n of them, or fewer when the items run out.
template <class T>
L<L<T>> chunked_into(const L<T>& items, int64_t n) {
  if (n < 1) throw minitorch::ValueError("[chunked] " + std::to_string(n) + " chunks: expected 1 or more");
  return chunked(items, std::max<int64_t>(1, (items.size() + n - 1) / n));
}

/// n numbers from start to stop, each the same multiple of the one before: start (stop / start)^(i / (n -
/// 1)). With n = 1, stop.
L<double> even_mults(double start, double stop, int64_t n);

/// x rounded to a multiple of `mult`, half to even, or down.
int64_t round_multiple(double x, int64_t mult, bool round_down = false);

/// EarlyStopping → early_stopping.
std::string camel2snake(const std::string& name);
/// early_stopping → EarlyStopping.
std::string snake2camel(const std::string& name);
/// The snake-cased name of a class without its suffix: ("EarlyStoppingCallback", "Callback") →
/// early_stopping.
std::string class2attr(const std::string& class_name, const std::string& suffix);

/// The words joined with a separator.
std::string join(const L<std::string>& words, const std::string& separator);

/// The candidate that takes the fewest edits from `word`, or "" when none is near (more than a third of it
/// differs).
std::string nearest(const std::string& word, const L<std::string>& candidates);

}  // namespace fastcore
