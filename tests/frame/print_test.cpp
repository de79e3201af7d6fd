// SPDX-License-Identifier: MIT
// How tables print. Every expected text is what pandas 3.1.1 prints for the same values, less the blanks at
// the ends of lines; its columns of texts are of type str, ours of object.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "fastcore/frame/frame.h"

using namespace fastcore;

namespace {
DataFrame townspeople() {
  return {{"name", {"Ann", "Bob", "Cy", "Di"}},
          {"age", {22, 38, {}, 35}},
          {"town", {"Rome", {}, "Oslo", "Ulm"}},
          {"debt", {-5, 12, 3, -120}}};
}
DataFrame homes() {
  return {{"price", {7700000, 450000, 75000}}, {"rooms", {3.0, 2.25, 1.0}}, {"sold", {true, false, true}}};
}
std::vector<int64_t> from(int64_t first, int64_t n) {
  std::vector<int64_t> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), first);
  return values;
}
}  // namespace

TEST_CASE("texts in later columns stand two blanks apart") {
  CHECK(townspeople().repr() ==
        "  name   age  town  debt\n"
        "0  Ann  22.0  Rome    -5\n"
        "1  Bob  38.0   NaN    12\n"
        "2   Cy   NaN  Oslo     3\n"
        "3   Di  35.0   Ulm  -120");
  CHECK(townspeople()[{"town", "name"}].repr() ==
        "   town name\n"
        "0  Rome  Ann\n"
        "1   NaN  Bob\n"
        "2  Oslo   Cy\n"
        "3   Ulm   Di");
  CHECK(townspeople()[{"name", "town"}].describe().repr() ==
        "       name  town\n"
        "count     4     3\n"
        "unique    4     3\n"
        "top     Ann  Rome\n"
        "freq      1     1");
  CHECK((DataFrame{{"a very long header", {"x", "y"}}, {"b", {"short", "a longer text"}}}).repr() ==
        "  a very long header              b\n"
        "0                  x          short\n"
        "1                  y  a longer text");
  CHECK(townspeople().set_index("name").repr() ==
        "       age  town  debt\n"
        "name\n"
        "Ann   22.0  Rome    -5\n"
        "Bob   38.0   NaN    12\n"
        "Cy     NaN  Oslo     3\n"
        "Di    35.0   Ulm  -120");
  CHECK(townspeople()["town"].repr() ==
        "0    Rome\n"
        "1     NaN\n"
        "2    Oslo\n"
        "3     Ulm\n"
        "Name: town, dtype: object");
}

TEST_CASE("a minus takes the place that is kept for a sign") {
  CHECK((DataFrame{{"x", {-5, 10}}, {"y", {-1.5, 2.25}}, {"z", {-100, 7}}}).repr() ==
        "    x     y    z\n"
        "0  -5 -1.50 -100\n"
        "1  10  2.25    7");
  CHECK(Series({-5, 10}, "x").repr() ==
        "0    -5\n"
        "1    10\n"
        "Name: x, dtype: int64");
  CHECK(Series({-1.5, 2.25}).repr() ==
        "0   -1.50\n"
        "1    2.25\n"
        "dtype: float64");
  CHECK(Series({-1.5, {}, -200.125}).repr() ==
        "0     -1.500\n"
        "1        NaN\n"
        "2   -200.125\n"
        "dtype: float64");
  CHECK(Series({1, 2, 3}).with_index({-1, 0, 1}).repr() ==
        "-1    1\n"
        " 0    2\n"
        " 1    3\n"
        "dtype: int64");
  CHECK(Series({1, 2}).with_index({-1.5, 0.25}).repr() ==
        "-1.50    1\n"
        " 0.25    2\n"
        "dtype: int64");
}

