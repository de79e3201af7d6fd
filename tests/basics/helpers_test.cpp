// SPDX-License-Identifier: MIT
#include "fastcore/basics/helpers.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include "fastcore/basics/parallel.h"
#include "fastcore/basics/testing.h"
#include "minitorch/tensor/factories.h"
#include "minitorch/tensor/indexing.h"

using namespace fastcore;
using Words = L<std::string>;

TEST_CASE("the small helpers do what fastcore's do") {
  CHECK(ifnone(std::optional<int>(), 3) == 3);
  CHECK(ifnone(std::optional<int>(1), 3) == 1);
  CHECK(first(L{1, 2, 3}) == 1);
  CHECK(first(L{1, 2, 3}, [](int x) { return x > 1; }) == 2);
  CHECK_FALSE(first(L<int>()));
  CHECK(compose([](int x) { return x + 1; }, [](int x) { return x * 10; })(2) == 30);
  CHECK(compose()(5) == 5);
  CHECK(using_attr([](std::size_t n) { return n * 2; }, &std::string::size)(std::string("abc")) == 6);
  CHECK(merge(Dict<std::string, int>{{"a", 1}, {"b", 2}}, Dict<std::string, int>{{"b", 3}}) ==
        Dict<std::string, int>{{"a", 1}, {"b", 3}});
  CHECK(round_multiple(63, 5) == 65);
  CHECK(round_multiple(40, 16) == 32);
  CHECK(round_multiple(56, 16) == 64);
  CHECK(round_multiple(63, 40, true) == 40);
  CHECK(join({"a", "b"}, ", ") == "a, b");
  CHECK(nearest("EarlyStoping", {"SaveModel", "EarlyStopping"}) == "EarlyStopping");
  CHECK(nearest("zzz", {"SaveModel", "EarlyStopping"}) == "");
}

TEST_CASE("chunked cuts into pieces of a size or a number of pieces") {
  CHECK(chunked(range(5), 2) == L<L<int64_t>>{{0, 1}, {2, 3}, {4}});
  CHECK(chunked(range(5), 2, true) == L<L<int64_t>>{{0, 1}, {2, 3}});
  CHECK(chunked_into(range(10), 3) == L<L<int64_t>>{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}});
  CHECK(chunked(L<int>(), 3).empty());
  CHECK_THROWS_WITH(chunked(range(3), 0), "[chunked] size 0: expected 1 or more");
}

TEST_CASE("even_mults is a geometric series") {
  test_close(even_mults(2, 8, 3), L{2., 4., 8.});
  test_close(even_mults(2, 32, 5), L{2., 4., 8., 16., 32.});
  CHECK(even_mults(2, 8, 1) == L{8.});
  CHECK_THROWS_AS(even_mults(2, 8, 0), minitorch::ValueError);
}

TEST_CASE("names change between camel and snake") {
  CHECK(camel2snake("EarlyStopping") == "early_stopping");
  CHECK(camel2snake("ClassAreCamel") == "class_are_camel");
  CHECK(camel2snake("XGBModel2") == "xgb_model2");
  CHECK(snake2camel("a_b_cc") == "ABCc");
  CHECK(class2attr("EarlyStoppingCallback", "Callback") == "early_stopping");
  CHECK(class2attr("Recorder", "Callback") == "recorder");
}

TEST_CASE("parallel keeps the input order") {
  auto slow_first = [](int64_t i) {
    if (i == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return i * i;
  };
  for (int workers : {0, 1, 4})
    CHECK(parallel(slow_first, range(20), {.n_workers = workers}) ==
          range(20).map([](int64_t i) { return i * i; }));
  CHECK(parallel(slow_first, range(0)).empty());
  std::atomic<int64_t> sum{0};
  parallel([&](int64_t i) { sum += i; }, range(100), {.n_workers = 3});
  CHECK(sum == 4950);
  CHECK(parallel([](int64_t i) { return i % 2 == 0; }, range(3), {.n_workers = 2}) ==
        L<bool>{true, false, true});
}

TEST_CASE("parallel passes on the first exception and starts nothing new") {
  std::atomic<int> calls{0};
  auto failing = [&](int64_t i) {
    ++calls;
    if (i >= 2) throw minitorch::ValueError("item " + std::to_string(i));
    return i;
  };
  CHECK_THROWS_WITH(parallel(failing, range(1000), {.n_workers = 0}), "item 2");
  calls = 0;
  CHECK_THROWS_AS(parallel(failing, range(1000), {.n_workers = 2}), minitorch::ValueError);
  CHECK(calls < 10);
}

#ifndef __SANITIZE_ADDRESS__  // which takes terabytes of addresses for itself
TEST_CASE("parallel says what to do when a thread cannot be started") {
  // Room for the stacks of some threads, but not of all.
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before;
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  const rlimit tight{static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + (int64_t{256} << 20)),
                     before.rlim_max};
  std::string what, hint;
  REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
  try {
    parallel([](int64_t) {}, range(2000), {.n_workers = 2000});
  } catch (const minitorch::Error& error) {
    what = error.what();
    hint = error.hint();
  }
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  CHECK_THAT(what, Catch::StartsWith("[parallel] thread ") &&
                       Catch::Contains(" of 2000 cannot be started: ") && !Catch::Contains("thread 1 of"));
  CHECK(hint == "ask for fewer: .n_workers = " + std::to_string(num_cpus()));
}
#endif

