// SPDX-License-Identifier: MIT
// Groups, joins, counts of pairs, dummies, dates, and how tables print; expected values are pandas'.
#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/frame/frame.h"
#include "minitorch/core/errors.h"

using namespace fastcore;

namespace {
DataFrame trips() {
  return {{"city", {"Rome", "Oslo", "Rome", {}, "Oslo", "Rome"}},
          {"year", {2001, 2001, 2002, 2002, 2001, 2001}},
          {"days", {3, 5, 4, 9, 7, 1}},
          {"cost", {10.5, 20, {}, 40, 30, 1.5}}};
}
using Rows = std::vector<double>;
}  // namespace

TEST_CASE("groups are summed up by key") {
  const DataFrame df = trips();
  const Series days = df.groupby("city")["days"].mean();
  CHECK(days.index().texts() == Words{"Oslo", "Rome"});
  CHECK(days.numbers() == Rows{6, 8.0 / 3});
  CHECK(df.groupby("city")["cost"].count().numbers() == Rows{2, 2});
  CHECK(df.groupby("city").size().numbers() == Rows{2, 3});
  CHECK(df.groupby("city")["cost"].sum().numbers() == Rows{50, 12});
  CHECK(df.groupby("city")["days"].transform("count").numbers()[0] == 3);
  CHECK(df.groupby("city")["days"].transform("sum").is_missing(3));
  const DataFrame means = df.groupby("year").mean();
  CHECK(means.columns() == L<std::string>{"days", "cost"});
  CHECK(means["cost"].at(2001) == Cell(15.5));
  const DataFrame two = df.groupby({"city", "year"}).agg({{"days", "max"}, {"days", "min"}});
  CHECK(two.columns() == L<std::string>{"city", "year", "days", "days_min"});
  CHECK(two["days"].numbers() == Rows{7, 3, 4});
  CHECK(df.groupby({"city", "year"})["days"].sum().index().texts() ==
        Words{"Oslo, 2001", "Rome, 2001", "Rome, 2002"});
  CHECK(df.groupby("city").groups()[1].second.rows() == 3);
  CHECK_THROWS_WITH(df.groupby("city")["days"].agg("avg"), "[groupby] there is no function 'avg'");
  CHECK_THROWS_AS(df.groupby("town"), minitorch::IndexError);
}

TEST_CASE("tables are joined on what they have in common") {
  const DataFrame ratings{
      {"user", {1, 1, 2, 3}}, {"movie", {10, 20, 10, 30}}, {"rating", {4.0, 5.0, 3.0, 1.0}}};
  const DataFrame movies{{"movie", {20, 10, 40}}, {"title", {"Heat", "Alien", "Big"}}};
  const DataFrame inner = merge(ratings, movies);
  CHECK(inner["title"].texts() == Words{"Alien", "Heat", "Alien"});
  CHECK(inner["user"].data().integers == std::vector<int64_t>{1, 1, 2});
  const DataFrame left = merge(ratings, movies, {.how = "left"});
  CHECK(left.rows() == 4);
  CHECK(left["title"].is_missing(3));
  const DataFrame outer = merge(ratings, movies, {.how = "outer"});
  CHECK(outer.rows() == 5);
  CHECK(outer["movie"].numbers() == Rows{10, 10, 20, 30, 40});
  CHECK(outer["user"].is_missing(4));
  CHECK(merge(ratings, movies, {.how = "right"})["movie"].numbers() == Rows{20, 10, 10, 40});
  const DataFrame twice = merge(movies, movies, {.on = {"movie"}});
  CHECK(twice.columns() == L<std::string>{"movie", "title_x", "title_y"});
  CHECK_THROWS_WITH(merge(ratings, trips()), "[merge] the tables have no column in common");
  CHECK(concat(std::vector<DataFrame>{movies, ratings}).shape() == std::pair<int64_t, int64_t>(7, 4));
}

TEST_CASE("texts and numbers are not joined with each other") {
  const DataFrame numbers{{"id", {1, 2}}, {"a", {10, 20}}}, texts{{"id", {"1", "2"}}, {"b", {5, 6}}};
  CHECK_THROWS_WITH(merge(numbers, texts),
                    "[merge] the key 'id' is int64 in the left table and object in the right one");
  CHECK(merge(numbers, texts.head(0)).rows() == 0);
  CHECK(merge(numbers, DataFrame{{"id", {2.0, {}}}, {"b", {5, 6}}})["b"].numbers() == Rows{5});
}

