// SPDX-License-Identifier: MIT
// What a model of ratings has learned: whom it likes whatever they are about, what is alike, what to watch
// next.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fastcore/collab/model.h"
#include "fastcore/frame/cell.h"
#include "fastcore/learn/learner.h"
#include "fastcore/plot/plot.h"

namespace fastcore {

/// A name and a number for it.
using Scores = std::vector<std::pair<std::string, double>>;

/// The items of the highest (or lowest) bias: liked more than their factors explain.
/// @throws ValueError when the Learner's model is not EmbeddingDotBias and for n below 0, as all below
Scores most_liked(const Learner& learn, int64_t n = 5);
Scores least_liked(const Learner& learn, int64_t n = 5);
/// The items whose vectors point most nearly the same way (cosine), the item itself left out.
Scores nearest_items(const Learner& learn, const std::string& item, int64_t n = 5);
/// The k items (from 0 on) that the model expects this user to rate best, among those that the user has not
/// rated in the data (a learner that was loaded has none). Any model of ratings. @throws ValueError for a
/// user that the data do not have, and for data that are no ratings
Scores recommend(const Learner& learn, const Cell& user, int64_t k = 5);

/// Items on two of their principal axes, counted from 0, with their names up to the first parenthesis.
/// @throws ValueError for an axis that the factors do not have
Plot plot_factors(const Learner& learn, const std::vector<std::string>& items, int64_t x_axis = 0,
                  int64_t y_axis = 1);

}  // namespace fastcore
