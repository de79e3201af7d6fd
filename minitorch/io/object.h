// SPDX-License-Identifier: MIT
// What a checkpoint holds: Python's plain values, with tensors among them.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "minitorch/io/raw_tensor.h"

namespace minitorch::io {

/// A value that cannot change, shared by all that refer to it. Tuples are lists here.
class Object {
 public:
  using List = std::vector<Object>;
  using Dict = std::vector<std::pair<Object, Object>>;
  /// A class or function of Python, or what one has made: known by name only.
  struct Opaque {
    std::string name;
  };
  /// The most levels that values may lie inside each other.
  static constexpr int kMaxDepth = 100;

  Object() = default;  ///< None
  Object(bool value) : Object(Value(value)) {}
  Object(int64_t value) : Object(Value(value)) {}
  Object(double value) : Object(Value(value)) {}
  Object(std::string value) : Object(Value(std::move(value))) {}
  Object(const char* value) : Object(std::string(value)) {}
  Object(RawTensor value) : Object(Value(std::move(value))) {}
  Object(Opaque value) : Object(Value(std::move(value))) {}
  /// @throws ValueError beyond kMaxDepth
  Object(List items);
  Object(Dict items);

  /// The value when it is a T: bool, int64_t, double, std::string, RawTensor, Opaque, List or Dict; else
  /// null.
  template <class T>
  const T* get_if() const {
    return node_ ? std::get_if<T>(&node_->value) : nullptr;
  }
  bool is_none() const { return !node_; }

  /// The same, of a value that must be there. @throws ValueError naming what it is instead
  const std::string& text() const { return get<std::string>("a text"); }
  int64_t integer() const { return get<int64_t>("an integer"); }
  double number() const;  ///< an integer or a boolean, too
  const List& list() const { return get<List>("a list"); }
  const Dict& dict() const { return get<Dict>("a dict"); }
  const RawTensor& tensor() const { return get<RawTensor>("a tensor"); }

  /// The entry of a dict under a text key; null when there is none, or this is no dict.
  const Object* find(const std::string& key) const;
  /// @throws ValueError listing the keys that there are
  const Object& at(const std::string& key) const;

  /// "a dict of 3", "a tensor", "None", … for messages.
  std::string kind() const;

 private:
  using Value = std::variant<bool, int64_t, double, std::string, RawTensor, Opaque, List, Dict>;
  struct Node {
    Value value;
    int depth = 0;
  };
  explicit Object(Value value) : node_(std::make_shared<const Node>(Node{std::move(value)})) {}
  int depth() const { return node_ ? node_->depth : 0; }
  template <class T>
  const T& get(const char* expected) const {
    if (const T* value = get_if<T>()) return *value;
    throw_other(expected);
  }
  [[noreturn]] void throw_other(const char* expected) const;

  std::shared_ptr<const Node> node_;
};

}  // namespace minitorch::io
