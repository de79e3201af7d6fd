// SPDX-License-Identifier: MIT
// Reading and writing comma-separated values, broken ones included.
#include "fastcore/frame/csv.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>

#include "fastcore/basics/helpers.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/parallel.h"

using namespace fastcore;
using minitorch::FileError;

namespace {
std::string hint_of(const std::string& text, const CsvOptions& options = {}) {
  try {
    parse_csv(text, options);
  } catch (const minitorch::Error& error) { return error.hint(); }
  return "no error";
}
}  // namespace

TEST_CASE("types are found out column by column") {
  const DataFrame df = parse_csv("i,f,t,b,m,e\n1,1.5,a,True,1,\n-2, 2,\"b\",False,,\n+3,1e3,3,true,3,\n");
  CHECK(df.columns() == L<std::string>{"i", "f", "t", "b", "m", "e"});
  CHECK(df.dtypes().texts() == Words{"int64", "float64", "object", "bool", "float64", "float64"});
  CHECK(df["i"].data().integers == std::vector<int64_t>{1, -2, 3});
  CHECK(df["f"].numbers() == std::vector<double>{1.5, 2, 1000});
  CHECK(df["t"].texts() == Words{"a", "b", "3"});
  CHECK(df["b"].numbers() == std::vector<double>{1, 0, 1});
  CHECK(df["m"][0] == Cell(1.0));
  CHECK(df["m"].is_missing(1));
  CHECK(df["e"].count() == 0);
}

TEST_CASE("quotes, doubled quotes, separators and line breaks inside fields") {
  const DataFrame df = parse_csv("a,b\r\n\"x,\"\"y\"\"\",\"line 1\r\nline 2\"\r\n\"\",5'11\"\r\n");
  CHECK(df.shape() == std::pair<int64_t, int64_t>(2, 2));
  CHECK(df["a"][0] == Cell("x,\"y\""));
  CHECK(df["b"][0] == Cell("line 1\r\nline 2"));
  CHECK(df["a"].is_missing(1));
  CHECK(df["b"][1] == Cell("5'11\""));
}

TEST_CASE("doubled quotes mean one inside quotes only") {
  const DataFrame df = parse_csv("a\na\"\"b\n\"a\"\"b\"\na\"\"b\n");
  CHECK(df["a"].texts() == Words{"a\"\"b", "a\"b", "a\"\"b"});
  // Written in two ways, a text is counted as one.
  CHECK(parse_csv("a\na\"b\n\"a\"\"b\"\n")["a"].value_counts().data().integers == std::vector<int64_t>{2});
}

TEST_CASE("line ends of every system, empty lines, a byte-order mark, no last line end") {
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n\r\n3,4", "a,b\r1,2\r3,4\r", "\n\xef\xbb\xbf",
                           "\xef\xbb\xbf"
                           "a,b\n\n1,2\n3,4"}) {
    if (std::string(text).size() < 5) continue;
    const DataFrame df = parse_csv(text);
    INFO(df);
    CHECK(df.columns() == L<std::string>{"a", "b"});
    CHECK(df["a"].data().integers == std::vector<int64_t>{1, 3});
    CHECK(df["b"].data().integers == std::vector<int64_t>{2, 4});
  }
}

TEST_CASE("numbers come out as the nearest double") {
  const DataFrame df = parse_csv(
      "x\n0.1\n123456789012345.678\n1.7976931348623157e308\n5e-324\n-0.0\n1e400\n.5\n7.\n9007199254740993."
      "0\n");
  const std::vector<double> x = df["x"].numbers();
  CHECK(x == std::vector<double>{0.1, 123456789012345.678, 1.7976931348623157e308, 5e-324, -0.0, INFINITY,
                                 0.5, 7, 9007199254740993.0});
  CHECK(std::signbit(x[4]));
  CHECK(parse_csv("x\n9223372036854775807\n-9223372036854775808\n")["x"].data().integers ==
        std::vector<int64_t>{INT64_MAX, INT64_MIN});
  for (const char* no : {"1_0", "0x1", "--1", "+-1", "1e", ".", "1 2", "e5", "1.2.3"})
    CHECK(parse_csv(std::string("x\n") + no + "\n")["x"].dtype() == "object");
}