TEST_CASE("powers of ten where numbers would take more room") {
  CHECK(Series({331002651.0, {}}, "pop").repr() ==
        "0    331002651.0\n"
        "1            NaN\n"
        "Name: pop, dtype: float64");
  CHECK(Series({7700000.0, 540088.1417665294, 367127.19648, 75000.0}, "price").repr() ==
        "0    7.700000e+06\n"
        "1    5.400881e+05\n"
        "2    3.671272e+05\n"
        "3    7.500000e+04\n"
        "Name: price, dtype: float64");
  CHECK(Series({1234567.123456, 2.5}, "x").repr() ==
        "0    1.234567e+06\n"
        "1    2.500000e+00\n"
        "Name: x, dtype: float64");
  CHECK(Series({1325289600.0, {}}).repr() ==
        "0    1.325290e+09\n"
        "1             NaN\n"
        "dtype: float64");
  CHECK(Series({12345678.5, 1.0}).repr() ==
        "0    12345678.5\n"
        "1           1.0\n"
        "dtype: float64");
  CHECK(Series({-123456789.5, 1.0}).repr() ==
        "0   -123456789.5\n"
        "1            1.0\n"
        "dtype: float64");
  CHECK(Series({0.0000005, 1.0}).repr() ==
        "0    5.000000e-07\n"
        "1    1.000000e+00\n"
        "dtype: float64");
  CHECK(Series({0.001, 1234.5, 1e-5}).repr() ==
        "0       0.00100\n"
        "1    1234.50000\n"
        "2       0.00001\n"
        "dtype: float64");
  CHECK(Series({1e15, 1.0}).repr() ==
        "0    1.000000e+15\n"
        "1    1.000000e+00\n"
        "dtype: float64");
  CHECK(Series({999999.123456, 0.5}).repr() ==
        "0    999999.123456\n"
        "1         0.500000\n"
        "dtype: float64");
  CHECK(Series({INFINITY, -INFINITY, 1.0}).repr() ==
        "0    inf\n"
        "1   -inf\n"
        "2    1.0\n"
        "dtype: float64");
  CHECK(Series({INFINITY, 100000.123456}).repr() ==
        "0             inf\n"
        "1    1.000001e+05\n"
        "dtype: float64");
  CHECK((DataFrame{{"big", {1e10, {}}}, {"tiny", {1e-7, 1.0}}, {"n", {1, -2}}}).repr() ==
        "            big          tiny  n\n"
        "0  1.000000e+10  1.000000e-07  1\n"
        "1           NaN  1.000000e+00 -2");
}

TEST_CASE("statistics and truths print as in pandas") {
  CHECK(homes().repr() ==
        "     price  rooms   sold\n"
        "0  7700000   3.00   True\n"
        "1   450000   2.25  False\n"
        "2    75000   1.00   True");
  CHECK(homes().describe().repr() ==
        "              price     rooms\n"
        "count  3.000000e+00  3.000000\n"
        "mean   2.741667e+06  2.083333\n"
        "std    4.298134e+06  1.010363\n"
        "min    7.500000e+04  1.000000\n"
        "25%    2.625000e+05  1.625000\n"
        "50%    4.500000e+05  2.250000\n"
        "75%    4.075000e+06  2.625000\n"
        "max    7.700000e+06  3.000000");
  CHECK(homes()["price"].describe().repr() ==
        "count    3.000000e+00\n"
        "mean     2.741667e+06\n"
        "std      4.298134e+06\n"
        "min      7.500000e+04\n"
        "25%      2.625000e+05\n"
        "50%      4.500000e+05\n"
        "75%      4.075000e+06\n"
        "max      7.700000e+06\n"
        "Name: price, dtype: float64");
  CHECK(homes()[{"price", "rooms"}].corr().repr() ==
        "          price     rooms\n"
        "price  1.000000  0.811951\n"
        "rooms  0.811951  1.000000");
  CHECK(townspeople()[{"age", "debt"}].corr().repr() ==
        "           age      debt\n"
        "age   1.000000 -0.225691\n"
        "debt -0.225691  1.000000");
  CHECK(homes()["sold"].repr() ==
        "0     True\n"
        "1    False\n"
        "2     True\n"
        "Name: sold, dtype: bool");
  CHECK(homes().groupby("sold").mean().repr() ==
        "           price  rooms\n"
        "sold\n"
        "False   450000.0   2.25\n"
        "True   3887500.0   2.00");
  CHECK(homes().groupby("sold").mean().reset_index().repr() ==
        "    sold      price  rooms\n"
        "0  False   450000.0   2.25\n"
        "1   True  3887500.0   2.00");
  CHECK(townspeople().isna().sum().repr() ==
        "name    0\n"
        "age     1\n"
        "town    1\n"
        "debt    0\n"
        "dtype: int64");
  CHECK(Series(std::vector<int64_t>{}, "none").repr() == "Series([], Name: none, dtype: int64)");
}

