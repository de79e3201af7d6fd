// SPDX-License-Identifier: MIT
// Columns and tables: choosing, filling, arithmetic, statistics; expected values are pandas'.
#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/frame/frame.h"
#include "minitorch/core/errors.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using minitorch::ShapeError;

namespace {
DataFrame people() {
  return {{"name", {"Ann", "Bob", "Cy", "Di", "Ed"}},
          {"age", {22, 38, {}, 35, 35}},
          {"sex", {"f", "m", "m", "f", {}}},
          {"kids", {0, 2, 1, 0, 3}}};
}
using Rows = std::vector<double>;
}  // namespace

TEST_CASE("columns are read, assigned and computed with") {
  DataFrame df = people();
  CHECK(df.shape() == std::pair<int64_t, int64_t>(5, 4));
  CHECK(df.columns() == L<std::string>{"name", "age", "sex", "kids"});
  CHECK(df["age"].dtype() == "float64");
  CHECK(df["kids"].dtype() == "int64");
  df["family"] = df["kids"] + 1;
  df["alone"] = df["family"] == 1;
  df["logkids"] = log(df["kids"] + 1);
  df["source"] = "here";
  CHECK(df["family"].data().integers == std::vector<int64_t>{1, 3, 2, 1, 4});
  CHECK(df["alone"].dtype() == "bool");
  CHECK(df["logkids"].numbers()[1] == std::log(3.0));
  CHECK(df["source"][4] == Cell("here"));
  CHECK((1 - df["alone"]).numbers() == Rows{0, 1, 1, 0, 1});
  CHECK((df["kids"] / 2).numbers() == Rows{0, 1, 0.5, 0, 1.5});
  CHECK(df[{"kids", "age"}].columns() == L<std::string>{"kids", "age"});
  CHECK(df.drop({"name"}).columns()[0] == "age");
  CHECK(df.rename({{"kids", "children"}}).has("children"));
  CHECK(df.select_dtypes({ColumnType::text}).columns() == L<std::string>{"name", "sex", "source"});
  const DataFrame before = df;
  df["age"] = 1;
  CHECK(before["age"][0] == Cell(22));  // copies do not see the change
}

TEST_CASE("rows are chosen by masks, places and labels, and keep their labels") {
  const DataFrame df = people();
  const DataFrame old = df[(df["age"] > 30) & (df["kids"] > 0)];
  CHECK(old["name"].texts() == Words{"Bob", "Ed"});
  CHECK(old.label(1) == Cell(4));
  CHECK(old.loc(4)["name"] == Cell("Ed"));
  CHECK(old.reset_index().label(1) == Cell(1));
  CHECK(df.iloc(-1)["name"] == Cell("Ed"));
  CHECK(df.head(2)["name"].texts() == Words{"Ann", "Bob"});
  CHECK(df.tail(1)["name"].texts() == Words{"Ed"});
  CHECK(df.head(-3)["name"].texts() == Words{"Ann", "Bob"});  // all but the last three
  CHECK(df.tail(-3)["name"].texts() == Words{"Di", "Ed"});
  CHECK(df["name"].head(-4).texts() == Words{"Ann"});
  CHECK(df["name"].tail(-4).texts() == Words{"Ed"});
  CHECK(df.head(-9).rows() == 0);
  CHECK(df[df["sex"] == "f"]["name"].texts() == Words{"Ann", "Di"});
  CHECK(df[df["sex"] != "f"].rows() == 3);  // a missing value differs from everything
  CHECK(df[df["sex"].isin({"m"})].rows() == 2);
  CHECK(df[~df["age"].isna()].rows() == 4);
  CHECK(df[df["name"].str().contains("n")]["name"].texts() == Words{"Ann"});
  CHECK(where(df["kids"] == 0) == std::vector<int64_t>{0, 3});
  CHECK(where(df["kids"] > 1, df["kids"], df["age"]).numbers()[1] == 2);
  CHECK(df.take({1, -1})["kids"].is_missing(1));
}

