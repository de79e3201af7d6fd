// SPDX-License-Identifier: MIT
// Ratings from files: MovieLens as it is published and as the course has it, and a list of one's own.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "fastcore/basics/helpers.h"
#include "fastcore/frame/frame.h"
#include "minitorch/core/errors.h"

using namespace fastcore;

//! [read]
// Columns user, title, rating.
inline DataFrame read_ratings(const Path& path) {
  if ((path / "u.data").exists()) {  // ML_100k
    const auto ratings =
        read_csv(path / "u.data",
                 {.separator = '\t', .header = false, .names = {"user", "movie", "rating", "timestamp"}});
    const auto movies = read_csv(path / "u.item", {.separator = '|',
                                                   .header = false,
                                                   .names = {"movie", "title"},
                                                   .usecols = {0, 1},
                                                   .encoding = "latin-1"});
    return merge(ratings, movies)[{"user", "title", "rating"}];
  }
  auto ratings = read_csv(path / "ratings.csv").rename({{"userId", "user"}});
  if ((path / "movies.csv").exists()) ratings = merge(ratings, read_csv(path / "movies.csv"));
  else ratings = ratings.rename({{"movieId", "title"}});  // without names: the numbers
  ratings["title"] = ratings["title"].astype(ColumnType::text);
  return ratings[{"user", "title", "rating"}];
}
//! [read]

// The titles that may be meant by `words`: the one they are, or all that have them in it, capitals or not.
inline Words titles_with(const Series& titles, const std::string& words) {
  const Words lower = Series(Words{words}).str().lower().texts();
  if (titles.isin({words}).any()) return {words};
  return titles[titles.str().lower().str().contains(lower[0])].texts();
}

// The only title that may be meant by `words`. @throws ValueError when there is none, or more than one
inline std::string find_title(const Series& titles, const std::string& words) {
  const Words found = titles_with(titles, words);
  if (found.size() == 1) return found[0];
  if (found.size() > 1)
    throw minitorch::ValueError("[stars] '" + words + "' may be any of: " + join(L<std::string>(found), "; "),
                                "write enough of the title that only one is meant");
  const std::string near = nearest(words, L<std::string>(titles.texts()));
  throw minitorch::ValueError(
      "[stars] there is no film '" + words + "' among the ratings",
      near.empty() ? "titles.csv in the folder of the last run lists them" : "did you mean '" + near + "'?");
}

//! [example]
const char* const kExample =
    "title,stars\n2001: A Space Odyssey,5\nBlade Runner,5\n\"Clockwork Orange, A\",4.5\nFargo,5\n"
    "Reservoir Dogs,4\nMonty Python and the Holy Grail,4.5\nPretty Woman,1.5\nSleepless in Seattle,2\n"
    "Mrs. Doubtfire,1.5\nTwister,1\nIndependence Day,2\nDances with Wolves,2.5\n";
//! [example]

// What of the example is among the titles: nothing, where the ratings are of something else than films.
inline DataFrame known_example(const Series& titles) {
  const DataFrame example = parse_csv(kExample);
  std::vector<Cell> known;
  for (const std::string& words : example["title"].texts())
    if (titles_with(titles, words).size() == 1) known.push_back(words);
  return example[example["title"].isin(known)];
}

// The title that has these words or, where they name none, the one with most ratings.
inline std::string title_or_most_rated(const Series& title, const std::string& words) {
  const Words found = titles_with(title.unique(), words);
  return found.size() == 1 ? found[0] : title.value_counts().index()[0].text();
}

// A user without ratings: number 0, unless there is one.
inline Cell new_user(const Series& users) {
  if (!users.is_text()) return users.isin({0}).any() ? Cell(users.max().integer() + 1) : Cell(0);
  std::string name = "you";
  while (users.isin({name}).any()) name += "!";
  return name;
}

// A file with columns title and stars, from half a star to five, of titles that are known. @throws ValueError
inline DataFrame read_stars(const Path& file, const Series& known) {
  const DataFrame read = read_csv(file);
  const char* const hint = "two columns, title,stars, and in each line a title and 0.5 to 5 stars";
  const auto columns = read.columns();
  for (const std::string column : {"title", "stars"})
    if (std::find(columns.begin(), columns.end(), column) == columns.end())
      throw minitorch::ValueError("[stars] " + file.str() + " has no column '" + column + "'", hint);
  if (read.empty()) throw minitorch::ValueError("[stars] " + file.str() + " gives no stars", hint);
  const Words titles = read["title"].texts(), stars = read["stars"].texts();
  for (std::size_t i = 0; i < stars.size(); ++i) {
    char* end = nullptr;
    const double given = std::strtod(stars[i].c_str(), &end);
    if (*end || !(given >= 0.5 && given <= 5))
      throw minitorch::ValueError("[stars] " + file.str() + ", line " + std::to_string(i + 2) + ": '" +
                                      stars[i] + "' stars for " + titles[i],
                                  hint);
    find_title(known, titles[i]);
  }
  return read;
}

//! [stars]
// A file of titles and stars becomes ratings of one more user.
inline DataFrame ratings_of(const Cell& user, const DataFrame& stars, const Series& titles) {
  Words films;
  for (const std::string& words : stars["title"].texts()) films.push_back(find_title(titles, words));
  const Series users(std::vector<Cell>(films.size(), user));
  return {{"user", users}, {"title", films}, {"rating", stars["stars"]}};
}
//! [stars]

//! [effects]
// How far the ratings of each film (or by each user) lie from what is expected, on average. Few ratings say
// little: each mean is taken as if five more had been as expected.
class Effects {
 public:
  Effects(const Series& keys, const Series& differences) {
    std::map<double, double> counts;
    const std::vector<double> key = keys.numbers(), value = differences.numbers();
    for (std::size_t i = 0; i < key.size(); ++i) of_[key[i]] += value[i], counts[key[i]] += 1;
    for (auto& [k, sum] : of_) sum /= counts[k] + 5;
  }
  Series operator()(const Series& keys) const {
    return keys.map([this](double key) { return of_.count(key) ? of_.at(key) : 0; });
  }

 private:
  std::map<double, double> of_;
};
//! [effects]