TEST_CASE("of many rows the first and last five are shown") {
  CHECK(Series(from(0, 100), "n").repr() ==
        "0      0\n"
        "1      1\n"
        "2      2\n"
        "3      3\n"
        "4      4\n"
        "      ..\n"
        "95    95\n"
        "96    96\n"
        "97    97\n"
        "98    98\n"
        "99    99\n"
        "Name: n, Length: 100, dtype: int64");
  CHECK(Series(from(1000, 61)).repr() ==
        "0     1000\n"
        "1     1001\n"
        "2     1002\n"
        "3     1003\n"
        "4     1004\n"
        "      ...\n"
        "56    1056\n"
        "57    1057\n"
        "58    1058\n"
        "59    1059\n"
        "60    1060\n"
        "Length: 61, dtype: int64");
  CHECK(Series(from(-50, 100)).repr() ==
        "0    -50\n"
        "1    -49\n"
        "2    -48\n"
        "3    -47\n"
        "4    -46\n"
        "      ..\n"
        "95    45\n"
        "96    46\n"
        "97    47\n"
        "98    48\n"
        "99    49\n"
        "Length: 100, dtype: int64");
  CHECK((Series(from(0, 100)) * 0.125).repr() ==
        "0      0.000\n"
        "1      0.125\n"
        "2      0.250\n"
        "3      0.375\n"
        "4      0.500\n"
        "       ...\n"
        "95    11.875\n"
        "96    12.000\n"
        "97    12.125\n"
        "98    12.250\n"
        "99    12.375\n"
        "Length: 100, dtype: float64");
  CHECK(Series(std::vector<std::string>(70, "text"), "t").repr() ==
        "0     text\n"
        "1     text\n"
        "2     text\n"
        "3     text\n"
        "4     text\n"
        "      ...\n"
        "65    text\n"
        "66    text\n"
        "67    text\n"
        "68    text\n"
        "69    text\n"
        "Name: t, Length: 70, dtype: object");
  CHECK(Series(std::vector<int64_t>(70, 7)).repr() ==
        "0     7\n"
        "1     7\n"
        "2     7\n"
        "3     7\n"
        "4     7\n"
        "     ..\n"
        "65    7\n"
        "66    7\n"
        "67    7\n"
        "68    7\n"
        "69    7\n"
        "Length: 70, dtype: int64");
  CHECK((DataFrame{{"x", Series(from(0, 100))},
                   {"t", Series(std::vector<std::string>(100, "a"))},
                   {"y", Series(from(-1, 100)) * 0.5},
                   {"long name", Series(from(0, 100))}})
            .repr() ==
        "     x  t     y  long name\n"
        "0    0  a  -0.5          0\n"
        "1    1  a   0.0          1\n"
        "2    2  a   0.5          2\n"
        "3    3  a   1.0          3\n"
        "4    4  a   1.5          4\n"
        "..  .. ..   ...        ...\n"
        "95  95  a  47.0         95\n"
        "96  96  a  47.5         96\n"
        "97  97  a  48.0         97\n"
        "98  98  a  48.5         98\n"
        "99  99  a  49.0         99\n"
        "\n"
        "[100 rows x 4 columns]");
  CHECK(DataFrame{{"x", Series(from(0, 70))}}
            .with_index(Series(std::vector<std::string>(70, "label"), "key"))
            .repr() ==
        "        x\n"
        "key\n"
        "label   0\n"
        "label   1\n"
        "label   2\n"
        "label   3\n"
        "label   4\n"
        "...    ..\n"
        "label  65\n"
        "label  66\n"
        "label  67\n"
        "label  68\n"
        "label  69\n"
        "\n"
        "[70 rows x 1 columns]");
}
