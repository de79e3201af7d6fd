// SPDX-License-Identifier: MIT
// Literal numbers drawn by PyTorch, numpy and Python. Where no tolerance is given, equality is bitwise.
#include "minitorch/core/random.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <thread>

#include "minitorch/core/errors.h"
#include "minitorch/core/numpy_random.h"
#include "minitorch/core/python_random.h"

using namespace minitorch;
using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

namespace {

Floats uniforms(uint64_t seed, int64_t n, float lo = 0, float hi = 1) {
  Floats drawn(n);
  Generator(seed).fill_uniform(drawn.data(), n, lo, hi);
  return drawn;
}
Floats normals(uint64_t seed, int64_t n) {
  Floats drawn(n);
  Generator(seed).fill_normal(drawn.data(), n);
  return drawn;
}
Ints randperm(uint64_t seed, int64_t n) {
  Ints drawn(n);
  Generator(seed).fill_randperm(drawn.data(), n);
  return drawn;
}
Ints randint(uint64_t seed, int64_t n, int64_t lo, int64_t hi) {
  Ints drawn(n);
  Generator(seed).fill_randint(drawn.data(), n, lo, hi);
  return drawn;
}
// The first items, each within `margin`.
void check_near(const Floats& got, const std::vector<double>& expected, double margin) {
  REQUIRE(got.size() >= expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("item " << i);
    CHECK(got[i] == Approx(expected[i]).epsilon(0).margin(margin));
  }
}

}  // namespace

TEST_CASE("uniform floats are PyTorch's") {
  CHECK(uniforms(0, 4) == Floats{0x1.fc2abp-2f, 0x1.89545ep-1f, 0x1.6a675p-4f, 0x1.0e66p-3f});
  CHECK(uniforms(42, 4) == Floats{0x1.c3b8ccp-1f, 0x1.d47b66p-1f, 0x1.880d7p-2f, 0x1.eb2a1cp-1f});
  CHECK(uniforms(442, 4) == Floats{0x1.2fec4p-5f, 0x1.46f3d8p-1f, 0x1.7b575ap-1f, 0x1.186b1p-2f});
  CHECK(uniforms(1, 4, -0.3f, 0.7f) == Floats{0x1.d49d6p-2f, -0x1.52f88p-6f, 0x1.a62bfp-4f, 0x1.bd1decp-2f});
  CHECK(uniforms((uint64_t{1} << 35) + 3, 2) == uniforms(3, 2));  // the engine sees 32 bits of the seed
}

TEST_CASE("a range of one's own is rounded once: PyTorch's numbers, and weights, to the last bit") {
  CHECK(uniforms(7, 6, -1.5f, 2) == Floats{0x1.7d2992p-2f, -0x1.9bbea4p-1f, 0x1.9d4ebp-1f, 0x1.9925bap-1f,
                                           -0x1.5ee42cp-1f, -0x1.928ecp-7f});
  std::vector<double> drawn(6);
  Generator(7).fill_uniform(drawn.data(), 6, -1.5, 2);
  CHECK(drawn == std::vector<double>{-0x1.0b59ab44ddf52p-1, -0x1.158a762336d23p-1, 0x1.846f6f63e6d71p+0,
                                     0x1.98c9218343e68p-1, 0x1.ba96189fd5e44p+0, 0x1.703b8f636d1a8p+0});
}

TEST_CASE("uniform doubles are PyTorch's") {
  std::vector<double> drawn(3);
  Generator(1).fill_uniform(drawn.data(), 3);
  CHECK(drawn == std::vector<double>{0.06105327471962363, 0.2245545065676504, 0.23425251394483937});
}

TEST_CASE("fewer than 16 normals are drawn in pairs of doubles, and the spare one is kept") {
  CHECK(normals(0, 4) == Floats{0x1.8a7eb8p+0f, -0x1.2c78ap-2f, -0x1.16e292p+1f, 0x1.23096cp-1f});
  CHECK(normals(42, 4) == Floats{0x1.58c55cp-2f, 0x1.07cd3ap-3f, 0x1.e02dcep-3f, 0x1.d7b8d8p-3f});
  CHECK(normals(442, 4) == Floats{-0x1.53b2dap-1f, 0x1.186f8cp+1f, 0x1.b0d28ap+0f, -0x1.540898p+0f});
  Generator generator(1);
  Floats three(3), two(2), one(1);
  generator.fill_normal(three.data(), 3, 2, 0.5f);
  CHECK(three == Floats{0x1.2a5398p+1f, 0x1.111548p+1f, 0x1.03f286p+1f});
  generator.fill_normal(two.data(), 2);
  generator.fill_normal(one.data(), 1);
  check_near({two[0], two[1], one[0]}, {0.621317327, -0.451905966, -0.166130230}, 1e-9);
}

