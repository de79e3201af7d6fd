// SPDX-License-Identifier: MIT
#include "minitorch/io/object.h"

#include <algorithm>

#include "minitorch/core/errors.h"

namespace minitorch::io {
namespace {

int deeper(int depth) {
  if (depth >= Object::kMaxDepth)
    throw ValueError("[object] values lie more than 100 levels inside each other");
  return depth + 1;
}

}  // namespace

Object::Object(List items) {
  int depth = 0;
  for (const Object& item : items) depth = std::max(depth, item.depth());
  node_ = std::make_shared<const Node>(Node{std::move(items), deeper(depth)});
}

Object::Object(Dict items) {
  int depth = 0;
  for (const auto& [key, value] : items) depth = std::max({depth, key.depth(), value.depth()});
  node_ = std::make_shared<const Node>(Node{std::move(items), deeper(depth)});
}

double Object::number() const {
  if (auto integer = get_if<int64_t>()) return static_cast<double>(*integer);
  if (auto boolean = get_if<bool>()) return *boolean;
  return get<double>("a number");
}

const Object* Object::find(const std::string& key) const {
  if (auto items = get_if<Dict>())
    for (const auto& [name, value] : *items)
      if (auto text = name.get_if<std::string>(); text && *text == key) return &value;
  return nullptr;
}

const Object& Object::at(const std::string& key) const {
  if (const Object* found = find(key)) return *found;
  std::string keys;
  for (const auto& [name, value] : dict()) {
    if (keys.size() > 200) {
      keys += ", ...";
      break;
    }
    if (auto text = name.get_if<std::string>()) keys += (keys.empty() ? "" : ", ") + *text;
  }
  throw ValueError("[object] there is no entry '" + key + "': the entries are " + keys);
}

std::string Object::kind() const {
  if (is_none()) return "None";
  if (get_if<bool>()) return "a boolean";
  if (get_if<int64_t>()) return "an integer";
  if (get_if<double>()) return "a number";
  if (get_if<std::string>()) return "a text";
  if (get_if<RawTensor>()) return "a tensor";
  if (auto items = get_if<List>()) return format("a list of %zu", items->size());
  if (auto items = get_if<Dict>()) return format("a dict of %zu", items->size());
  return "a " + get_if<Opaque>()->name;
}

void Object::throw_other(const char* expected) const {
  throw ValueError(std::string("[object] expected ") + expected + ", got " + kind());
}

}  // namespace minitorch::io
