// SPDX-License-Identifier: MIT
#include "datasets/generate.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "archives.h"
#include "datasets/digest.h"
#include "minitorch/core/errors.h"

using namespace datasets;

namespace {

// The pixels of a PNG as the generator writes it: one IDAT, every row led by filter 1.
std::vector<uint8_t> pixels_of(const std::string& path, int channels) {
  const auto png = read_file(path);
  REQUIRE(png.substr(1, 3) == "PNG");
  auto number = [&](std::size_t at) {
    return static_cast<uLong>(uint8_t(png[at]) << 24 | uint8_t(png[at + 1]) << 16 |
                              uint8_t(png[at + 2]) << 8 | uint8_t(png[at + 3]));
  };
  const auto width = number(16), height = number(20), row = width * channels + 1;
  uLongf size = row * height;
  std::vector<uint8_t> rows(size), pixels;
  REQUIRE(uncompress(rows.data(), &size, reinterpret_cast<const Bytef*>(png.data()) + 41, number(33)) ==
          Z_OK);
  REQUIRE(size == rows.size());
  for (uLong y = 0; y < height; ++y)
    for (uLong x = 1; x < row; ++x) {
      auto& value = rows[y * row + x];
      if (x > static_cast<uLong>(channels))
        value = static_cast<uint8_t>(value + rows[y * row + x - channels]);
      pixels.push_back(value);
    }
  return pixels;
}

}  // namespace

TEST_CASE("numbers are written in words") {
  CHECK(number_in_words(1) == "one");
  CHECK(number_in_words(13) == "thirteen");
  CHECK(number_in_words(40) == "forty");
  CHECK(number_in_words(101) == "one hundred one");
  CHECK(number_in_words(7999) == "seven thousand nine hundred ninety nine");
  CHECK(number_in_words(120'015) == "one hundred twenty thousand fifteen");
  CHECK_THROWS_WITH(number_in_words(0), "[number_in_words] 0: expected 1 to 999999");
}

TEST_CASE("HUMAN_NUMBERS is the original: 9,998 lines, 63,095 tokens of 30 kinds") {
  TempHome home;
  human_numbers(home.path);
  const auto train = read_file(home.path + "/train.txt"), valid = read_file(home.path + "/valid.txt");
  CHECK(train.starts_with("one \ntwo \nthree \n"));
  CHECK(valid.starts_with("eight thousand one \n"));
  CHECK(valid.ends_with("nine thousand nine hundred ninety nine \n"));
  std::istringstream lines(train + valid);
  std::string line, text;
  int64_t count = 0;
  for (; std::getline(lines, line); ++count) text += (count ? " . " : "") + line.substr(0, line.size() - 1);
  CHECK(count == 9998);
  std::istringstream words(text);
  std::set<std::string> kinds;
  int64_t tokens = 0;
  for (std::string word; words >> word; ++tokens) kinds.insert(word);
  CHECK(tokens == 63095);
  CHECK(kinds.size() == 30);
  CHECK(sha256(train) == "194a5defcc1e77a1697d94422744f1b8552ddf5ad7f31e9c84cc1956014c16bf");
  CHECK(sha256(valid) == "3a3e30cd8eddcd27477ef232bd07bc5d12b34b1ceec6295c607f0faff793ed5e");
}

TEST_CASE("street scenes come in CamVid's layout, with its codes and about its class shares") {
  TempHome home;
  street_scenes(home.path);
  CHECK(names_in(home.path) == std::vector<std::string>{"codes.txt", "images", "labels", "valid.txt"});
  CHECK(names_in(home.path + "/images").size() == 100);
  CHECK(names_in(home.path + "/labels").at(0) == "scene_00001_P.png");
  const auto valid = read_file(home.path + "/valid.txt");
  CHECK(valid.starts_with("scene_00005.png\nscene_00010.png\n"));
  std::istringstream lines(read_file(home.path + "/codes.txt"));
  std::vector<std::string> codes;
  for (std::string line; std::getline(lines, line);) codes.push_back(line);
  REQUIRE(codes.size() == 32);
  CHECK(codes[17] == "Road");
  CHECK(codes[30] == "Void");
  std::vector<double> share(32);
  for (const auto& name : names_in(home.path + "/labels")) {
    const auto labels = pixels_of(home.path + "/labels/" + name, 1);
    REQUIRE(labels.size() == 128 * 96);
    for (auto code : labels) share.at(code) += 100.0 / (100 * 128 * 96);
  }
  // CamVid's: road 32, building 23, sky 17, tree 10, car 6, pavement 5 per cent.
  CHECK(share[17] == Approx(32).margin(3));
  CHECK(share[4] == Approx(23).margin(3));
  CHECK(share[21] == Approx(17).margin(3));
  CHECK(share[26] == Approx(10).margin(3));
  CHECK(share[5] == Approx(6).margin(2));
  CHECK(share[19] == Approx(5).margin(2));
  CHECK(std::count_if(share.begin(), share.end(), [](double s) { return s > 0; }) >= 18);
  // The first scene is always this one; another compiler may round a pixel at an edge to its neighbour's
  // code.
  const auto labels = pixels_of(home.path + "/labels/scene_00001_P.png", 1);
  for (const auto& [code, pixels] : {std::pair{17, 3584}, {4, 2938}, {27, 2427}, {21, 1813}, {19, 598}})
    CHECK(std::count(labels.begin(), labels.end(), code) == Approx(pixels).margin(12));
  const auto colours = pixels_of(home.path + "/images/scene_00001.png", 3);
  for (const auto& [channel, mean] : {std::pair{0, 118.668}, {1, 101.862}, {2, 96.316}}) {
    double sum = 0;
    for (std::size_t i = channel; i < colours.size(); i += 3) sum += colours[i];
    CHECK(sum / (128 * 96) == Approx(mean).margin(0.2));
  }
}

TEST_CASE("street scenes are the same for the same seed and others for another") {
  TempHome home;
  auto draw = [&](const char* name, uint64_t seed) {
    const auto folder = home.path + "/" + name;
    draw_street_scenes(folder, {.count = 2, .width = 64, .height = 48, .seed = seed});
    return read_file(folder + "/images/scene_00001.png") + read_file(folder + "/labels/scene_00002_P.png");
  };
  CHECK(draw("a", 1) == draw("b", 1));
  CHECK(draw("c", 2) != draw("d", 1));
  const auto pixels = pixels_of(home.path + "/a/images/scene_00001.png", 3);
  CHECK(pixels.size() == 64 * 48 * 3);
  CHECK(*std::max_element(pixels.begin(), pixels.end()) > 150);
  CHECK_THROWS_AS(draw_street_scenes(home.path, {.count = 0}), minitorch::ValueError);
}
