// SPDX-License-Identifier: MIT
// What L is built with: calling functions and member pointers alike, and the errors, kept out of the
// template.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace fastcore::detail {

/// f(x, args...), where f may also be a pointer to a member function or to a data member.
template <class F, class X, class... Args>
decltype(auto) invoke(F&& f, X&& x, Args&&... args) {
  if constexpr (std::is_member_function_pointer_v<std::decay_t<F>>)
    return (x.*f)(std::forward<Args>(args)...);
  else if constexpr (std::is_member_object_pointer_v<std::decay_t<F>>) return (x.*f);
  else return f(std::forward<X>(x), std::forward<Args>(args)...);
}
template <class F, class... Args>
using Result = std::decay_t<decltype(invoke(std::declval<F>(), std::declval<Args>()...))>;
template <class X>
using Element = std::decay_t<decltype(*std::declval<const X&>().begin())>;
/// A map whose keys make a T, while its pairs of key and value do not.
template <class R, class T>
concept HasKeys = requires(const R& map) {
  T((*map.begin()).first);
}
&&!std::is_constructible_v<T, Element<R>>;

/// What Python's `if x` asks: of a text or a container whether it holds anything, of everything else its
/// bool.
template <class X>
bool is_true(const X& x) {
  if constexpr (requires { static_cast<bool>(x); }) return static_cast<bool>(x);
  else return !x.empty();
}

/// A container that values are looked up in by a key, as table.at(key) or, without such a method, table[key].
template <class T, class Key>
concept Table = !std::is_invocable_v<const T&, const Key&> &&
                (
                    requires(const T& table, const Key& key) { table.at(key); } ||
                    requires(const T& table, const Key& key) { table[key]; });
template <class T, class Key>
auto looked_up(const T& table, const Key& key) {
  if constexpr (requires { table.at(key); }) return table.at(key);
  else return table[key];
}
/// The pattern with `text` in the place of each {}; {{ and }} are a { and a }, as in Python.
std::string filled_in(std::string_view pattern, const std::string& text);

void write_to(std::ostream& out, const std::string& text);
[[noreturn]] void throw_index(int64_t index, int64_t size);
[[noreturn]] void throw_match(int64_t size, int64_t wanted);
[[noreturn]] void throw_mask(int64_t size, int64_t wanted);
/// A whole number in [0, n), of Python's generator.
int64_t random_below(int64_t n);
[[noreturn]] void throw_empty(const char* method);

struct Identity {
  template <class X>
  X&& operator()(X&& x) const {
    return static_cast<X&&>(x);
  }
};
}  // namespace fastcore::detail
