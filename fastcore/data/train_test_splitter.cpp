// SPDX-License-Identifier: MIT
// scikit-learn's train_test_split, number for number: ShuffleSplit, and StratifiedShuffleSplit where labels
// are given.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "fastcore/basics/range.h"
#include "fastcore/data/shares.h"
#include "fastcore/data/splitters.h"
#include "minitorch/core/numpy_random.h"

namespace fastcore {
using minitorch::ValueError;
using minitorch::numpy::RandomState;
using Counts = std::vector<int64_t>;

namespace {

// A label, and where it stands among the items.
using Groups = std::map<std::string, Counts>;

Groups groups_of(const L<std::string>& labels, int64_t items) {
  if (labels.size() != items)
    throw minitorch::ShapeError("[TrainTestSplitter] stratify has " + std::to_string(labels.size()) +
                                    " labels for " + std::to_string(items) + " items",
                                "give one for each item: .stratify = items.map(parent_label)");
  Groups groups;
  for (int64_t i = 0; i < items; ++i) groups[labels[i]].push_back(i);
  for (const auto& [label, places] : groups)
    if (places.size() < 2)
      throw ValueError(
          "[TrainTestSplitter] the label '" + label + "' has 1 item: it cannot train and validate",
          "leave such items out, or split without stratify");
  return groups;
}

// How many of `draws` come from each group: its share, rounded down; what is missing goes to those with the
// largest fractions, among equal ones at random.
Counts shares_of(const Counts& sizes, int64_t draws, RandomState& random) {
  const auto all = static_cast<double>(std::accumulate(sizes.begin(), sizes.end(), int64_t{0}));
  Counts shares;
  std::map<double, Counts, std::greater<>> by_fraction;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double share = static_cast<double>(sizes[i]) / all * static_cast<double>(draws);
    shares.push_back(static_cast<int64_t>(share));
    by_fraction[share - std::floor(share)].push_back(static_cast<int64_t>(i));
  }
  int64_t missing = draws - std::accumulate(shares.begin(), shares.end(), int64_t{0});
  for (const auto& [fraction, groups] : by_fraction) {
    if (missing <= 0) break;
    const auto n = static_cast<int64_t>(groups.size());
    const auto order = random.permutation(n);
    for (int64_t i = 0; i < std::min(n, missing); ++i) ++shares[groups[order[i]]];
    missing -= std::min(n, missing);
  }
  return shares;
}

Counts shuffled(const Counts& places, RandomState& random) {
  Counts result;
  for (const int64_t at : random.permutation(static_cast<int64_t>(places.size())))
    result.push_back(places[at]);
  return result;
}

Splits stratified(const Groups& groups, int64_t train, int64_t valid, RandomState& random) {
  const auto labels = static_cast<int64_t>(groups.size());
  if (std::min(train, valid) < labels)
    throw ValueError("[TrainTestSplitter] " + std::to_string(train) + " items train and " +
                         std::to_string(valid) + " validate: too few for " + std::to_string(labels) +
                         " labels",
                     "give test_size a share with room for each label, or split without stratify");
  Counts sizes;
  for (const auto& [label, places] : groups) sizes.push_back(static_cast<int64_t>(places.size()));
  const Counts training = shares_of(sizes, train, random);
  for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] -= training[i];
  const Counts validating = shares_of(sizes, valid, random);
  Splits splits(2);
  std::size_t i = 0;
  for (const auto& [label, places] : groups) {
    const Counts order = shuffled(places, random);
    const auto cut = order.begin() + training[i];
    splits[0].insert(splits[0].end(), order.begin(), cut);
    splits[1].insert(splits[1].end(), cut, cut + validating[i++]);
  }
  return {shuffled(splits[0], random), shuffled(splits[1], random)};
}

}  // namespace

Splits TrainTestSplitter::operator()(const Items& items) const {
  detail::check_shares("TrainTestSplitter", "test_size", test_size, "train_size", train_size.value_or(0));
  const int64_t n = items.size();
  const auto held = static_cast<int64_t>(std::ceil(test_size * static_cast<double>(n)));
  const auto wanted = static_cast<int64_t>(train_size.value_or(1) * static_cast<double>(n));
  const int64_t kept = std::min(wanted, n - held);
  if (!shuffle && !stratify.empty())
    throw ValueError("[TrainTestSplitter] stratify draws at random, and shuffle is off",
                     "leave one of them out");
  if (!shuffle) return {range(kept).items(), range(kept, kept + held).items()};
  std::optional<RandomState> own;
  if (random_state) own.emplace(*random_state);
  RandomState& random = own ? *own : minitorch::numpy::global();
  if (!stratify.empty()) return stratified(groups_of(stratify, n), kept, held, random);
  const std::vector<int64_t> order = random.permutation(n);
  const auto first = order.begin() + held;
  return {{first, first + kept}, {order.begin(), first}};
}

}  // namespace fastcore
