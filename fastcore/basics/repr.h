// SPDX-License-Identifier: MIT
// How values print: `repr(x)` as Python shows a value ('a', 1.0, [1, 2]), `str(x)` as Python prints it
// (a, 1.0, [1, 2]). A type joins in with a member `std::string repr() const`, a member `str() const`, or a
// free `to_string`.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace fastcore {

/// The shortest digits that read back as the same number, laid out as Python does: 0.1, 1.0, 1e-05, inf, nan.
std::string repr_number(double value);
std::string repr_number(float value);
/// In single quotes (double quotes when the text holds a single quote only), control characters escaped.
std::string repr_text(std::string_view text);
/// Writes text and a newline to standard output.
void print_line(const std::string& text);

namespace detail {
template <class T>
concept HasRepr = requires(const T& x) {
  std::string(x.repr());
};
template <class T>
concept HasStr = requires(const T& x) {
  std::string(x.str());
};
template <class T>
concept HasToString = requires(const T& x) {
  std::string(to_string(x));
};
template <class T>
concept Text = std::is_convertible_v<const T&, std::string_view>;
template <class T>
concept Range = requires(const T& x) {
  x.begin() != x.end();
};
template <class T>
concept Mapping = Range<T> && requires {
  typename T::mapped_type;
};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
concept TupleLike = requires {
  std::tuple_size<T>::value;
};
}  // namespace detail

/// @brief The value as Python's `repr` would show it.
///
/// Numbers, bools (True, False), text ('a'), optionals (None when empty), pairs and tuples ((1, 'a')),
/// ranges ([1, 2]), maps ({'a': 1}), and every type with a member `repr()` or a free `to_string`.
template <class T>
std::string repr(const T& x) {
  if constexpr (std::is_same_v<T, bool>) {
    return x ? "True" : "False";
  } else if constexpr (std::is_same_v<T, char>) {
    return repr_text(std::string_view(&x, 1));
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(x);
  } else if constexpr (std::is_floating_point_v<T>) {
    return repr_number(x);
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(x));
  } else if constexpr (detail::HasRepr<T>) {
    return x.repr();
  } else if constexpr (detail::Text<T>) {
    return repr_text(x);
  } else if constexpr (detail::IsOptional<T>::value) {
    return x ? repr(*x) : "None";
  } else if constexpr (detail::Mapping<T>) {
    std::string text;
    for (const auto& [key, value] : x) text += (text.empty() ? "" : ", ") + repr(key) + ": " + repr(value);
    return "{" + text + "}";
  } else if constexpr (detail::Range<T>) {
    std::string text;
    for (const auto& item : x) text += (text.empty() ? "" : ", ") + repr(item);
    return "[" + text + "]";
  } else if constexpr (detail::TupleLike<T>) {
    std::string text = std::apply(
        [](const auto&... item) {
          std::string all;
          ((all += (all.empty() ? "" : ", ") + repr(item)), ...);
          return all;
        },
        x);
    return "(" + text + (std::tuple_size<T>::value == 1 ? ",)" : ")");
  } else {
    static_assert(detail::HasToString<T>, "give this type a member repr() or a free to_string()");
    return to_string(x);
  }
}

/// @brief The value as Python's `print` would show it: text without quotes, everything else as `repr`.
template <class T>
std::string str(const T& x) {
  if constexpr (detail::HasStr<T>) {
    return x.str();
  } else if constexpr (detail::Text<T>) {
    return std::string(std::string_view(x));
  } else if constexpr (std::is_same_v<T, char>) {
    return std::string(1, x);
  } else {
    return repr(x);
  }
}

/// @brief Prints the values with one space between them and a newline, as Python's `print`.
template <class... Values>
void print(const Values&... values) {
  std::string line, space;
  ((line += space + str(values), space = " "), ...);
  print_line(line);
}

}  // namespace fastcore
