// SPDX-License-Identifier: MIT
// The longer members of L; included by l.h.
#pragma once

namespace fastcore {

template <class T>
L<T> L<T>::slice(std::optional<int64_t> begin, std::optional<int64_t> end, int64_t step) const {
  if (step == 0) throw minitorch::ValueError("[L] slice: step 0: expected a step that moves");
  auto clamp = [&](int64_t i) {
    const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size() : size() - 1;
    return std::clamp(i < 0 ? i + size() : i, low, high);
  };
  const int64_t first = begin ? clamp(*begin) : step > 0 ? 0 : size() - 1;
  const int64_t last = end ? clamp(*end) : step > 0 ? size() : -1;
  L chosen;
  for (int64_t i = first; step > 0 ? i < last : i > last; i += step) chosen.append(items_[i]);
  return chosen;
}

// Where indices, or the true values of a mask, point.
template <class T>
template <class I>
std::vector<std::size_t> L<T>::places(const std::vector<I>& indices) const {
  std::vector<std::size_t> found;
  if constexpr (std::is_same_v<I, bool>) {
    if (indices.size() != items_.size()) detail::throw_mask(indices.size(), size());
    for (std::size_t i = 0; i < indices.size(); ++i)
      if (indices[i]) found.push_back(i);
  } else {
    for (auto i : indices) found.push_back(place(static_cast<int64_t>(i)));
  }
  return found;
}

template <class T>
template <std::integral I>
L<T> L<T>::operator[](const std::vector<I>& indices) const {
  L chosen;
  for (auto at : places(indices)) chosen.append(items_[at]);
  return chosen;
}

template <class T>
template <class F, class... Args>
auto L<T>::map(F&& f, const Args&... args) const {
  if constexpr (detail::Text<F>) {
    return map([&](const T& item) { return detail::filled_in(f, fastcore::str(item)); });
  } else if constexpr (detail::Table<std::decay_t<F>, T>) {
    return map([&](const T& item) { return detail::looked_up(f, item); });
  } else if constexpr (std::is_void_v<detail::Result<F&, const T&, const Args&...>>) {
    for (const auto& item : items_) detail::invoke(f, item, args...);
  } else {
    L<detail::Result<F&, const T&, const Args&...>> results;
    for (const auto& item : items_) results.append(detail::invoke(f, item, args...));
    return results;
  }
}

template <class T>
template <class Key>
L<T> L<T>::sorted(Key key, bool reverse) const {
  const auto before = [&](const T& a, const T& b) -> bool {
    if constexpr (std::is_integral_v<Key>) {
      return get(a, key) < get(b, key);
    } else if constexpr (std::is_invocable_v<Key&, const T&, const T&>) {
      if constexpr (std::is_same_v<decltype(key(a, b)), bool>) return key(a, b);
      else return key(a, b) < 0;
    } else {
      return detail::invoke(key, a) < detail::invoke(key, b);
    }
  };
  L copy = *this;
  std::stable_sort(copy.items_.begin(), copy.items_.end(),
                   [&](const T& a, const T& b) { return reverse ? before(b, a) : before(a, b); });
  return copy;
}

template <class T>
L<T> L<T>::zip(bool cycled) const {
  L<T> rows;
  if (empty()) return rows;
  int64_t n = items_[0].size();
  for (const auto& list : items_) {
    if (cycled && list.empty()) n = 0;
    if (!cycled) n = std::min<int64_t>(n, list.size());
  }
  for (int64_t i = 0; i < n; ++i) {
    T row;
    for (const auto& list : items_) row.append(list[i % list.size()]);
    rows.append(row);
  }
  return rows;
}

template <class T>
T L<T>::concat() const {
  T all;
  for (const auto& list : items_)
    for (const auto& item : list) all.append(item);
  return all;
}

template <class T>
L<T> L<T>::unique(bool sort, const L& start) const {
  Dict<T, bool> seen;
  for (const auto* list : {&start, this})
    for (const auto& item : list->items_) seen[item] = true;
  L values;
  for (const auto& [value, is_seen] : seen) values.append(value);
  return sort ? values.sorted() : values;
}

template <class T>
template <class Key, class V>
auto L<T>::attrgot(const Key& key, const V& otherwise) const {
  return map([&](const T& item) -> typename T::mapped_type {
    const auto* value = item.find(key);
    return value ? *value : otherwise;
  });
}

template <class T>
template <class... Others>
auto L<T>::zipwith(const L<Others>&... others) const {
  L<std::tuple<T, Others...>> rows;
  int64_t n = size();
  ((n = std::min(n, others.size())), ...);
  for (int64_t i = 0; i < n; ++i) rows.append({items_[i], others[i]...});
  return rows;
}

template <class T>
template <class Key, class Val>
auto L<T>::groupby(Key key, Val val) const {
  Dict<detail::Result<Key, const T&>, L<detail::Result<Val, const T&>>> groups;
  for (const auto& item : items_) groups[detail::invoke(key, item)].append(detail::invoke(val, item));
  return groups;
}

template <class T>
template <class Below>
L<T> L<T>::shuffle(Below&& below) const {
  L copy = *this;
  for (int64_t i = size() - 1; i > 0; --i)
    std::swap(copy.items_[i], copy.items_[static_cast<std::size_t>(below(i + 1))]);
  return copy;
}

template <class T>
template <std::integral I>
void L<T>::assign(const std::vector<I>& indices, const L& values) {
  const auto to = places(indices);
  if (values.items_.size() != to.size()) detail::throw_mask(values.size(), to.size());
  for (std::size_t i = 0; i < to.size(); ++i) items_[to[i]] = values.items_[i];
}

#if !defined(DOXYGEN)
// Compiled once, in l.cpp: what nearly every program asks of lists of texts.
extern template L<std::string> L<std::string>::slice(std::optional<int64_t>, std::optional<int64_t>,
                                                     int64_t) const;
extern template L<std::string> L<std::string>::sorted(detail::Identity, bool) const;
extern template L<std::string> L<std::string>::unique(bool, const L<std::string>&) const;
#endif

}  // namespace fastcore
