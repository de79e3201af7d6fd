// SPDX-License-Identifier: MIT
#include "fastcore/basics/l.h"

#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "fastcore/basics/helpers.h"
#include "fastcore/basics/path.h"
#include "minitorch/core/random.h"

using namespace fastcore;
using Words = L<std::string>;
using Ints = L<int>;

TEST_CASE("a list is built from items, vectors and ranges") {
  CHECK(L<int>().empty());
  CHECK(L{1, 2, 3}.size() == 3);
  CHECK(L{"a", "bb"} == Words{"a", "bb"});
  CHECK(L(std::vector<int>{4, 5}) == Ints{4, 5});
  CHECK(L(std::set<int>{5, 4}) == Ints{4, 5});
  CHECK(listify(std::string("abc")) == Words{"abc"});
  CHECK(listify(3) == Ints{3});
  CHECK(Ints{7}.match(3) == Ints{7, 7, 7});
  CHECK(Ints{1, 2}.match(2) == Ints{1, 2});
  CHECK(Ints{7}.match(Words{"a", "b"}) == Ints{7, 7});
  CHECK_THROWS_WITH((Ints{1, 2}.match(3)), "[L] match: 2 items: expected 1 or 3");
  const Dict<std::string, int> ages{{"b", 1}, {"a", 2}};
  CHECK(L(ages) == Words{"b", "a"});  // the keys, as list(dict)
  CHECK(listify(ages) == Words{"b", "a"});
  CHECK(L<std::pair<std::string, int>>(ages)[1].second == 2);
}

TEST_CASE("a list is indexed by numbers, lists and masks") {
  Ints l{10, 11, 12, 13, 14};
  CHECK(l[0] == 10);
  CHECK(l[-1] == 14);
  CHECK(l[{0, 2, -1}] == Ints{10, 12, 14});
  CHECK(l[L<int64_t>{1, 1}] == Ints{11, 11});
  CHECK(l[std::vector<bool>{true, false, false, true, false}] == Ints{10, 13});
  CHECK(l[L<bool>{false, true, false, false, false}] == Ints{11});
  CHECK(l.slice(1, 3) == Ints{11, 12});
  CHECK(l.slice(-2) == Ints{13, 14});
  CHECK(l.slice({}, {}, -1) == Ints{14, 13, 12, 11, 10});
  CHECK(l.slice({}, -1, 2) == Ints{10, 12});
  CHECK(l.slice(3, 100) == Ints{13, 14});
  CHECK(l.slice(4, 0, -2) == Ints{14, 12});
  CHECK_THROWS_WITH(l[5], "[L] index 5: the list has 5 items");
  CHECK_THROWS_WITH(l[-6], "[L] index -6: the list has 5 items");
  CHECK_THROWS_AS((l[std::vector<bool>{true}]), minitorch::IndexError);
  l.assign({0, -1}, 9);
  CHECK(l == Ints{9, 11, 12, 13, 9});
  l.assign({1, 2}, Ints{1, 2});
  CHECK(l == Ints{9, 1, 2, 13, 9});
  CHECK_THROWS_AS(l.assign({1, 2}, Ints{1, 2, 3}), minitorch::IndexError);
  const std::vector<bool> ends{true, false, false, false, true};
  l.assign(ends, 0);
  CHECK(l == Ints{0, 1, 2, 13, 0});
  l.assign(ends, Ints{5, 6});
  CHECK(l == Ints{5, 1, 2, 13, 6});
  CHECK_THROWS_WITH(l.assign(std::vector<bool>{true}, 0),
                    "[L] a mask or a list of values of length 1: expected 5");
}

