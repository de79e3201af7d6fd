// SPDX-License-Identifier: MIT
// As much of Catch2 as the op table uses, for machines that have a GPU and no Catch2: benchmarks/gpu.sh builds the tests
// of tests/ops/ and some others with this header in place of the real one. main() is in ../op_table_main.cpp.
#pragma once
#include <cmath>
#include <exception>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace Catch {

struct Case {
  const char *name, *tags;
  void (*run)();
};
inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}
inline bool add_case(const char* name, const char* tags, void (*run)()) {
  cases().push_back({name, tags, run});
  return true;
}

struct State {
  int checks = 0, failures = 0;  // of the running case
  std::vector<std::string> info;
};
inline State& state() {
  static State the_state;
  return the_state;
}
struct Info {
  explicit Info(std::string text) { state().info.push_back(std::move(text)); }
  ~Info() { state().info.pop_back(); }
};

/// Ends a case, after a failed REQUIRE.
struct CaseEnded {};

inline void check(bool holds, const char* file, int line, const std::string& text) {
  ++state().checks;
  if (holds) return;
  ++state().failures;
  std::cerr << file << ":" << line << ": failed: " << text << "\n";
  for (const std::string& i : state().info) std::cerr << "  with " << i << "\n";
}

class Approx {
 public:
  explicit Approx(double value) : value_(value) {}
  Approx& epsilon(double e) { return epsilon_ = e, *this; }
  Approx& margin(double m) { return margin_ = m, *this; }
  friend bool operator==(double got, const Approx& a) {
    return std::fabs(got - a.value_) <= std::fmax(a.margin_, a.epsilon_ * std::fabs(a.value_));
  }

 private:
  double value_, epsilon_ = 1e-5, margin_ = 0;
};

using Matcher = std::function<bool(const std::string&)>;
inline Matcher Contains(const std::string& part) {
  return [part](const std::string& text) { return text.find(part) != std::string::npos; };
}
inline Matcher StartsWith(const std::string& part) {
  return [part](const std::string& text) { return text.rfind(part, 0) == 0; };
}
inline Matcher to_matcher(const Matcher& m) { return m; }
inline Matcher to_matcher(const std::string& whole) {
  return [whole](const std::string& text) { return text == whole; };
}

}  // namespace Catch

using Catch::Approx;

#define MT_JOIN_(a, b) a##b
#define MT_JOIN(a, b) MT_JOIN_(a, b)
#define MT_CASE(function, name, tags, ...)                                                       \
  static void function();                                                                        \
  [[maybe_unused]] static const bool MT_JOIN(function, _) = Catch::add_case(name, tags, function); \
  static void function()
#define TEST_CASE(...) MT_CASE(MT_JOIN(test_case_, __COUNTER__), __VA_ARGS__, "", "")
#define INFO(text)                                \
  const Catch::Info MT_JOIN(info_, __LINE__)([&] { \
    std::ostringstream out_;                      \
    out_ << text;                                 \
    return out_.str();                            \
  }())
#define CHECK(...) Catch::check(static_cast<bool>(__VA_ARGS__), __FILE__, __LINE__, #__VA_ARGS__)
#define CHECK_FALSE(...) CHECK(!(__VA_ARGS__))
#define REQUIRE(...)                                            \
  do {                                                          \
    const bool holds_ = static_cast<bool>(__VA_ARGS__);         \
    Catch::check(holds_, __FILE__, __LINE__, #__VA_ARGS__);     \
    if (!holds_) throw Catch::CaseEnded{};                      \
  } while (false)
#define CHECK_THAT(text, matcher) CHECK((matcher)(text))
#define CHECK_THROWS_AS(expression, type)           \
  do {                                              \
    bool thrown_ = false;                           \
    try {                                           \
      static_cast<void>(expression);                \
    } catch (const type&) {                         \
      thrown_ = true;                               \
    }                                               \
    Catch::check(thrown_, __FILE__, __LINE__, #expression " throws " #type); \
  } while (false)
#define CHECK_THROWS_WITH(expression, expected)                                                       \
  do {                                                                                                \
    std::string what_ = "(nothing was thrown)";                                                       \
    try {                                                                                             \
      static_cast<void>(expression);                                                                  \
    } catch (const std::exception& error) {                                                           \
      what_ = error.what();                                                                           \
    }                                                                                                 \
    Catch::check(Catch::to_matcher(expected)(what_), __FILE__, __LINE__, #expression " threw: " + what_); \
  } while (false)
