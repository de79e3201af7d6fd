// SPDX-License-Identifier: MIT
// L: fastcore's list. A vector that indexes by lists and masks, maps, filters, sorts and groups, and prints
// as (#3) [1,2,3]. Methods return new lists; nothing but append(), assign() and setattrs() changes the list
// itself. What Python calls L.range, L.split and L.splitlines are the functions of range.h.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <vector>

#include "fastcore/basics/dict.h"
#include "fastcore/basics/invoke.h"
#include "fastcore/basics/repr.h"
#include "minitorch/core/errors.h"

namespace fastcore {

/// The longest list that prints in full; a longer one ends in "...". The course's notebooks show 10.
inline constexpr int kShownItems = 10;

/// @brief fastcore's list: `L{1, 2, 3}.map(square)` prints (#3) [1,4,9].
template <class T>
class L {
 public:
  using value_type = T;
  using Items = std::vector<T>;

  L() = default;
  L(std::initializer_list<T> items) : items_(items) {}
  L(Items items) : items_(std::move(items)) {}
  /// Every item of a range: a set, a span, a generator; of a map its keys.
  template <detail::Range R>
  requires(!std::is_same_v<R, L> && !std::is_convertible_v<const R&, T>) explicit L(const R& range) {
    for (const auto& item : range)
      if constexpr (detail::HasKeys<R, T>) items_.push_back(T(item.first));
      else items_.push_back(T(item));
  }

