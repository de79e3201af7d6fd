// SPDX-License-Identifier: MIT
// Sorting, distinct values and counting.
#include <algorithm>
#include <numeric>

#include "fastcore/frame/column.h"

namespace fastcore {
namespace {

// The place of each word among the words in sorted order.
std::vector<int32_t> ranks_of(const Words& words) {
  std::vector<int32_t> order(words.size()), rank(words.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return words[a] < words[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<int32_t>(i);
  return rank;
}

// Numbers that sort as the column does; NaN where missing.
std::vector<double> sort_keys(const ColumnData& data) {
  std::vector<double> keys;
  if (data.type == ColumnType::text) {
    const std::vector<int32_t> rank = data.categorical ? std::vector<int32_t>() : ranks_of(*data.words);
    for (const int32_t code : data.codes)
      keys.push_back(code < 0 ? kNaN : rank.empty() ? code : rank[static_cast<std::size_t>(code)]);
  } else {
    detail::with_numbers(data, "sort",
                         [&](const auto& values) { keys.assign(values.begin(), values.end()); });
  }
  return keys;
}

// f of numbers that sort as the column does: whole numbers as they are, since beyond 2^53 not each of them
// has a double of its own.
template <class F>
auto with_sort_keys(const ColumnData& data, F f) {
  return data.type == ColumnType::integer ? f(data.integers) : f(sort_keys(data));
}

// The rows in the order of their keys, those that are missing (NaN) last.
template <class Key>
std::vector<int64_t> sorted_rows(const std::vector<Key>& keys, bool ascending) {
  std::vector<int64_t> rows(keys.size());
  std::iota(rows.begin(), rows.end(), 0);
  const auto there =
      std::stable_partition(rows.begin(), rows.end(), [&](int64_t row) { return keys[row] == keys[row]; });
  std::stable_sort(rows.begin(), there,
                   [&](int64_t a, int64_t b) { return ascending ? keys[a] < keys[b] : keys[b] < keys[a]; });
  return rows;
}

// The place of each key among all, from 1 on; equal ones share the mean of their places.
template <class Key>
std::vector<double> ranks_of_keys(const std::vector<Key>& keys) {
  const std::vector<int64_t> order = sorted_rows(keys, true);
  std::vector<double> ranks(keys.size(), kNaN);
  for (std::size_t begin = 0; begin < order.size() && keys[order[begin]] == keys[order[begin]];) {
    std::size_t end = begin + 1;
    while (end < order.size() && keys[order[end]] == keys[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i)
      ranks[static_cast<std::size_t>(order[i])] = static_cast<double>(begin + 1 + end) / 2;
    begin = end;
  }
  return ranks;
}

template <class T>
Factors factor_values(const std::vector<T>& values, const std::string& name) {
  std::vector<T> distinct;
  for (const T value : values)
    if (value == value) distinct.push_back(value);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  Factors factors;
  factors.codes.reserve(values.size());
  for (const T value : values)
    factors.codes.push_back(
        value == value ? static_cast<int32_t>(std::lower_bound(distinct.begin(), distinct.end(), value) -
                                              distinct.begin())
                       : -1);
  if constexpr (std::is_same_v<T, uint8_t>) {
    factors.values = Series(std::vector<bool>(distinct.begin(), distinct.end()), name);
  } else {
    factors.values = Series(std::move(distinct), name);
  }
  return factors;
}

Factors factor_texts(const ColumnData& data, const std::string& name) {
  if (data.categorical) {
    ColumnData all{.type = ColumnType::text, .words = data.words, .categorical = true};
    all.codes.resize(data.words->size());
    std::iota(all.codes.begin(), all.codes.end(), 0);
    return {data.codes, Series(std::move(all), name)};
  }
  std::vector<char> used(data.words->size());
  for (const int32_t code : data.codes)
    if (code >= 0) used[static_cast<std::size_t>(code)] = true;
  std::vector<int32_t> order, number(used.size(), -1);
  for (std::size_t code = 0; code < used.size(); ++code)
    if (used[code]) order.push_back(static_cast<int32_t>(code));
  std::sort(order.begin(), order.end(),
            [&](int32_t a, int32_t b) { return (*data.words)[a] < (*data.words)[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) number[order[i]] = static_cast<int32_t>(i);
  Factors factors;
  factors.codes.reserve(data.codes.size());
  for (const int32_t code : data.codes) factors.codes.push_back(code < 0 ? -1 : number[code]);
  factors.values =
      Series(ColumnData{.type = ColumnType::text, .codes = std::move(order), .words = data.words}, name);
  return factors;
}

}  // namespace

Factors factorize(const Series& x, bool sort) {
  const ColumnData& data = x.data();
  Factors factors;
  switch (data.type) {
    case ColumnType::integer: factors = factor_values(data.integers, x.name()); break;
    case ColumnType::number: factors = factor_values(data.numbers, x.name()); break;
    case ColumnType::boolean: factors = factor_values(data.booleans, x.name()); break;
    default: factors = factor_texts(data, x.name());
  }
  if (sort) return factors;
  std::vector<int32_t> number(static_cast<std::size_t>(factors.values.size()), -1);
  std::vector<int64_t> order;  // by first appearance
  for (int32_t& code : factors.codes) {
    if (code < 0) continue;
    int32_t& now = number[static_cast<std::size_t>(code)];
    if (now < 0) {
      now = static_cast<int32_t>(order.size());
      order.push_back(code);
    }
    code = now;
  }
  factors.values = factors.values.take(order).reset_index();
  return factors;
}

std::vector<int64_t> Series::argsort(bool ascending) const {
  return with_sort_keys(data(), [&](const auto& keys) { return sorted_rows(keys, ascending); });
}

Series Series::sort_values(bool ascending) const { return take(argsort(ascending)); }
Series Series::sort_index() const { return take(index().argsort()); }

Series Series::unique() const {
  Factors factors = factorize(*this, false);
  if (factors.codes.size() == 0 || !isna().any()) return factors.values;
  std::vector<int64_t> rows;  // pandas lists a missing value too, where it comes first
  std::vector<char> seen(static_cast<std::size_t>(factors.values.size()) + 1);
  for (int64_t row = 0; row < size(); ++row) {
    char& before = seen[static_cast<std::size_t>(factors.codes[row] + 1)];
    if (!before) rows.push_back(row);
    before = true;
  }
  return take(rows).reset_index();
}

int64_t Series::nunique() const { return factorize(*this, false).values.size(); }

namespace {
std::vector<int64_t> count_codes(const Factors& factors) {
  std::vector<int64_t> counts(static_cast<std::size_t>(factors.values.size()));
  for (const int32_t code : factors.codes)
    if (code >= 0) ++counts[static_cast<std::size_t>(code)];
  return counts;
}
}  // namespace

Series Series::mode() const {
  const Factors factors = factorize(*this);
  const std::vector<int64_t> counts = count_codes(factors);
  const int64_t most = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
  std::vector<int64_t> modes;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] == most && most > 0) modes.push_back(static_cast<int64_t>(i));
  return factors.values.take(modes).reset_index();
}

Series Series::value_counts(bool normalize) const {
  const Factors factors = factorize(*this, is_categorical());
  const std::vector<int64_t> counts = count_codes(factors);
  const Series counted(counts, "count");
  const std::vector<int64_t> order = counted.argsort(false);
  Series result = counted.take(order);
  if (normalize) {
    const double total = result.sum();
    result = (result / total).rename("proportion");
  }
  return result.with_index(factors.values.take(order));
}

Series Series::rank() const {
  std::vector<double> ranks = with_sort_keys(data(), [](const auto& keys) { return ranks_of_keys(keys); });
  return Series(std::move(ranks), name()).with_index_pointer(index_);
}

}  // namespace fastcore
