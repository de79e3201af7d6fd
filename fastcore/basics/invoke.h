// SPDX-License-Identifier: MIT
// What L is built with: calling functions and member pointers alike, and the errors, kept out of the
// template.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>
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

void write_to(std::ostream& out, const std::string& text);
[[noreturn]] void throw_index(int64_t index, int64_t size);
[[noreturn]] void throw_match(int64_t size, int64_t wanted);
[[noreturn]] void throw_mask(int64_t size, int64_t wanted);
[[noreturn]] void throw_empty(const char* method);

struct Identity {
  template <class X>
  X&& operator()(X&& x) const {
    return static_cast<X&&>(x);
  }
};
}  // namespace fastcore::detail