  int64_t size() const { return static_cast<int64_t>(items_.size()); }
  bool empty() const { return items_.empty(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  const Items& items() const { return items_; }
  void append(T item) { items_.push_back(std::move(item)); }

  // ---- indexing ----
  /// Item i; negative indices count from the end. @throws IndexError when out of range
  decltype(auto) operator[](int64_t i) { return items_[place(i)]; }
  decltype(auto) operator[](int64_t i) const { return items_[place(i)]; }
  decltype(auto) operator[](int i) { return items_[place(i)]; }
  decltype(auto) operator[](int i) const { return items_[place(i)]; }
  /// The items at several indices, or, given a mask of the list's length, those where it is true.
  /// @throws IndexError for an index out of range or a mask of another length
  template <std::integral I>
  L operator[](const std::vector<I>& indices) const;
  template <std::integral I>
  L operator[](const L<I>& indices) const {
    return (*this)[indices.items()];
  }
  L operator[](std::initializer_list<int64_t> indices) const {
    return (*this)[std::vector<int64_t>(indices)];
  }
  // Of truths only, written out: without it they would be the indices 0 and 1.
  template <std::same_as<bool> B>
  L operator[](std::initializer_list<B> mask) const {
    return (*this)[std::vector<bool>(mask)];
  }
  template <std::same_as<bool> B>
  L operator[](std::initializer_list<B> mask) {  // lest {true} be ambiguous for a list that may change
    return (*this)[std::vector<bool>(mask)];
  }
  /// Items [begin, end) in steps, with Python's rules: negative bounds count from the end, none is out of
  /// range.
  L slice(std::optional<int64_t> begin, std::optional<int64_t> end = {}, int64_t step = 1) const;
  /// Sets the items at `indices` (or where a mask is true) to one value. @throws IndexError as operator[]
  template <std::integral I = int64_t>
  void assign(const std::vector<I>& indices, const T& value) {
    for (auto at : places(indices)) items_[at] = value;
  }
  /// Sets them to as many values. @throws IndexError also when the lengths differ
  template <std::integral I = int64_t>
  void assign(const std::vector<I>& indices, const L& values);
  template <std::same_as<bool> B>
  void assign(std::initializer_list<B> mask, const T& value) {
    assign(std::vector<bool>(mask), value);
  }
  template <std::same_as<bool> B>
  void assign(std::initializer_list<B> mask, const L& values) {
    assign(std::vector<bool>(mask), values);
  }
  /// Repeats a one-item list n times; a list of n items is returned as it is. @throws ValueError otherwise
  L match(int64_t n) const {
    if (size() == n) return *this;
    if (size() != 1) detail::throw_match(size(), n);
    return *this * n;
  }
  /// As long as another list.
  template <detail::Range R>
  L match(const R& other) const {
    return match(static_cast<int64_t>(other.size()));
  }

  // ---- map and filter ----
  /// f(item, args...) for each item. f may also be a member pointer, `paths.map(&Path::stem)`; a text with {}
  /// where the item goes, `L{1, 2}.map("{}.png")`; or what items are looked up in, a Dict or a list.
  template <class F, class... Args>
  auto map(F&& f, const Args&... args) const;
  /// The items for which f is true (or false, with negate); without f those that are true themselves, as
  /// texts that are not empty.
  template <class F = detail::Identity>
  L filter(F&& f = {}, bool negate = false) const {
    return (*this)[argwhere(f, negate)];
  }
  /// The indices of those items.
  template <class F = detail::Identity>
  L<int64_t> argwhere(F&& f = {}, bool negate = false) const {
    L<int64_t> places;
    for (int64_t i = 0; i < size(); ++i)
      if (detail::is_true(detail::invoke(f, items_[i])) != negate) places.append(i);
    return places;
  }
  /// The first of those indices, or none.
  template <class F = detail::Identity>
  std::optional<int64_t> argfirst(F&& f = {}, bool negate = false) const {
    for (int64_t i = 0; i < size(); ++i)
      if (detail::is_true(detail::invoke(f, items_[i])) != negate) return i;
    return {};
  }
  /// item[i][j]... of each item.
  template <class... Index>
  auto itemgot(Index... index) const {
    return map([&](const T& item) { return get(item, index...); });
  }
  /// Element I of each pair or tuple.
  template <std::size_t I>
  auto itemgot() const {
    return map([](const T& item) { return std::get<I>(item); });
  }
  /// A data member or the result of a const method of each item: `paths.attrgot(&Path::name)`.
  template <class Member>
  auto attrgot(Member member) const {
    return map(member);
  }
  /// Of items that are Dicts the value of a key, `otherwise` where it is missing.
  template <class Key, class V>
  auto attrgot(const Key& key, const V& otherwise) const;
  /// Sets a data member of every item.
  template <class Member, class V>
  void setattrs(Member member, const V& value) {
    for (auto& item : items_) item.*member = value;
  }
  /// f(i0, i1, ...) of each item that is a pair or a tuple.
  template <class F>
  auto starmap(F&& f) const {
    return map([&](const T& item) { return std::apply(f, item); });
  }

  // ---- lists of lists ----
  /// Transposes a list of lists, stopping at the shortest, or (cycled) repeating all but the first to its
  /// length.
  L<T> zip(bool cycled = false) const;
  /// f(row) of each list of the transposed ones.
  template <class F>
  auto map_zip(F&& f, bool cycled = false) const {
    return zip(cycled).map(f);
  }
  /// Tuples of this list's items with those of other lists, stopping at the shortest.
  template <class... Others>
  auto zipwith(const L<Others>&... others) const;
  /// f(item, other items...) over zipped lists.
  template <class F, class... Others>
  auto map_zipwith(F&& f, const L<Others>&... others) const {
    return zipwith(others...).starmap(f);
  }
  /// All items of all lists, one after the other.
  T concat() const;

  // ---- order ----
  /// Sorted by the items themselves.
  L sorted() const { return sorted(detail::Identity{}); }
  /// Sorted (stably) by key(item): a function, a member pointer, or an index into each item. A function of
  /// two items says whether the first comes before the second, or, as a cmp, by a number below 0 that it
  /// does.
  template <class Key>
  L sorted(Key key, bool reverse = false) const;
  /// Each value once, in first-seen order, or sorted; the values of `start` come first.
  L unique(bool sort = false, const L& start = {}) const;
  /// unique(), and each value's index in it: Python's unique(bidir=True).
  std::pair<L, Dict<T, int64_t>> unique_bidir(bool sort = false, const L& start = {}) const {
    auto values = unique(sort, start);
    return {values, values.val2idx()};
  }
  /// value → index (of its last appearance).
  Dict<T, int64_t> val2idx() const {
    Dict<T, int64_t> places;
    for (int64_t i = 0; i < size(); ++i) places[items_[i]] = i;
    return places;
  }
  /// (0, first), (1, second), ...
  L<std::pair<int64_t, T>> enumerate() const {
    L<std::pair<int64_t, T>> rows;
    for (int64_t i = 0; i < size(); ++i) rows.append({i, items_[i]});
    return rows;
  }
  /// (first, 0), (second, 1), ...
  L<std::pair<T, int64_t>> renumerate() const {
    L<std::pair<T, int64_t>> rows;
    for (int64_t i = 0; i < size(); ++i) rows.append({items_[i], i});
    return rows;
  }
  /// key(item) → val(item) of all items with that key, keys in first-seen order.
  template <class Key, class Val = detail::Identity>
  auto groupby(Key key, Val val = {}) const;
  /// item → f(item).
  template <class F>
  auto map_dict(F&& f) const {
    Dict<T, detail::Result<F, const T&>> results;
    for (const auto& item : items_) results[item] = detail::invoke(f, item);
    return results;
  }
  /// The first n items of this list repeated without end.
  L cycle(int64_t n) const {
    if (empty()) return {};
    L all;
    for (int64_t i = 0; i < n; ++i) all.append(items_[i % size()]);
    return all;
  }
  /// A copy in random order (Fisher and Yates), drawn from `below(n)`: a random integer in [0, n).
  template <class Below>
  L shuffle(Below&& below) const;
  /// Drawn from Python's generator, which minitorch::set_seed seeds: the order of Python's random.shuffle.
  L shuffle() const {
    return shuffle([](int64_t n) { return detail::random_below(n); });
  }
  L copy() const { return *this; }

  // ---- folds ----
  /// f(...f(f(init, item0), item1)...).
  template <class F, class R>
  R reduce(F&& f, R init) const {
    for (const auto& item : items_) init = f(init, item);
    return init;
  }
  template <class F>
  T reduce(F&& f) const {
    if (empty()) detail::throw_empty("reduce");
    return slice(1).reduce(f, T(items_[0]));
  }
  T sum() const {
    return reduce([](T a, const T& b) { return a + b; }, T());
  }
  T product() const {
    return reduce([](T a, const T& b) { return a * b; }, T(1));
  }

  // ---- operators ----
  friend L operator+(L a, const L& b) {
    a.items_.insert(a.items_.end(), b.items_.begin(), b.items_.end());
    return a;
  }
  L& operator+=(const L& b) { return *this = *this + b; }
  friend L operator*(const L& a, int64_t n) { return a.cycle(a.size() * n); }
  /// Each item negated.
  L<bool> operator~() const {
    return map([](const T& item) { return !item; });
  }
  bool operator==(const L& other) const { return items_ == other.items_; }

  // ---- printing ----
  /// (#2) ['a','b'], with "..." after the first `shown` items: as a notebook shows it.
  std::string repr(int64_t shown = kShownItems) const {
    std::string text = "(#" + std::to_string(size()) + ") [";
    for (int64_t i = 0; i < std::min(shown, size()); ++i)
      text += (i ? "," : "") + fastcore::repr(static_cast<const T&>(items_[i]));
    return text + (size() > shown ? "...]" : "]");
  }
  /// ['a', 'b']: as print shows it.
  std::string str() const { return fastcore::repr(items_); }
  friend std::ostream& operator<<(std::ostream& out, const L& list) {
    detail::write_to(out, list.repr());
    return out;
  }

 private:
  std::size_t place(int64_t i) const {
    const int64_t at = i < 0 ? i + size() : i;
    if (at < 0 || at >= size()) detail::throw_index(i, size());
    return static_cast<std::size_t>(at);
  }
  template <class I>
  std::vector<std::size_t> places(const std::vector<I>& indices) const;
  template <class X>
  static const X& get(const X& x) {
    return x;
  }
  template <class X, class I, class... More>
  static auto get(const X& x, I i, More... more) {
    return get(x[i], more...);
  }

  Items items_;
};

L(std::initializer_list<const char*>)->L<std::string>;
template <class R>
requires detail::Range<R> L(const R&)
->L<detail::Element<R>>;
template <class R>
requires detail::Mapping<R> L(const R&)
->L<typename R::key_type>;

}  // namespace fastcore

#include "fastcore/basics/l_impl.h"