TEST_CASE("whole numbers beyond 64 bits stay as they are written") {
  const Series ids = parse_csv("x\n12345678901234567890\n 12345678901234567891\n+7\n")["x"];
  CHECK(ids.dtype() == "object");
  CHECK(ids.texts() == Words{"12345678901234567890", " 12345678901234567891", "+7"});
  CHECK(ids.nunique() == 3);
  for (const std::string& text :
       {std::string("9223372036854775808"), std::string("-9223372036854775809"), std::string(400, '9')})
    CHECK(parse_csv("x\n1\n" + text + "\n")["x"].dtype() == "object");
  const DataFrame gaps =
      parse_csv("x,y\n98765432109876543210,1\n,1\nNA,1\n-999,1\n5,1\n", {.na_values = {"-999"}});
  CHECK(gaps["x"].isna().numbers() == std::vector<double>{0, 1, 1, 1, 0});
  CHECK(gaps["x"].texts()[4] == "5");
  // With decimals or exponents among them they are measurements, and asked for they are numbers.
  for (const std::string text : {"1.5", "1e3", "7.", "inf"})
    CHECK(parse_csv("x\n12345678901234567890\n" + text + "\n")["x"].dtype() == "float64");
  CHECK(parse_csv("x\n12345678901234567890\n", {.dtype = {{"x", ColumnType::number}}})["x"][0] ==
        Cell(12345678901234567890.0));
  CHECK_THROWS_WITH(
      parse_csv("x\n12345678901234567890\n", {.dtype = {{"x", ColumnType::integer}}}),
      "[read_csv] the text, line 2, column 1: '12345678901234567890' is not a whole number of 64 bits");
  CHECK(parse_csv("x\n99999999999999999999\n5\n", {.na_values = {"99999999999999999999"}})["x"].dtype() ==
        "float64");
}

TEST_CASE("missing values are written in many ways") {
  const DataFrame df = parse_csv("a,b\nNA,x\nnull,N/A\n2,None\n?,y\n", {.na_values = {"?"}});
  CHECK(df["a"].dtype() == "float64");
  CHECK(df["a"].isna().numbers() == std::vector<double>{1, 1, 0, 1});
  CHECK(df["b"].isna().numbers() == std::vector<double>{0, 1, 1, 0});
  CHECK(df["b"].texts() == Words{"x", "", "", "y"});
}