TEST_CASE("missing values are counted, filled and dropped") {
  DataFrame df = people();
  CHECK(df.isna().sum().at("age") == Cell(1));
}

TEST_CASE("a table is filled with its columns' modes") {
  DataFrame df = people();
  const DataFrame modes = df.mode();
  CHECK(modes.iloc(0)["age"] == Cell(35.0));
  CHECK(modes.iloc(0)["sex"] == Cell("f"));  // f and m tie: sorted
  CHECK(modes.iloc(0)["name"] == Cell("Ann"));
  df.fillna(modes.iloc(0), {.inplace = true});
  CHECK(df.isna().sum().sum() == 0);
  CHECK(df["age"].numbers() == Rows{22, 38, 35, 35, 35});
  CHECK(people().dropna()["name"].texts() == Words{"Ann", "Bob", "Di"});
  CHECK(people()["sex"].fillna("m").texts() == Words{"f", "m", "m", "f", "m"});
  CHECK(people()["age"].fillna(0).sum() == 130);
}

TEST_CASE("statistics leave missing values out") {
  const Series age = people()["age"];
  CHECK(age.count() == 4);
  CHECK(age.mean() == 32.5);
  CHECK(age.median() == 35);
  CHECK(age.std() == Approx(7.14142842854285));
  CHECK(age.std(0) == Approx(6.18465843842649));
  CHECK(age.quantile(0.25) == 31.75);
  CHECK(age.min() == Cell(22));
  CHECK(age.max() == Cell(38));
  CHECK(age.nunique() == 3);
  CHECK(age.unique().size() == 4);  // with the missing one
  CHECK(Series({1, 2, 3, 4}).median() == 2.5);
  CHECK(Series({3, 1, 3, 1, 2}).mode().data().integers == std::vector<int64_t>{1, 3});
  CHECK(age.corr(people()["kids"]) == Approx(0.5756707012115152));
  CHECK(age.rank().numbers()[3] == 2.5);
  CHECK(std::isnan(Series({1.0}).std()));
  CHECK(std::isnan(Series(std::vector<double>{}).mean()));
  const DataFrame described = people().describe();
  CHECK(described.columns() == L<std::string>{"age", "kids"});
  CHECK(described["kids"].at("75%") == Cell(2.0));
  CHECK(people().describe({.texts = true})["sex"].at("freq") == Cell("2"));
  const DataFrame texts = people()[{"name", "sex"}].describe();  // no numbers: of the texts
  CHECK(texts.index().texts() == Words{"count", "unique", "top", "freq"});
  CHECK(texts["sex"].texts() == Words{"4", "2", "f", "2"});
}

TEST_CASE("values are sorted and counted") {
  const DataFrame df = people();
  CHECK(df.sort_values("age")["name"].texts() == Words{"Ann", "Di", "Ed", "Bob", "Cy"});
  CHECK(df.sort_values("age", false)["name"].texts() == Words{"Bob", "Di", "Ed", "Ann", "Cy"});
  CHECK(df.sort_values(std::vector<std::string>{"sex", "kids"})["name"].texts() ==
        Words{"Ann", "Di", "Cy", "Bob", "Ed"});
  const Series counts = Series({"b", "a", "b", {}, "c"}, "x").value_counts();
  CHECK(counts.data().integers == std::vector<int64_t>{2, 1, 1});
  CHECK(counts.index().texts() == Words{"b", "a", "c"});
  CHECK(Series({"b", "a", "b", "c"}).value_counts(true)[0] == Cell(0.5));
  CHECK(DataFrame({{"x", {1, 1, 2}}, {"y", {"p", "p", "p"}}}).drop_duplicates().rows() == 2);
  CHECK(Series({4, 7}).with_index({"p", "q"}).idxmax() == Cell("q"));
}

