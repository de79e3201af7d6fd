// SPDX-License-Identifier: MIT
// The features that lesson 8 makes of the Titanic's passengers: how many have which, as published.
#include "lessons/08_tabular/passengers.h"

#include <catch2/catch.hpp>

#include "tests/bundled.h"

TEST_CASE("features of the course's framework version") {
  DataFrame df = read_csv(fastcore::testing::bundled(urls::TITANIC) / "train.csv");
  add_features(df);
  CHECK(df["Title"].value_counts().data().integers == std::vector<int64_t>{517, 182, 125, 40});
  CHECK(df["Deck"].value_counts().at("ABC") == Cell(121));
  CHECK(df["TicketFreq"].max() == Cell(7));
  CHECK(df["Alone"].sum() == 161);
  CHECK(df["LogFare"].max() == Cell(std::log1p(512.3292)));
}