TEST_CASE("a missing value that begins like a number is none") {
  const CsvOptions found, asked{.dtype = {{"v", ColumnType::number}}};
  for (const CsvOptions& options : {found, asked})
    for (const std::string text :
         {"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
          "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}) {
      INFO(text);
      const Series v = parse_csv("v\n2.5\n" + text + "\n4\n", options)["v"];
      CHECK(v.dtype() == "float64");
      CHECK(v.isna().numbers() == std::vector<double>{0, 1, 0});
      CHECK(v.mean() == 3.25);
    }
  for (CsvOptions options : {found, asked})
    for (const std::string text : {"99.9 (err)", "10%", "-7?", "1e5x", "0x10", "3 4"}) {
      INFO(text);
      options.na_values = {text};
      CHECK(parse_csv("v\n2.5\n" + text + "\n4\n", options)["v"].isna().numbers() ==
            std::vector<double>{0, 1, 0});
      CHECK(parse_csv("v\n" + text + "\n2\n", options)["v"].isna().numbers() == std::vector<double>{1, 0});
    }
}

TEST_CASE("options: separator, names, chosen columns, types, first rows") {
  const std::string text = "1|Toy Story|x\n2|GoldenEye|y\n";
  const DataFrame movies =
      parse_csv(text, {.separator = '|', .header = false, .names = {"movie", "title"}, .usecols = {0, 1}});
  CHECK(movies.columns() == L<std::string>{"movie", "title"});
  CHECK(movies["title"][1] == Cell("GoldenEye"));
  const DataFrame some = parse_csv("a,b,c\n1,2,3\n4,5,6\n", {.usecols = {"c", "a"}, .nrows = 1});
  CHECK(some.columns() == L<std::string>{"a", "c"});
  CHECK(some.rows() == 1);
  CHECK(parse_csv("a,b\n1,2\n", {.dtype = {{"a", ColumnType::text}}})["a"][0] == Cell("1"));
  CHECK(parse_csv("title\nx\n1,2\n", {.skiprows = 2, .nrows = 0}).columns() == L<std::string>{"1", "2"});
  CHECK(parse_csv("a,a,,a\n1,2,3,4\n").columns() == L<std::string>{"a", "a.1", "Unnamed: 2", "a.2"});
  CHECK(parse_csv("n\nDrei\xdf"
                  "ig\n",
                  {.encoding = "latin-1"})["n"][0] == Cell("Dreißig"));
}

TEST_CASE("equal names are told apart as pandas does, also where the new name is there already") {
  const auto names = [](const std::string& header) { return parse_csv(header + "\n").columns(); };
  using Names = L<std::string>;
  CHECK(names("c,c,c") == Names{"c", "c.1", "c.2"});
  CHECK(names("c,c,c.1") == Names{"c", "c.2", "c.1"});
  CHECK(names("c,c.1,c") == Names{"c", "c.1", "c.2"});
  CHECK(names("c.1,c,c,c,c.1") == Names{"c.1", "c", "c.2", "c.3", "c.1.1"});
  CHECK(names("c,c,c.1,c.1.1,c.1") == Names{"c", "c.2", "c.1", "c.1.1", "c.1.2"});
  CHECK(names("c,c,c.2,c,c.1") == Names{"c", "c.3", "c.2", "c.4", "c.1"});
  CHECK(names("Unnamed: 1,,a") == Names{"Unnamed: 1", "Unnamed: 1.1", "a"});
  CHECK(names(",Unnamed: 0") == Names{"Unnamed: 0.1", "Unnamed: 0"});  // its own name goes first
  CHECK(parse_csv("1,2,3\n", {.header = false, .names = {"a", "a", "a"}}).columns() ==
        Names{"a", "a.1", "a.2"});
}

TEST_CASE("thousands of columns are named in a moment, equal ones too") {
  constexpr int kColumns = 20'000;  // one by one among all before, these took minutes
  std::string same = "c", different = "c0";
  for (int i = 1; i < kColumns; ++i) {
    same += ",c";
    different += ",c" + std::to_string(i);
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK(parse_csv(same + "\n").columns()[-1] == "c.19999");
  CHECK(parse_csv(different + "\n").columns()[-1] == "c19999");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("spaces that a field begins with are left out when asked for") {
  const std::string text = "job, years,  \"town, land\"\n Private, 3, \"a, b\"\n , 4,  c d \n ?,5,\n";
  const DataFrame as_written = parse_csv("job, years\n Private, 3\n , 4\n");
  CHECK(as_written.columns() == L<std::string>{"job", " years"});
  CHECK(as_written["job"].texts() == Words{" Private", " "});
  const DataFrame df = parse_csv(text, {.skipinitialspace = true});
  CHECK(df.columns() == L<std::string>{"job", "years", "town, land"});
  CHECK(df["job"].texts() == Words{"Private", "", "?"});
  CHECK(df["job"].is_missing(1));
  CHECK(df["years"].data().integers == std::vector<int64_t>{3, 4, 5});
  CHECK(df["town, land"].texts() == Words{"a, b", "c d ", ""});
  CHECK(parse_csv("a b\n1 2\n", {.separator = ' ', .skipinitialspace = true}).columns() ==
        L<std::string>{"a", "b"});
}

TEST_CASE("a short line ends in missing values") {
  const DataFrame df = parse_csv("a,b,c\n1,2\n3,4,5\n6\n");
  CHECK(df["c"].isna().numbers() == std::vector<double>{1, 0, 1});
  CHECK(df["a"].data().integers == std::vector<int64_t>{1, 3, 6});
}

TEST_CASE("short lines do not make gigabytes of a small file") {
  std::string text = "c0";
  for (int i = 1; i < 30'000; ++i) text += ",c" + std::to_string(i);
  CHECK(parse_csv(text + "\n1\n2\n").shape() == std::pair<int64_t, int64_t>(2, 30'000));
  for (int i = 0; i < 30'000; ++i) text += "\n1";
  CHECK_THROWS_WITH(parse_csv(text), Catch::StartsWith("[read_csv] the text, line 6") &&
                                         Catch::Contains(" rows by 30000 columns, nearly all of it missing"));
  CHECK(hint_of(text) ==
        "look at the first line, which says how many columns there are: {.skiprows = 1} leaves it out");
}

TEST_CASE("broken files are refused by line and column") {
  CHECK_THROWS_WITH(parse_csv("a,b\n1,2\n3,\"x\n4,5\n"),
                    "[read_csv] the text, line 3, column 3: the quote that opens here is never closed");
  CHECK(hint_of("a\n\"x") == "end the field with a quote; a quote inside it is written twice");
  CHECK_THROWS_WITH(parse_csv("a,b\n\"x\"y,2\n"),
                    "[read_csv] the text, line 2, column 4: text follows a closing quote");
  CHECK_THROWS_WITH(
      parse_csv("a,b\n1,2\n\n\"p\nq\",2,3\n"),
      "[read_csv] the text, line 5, column 6: the line has 3 fields, the first line has 2" + std::string());
  CHECK_THROWS_WITH(parse_csv("a,b\n1,caf\xe9\n"),
                    "[read_csv] the text, line 2, column 3: the field is not UTF-8");
  CHECK(hint_of("a\n\xff\n") == "say how the file is encoded: {.encoding = \"latin-1\"}");
  CHECK_THROWS_WITH(parse_csv(""), "[read_csv] the text is empty");
  CHECK_THROWS_WITH(parse_csv("\n\r\n"), "[read_csv] the text is empty");
  CHECK_THROWS_WITH(parse_csv("a\n1\nx\n", {.dtype = {{"a", ColumnType::number}}}),
                    "[read_csv] the text, line 3, column 1: 'x' is not a number");
  CHECK_THROWS_WITH(parse_csv("a,b\n1,2\n", {.usecols = {"c"}}), "[read_csv] the text has no column 'c'");
  CHECK_THROWS_WITH(parse_csv("a,b\n1,2\n", {.names = {"x"}}),
                    "[read_csv] the text has 2 columns, 1 names are given");
  CHECK_THROWS_AS(read_csv("/no/such/file.csv"), FileError);
}

TEST_CASE("lines that are skipped count in the place of an error") {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    const std::string text = join(Words{"a title", "\"and\" more", "a,b", "1,2", "3,\"x"}, end);
    CHECK_THROWS_WITH(parse_csv(text, {.skiprows = 2}),
                      "[read_csv] the text, line 5, column 3: the quote that opens here is never closed");
    const std::string typed = join(Words{"", "a,b", "1,2", "x,2", ""}, end);
    CHECK_THROWS_WITH(parse_csv(typed, {.dtype = {{"a", ColumnType::number}}, .skiprows = 1}),
                      "[read_csv] the text, line 4, column 1: 'x' is not a number");
    CHECK(parse_csv(typed, {.skiprows = 1})["b"].data().integers == std::vector<int64_t>{2, 2});
  }
  CHECK_THROWS_WITH(parse_csv("a,b\n", {.skiprows = 9}), "[read_csv] the text is empty");
}

TEST_CASE("what is written is read back") {
  const DataFrame df{{"n", {1, 2, 3}},
                     {"x", {0.1, {}, 1e-300}},
                     {"t", {"a,b", "say \"hi\"", "two\nlines"}},
                     {"b", {true, false, true}}};
  const DataFrame back = parse_csv(csv_text(df));
  for (const Series& column : df.series()) {
    CHECK(back[column.name()].cells() == column.cells());
    CHECK(back[column.name()].dtype() == column.dtype());
  }
  // A name that begins with a byte-order mark is quoted: at the front of a file the mark would be the file's.
  CHECK(csv_text(parse_csv("\xef\xbb\xbf\"\xef\xbb\xbfx\"\n1\n")) == "\"\xef\xbb\xbfx\"\n1\n");
  CHECK(csv_text(df["n"].value_counts().size() ? DataFrame({{"only", {{}, "x"}}}) : df) == "only\n\"\"\nx\n");
  CHECK(parse_csv("only\n\"\"\nx\n").rows() == 2);
}

TEST_CASE("reading does not depend on the number of threads") {
  std::string text = "a,b,c\n";
  for (int i = 0; i < 1000; ++i)
    text += std::to_string(i) + ",w" + std::to_string(i % 37) + "," + std::to_string(i / 7.0) + "\n";
  const int before = minitorch::num_threads();
  minitorch::set_num_threads(1);
  const std::string one = csv_text(parse_csv(text));
  minitorch::set_num_threads(3);
  CHECK(csv_text(parse_csv(text)) == one);
  minitorch::set_num_threads(before);
}

TEST_CASE("what the caller names as missing is so among numbers and truths too") {
  const CsvOptions minus{.na_values = {"-999"}};
  const DataFrame df = parse_csv("t,v\n1,-999\n2,5\n3,-999\n", minus);
  CHECK(df["v"].mean() == 5);
  CHECK(df["v"].dtype() == "float64");
  CHECK(df["t"].dtype() == "int64");
  CHECK(parse_csv("v\n-999\n-999.0\n5\n", minus)["v"].isna().numbers() == std::vector<double>{1, 1, 0});
  CHECK(parse_csv("v\n1\n-0999\n2.5\n", minus)["v"].isna().numbers() == std::vector<double>{0, 1, 0});
  CHECK(parse_csv("v\n1\n-0999\n", minus)["v"].dtype() == "int64");  // as pandas: whole numbers by their text
  CHECK(parse_csv("v\n0.0\n5.5\n0\n", {.na_values = {"0.0"}})["v"].count() == 1);
  const Series truths = parse_csv("v\nTrue\nFalse\nTrue\n", {.na_values = {"False"}})["v"];
  CHECK(truths.isna().numbers() == std::vector<double>{0, 1, 0});
  CHECK(truths.texts() == Words{"True", "", "True"});
  CHECK(parse_csv("v\n-999\n", {.dtype = {{"v", ColumnType::number}}, .na_values = {"-999"}})["v"].is_missing(
      0));
  const CsvOptions whole{.dtype = {{"v", ColumnType::integer}}, .na_values = {"-999"}};
  CHECK_THROWS_WITH(parse_csv("v\n1\n-999\n", whole),
                    "[read_csv] the text, line 3, column 1: '-999' means a missing value, which is not a "
                    "whole number of 64 bits");
  CHECK(hint_of("v\n1\n-999\n", whole) == "leave the type out, or ask for numbers: ColumnType::number");
}

TEST_CASE("a table without rows has the types asked for") {
  for (const ColumnType type :
       {ColumnType::integer, ColumnType::number, ColumnType::boolean, ColumnType::text}) {
    const DataFrame header_only = parse_csv("a,b\n", {.dtype = {{"a", type}}});
    CHECK(header_only["a"].type() == type);
    CHECK(header_only.shape() == std::pair<int64_t, int64_t>(0, 2));
    CHECK(header_only["b"].type() == ColumnType::number);
    CHECK(parse_csv("a,b\n1,x\n", {.dtype = {{"a", type}, {"b", type}}, .nrows = 0})["b"].type() == type);
  }
}

TEST_CASE("lines of spaces and tabs are skipped, as pandas does") {
  const DataFrame df = parse_csv("  \n a,b\n1,2\n \t\n3,4\r\n   \r\n  ");
  CHECK(df.columns() == L<std::string>{" a", "b"});
  CHECK(df["b"].data().integers == std::vector<int64_t>{2, 4});
  CHECK(parse_csv("a\nx\n  \n \ty\n")["a"].texts() == Words{"x", " \ty"});
  const DataFrame tabs = parse_csv("a\tb\n1\t2\n \t\n\t4\n", {.separator = '\t'});  // a tab separates here
  CHECK(tabs.rows() == 3);
  CHECK(tabs["b"].isna().numbers() == std::vector<double>{0, 1, 0});
  // A single field of spaces is quoted, so that it is not lost.
  CHECK(csv_text({{" ", {" ", "x", "\t"}}}) == "\" \"\n\" \"\nx\n\"\t\"\n");
  CHECK(parse_csv(csv_text({{" ", {" ", "x", "\t"}}}))[" "].texts() == Words{" ", "x", "\t"});
}

TEST_CASE("truths with gaps are texts of one spelling, and equal truths") {
  const DataFrame df = parse_csv("a,b,c\n1,True,true\n2,false,\n3,,yes\n4,TRUE,no\n");
  CHECK(df["b"].texts() == Words{"True", "False", "", "True"});
  CHECK(df["b"].is_missing(2));
  CHECK(df["c"].texts() == Words{"true", "", "yes", "no"});  // other texts stay as they are
  CHECK(where(df["b"] == true) == std::vector<int64_t>{0, 3});
  CHECK(where(df["b"] == false) == std::vector<int64_t>{1});
  CHECK(where(df["b"] != true) == std::vector<int64_t>{1, 2});
  CHECK(where(df["b"] == Series(std::vector<bool>{true, true, true, false})) == std::vector<int64_t>{0});
  CHECK(where(df["b"].isin({true})) == std::vector<int64_t>{0, 3});
  CHECK(where(df["c"] == true).empty());
  const Series some = parse_csv("a,b\n1,TRUE\n2,\n")["b"];
  CHECK(some.categories() == Words{"True"});
  CHECK(some.nunique() == 1);
  CHECK(some.value_counts().size() == 1);
  CHECK(parse_csv("b\nTRUE\n\"\"\n", {.dtype = {{"b", ColumnType::text}}})["b"][0] == Cell("TRUE"));
}