TEST_CASE("whole numbers beyond 2^53 are compared and sorted as such") {
  const int64_t big = int64_t{1} << 53;  // big + 1 has no double of its own
  const Series x(std::vector<int64_t>{big + 1, big, big + 2, -big - 1}, "x");
  CHECK((x == Cell(big)).numbers() == Rows{0, 1, 0, 0});
  CHECK((x > Cell(big)).numbers() == Rows{1, 0, 1, 0});
  CHECK((x != x.shift(0)).any() == false);
  CHECK(x.head(2).max() == Cell(big + 1));
  CHECK(x.head(2).min() == Cell(big));
  CHECK(x.sort_values().data().integers == std::vector<int64_t>{-big - 1, big, big + 1, big + 2});
  CHECK(x.sort_values(false).data().integers == std::vector<int64_t>{big + 2, big + 1, big, -big - 1});
  CHECK(x.rank().numbers() == Rows{3, 2, 4, 1});
  CHECK(abs(x).data().integers == std::vector<int64_t>{big + 1, big, big + 2, big + 1});
  CHECK(DataFrame{{"x", x}}.sort_values("x")["x"].data().integers[1] == big);
  const DataFrame two{{"g", {"a", "a"}}, {"x", Series(std::vector<int64_t>{big + 1, 0})}};
  CHECK(two.sum()[0] == Cell(big + 1));
  CHECK(two.groupby("g")["x"].sum()[0] == Cell(big + 1));
  CHECK(two["x"].cumsum().data().integers == std::vector<int64_t>{big + 1, big + 1});
  const Series most(std::vector<int64_t>{INT64_MAX, 1});  // wraps around, as in pandas
  CHECK(DataFrame{{"x", most}}.sum()[0] == Cell(INT64_MIN));
  CHECK(most.cumsum()[1] == Cell(INT64_MIN));
  CHECK(Series({true, true, false}).cumsum().data().integers == std::vector<int64_t>{1, 2, 2});
}

TEST_CASE("texts are cut, split and mapped") {
  const Series cabin({"C85", {}, "E46", "äx"}, "cabin");
  CHECK(cabin.str()[0].texts() == Words{"C", "", "E", "ä"});
  CHECK(cabin.str()[-1].texts() == Words{"5", "", "6", "x"});
  CHECK(cabin.str().slice(1, 3).texts() == Words{"85", "", "46", "x"});
  CHECK(cabin.str().len().numbers()[3] == 2);
  const Series name({"Braund, Mr. Owen", "Cumings, Mrs. John", "odd"});
  const Series title = name.str().split(", ")[1].str().split(".")[0];
  CHECK(title.texts() == Words{"Mr", "Mrs", ""});
  CHECK(title.is_missing(2));
  CHECK(title.map({{"Mr", "Mr"}, {"Miss", "Miss"}}).isna().sum() == 2);
  CHECK(title.replace({{"Mrs", "Ms"}}).texts() == Words{"Mr", "Ms", ""});
  CHECK(cabin.str().lower().str().replace("c8", "d").texts() == Words{"d5", "", "e46", "äx"});
  CHECK(Series({"no", "yes"}).map({{"no", false}, {"yes", true}}).dtype() == "bool");
  CHECK(Series({1, 2}).map([](double x) { return 2 * x; }).numbers() == Rows{2, 4});
  CHECK(Series({" 1.5", "2"}).astype(ColumnType::number).numbers() == Rows{1.5, 2});
  CHECK_THROWS_WITH(Series({"x"}).astype(ColumnType::number), "[astype] 'x' is not a number");
}

TEST_CASE("categories have an order of their own") {
  const Series size = Series({"Small", "Large", {}, "Medium"}).set_categories({"Large", "Medium", "Small"});
  CHECK(size.dtype() == "category");
  CHECK(size.cat_codes().data().integers == std::vector<int64_t>{2, 0, -1, 1});
  CHECK(size.sort_values()[0] == Cell("Large"));
  CHECK(Series({"b", "a", "b"}).cat_codes().data().integers == std::vector<int64_t>{1, 0, 1});
  CHECK(size.value_counts().size() == 3);
}

