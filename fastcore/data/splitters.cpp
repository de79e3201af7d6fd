// SPDX-License-Identifier: MIT
#include "fastcore/data/splitters.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "fastcore/basics/helpers.h"
#include "fastcore/data/shares.h"
#include "minitorch/core/random.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;

void detail::check_shares(const char* where, const std::string& a, double share, const std::string& b,
                          double other) {
  const auto check = [where](const std::string& name, double s) {
    if (!(s >= 0 && s <= 1))
      throw ValueError(format("[%s] %s %g: expected a share of the items, 0 to 1", where, name.c_str(), s));
  };
  check(a, share);
  if (b.empty()) return;
  check(b, other);
  check(a + " + " + b, share + other);
}

namespace {

std::vector<int64_t> random_order(int64_t n, std::optional<uint64_t> seed) {
  if (seed) minitorch::manual_seed(*seed);
  std::vector<int64_t> order(static_cast<std::size_t>(n));
  minitorch::default_generator().fill_randperm(order.data(), n);
  return order;
}

// The items where `split_of` is 0, 1, 2; other numbers leave an item out.
template <class SplitOf>
Splits by(const Items& items, int splits, SplitOf split_of) {
  Splits all(static_cast<std::size_t>(splits));
  for (int64_t i = 0; i < items.size(); ++i)
    if (const int split = split_of(i); split >= 0) all[static_cast<std::size_t>(split)].push_back(i);
  return all;
}

const Path& path_of(const char* where, const Value& item) {
  if (const auto* path = std::get_if<Path>(&item)) return *path;
  throw ValueError(std::string("[") + where + "] the items are no paths: the first other is " +
                       describe(item) + " (" + type_of(item) + ")",
                   "split by something else: RandomSplitter{.seed = 42}");
}

bool among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Splits RandomSplitter::operator()(const Items& items) const {
  detail::check_shares("RandomSplitter", "valid_pct", valid_pct, "test_pct", test_pct);
  const auto order = random_order(items.size(), seed);
  const auto n = static_cast<double>(items.size());
  const auto valid = order.begin() + static_cast<int64_t>(valid_pct * n);
  const auto test = valid + static_cast<int64_t>(test_pct * n);
  Splits splits{{test, order.end()}, {order.begin(), valid}};
  if (test_pct > 0) splits.emplace_back(valid, test);
  return splits;
}

Splits IndexSplitter::operator()(const Items& items) const {
  std::set<int64_t> taken;
  for (const auto* list : {&valid_idx, &test_idx})
    for (int64_t i : *list) {
      if (i < 0 || i >= items.size())
        throw minitorch::IndexError("[IndexSplitter] item " + std::to_string(i) + " of " +
                                    std::to_string(items.size()));
      if (!taken.insert(i).second)
        throw minitorch::IndexError("[IndexSplitter] item " + std::to_string(i) + " is given twice");
    }
  Splits splits = by(items, 1, [&](int64_t i) { return taken.count(i) ? -1 : 0; });
  splits.push_back(valid_idx);
  if (!test_idx.empty()) splits.push_back(test_idx);
  return splits;
}

Splits EndSplitter::operator()(const Items& items) const {
  detail::check_shares("EndSplitter", "valid_pct", valid_pct);
  const int64_t n = items.size(), count = static_cast<int64_t>(valid_pct * static_cast<double>(n));
  return by(items, 2, [&](int64_t i) { return valid_last ? i >= n - count : i < count; });
}

Splits GrandparentSplitter::operator()(const Items& items) const {
  Splits splits = by(items, test_name.empty() ? 2 : 3, [&](int64_t i) {
    const std::string folder = path_of("GrandparentSplitter", items[i]).parent().parent().name();
    if (among(train_name, folder)) return 0;
    if (among(valid_name, folder)) return 1;
    return among(test_name, folder) ? 2 : -1;
  });
  if (items.size() > 0 && splits[0].empty())
    throw ValueError("[GrandparentSplitter] no item lies two folders below " +
                         join(L<std::string>(train_name), " or ") + ": the first is " + describe(items[0]),
                     "say what that folder is called, .train_name = {\"training\"}, or split at random: "
                     "RandomSplitter{.valid_pct = 0.2, .seed = 42}");
  return splits;
}

Splits FuncSplitter::operator()(const Items& items) const {
  return by(items, 2, [&](int64_t i) -> int {
    if (!f.takes(items[i]))
      throw ValueError(
          "[FuncSplitter] the function does not take " + describe(items[i]) + " (" + type_of(items[i]) + ")",
          "give it that parameter: [](const " + type_of(items[i]) + "& item) { ... }");
    const Value result = f(items[i]);
    if (const auto* text = std::get_if<std::string>(&result)) return *text == "True";
    if (const auto* number = std::get_if<Numbers>(&result)) return number->values.at(0) != 0;
    throw ValueError("[FuncSplitter] the function returned " + describe(result) + ": expected a truth");
  });
}

Splits MaskSplitter::operator()(const Items& items) const {
  if (static_cast<int64_t>(mask.size()) != items.size())
    throw minitorch::ShapeError(format("[MaskSplitter] a mask of %zu for %lld items", mask.size(),
                                       static_cast<long long>(items.size())),
                                "give one truth for each item; true validates");
  return by(items, 2, [&](int64_t i) { return mask[static_cast<std::size_t>(i)] ? 1 : 0; });
}

Splits FileSplitter::operator()(const Items& items) const {
  const auto lines = fname.readlines();
  const std::set<std::string> names(lines.begin(), lines.end());
  return by(items, 2, [&](int64_t i) {
    return static_cast<int>(names.count(path_of("FileSplitter", items[i]).name()));
  });
}

Splits RandomSubsetSplitter::operator()(const Items& items) const {
  detail::check_shares("RandomSubsetSplitter", "train_sz", train_sz, "valid_sz", valid_sz);
  const auto order = random_order(items.size(), seed);
  const auto n = static_cast<double>(items.size());
  const auto train = order.begin() + static_cast<int64_t>(train_sz * n);
  return {{order.begin(), train}, {train, train + static_cast<int64_t>(valid_sz * n)}};
}

Splits no_split(const Items& items) {
  return by(items, 2, [](int64_t) { return 0; });
}

}  // namespace fastcore
