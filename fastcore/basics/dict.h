// SPDX-License-Identifier: MIT
// Dict: a map that remembers the order in which its keys came, as Python's dict does.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fastcore/basics/repr.h"
#include "minitorch/core/errors.h"

namespace fastcore {

/// @brief Keys in first-seen order, looked up in O(log n). Keys need `<`.
template <class K, class V>
class Dict {
 public:
  using key_type = K;
  using mapped_type = V;
  using Item = std::pair<K, V>;

  Dict() = default;
  Dict(std::initializer_list<Item> items);

  /// The value of a key, made with its default value when the key is new.
  V& operator[](const K& key);
  /// The value of a key. @throws IndexError when there is none
  const V& at(const K& key) const {
    if (const V* value = find(key)) return *value;
    throw minitorch::IndexError("[Dict] no key " + fastcore::repr(key));
  }
  /// The value of a key, or nullptr.
  const V* find(const K& key) const {
    auto at = places_.find(key);
    return at == places_.end() ? nullptr : &items_[at->second].second;
  }
  bool contains(const K& key) const { return places_.count(key) > 0; }
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  const std::vector<Item>& items() const { return items_; }
  /// Equal keys with equal values, in whatever order (as in Python).
  bool operator==(const Dict& other) const {
    if (size() != other.size()) return false;
    for (const auto& [key, value] : items_) {
      const V* theirs = other.find(key);
      if (!theirs || !(*theirs == value)) return false;
    }
    return true;
  }

 private:
  std::vector<Item> items_;
  std::map<K, std::size_t> places_;
};

template <class K, class V>
Dict<K, V>::Dict(std::initializer_list<Item> items) {
  for (const auto& [key, value] : items) (*this)[key] = value;
}

template <class K, class V>
V& Dict<K, V>::operator[](const K& key) {
  auto [at, is_new] = places_.emplace(key, items_.size());
  if (is_new) items_.emplace_back(key, V());
  return items_[at->second].second;
}

/// @brief All entries of several dicts; of equal keys the later wins (and keeps the first one's place).
template <class K, class V, class... More>
Dict<K, V> merge(const Dict<K, V>& first, const More&... more) {
  Dict<K, V> all = first;
  auto add = [&](const Dict<K, V>& next) {
    for (const auto& [key, value] : next) all[key] = value;
  };
  (add(more), ...);
  return all;
}

}  // namespace fastcore