TEST_CASE("16 normals and more are drawn as floats in blocks, the last block overlapping") {
  const std::vector<double> all = {
      -1.1258398294448853, -1.152360200881958,  -0.2505785822868347, -0.4338788092136383,
      0.5988394618034363,  -1.5550950765609741, -0.3413603901863098, 1.85300612449646,
      0.46809640526771545, -0.1577124446630478, 1.4436601400375366,  0.26604941487312317,
      1.3893661499023438,  1.586334228515625,   0.946298360824585,   -0.843676745891571,
      0.9318265914916992,  1.2590092420578003,  2.0049805641174316,  0.05373690277338028};
  check_near(normals(0, 20), all, 1e-6);
  check_near(normals(42, 20),
             {1.9269152879714966, 1.4872840642929077, 0.9007171988487244, -2.1055209636688232}, 1e-6);
  check_near(normals(442, 20),
             {0.05132712796330452, 1.3237035274505615, -0.4058312773704529, 0.5196042656898499}, 1e-6);
}

TEST_CASE("randperm and randint are PyTorch's") {
  CHECK(randperm(0, 10) == Ints{4, 1, 7, 5, 3, 9, 0, 8, 6, 2});
  CHECK(randperm(42, 10) == Ints{2, 6, 1, 8, 4, 5, 0, 9, 3, 7});
  CHECK(randperm(442, 10) == Ints{0, 1, 7, 2, 5, 4, 8, 9, 6, 3});
  CHECK(randint(0, 6, 0, 8) == Ints{4, 7, 5, 0, 3, 3});
  CHECK(randint(42, 6, 0, 8) == Ints{6, 3, 4, 6, 2, 7});
  CHECK(randint(442, 6, 0, 8) == Ints{2, 4, 5, 4, 1, 5});
  Generator generator(1);
  Ints drawn;
  for (int i = 0; i < 3; ++i) drawn.push_back(generator.random_int(0, 1 << 16));
  for (int i = 0; i < 3; ++i) drawn.push_back(generator.random_int(-5, int64_t{1} << 40));
  CHECK(drawn == Ints{62501, 33003, 12172, 309159907990, 589698280183, 571777156532});
  const auto drawn_below = [](int64_t range) { return Generator(5).random_int(0, range); };
  CHECK(drawn_below((1 << 28) - 1) == 148147046);
  CHECK(drawn_below(1 << 28) == 236996814);
  CHECK(drawn_below((int64_t{1} << 32) - 1) == 1190450225);
  CHECK_THROWS_WITH(generator.random_int(3, 3), "[randint] the range [3, 3) is empty");
}

TEST_CASE("a random split of the course comes out") {
  const Ints order = randperm(42, 891);
  CHECK(Ints(order.begin(), order.begin() + 10) == Ints{303, 778, 531, 385, 134, 476, 691, 443, 386, 128});
  CHECK(std::accumulate(order.begin(), order.begin() + 178, int64_t{0}) == 79495);
  const Ints longer = randperm(42, 7390);
  CHECK(std::accumulate(longer.begin(), longer.begin() + 1478, int64_t{0}) == 5470884);
}

TEST_CASE("bernoulli and exponential invert one uniform double") {
  Generator drawn(1), uniform(1);
  for (int i = 0; i < 8; ++i) CHECK(drawn.bernoulli(0.3) == (uniform.uniform() < 0.3));
  CHECK(drawn.exponential(2) == Approx(-0.5 * std::log1p(-uniform.uniform())));
  CHECK_THROWS_WITH(drawn.bernoulli(1.5), "[bernoulli] the probability is 1.5: expected 0 to 1");
  CHECK_THROWS_AS(drawn.exponential(0), ValueError);
}

TEST_CASE("a saved state continues the same sequence") {
  Generator first(7), second(8);
  Floats skip(5), rest(40), again(40);
  first.fill_normal(skip.data(), 5);  // leaves a spare normal
  second.set_state(first.state());
  first.fill_normal(rest.data(), 7);
  second.fill_normal(again.data(), 7);
  CHECK(rest == again);
  CHECK(second.initial_seed() == 7);
  CHECK_THROWS_AS(first.set_state({1, 2, 3}), ValueError);
  CHECK_THROWS_AS(first.set_state({}), ValueError);
  Ints bad = first.state();
  bad[624] = 625;
  CHECK_THROWS_WITH(first.set_state(bad), Catch::Contains("not a saved state"));

  numpy::RandomState numpy_first(3), numpy_second(4);
  numpy_first.normal();
  numpy_second.set_state(numpy_first.state());
  CHECK(numpy_first.normal() == numpy_second.normal());
  CHECK(numpy_first.random() == numpy_second.random());
}

TEST_CASE("draws from several threads are each made whole") {
  Generator generator(5);
  std::vector<Floats> drawn(4, Floats(1000));
  std::vector<std::thread> threads;
  for (Floats& part : drawn) threads.emplace_back([&] { generator.fill_uniform(part.data(), 1000); });
  for (std::thread& thread : threads) thread.join();
  const Floats expected = uniforms(5, 4000);
  Floats all;
  std::sort(drawn.begin(), drawn.end(), [&](const Floats& a, const Floats& b) {
    auto at = [&](float x) { return std::find(expected.begin(), expected.end(), x); };
    return at(a[0]) < at(b[0]);
  });
  for (const Floats& part : drawn) all.insert(all.end(), part.begin(), part.end());
  CHECK(all == expected);
}