TEST_CASE("the labels of groups become a column again") {
  const DataFrame means = trips().groupby("city").mean().reset_index();
  CHECK(means.columns() == L<std::string>{"city", "year", "days", "cost"});
  CHECK(means["city"].texts() == Words{"Oslo", "Rome"});
  CHECK(!means.has_index());
  CHECK(trips().groupby("city").mean().reset_index(true).columns() == L<std::string>{"year", "days", "cost"});
  CHECK(trips().groupby({"city", "year"}).mean().reset_index().columns() ==
        L<std::string>{"city", "year", "days", "cost"});
  CHECK(trips().tail(2).reset_index()["index"].numbers() == Rows{4, 5});
  CHECK_THROWS_WITH(trips().with_index(trips()["days"]).reset_index(),
                    "[reset_index] there is a column 'days', as the labels are called");
}

TEST_CASE("joined rows come in pandas' order") {
  const DataFrame left{{"k", {"b", "a", "c"}}, {"x", {1, 2, 3}}};
  const DataFrame right{{"k", {"z", "a", "b", "a"}}, {"y", {10, 20, 30, 40}}};
  const auto keys = [&](const char* how) { return merge(left, right, {.how = how})["k"].texts(); };
  CHECK(keys("inner") == Words{"b", "a", "a"});
  CHECK(keys("left") == Words{"b", "a", "a", "c"});
  CHECK(keys("right") == Words{"z", "a", "b", "a"});
  CHECK(keys("outer") == Words{"a", "a", "b", "c", "z"});
  CHECK(merge(left, right, {.how = "right"})["y"].numbers() == Rows{10, 20, 30, 40});
  CHECK(merge(left, right, {.how = "outer"})["y"].numbers()[1] == 40);
  // Two keys, of which one may be missing.
  const DataFrame some{{"k", {2, {}, 1, 3}}, {"j", {"x", "y", "z", "x"}}, {"x", {1, 2, 3, 4}}};
  const DataFrame others{{"k", {9, 1, 1, {}}}, {"j", {"q", "z", "a", "y"}}, {"y", {10, 20, 30, 40}}};
  CHECK(merge(some, others)["y"].numbers() == Rows{40, 20});
  CHECK(merge(some, others, {.how = "right"})["j"].texts() == Words{"q", "z", "a", "y"});
  const DataFrame outer = merge(some, others, {.how = "outer"});
  CHECK(outer["j"].texts() == Words{"a", "z", "x", "x", "q", "y"});
  CHECK(outer.label(5) == Cell(5));
}

TEST_CASE("tables without rows keep their columns when they are joined") {
  const DataFrame df = trips(), none = df.head(0);
  CHECK(concat(std::vector<DataFrame>{none, none}).columns() == df.columns());
  CHECK(concat(std::vector<DataFrame>{none, none})["days"].dtype() == "int64");
  CHECK(concat(std::vector<DataFrame>{none, DataFrame{{"tip", {1}}}.head(0)}).shape() ==
        std::pair<int64_t, int64_t>(0, 5));
  CHECK(concat(std::vector<DataFrame>{none, df})["days"].dtype() == "int64");
  CHECK(merge(none, none).columns() == df.columns());
}

TEST_CASE("pairs of values are counted") {
  const DataFrame counts = crosstab(trips()["city"], trips()["year"]);
  CHECK(counts.columns() == L<std::string>{"2001", "2002"});
  CHECK(counts["2001"].data().integers == std::vector<int64_t>{2, 2});
  CHECK(counts["2002"].data().integers == std::vector<int64_t>{0, 1});
  const DataFrame means = crosstab(trips()["city"], trips()["year"], trips()["days"]);
  CHECK(means["2001"].numbers() == Rows{6, 2});
  CHECK(means["2002"].is_missing(0));
}

TEST_CASE("dummies stand behind the other columns") {
  const DataFrame df = get_dummies(trips(), {"city", "year"});
  CHECK(df.columns() == L<std::string>{"days", "cost", "city_Oslo", "city_Rome", "year_2001", "year_2002"});
  CHECK(df["city_Rome"].data().integers == std::vector<int64_t>{1, 0, 1, 0, 0, 1});
  CHECK(get_dummies(trips(), {}, {.drop_first = true, .dummy_na = true}).columns().slice(3) ==
        L<std::string>{"city_Rome", "city_nan"});
}

