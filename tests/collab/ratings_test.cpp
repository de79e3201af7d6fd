// SPDX-License-Identifier: MIT
// What lesson 9 does with ratings of one's own: of films or not, with titles or numbers, few or many.
#include "lessons/09_collaborative_filtering/ratings.h"

#include <catch2/catch.hpp>

#include "lessons/09_collaborative_filtering/show.h"
#include "tests/bundled.h"

namespace {

Path written(const TempFolder& folder, const std::string& name, const std::string& text) {
  const Path file = Path(folder.path) / name;
  file.write_text(text);
  return file;
}

}  // namespace

TEST_CASE("ratings without titles: the numbers are the titles, as texts") {
  const TempFolder folder;
  written(folder, "ratings.csv", "userId,movieId,rating\n0,34,5\n0,7,2\n1,34,4.5\n");
  CHECK(read_ratings(folder.path)["title"].texts() == Words{"34", "7", "34"});
  CHECK(read_ratings(folder.path)["title"].is_text());
  written(folder, "movies.csv", "movieId,title\n34,1984\n7,300\n");  // numbers, too
  const DataFrame ratings = read_ratings(folder.path);
  CHECK(ratings["title"].texts() == Words{"1984", "300", "1984"});
  CHECK(title_or_most_rated(ratings["title"], "Silence of the Lambs") == "1984");
  CHECK(title_or_most_rated(ratings["title"], "300") == "300");
}

TEST_CASE("the example's films appear where they are among the ratings") {
  const DataFrame ratings = read_ratings(fastcore::testing::bundled(urls::ML_SAMPLE));
  CHECK(known_example(ratings["title"].unique()).rows() == parse_csv(kExample).rows());
  CHECK(title_or_most_rated(ratings["title"], "Silence of the Lambs") == "Silence of the Lambs, The");
  CHECK(new_user(ratings["user"]) == Cell(0));
  CHECK(known_example({"Fargo (1996)", "Twister", "Twister II"}).rows() == 2);
  CHECK(known_example({"Twister I", "Twister II", "Emma"}).empty());  // which of the two is not said
}

TEST_CASE("you are nobody who is there already") {
  CHECK(new_user({0, 3, 2}) == Cell(4));
  CHECK(new_user({1, 2}) == Cell(0));
  CHECK(new_user({"ann", "you"}) == Cell("you!"));
  const DataFrame yours = ratings_of("you", {{"title", {"emma"}}, {"stars", {4.5}}}, {"Emma", "Persuasion"});
  CHECK(yours["user"].texts() == Words{"you"});
  CHECK(yours["title"].texts() == Words{"Emma"});
}

TEST_CASE("stars for nothing, or for a film that is not there, are refused") {
  const TempFolder folder;
  const Series titles{"Emma", "Persuasion"};
  CHECK(read_stars(written(folder, "a.csv", "title,stars\nemma,5\n"), titles).rows() == 1);
  CHECK_THROWS_WITH(read_stars(written(folder, "b.csv", "title,stars\n"), titles),
                    Catch::EndsWith("b.csv gives no stars"));
  CHECK_THROWS_WITH(read_stars(written(folder, "c.csv", "title,stars\nFargo,5\n"), titles),
                    "[stars] there is no film 'Fargo' among the ratings");
}

TEST_CASE("every tenth user, or every so many as there are") {
  const Series few{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  CHECK(most_frequent(few, 4, 2).size() == 4);
  CHECK(most_frequent(few, 4, 10).size() == 4);
  CHECK(most_frequent(few, 20, 10).size() == 12);
}