TEST_CASE("parallel pauses between starts") {
  const auto start = std::chrono::steady_clock::now();
  parallel([](int64_t i) { return i; }, range(5), {.n_workers = 5, .pause = 0.01});
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(40));
}

TEST_CASE("the checks compare tensors by shape and numbers, whatever their types") {
  using minitorch::tensor, minitorch::Tensor;
  const Tensor x = tensor({1., 2.});
  test_eq(x, tensor({1, 2}));
  test_eq(x(minitorch::Slice{0, 2}), x);
  test_eq(L<Tensor>{x, x}, std::vector<Tensor>{x, x});
  test_eq(Tensor(), Tensor());
  test_ne(x, tensor({1., 3.}));
  test_ne(x, tensor({{1., 2.}}));
  test_ne(x, Tensor());
  test_ne(tensor({std::nan("")}), tensor({std::nan("")}));
  test_ne(tensor({int64_t{1} << 53}), tensor({(int64_t{1} << 53) + 1}));
  test_close(x, tensor({1.000001, 2.}));
  test_close(x, tensor({1, 2}));
  test_close(L<Tensor>{x}, L<Tensor>{tensor({1.25, 2.})}, 0.5);
  CHECK_THROWS_WITH(test_eq(x, tensor({1, 3})), "==:\ntensor([1., 2.])\ntensor([1, 3])");
  CHECK_THROWS_WITH(test_ne(x, x), "!=:\ntensor([1., 2.])\ntensor([1., 2.])");
  CHECK_THROWS_WITH(test_close(x, tensor({1., 2.5})), "close:\ntensor([1., 2.])\ntensor([1.0000, 2.5000])");
  CHECK_THROWS_AS(test_close(x, tensor({1., 2.5}), 0.5), TestFailure);
  CHECK_THROWS_AS(test_close(x, tensor({{1., 2.}})), TestFailure);
  CHECK_THROWS_AS(test_close(tensor({std::nan("")}), tensor({std::nan("")})), TestFailure);
}

TEST_CASE("the checks hold and fail as fastcore's do") {
  test_eq(L{1, 2}, std::vector<int>{1, 2});
  test_eq("a", std::string("a"));
  test_ne(L{1, 2}, L{2, 1});
  test_close(1.0, 1.000001);
  test_close(L{1.0, 2.0}, L{1.0, 2.0});
  test_shuffled(L{1, 2, 2}, L{2, 1, 2});
  test_stdout([] { print("a", 1, 2.5); }, "a 1 2.5");
  test_fail([] { throw minitorch::ValueError("oh no"); }, "oh");
  test_fail<minitorch::ValueError>([] { throw minitorch::ValueError("oh no"); });
  test_warns([] { std::fprintf(stderr, "so far\nwarning: the disk is nearly full\n"); }, "disk");
  CHECK_THROWS_WITH(test_warns([] { std::fprintf(stderr, "no warning: none\n"); }),
                    "Expected a warning, got: 'no warning: none\\n'");
  CHECK_THROWS_WITH(test_warns([] { std::fprintf(stderr, "warning: a\n"); }, "b"),
                    Catch::StartsWith("Expected a warning with 'b' in it, got: "));
  const int one = 1;
  test_is(one, one);
  CHECK_THROWS_WITH(test_is(one, 1), "is:\n1\n1");
  CHECK_THROWS_WITH(test_fail<minitorch::IndexError>([] { throw minitorch::ValueError("oh no"); }),
                    "Expected an exception of another type, got: oh no");
  CHECK_THROWS_WITH(test_eq(1, 2), "==:\n1\n2");
  CHECK_THROWS_WITH(test_eq(L{1}, L{1, 2}), "==:\n(#1) [1]\n(#2) [1,2]");
  CHECK_THROWS_WITH(test_ne(1, 1), "!=:\n1\n1");
  CHECK_THROWS_WITH(test_close(1.0, 1.1), "close:\n1.0\n1.1");
  CHECK_THROWS_AS(test_close(std::nan(""), std::nan("")), TestFailure);
  CHECK_THROWS_AS(test_close(1.0, 1.5, 0.5), TestFailure);
  CHECK_THROWS_AS(test_shuffled(L{1, 2}, L{1, 2}), TestFailure);
  CHECK_THROWS_AS(test_shuffled(L{1, 2}, L{2, 2}), TestFailure);
  CHECK_THROWS_WITH(test_fail([] {}), "Expected exception but none raised.");
  CHECK_THROWS_AS(test_fail([] { throw minitorch::ValueError("oh no"); }, "yes"), TestFailure);
  CHECK_THROWS_AS(test_stdout([] { print("a"); }, "b"), TestFailure);
}