TEST_CASE("truths in braces are a mask, numbers in braces are indices") {
  Ints l{10, 11, 12, 13, 14};
  CHECK(l[{true, false, false, true, false}] == Ints{10, 13});
  CHECK(l[{1 > 0, 1 > 2, false, false, true}] == Ints{10, 14});
  CHECK(Ints{7}[{true}] == Ints{7});
  CHECK(Ints{7}[{false}].empty());
  CHECK(l[{0, 2}] == Ints{10, 12});
  CHECK(l[{0, 1}] == Ints{10, 11});
  const int64_t last = 4;
  CHECK(l[{last, int64_t{0}}] == Ints{14, 10});
  CHECK_THROWS_AS((l[{true, false}]), minitorch::IndexError);  // a mask is as long as the list
  CHECK(Words{"a", "b"}[{false, true}] == Words{"b"});
  CHECK(L<bool>{true, false}[{false, true}] == L<bool>{false});
  l.assign({true, false, false, false, true}, 0);
  CHECK(l == Ints{0, 11, 12, 13, 0});
  l.assign({true, false, false, false, true}, Ints{5, 6});
  CHECK(l == Ints{5, 11, 12, 13, 6});
  l.assign({0, 1}, 9);
  CHECK(l == Ints{9, 9, 12, 13, 6});
}

TEST_CASE("a list maps and filters") {
  Ints l{1, 2, 3, 4};
  auto even = [](int x) { return x % 2 == 0; };
  CHECK(l.map([](int x) { return x * x; }) == Ints{1, 4, 9, 16});
  CHECK(l.map([](int x, int y) { return x + y; }, 10) == Ints{11, 12, 13, 14});
  CHECK(l.map("{}.png") == Words{"1.png", "2.png", "3.png", "4.png"});
  CHECK(Words{"a"}.map("{}/{}{") == Words{"a/a{"});
  CHECK(Words{"a"}.map("{{}}{}{{{}}}") == Words{"{}a{a}"});  // as Python's format
  CHECK(Ints{2, 0}.map(Words{"zero", "one", "two"}) == Words{"two", "zero"});
  CHECK(Words{"b"}.map(Dict<std::string, int>{{"b", 7}}) == Ints{7});
  CHECK_THROWS_WITH((Words{"c"}.map(Dict<std::string, int>{{"b", 7}})), "[Dict] no key 'c'");
  CHECK(l.filter(even) == Ints{2, 4});
  CHECK(l.filter(even, true) == Ints{1, 3});
  CHECK(Ints{0, 1, 0, 2}.filter() == Ints{1, 2});
  CHECK(Words{"a", "", "b"}.filter() == Words{"a", "b"});
  CHECK(Words{"a", "", "b"}.argwhere() == L<int64_t>{0, 2});
  CHECK(Words{"a", "", "b"}.argfirst({}, true) == 1);
  CHECK(L<Ints>{{}, {0}}.filter() == L<Ints>{{0}});
  CHECK(L<bool>{false, true}.argfirst() == 1);
  CHECK(l.filter([](int x) { return std::string(x > 3, 'x'); }) == Ints{4});
  CHECK(l.argwhere(even) == L<int64_t>{1, 3});
  CHECK(l.argfirst(even) == 1);
  CHECK(l.argfirst(even, true) == 0);
  CHECK_FALSE(l.argfirst([](int x) { return x > 9; }));
  CHECK(L<Path>{"a/b.png", "c.jpg"}.map(&Path::stem) == Words{"b", "c"});
  CHECK(L<std::pair<int, char>>{{1, 'a'}, {2, 'b'}}.attrgot(&std::pair<int, char>::first) == Ints{1, 2});
  CHECK(L<std::pair<int, char>>{{1, 'a'}, {2, 'b'}}.itemgot<1>() == L<char>{'a', 'b'});
  CHECK(L<Dict<std::string, int>>{{{"a", 1}}, {{"b", 2}}}.attrgot("a", 0) == Ints{1, 0});
  CHECK(L<std::pair<int, int>>{{1, 2}, {3, 4}}.starmap([](int a, int b) { return a * b; }) == Ints{2, 12});
  L<std::pair<int, char>> pairs{{1, 'a'}, {2, 'b'}};
  pairs.setattrs(&std::pair<int, char>::first, 5);
  CHECK(pairs.itemgot<0>() == Ints{5, 5});
  CHECK(L<Ints>{{1, 2}, {3, 4}}.itemgot(1) == Ints{2, 4});
  CHECK(L<Words>{{"ab", "cd"}}.itemgot(1, 0) == L<char>{'c'});
}