TEST_CASE("dates become numbers") {
  const DataFrame df =
      add_datepart({{"saledate", {"11/16/2006 0:00", "2004-03-31", {}, "20120101"}}}, "saledate");
  CHECK(df.columns().slice(0, 7) == L<std::string>{"saleYear", "saleMonth", "saleWeek", "saleDay",
                                                   "saleDayofweek", "saleDayofyear", "saleIs_month_end"});
  CHECK(df.columns()[-1] == "saleElapsed");
  const Record first = df.iloc(0), last = df.iloc(3);
  CHECK(first.at("saleWeek") == Cell(46));
  CHECK(first.at("saleDayofweek") == Cell(3));
  CHECK(first.at("saleDayofyear") == Cell(320));
  CHECK(first.at("saleElapsed") == Cell(1163635200));
  CHECK(last.at("saleWeek") == Cell(52));  // a Sunday, still in the old year's last week
  CHECK(last.at("saleIs_year_start") == Cell(true));
  CHECK(df["saleIs_quarter_end"].numbers() == Rows{0, 1, 0, 0});
  CHECK(df["saleYear"].is_missing(2));
  CHECK(!parse_date("2011-02-29"));
  CHECK(parse_date("2012-02-29T12:00")->dayofyear() == 60);
  for (int64_t day : {-719529, -1, 0, 59, 19000, 100000}) CHECK(Date::from_days(day).days() == day);
  CHECK_THROWS_WITH(add_datepart({{"date", {"soon"}}}, "date"),
                    "[add_datepart] column 'date', row 0: 'soon' is not a date");
}

// The seconds are pandas': pd.to_datetime(text).timestamp().
TEST_CASE("a time of day counts in Elapsed") {
  const std::vector<std::pair<std::string, int64_t>> known = {{"2020-02-29", 1582934400},
                                                              {"2020-02-29 23:59:59.5", 1583020799},
                                                              {"2/29/2020 3:04 PM", 1582988640},
                                                              {"2020-02-29T12:00", 1582977600},
                                                              {"2020-02-29 12:30 am", 1582936200},
                                                              {"2020-02-29T12:30:05Z", 1582979405},
                                                              {"2020-02-29 12:30+02:00", 1582972200},
                                                              {"20200229T123005", 1582979405},
                                                              {"1969-12-31 23:00", -3600}};
  std::vector<Cell> texts{{}};
  for (const auto& [text, seconds] : known) texts.push_back(text);
  const DataFrame df = add_datepart({{"when", Series(texts)}}, "when", {.time = true});
  CHECK(df.columns().slice(-4) == L<std::string>{"whenHour", "whenMinute", "whenSecond", "whenElapsed"});
  CHECK(df["whenElapsed"].is_missing(0));
  for (std::size_t i = 0; i < known.size(); ++i) {
    CAPTURE(known[i].first);
    CHECK(df.iloc(static_cast<int64_t>(i) + 1).at("whenElapsed") == Cell(known[i].second));
  }
  const Record second = df.iloc(2);
  CHECK((second.at("whenHour") == Cell(23) && second.at("whenMinute") == Cell(59) &&
         second.at("whenSecond") == Cell(59)));
  for (const char* wrong : {"2020-02-29 25:00", "2020-02-29 12:60", "2020-02-29 13:00 PM", "2020-02-29 noon",
                            "2020-02-29 12:30 or so", "2020-02-29 12:"})
    CHECK_THROWS_WITH(add_datepart({{"when", {wrong}}}, "when"), Catch::Contains("is not a date"));
}

TEST_CASE("tables print as in pandas") {
  CHECK(trips().repr() ==
        "   city  year  days  cost\n"
        "0  Rome  2001     3  10.5\n"
        "1  Oslo  2001     5  20.0\n"
        "2  Rome  2002     4   NaN\n"
        "3   NaN  2002     9  40.0\n"
        "4  Oslo  2001     7  30.0\n"
        "5  Rome  2001     1   1.5");
  CHECK(trips()["city"].value_counts().repr() == "city\nRome    3\nOslo    2\nName: count, dtype: int64");
  CHECK(trips().groupby("city")["cost"].mean().repr() ==
        "city\nOslo    25.0\nRome     6.0\nName: cost, dtype: float64");
  CHECK(Series({0.001, 1234.5, 1e-5}).repr() ==
        "0       0.00100\n1    1234.50000\n2       0.00001\ndtype: float64");
  DataFrame wide{{"a", {1, 2}}};
  for (const char* name : {"bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee"}) wide[name] = 1.25;
  CHECK(wide.to_string({.width = 40}) ==
        "   a  bbbbbbbb  ...  dddddddd  eeeeeeee\n"
        "0  1      1.25  ...      1.25      1.25\n"
        "1  2      1.25  ...      1.25      1.25\n"
        "\n[2 rows x 5 columns]");
  std::vector<int64_t> many(100, 7);
  const std::string text = DataFrame({{"x", Series(many)}}).repr();
  CHECK(text.substr(0, 14) == "    x\n0   7\n1 ");
  CHECK(text.find("\n.. ..\n95  7\n") != std::string::npos);
  CHECK(text.find("[100 rows x 1 columns]") != std::string::npos);
  CHECK(DataFrame().repr() == "Empty DataFrame\nColumns: []\nIndex: []");
}

