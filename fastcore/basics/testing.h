// SPDX-License-Identifier: MIT
// fastcore's test helpers: short checks for lessons and notebooks. They throw TestFailure with both values in
// it.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "fastcore/basics/l.h"
#include "minitorch/core/errors.h"

namespace minitorch {
class Tensor;
}

namespace fastcore {

/// A check that did not hold.
class TestFailure : public minitorch::Error {
 public:
  using minitorch::Error::Error;
};

namespace detail {
[[noreturn]] void fail_test(const std::string& label, const std::string& a, const std::string& b);
[[noreturn]] void fail_test(const std::string& message);
std::string captured(int descriptor, void (*run)(void* context), void* context);
/// Whether a line begins with "warning: " and holds `contains`.
bool has_warning(const std::string& text, const std::string& contains);

/// The same shape and the same numbers, whatever their types.
bool equal_tensors(const minitorch::Tensor& a, const minitorch::Tensor& b);
/// The same shape, and numbers that differ by less than eps.
bool close_tensors(const minitorch::Tensor& a, const minitorch::Tensor& b, double eps);
template <class A, class B>
concept AreTensors = requires(const A& a, const B& b) {
  equal_tensors(a, b);
};

template <class A, class B>
bool equal(const A& a, const B& b) {
  if constexpr (AreTensors<A, B>) {
    return equal_tensors(a, b);
  } else if constexpr (Text<A> && Text<B>) {
    return std::string_view(a) == std::string_view(b);
  } else if constexpr (Range<A> && Range<B>) {
    auto x = a.begin();
    auto y = b.begin();
    for (; x != a.end() && y != b.end(); ++x, ++y)
      if (!equal(*x, *y)) return false;
    return !(x != a.end()) && !(y != b.end());
  } else {
    return a == b;
  }
}

template <class A, class B>
bool close(const A& a, const B& b, double eps) {
  if constexpr (AreTensors<A, B>) {
    return close_tensors(a, b, eps);
  } else if constexpr (Range<A> && Range<B>) {
    auto x = a.begin();
    auto y = b.begin();
    for (; x != a.end() && y != b.end(); ++x, ++y)
      if (!close(*x, *y, eps)) return false;
    return !(x != a.end()) && !(y != b.end());
  } else {
    return std::abs(static_cast<double>(a) - static_cast<double>(b)) < eps;
  }
}
}  // namespace detail

/// a equals b, item by item in lists; tensors by shape and numbers, whatever their types. The failure's text
/// is "==:", a, b, on three lines. @throws TestFailure
template <class A, class B>
void test_eq(const A& a, const B& b) {
  if (!detail::equal(a, b)) detail::fail_test("==", repr(a), repr(b));
}
/// a differs from b. @throws TestFailure
template <class A, class B>
void test_ne(const A& a, const B& b) {
  if (detail::equal(a, b)) detail::fail_test("!=", repr(a), repr(b));
}
/// |a - b| < eps, item by item in lists and in tensors of one shape; a NaN is close to nothing. @throws
/// TestFailure
template <class A, class B>
void test_close(const A& a, const B& b, double eps = 1e-5) {
  if (!detail::close(a, b, eps)) detail::fail_test("close", repr(a), repr(b));
}
/// a and b are one object. @throws TestFailure
template <class T>
void test_is(const T& a, const T& b) {
  if (&a != &b) detail::fail_test("is", repr(a), repr(b));
}
/// The same items in another order. @throws TestFailure
template <class T>
void test_shuffled(const L<T>& a, const L<T>& b) {
  test_ne(a, b);
  if (a.sorted() != b.sorted()) detail::fail_test("shuffled", repr(a), repr(b));
}
/// f() throws an exception, test_fail<ValueError>: one of that type, whose text holds `contains`.
/// @throws TestFailure
template <class E = std::exception, class F>
void test_fail(F&& f, const std::string& contains = "") {
  std::string what;
  try {
    f();
    what = "Expected exception but none raised.";
  } catch (const std::exception& error) {
    const bool right_type = dynamic_cast<const E*>(&error) != nullptr;
    if (right_type && std::string(error.what()).find(contains) != std::string::npos) return;
    what = right_type ? "Expected an exception with '" + contains + "' in its text, got: " + error.what()
                      : std::string("Expected an exception of another type, got: ") + error.what();
  }
  detail::fail_test(what);
}
/// What f() writes to a descriptor: 1 is standard output, 2 standard error.
template <class F>
std::string captured(int descriptor, F&& f) {
  using Function = std::remove_reference_t<F>;
  return detail::captured(
      descriptor, [](void* context) { (*static_cast<Function*>(context))(); },
      const_cast<void*>(static_cast<const void*>(&f)));
}
/// f() prints `expected` and a newline. @throws TestFailure
template <class F>
void test_stdout(F&& f, const std::string& expected) {
  test_eq(captured(1, f), expected + "\n");
}
/// f() warns: it writes a line "warning: ..." that holds `contains` to standard error. @throws TestFailure
template <class F>
void test_warns(F&& f, const std::string& contains = "") {
  const std::string text = captured(2, f);
  if (!detail::has_warning(text, contains))
    detail::fail_test("Expected a warning" + (contains.empty() ? "" : " with '" + contains + "' in it") +
                      ", got: " + repr(text));
}

}  // namespace fastcore