TEST_CASE("a list zips, joins and folds") {
  L<Ints> lists{{1, 2, 3}, {10, 20}};
  CHECK(lists.zip() == L<Ints>{{1, 10}, {2, 20}});
  CHECK(lists.zip(true) == L<Ints>{{1, 10}, {2, 20}, {3, 10}});
  CHECK(lists.map_zip([](const Ints& row) { return row.sum(); }) == Ints{11, 22});
  CHECK(lists.concat() == Ints{1, 2, 3, 10, 20});
  CHECK(Ints{1, 2}.zipwith(Words{"a", "b", "c"}) == L<std::tuple<int, std::string>>{{1, "a"}, {2, "b"}});
  CHECK(Ints{1, 2}.map_zipwith([](int a, int b) { return a * b; }, Ints{3, 4}) == Ints{3, 8});
  CHECK(Ints{1, 2, 3}.reduce([](int a, int b) { return a - b; }) == -4);
  CHECK(Ints{1, 2, 3}.reduce([](int a, int b) { return a - b; }, 10) == 4);
  CHECK(Ints{1, 2, 3, 4}.sum() == 10);
  CHECK(Ints{1, 2, 3, 4}.product() == 24);
  CHECK_THROWS_AS(Ints().reduce([](int a, int) { return a; }), minitorch::ValueError);
}

TEST_CASE("a list sorts and groups") {
  Words l{"pear", "fig", "apple", "fig"};
  CHECK(l.sorted() == Words{"apple", "fig", "fig", "pear"});
  CHECK(l.sorted(&std::string::size) == Words{"fig", "fig", "pear", "apple"});
  CHECK(l.sorted(&std::string::size, true) == Words{"apple", "pear", "fig", "fig"});
  CHECK(L<Ints>{{2, 1}, {1, 3}}.sorted(1) == L<Ints>{{2, 1}, {1, 3}});
  CHECK(Ints{3, 1, 2}.sorted([](int a, int b) { return a > b; }) == Ints{3, 2, 1});
  CHECK(Ints{3, 1, 2}.sorted([](int a, int b) { return b - a; }, true) == Ints{1, 2, 3});  // a cmp
  CHECK(l.unique() == Words{"pear", "fig", "apple"});
  CHECK(l.unique(true) == Words{"apple", "fig", "pear"});
  const auto [values, places] = l.unique_bidir(true);
  CHECK(values == Words{"apple", "fig", "pear"});
  CHECK(places.at("fig") == 1);
  CHECK(l.unique(false, {"#na#"}) == Words{"#na#", "pear", "fig", "apple"});
  CHECK(l.unique().val2idx() == Dict<std::string, int64_t>{{"pear", 0}, {"fig", 1}, {"apple", 2}});
  CHECK(l.enumerate()[1] == std::pair<int64_t, std::string>(1, "fig"));
  CHECK(l.renumerate()[1] == std::pair<std::string, int64_t>("fig", 1));
  auto groups = l.groupby(&std::string::size);
  CHECK(groups.items()[0].first == 4);
  CHECK(groups.at(3) == Words{"fig", "fig"});
  CHECK_THROWS_WITH(groups.at(9), "[Dict] no key 9");
  CHECK(Ints{1, 2}.map_dict([](int x) { return x * 10; }).at(2) == 20);
  CHECK(Ints{1, 2}.cycle(5) == Ints{1, 2, 1, 2, 1});
  CHECK(Ints{1, 2, 3}.shuffle([](int64_t) { return 0; }) == Ints{2, 3, 1});
}