TEST_CASE("numpy's generator") {
  numpy::RandomState state(42);
  for (double expected : {0.3745401188473625, 0.9507143064099162, 0.7319939418114051})
    CHECK(state.random() == expected);
  for (double expected : {-1.1118801180469204, 0.31890218468938336, 0.2790412922001377})
    CHECK(state.normal() == Approx(expected).epsilon(1e-15));
  CHECK(state.permutation(10) == Ints{0, 8, 6, 9, 3, 1, 4, 5, 2, 7});
  CHECK(state.choice(100, 5) == Ints{63, 59, 20, 32, 75});
  CHECK(state.randint(0, int64_t{1} << 40) == 247066947605);
  CHECK(state.randint(0, int64_t{1} << 40) == 1084186948331);
  Ints drawn;
  for (int i = 0; i < 6; ++i) drawn.push_back(state.randint(-5, 5));
  CHECK(drawn == Ints{3, -5, 4, -3, 1, -2});
  CHECK(state.choice(10, 4, false) == Ints{5, 3, 1, 6});
  CHECK(state.normal(2, 3) == Approx(5.031545854419579).epsilon(1e-15));
  numpy::seed(42);
  const Ints rows = numpy::permutation(891);
  CHECK(Ints(rows.begin(), rows.begin() + 5) == Ints{709, 439, 840, 720, 39});
  CHECK(std::accumulate(rows.begin(), rows.begin() + 223, int64_t{0}) == 98266);
  CHECK_THROWS_WITH(numpy::seed(uint64_t{1} << 32), "[seed] 4294967296: numpy's seeds are below 2^32");
  CHECK_THROWS_AS(state.choice(3, 4, false), ValueError);
}

TEST_CASE("Python's generator") {
  python::Random random(42);
  CHECK(random.random() == 0.6394267984578837);
  CHECK(random.uniform(-2, 3) == -1.8749462238866652);
  CHECK(random.getrandbits(7) == 35);
  CHECK(random.getrandbits(40) == 245864938384);
  CHECK(random.randint(-3, 3) == -2);
  CHECK(random.randint(0, 4294967295) == 3163119785);
  CHECK(random.gauss() == Approx(-0.938051221433234).epsilon(1e-15));
  CHECK(random.gauss(1, 2) == Approx(-2.781341616447992).epsilon(1e-15));
  CHECK(random.gauss() == Approx(0.8945899596614022).epsilon(1e-15));
  Ints items = {0, 1, 2, 3, 4, 5, 6, 7};
  random.shuffle(items);
  CHECK(items == Ints{4, 3, 2, 6, 5, 1, 7, 0});
  CHECK(random.sample(1000, 4) == Ints{733, 665, 718, 558});
  CHECK(random.sample(1000, 7) == Ints{429, 225, 459, 603, 284, 828, 890});
  CHECK(random.sample(30, 30) == Ints{0,  24, 25, 5, 22, 13, 10, 8, 4,  6,  23, 3,  2,  12, 18,
                                      26, 28, 14, 9, 21, 29, 7,  1, 15, 11, 19, 17, 20, 27, 16});
  CHECK(python::Random((uint64_t{1} << 40) + 5).random() == 0.5043802970418443);  // a seed of two words
  CHECK(python::Random(5).sample(10, 10) == Ints{9, 4, 5, 6, 7, 8, 0, 1, 3, 2});
  random.seed(7);
  CHECK(random.getrandbits(64) == 17485029721327973432u);
  CHECK(random.getrandbits(33) == 647892279);
  CHECK(random.getrandbits(32) == 2795742288);
  CHECK(random.randint(INT64_MIN, INT64_MAX) == -7486979218489765845);
  CHECK_THROWS_WITH(random.sample(3, 4), "[sample] cannot take 4 of 3 items without repetition");
  CHECK_THROWS_AS(random.randint(2, 1), ValueError);
  CHECK_THROWS_AS(random.randbelow(0), ValueError);
}

TEST_CASE("one seed for all, and the order in which a loader shuffles") {
  set_seed(42);
  python::LoaderOrder loader;
  CHECK(loader.start(10, true) == Ints{3, 8, 2, 5, 4, 7, 9, 1, 0, 6});
  CHECK(loader.start(10, true) == Ints{2, 0, 1, 8, 4, 9, 5, 6, 3, 7});
  Generator expected(42);
  for (int i = 0; i < 4; ++i) expected.random();  // two for each start
  CHECK(default_generator().random() == expected.random());
  CHECK(loader.start(3, false) == Ints{0, 1, 2});
  CHECK(numpy::random() == 0.3745401188473625);
}
