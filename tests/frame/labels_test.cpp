// SPDX-License-Identifier: MIT
// Rows of two columns or of a table and a column are matched by their labels; expected values are pandas'.
#include <catch2/catch.hpp>

#include "fastcore/frame/frame.h"
#include "minitorch/core/errors.h"

using namespace fastcore;
using minitorch::ValueError;

namespace {
using Rows = std::vector<double>;
DataFrame fares() { return {{"id", {1, 2, 3}}, {"fare", {30, 10, 20}}}; }
std::string hint_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const ValueError& error) { return error.hint(); }
  return "no error";
}
}  // namespace

TEST_CASE("columns with the same labels in another order are matched by label") {
  const DataFrame df{{"Sex", {"male", "male", "female", "male", "female"}}, {"Survived", {0, 1, 1, 0, 1}}};
  const Series share = df.groupby("Sex")["Survived"].sum() / df["Sex"].value_counts();
  CHECK(share.index().texts() == Words{"female", "male"});
  CHECK(share.numbers() == Rows{1, 1. / 3});
  CHECK(share.index().name() == "Sex");
  const Series a = Series({1, 2, 3}).with_index({"b", "a", "c"});
  const Series b = Series({10, 20, 30}).with_index({"a", "c", "b"});
  CHECK((a + b).index().texts() == Words{"a", "b", "c"});  // sorted
  CHECK((a + b).numbers() == Rows{12, 31, 23});
  CHECK((b - a).numbers() == Rows{8, 29, 17});
  CHECK((10 * a == b).numbers() == Rows{0, 0, 0});
  CHECK(((a > 1) & (b > 10)).numbers() == Rows{0, 0, 1});
  CHECK(((a > 2) | (b > 20)).numbers() == Rows{0, 1, 1});
  CHECK(a.corr(b) == Approx(-0.5));
  CHECK(where(a > 1, b, a).numbers() == Rows{1, 10, 20});
  // Labels that were never set are 0, 1, ...
  const DataFrame f = fares();
  CHECK((f["fare"] - f.sort_values("fare")["fare"]).numbers() == Rows{0, 0, 0});
  CHECK((f.sort_values("fare")["fare"] - f["fare"]).index().numbers() == Rows{0, 1, 2});
}

TEST_CASE("columns with equal labels are matched as they come, even where one comes twice") {
  const Series a = Series({1, 2, 3}).with_index({"x", "x", "y"});
  const Series b = Series({10, 20, 30}).with_index({"x", "x", "y"});
  CHECK((a + b).numbers() == Rows{11, 22, 33});
  CHECK((a + b).index().texts() == Words{"x", "x", "y"});
  CHECK((fares()["fare"] + Series({1, 2, 3}).with_index({0.0, 1.0, 2.0})).numbers() == Rows{31, 12, 23});
}

TEST_CASE("a mask and a new column go by their labels") {
  DataFrame df = fares();
  const Series sorted = df.sort_values("fare")["fare"];
  CHECK(df[sorted > 10]["id"].numbers() == Rows{1, 3});
  CHECK(df["id"][sorted > 10].numbers() == Rows{1, 3});
  df["rank"] = sorted.cumsum();
  CHECK(df["rank"].numbers() == Rows{60, 10, 30});
  DataFrame by_fare = df.sort_values("fare");
  by_fare["twice"] = df.sort_values("id")["fare"] * 2;
  CHECK(by_fare["twice"].numbers() == Rows{20, 40, 60});
  by_fare["place"] = Series({1, 2, 3});  // a list: its values go in as they come
  CHECK(by_fare["place"].numbers() == Rows{1, 2, 3});
  CHECK(by_fare[Series({true, false, false})]["id"].numbers() == Rows{2});
  CHECK(crosstab(df["id"], df.sort_values("fare")["fare"])["10"].numbers() == Rows{0, 1, 0});
}

TEST_CASE("labels that differ are refused") {
  DataFrame df = fares();
  const Series other = Series({1, 2, 3}).with_index({7, 8, 9});
  const Series twice = Series({1, 2, 3}).with_index({0, 1, 1});
  CHECK_THROWS_WITH(df["fare"] + other,
                    "[Series +] the rows are labelled differently: 0 is on one side only");
  CHECK_THROWS_WITH(df["fare"] * twice,
                    "[Series *] the rows are labelled differently: 1 comes more than once");
  CHECK_THROWS_WITH(twice - df["fare"],
                    "[Series -] the rows are labelled differently: 1 comes more than once");
  CHECK_THROWS_WITH(df["fare"] + other.with_index({"0", "1", "2"}),
                    "[Series +] the rows are labelled differently: 0 is on one side only");
  CHECK_THROWS_WITH(df["new"] = other,
                    "[DataFrame] the rows are labelled differently: 0 is on one side only");
  CHECK_THROWS_WITH(df[other > 1],
                    "[DataFrame[mask]] the rows are labelled differently: 0 is on one side only");
  CHECK(!df.has("new"));
  CHECK(hint_of([&] { df["fare"] == other; }) == "reset_index() on both, when the order is what counts");
  CHECK((df["fare"] + other.reset_index()).numbers() == Rows{31, 12, 23});
}
