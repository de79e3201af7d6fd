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

template <class T>
template <class I>
requires(std::is_integral_v<I>) L<T> L<T>::operator[](const std::vector<I>& indices) const {
  L chosen;
  if constexpr (std::is_same_v<I, bool>) {
    if (indices.size() != items_.size()) detail::throw_mask(indices.size(), size());
    for (std::size_t i = 0; i < indices.size(); ++i)
      if (indices[i]) chosen.append(items_[i]);
  } else {
    for (auto i : indices) chosen.append(items_[place(static_cast<int64_t>(i))]);
  }
  return chosen;
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
L<T> L<T>::unique(bool sort, const L& start) const {
  Dict<T, bool> seen;
  for (const auto* list : {&start, this})
    for (const auto& item : list->items_) seen[item] = true;
  L values;
  for (const auto& [value, is_seen] : seen) values.append(value);
  return sort ? values.sorted() : values;
}

}  // namespace fastcore