TEST_CASE("declared categories that do not occur are no groups, as in pandas 3") {
  DataFrame df{{"k", {"a", "c", "a", {}}}, {"g", {"x", "x", "y", "y"}}, {"v", {1, 2, 3, 4}}};
  df["k"] = df["k"].set_categories({"c", "b", "a"});
  df["g"] = df["g"].set_categories({"z", "y", "x"});
  CHECK(df.groupby("k")["v"].sum().index().texts() == Words{"c", "a"});
  CHECK(df.groupby("k")["v"].sum().numbers() == Rows{2, 4});
  CHECK(df.groupby("k").size().numbers() == Rows{1, 2});
  CHECK(df.groupby("k")["v"].transform("sum").numbers()[2] == 4);
  CHECK(df.groupby("k").groups().size() == 2);
  CHECK(df.groupby({"k", "g"})["v"].sum().index().texts() == Words{"c, x", "a, y", "a, x"});
  const DataFrame counts = crosstab(df["k"], df["g"]);
  CHECK(counts.index().texts() == Words{"c", "a"});
  CHECK(counts.columns() == L<std::string>{"y", "x"});
  CHECK(counts["y"].numbers() == Rows{0, 1});
  // Nor are values whose partner is missing each time.
  CHECK(crosstab(Series({"a", {}}), Series({"x", "y"})).columns() == L<std::string>{"x"});
  CHECK(df["k"].value_counts().size() == 3);
}

TEST_CASE("merge and get_dummies refuse to lose a column to another of its name") {
  const DataFrame left{{"k", {1}}, {"v", {1}}, {"v_x", {2}}}, right{{"k", {1}}, {"v", {3}}};
  const MergeOptions on_k{.on = {"k"}};
  CHECK_THROWS_WITH(merge(left, right, on_k), "[merge] there would be two columns 'v_x'");
  CHECK_THROWS_WITH(merge(right, left, on_k), "[merge] there would be two columns 'v_x'");
  CHECK_THROWS_WITH(merge(right, right, {.on = {"k"}, .suffixes = {"", ""}}),
                    "[merge] there would be two columns 'v'");
  CHECK(merge(left, right, {.on = {"k"}, .suffixes = {"_left", "_right"}}).columns() ==
        L<std::string>{"k", "v_left", "v_x", "v_right"});
  CHECK_THROWS_WITH(get_dummies(DataFrame{{"a", {"b", "c"}}, {"a_b", {5, 6}}}),
                    "[get_dummies] there would be two columns 'a_b'");
}

TEST_CASE("whole numbers stay whole when they are rounded and clipped") {
  const int64_t big = (int64_t{1} << 60) + 1;
  const Series x({1, 25, -15, 35, big});
  CHECK(round(x).cells() == x.cells());
  CHECK(round(x, 2).dtype() == "int64");
  CHECK(round(x, -1).cells() == std::vector<Cell>{0, 20, -20, 40, big + 3});
  CHECK(round(x, -30).cells() == std::vector<Cell>{0, 0, 0, 0, 0});
  CHECK(x.clip(0, 30).cells() == std::vector<Cell>{1, 25, 0, 30, 30});
  CHECK(x.clip(0, 1e300).cells() == std::vector<Cell>{1, 25, 0, 35, big});
  CHECK(x.clip(-1e300, 30).dtype() == "int64");
  CHECK(x.clip(0.5, 30).cells() == std::vector<Cell>{1.0, 25.0, 0.5, 30.0, 30.0});
  CHECK(round(Series({1.5, 2.5})).numbers() == Rows{2, 2});
}

TEST_CASE("a missing value is not true: any leaves it out") {
  const double nan = std::nan("");
  CHECK_FALSE(Series(Rows{nan}).any());
  CHECK_FALSE(Series(Rows{nan, 0}).any());
  CHECK(Series(Rows{nan, 2}).any());
  CHECK(Series(Rows{nan, 2}).all());
}