TEST_CASE("categories are compared in their declared order") {
  const Words order{"Small", "Medium", "Large"};
  const Series size = Series({"Small", "Large", {}, "Medium"}).set_categories(order);
  CHECK((size < "Large").numbers() == Rows{1, 0, 0, 1});
  CHECK((size >= "Medium").numbers() == Rows{0, 1, 0, 1});
  CHECK((size == "Large").numbers() == Rows{0, 1, 0, 0});
  CHECK((size == "Huge").numbers() == Rows{0, 0, 0, 0});
  CHECK((size != "Huge").numbers() == Rows{1, 1, 1, 1});
  const Series others = Series({"Medium", "Medium", "Small", "Medium"}).set_categories(order);
  CHECK((size < others).numbers() == Rows{1, 0, 0, 0});
  CHECK_THROWS_WITH(size < "Huge", "[Series <] 'Huge' is not among the categories");
  CHECK_THROWS_WITH(size < Series({"Small", "Large", "Large", "Large"}),
                    "[Series <] the columns have not the same categories");
  CHECK((size == Series({"Small", "Small", "Small", "Medium"})).numbers() == Rows{1, 0, 0, 1});
}

TEST_CASE("columns become tensors") {
  const DataFrame df{{"a", {1, 2}}, {"b", {0.5, {}}}, {"c", {true, false}}};
  CHECK_VALUES(df.tensor(), ({2, 3}), 0, 1, 0.5, 1, 2, kNaN, 0);
  CHECK_VALUES(df["a"].tensor(), ({2}), 0, 1, 2);
  CHECK(df["a"].long_tensor().dtype() == minitorch::kInt64);
  CHECK(DataFrame(df.tensor(), {"x", "y", "z"})["z"].numbers() == Rows{1, 0});
}

TEST_CASE("what cannot be done says why") {
  DataFrame df = people();
  CHECK_THROWS_WITH(df["agee"].sum(), "[DataFrame] there is no column 'agee'");
  try {
    df["agee"].sum();
  } catch (const minitorch::Error& error) { CHECK(error.hint() == "did you mean 'age'?"); }
  CHECK_THROWS_WITH(df["x"] = Series({1}), "[DataFrame] column 'x' has 1 rows, the table has 5");
  CHECK_THROWS_WITH(df["name"] + 1, "[Series.numbers] the column holds texts (such as 'Ann'), not numbers");
  CHECK_THROWS_WITH(df.tensor(), "[DataFrame.tensor] column 'name' holds texts, not numbers");
  CHECK_THROWS_WITH(df["kids"] & df["age"], "[Series &] a column of int64 is no mask");
  CHECK_THROWS_WITH(df["kids"].str(), "[str] the column 'kids' holds int64, not texts");
  CHECK_THROWS_WITH(df.iloc(5), "[DataFrame] row 5: the table has 5 rows");
  CHECK_THROWS_AS(df["kids"] + Series({1, 2}), ShapeError);
  CHECK_THROWS_WITH(df[df["name"] > 30], "[Series >] texts and numbers have no order among each other");
  CHECK_THROWS_AS(df["age"] <= "x", minitorch::DtypeError);
  CHECK((df["name"] == 30).any() == false);  // to ask whether they are equal is no mistake
  CHECK((df["name"] > Cell()).any() == false);
  CHECK_THROWS_WITH(df.rename({{"age", "kids"}}), "[rename] two columns would be named 'kids'");
  CHECK(df.rename({{"age", "kids"}, {"kids", "age"}})["age"][4] == Cell(3));
  CHECK_THROWS_WITH((DataFrame{{"a", {1}}, {"a", {2}}}), "[DataFrame] two columns are named 'a'");
  CHECK_THROWS_WITH(df["age"].astype(ColumnType::integer),
                    "[astype] a missing value cannot become a whole number");
}