TEST_CASE("shuffle draws as Python's random.shuffle, from the generator that set_seed seeds") {
  minitorch::set_seed(42);
  CHECK(range(10).shuffle() == L<int64_t>{7, 3, 2, 8, 5, 6, 9, 4, 0, 1});
  CHECK(Words().shuffle().empty());
}

TEST_CASE("a list has Python's operators") {
  CHECK(Ints{1} + Ints{2, 3} == Ints{1, 2, 3});
  CHECK(std::vector<int>{1} + Ints{2} + std::vector<int>{3} == Ints{1, 2, 3});
  CHECK(Ints{1, 2} == std::vector<int>{1, 2});
  CHECK(Ints{1, 2} * 2 == Ints{1, 2, 1, 2});
  CHECK(~L<bool>{true, false} == L<bool>{false, true});
  Ints l{1};
  l += Ints{2};
  CHECK(l == Ints{1, 2});
  CHECK(l.copy() == l);
}

TEST_CASE("a list prints as a notebook shows it") {
  CHECK(L{1, 2, 3}.repr() == "(#3) [1,2,3]");
  CHECK(L{1, 2, 3}.str() == "[1, 2, 3]");
  CHECK(Words{"a", "it's"}.repr() == "(#2) ['a',\"it's\"]");
  CHECK(range(12).repr() == "(#12) [0,1,2,3,4,5,6,7,8,9...]");
  CHECK(range(12).repr(20) == "(#12) [0,1,2,3,4,5,6,7,8,9,10,11]");
  CHECK(L<bool>{true, false}.repr() == "(#2) [True,False]");
  CHECK(L<Path>{"data/mnist"}.repr() == "(#1) [Path('data/mnist')]");
  CHECK(L<Ints>{{1}, {}}.repr() == "(#2) [(#1) [1],(#0) []]");
  CHECK(L<std::string>{"one \n"}.repr() == "(#1) ['one \\n']");
  std::ostringstream out;
  out << L{1.0, 0.5};
  CHECK(out.str() == "(#2) [1.0,0.5]");
}

TEST_CASE("numbers, pairs and options print as in Python") {
  CHECK(repr(1.0) == "1.0");
  CHECK(repr(0.1) == "0.1");
  CHECK(repr(0.1f) == "0.1");
  CHECK(repr(1e-5) == "1e-05");
  CHECK(repr(0.0001) == "0.0001");
  CHECK(repr(1e15) == "1000000000000000.0");
  CHECK(repr(1e16) == "1e+16");
  CHECK(repr(-1.5e300) == "-1.5e+300");
  CHECK(repr(123.456) == "123.456");
  CHECK(repr(std::nan("")) == "nan");
  CHECK(repr(-INFINITY) == "-inf");
  CHECK(repr(std::pair(1, "a")) == "(1, 'a')");
  CHECK(repr(std::tuple(1)) == "(1,)");
  CHECK(repr(std::optional<int>()) == "None");
  CHECK(repr(Dict<std::string, int>{{"a", 1}}) == "{'a': 1}");
  CHECK(str("plain") == "plain");
}

TEST_CASE("ranges and texts are cut as in Python") {
  CHECK(range(3) == L<int64_t>{0, 1, 2});
  CHECK(range(5, 0, -2) == L<int64_t>{5, 3, 1});
  CHECK(range_of(Words{"a", "b"}) == L<int64_t>{0, 1});
  CHECK_THROWS_AS(range(0, 1, 0), minitorch::ValueError);
  CHECK(split(" a  b\tc\n") == Words{"a", "b", "c"});
  CHECK(split("a,,b", ",") == Words{"a", "", "b"});
  CHECK(splitlines("a\r\nb\n\nc") == Words{"a", "b", "", "c"});
  CHECK(splitlines("a\n") == Words{"a"});
}
