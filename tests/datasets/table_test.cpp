// SPDX-License-Identifier: MIT
#include "datasets/table.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "archives.h"
#include "datasets/digest.h"
#include "datasets/home.h"
#include "datasets/words.h"
#include "minitorch/core/errors.h"

using namespace datasets;

TEST_CASE("the table has the course's data sets with their published checks") {
  CHECK(urls::MNIST_SAMPLE.url == "https://s3.amazonaws.com/fast-ai-sample/mnist_sample.tgz");
  CHECK(urls::MNIST_SAMPLE.bytes == 3214948);
  CHECK(urls::MNIST_SAMPLE.md5 == "2dbc7ec6f9259b583af0072c55816a88");
  CHECK(urls::MNIST_SAMPLE.mirrors ==
        std::vector<std::string>{"https://fast-ai-sample.s3.amazonaws.com/mnist_sample.tgz",
                                 "https://files.fast.ai/data/examples/mnist_sample.tgz"});
  CHECK(urls::MNIST_SAMPLE.folder() == "mnist_sample");
  CHECK(urls::MNIST.folder() == "mnist_png");
  CHECK(urls::PETS.bytes == 811706944);
  CHECK(urls::ML_100k.folder() == "ml-100k");
  CHECK(urls::ZEBRA_FINCH.bytes == 186624896);
  CHECK(urls::FOOD.max_entries > 101'000);
  CHECK(all().size() == 63);
  std::set<std::string> names, files;
  for (const auto* set : all()) {
    INFO(set->name);
    CHECK(names.insert(set->name).second);
    CHECK((set->url.empty() || set->url.starts_with("https://")));
    CHECK((set->url.empty() || files.insert(set->file()).second));
    CHECK((set->md5.empty() || set->md5.size() == 32));
    CHECK((!set->url.empty() || !set->bundled.empty() || set->generate));
    CHECK((set->bundled.empty() && !set->generate) == set->stand_in.empty());
  }
}

TEST_CASE("every bundled file is there, is the one that was published, and stands in the README") {
  const auto readme = read_file(bundled_file("README.md"));
  auto with_commas = [](std::string digits) {
    for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
    return digits;
  };
  const auto folder = bundled_file("README.md").substr(0, bundled_file("README.md").rfind('/'));
  int files = 0;
  for (const auto& name : names_in(folder)) {
    if (name == "README.md") continue;
    INFO(name);
    const auto digest = digest_file(bundled_file(name));
    // The script is source that goes with its product; the programs never read it.
    CHECK(bundled_sha256(name) == (name == "make_pictures.py" ? "" : digest.sha256));
    CHECK(readme.find("| " + name + " | " + with_commas(std::to_string(digest.bytes)) + " | `" +
                      digest.sha256 + "` |") != readme.npos);
    CHECK(readme.find("**" + name + "**") != readme.npos);  // what it is, from where, under which licence
    ++files;
  }
  CHECK(files == 12);
  for (const auto* set : all()) CHECK((set->bundled.empty() || bundled_sha256(set->bundled).size() == 64));
  CHECK(bundled_sha256("other") == "");
  CHECK_THROWS_AS(bundled_file("other"), minitorch::FileError);
}

TEST_CASE("a data set is found by name, file or address") {
  CHECK(find("mnist_sample") == &urls::MNIST_SAMPLE);
  CHECK(find("none") == nullptr);
  CHECK(named("mnist_png.tgz").name == "MNIST");
  CHECK(named("https://s3.amazonaws.com/fast-ai-sample/cifar10.tgz").name == "CIFAR");
  CHECK(Dataset{.name = "", .url = "https://example.org/DCIM.ZIP"}.folder() == "DCIM");
  CHECK(Dataset{.name = "", .url = "https://example.org/a.Tar.GZ"}.folder() == "a");
  const auto other = named("https://example.org/a/birds.tar.gz?download=1");
  CHECK(other.file() == "birds.tar.gz");
  CHECK(other.folder() == "birds");
  CHECK(other.bytes == -1);
  CHECK_THROWS_WITH(named("MNIST_SMPLE"), "[data] no data set MNIST_SMPLE");
  try {
    named("MNIST_SMPLE");
  } catch (const minitorch::Error& error) {
    CHECK(error.hint() == "did you mean MNIST_SAMPLE?");
    CHECK(error.exit_code() == 2);
  }
  CHECK(named(urls::MNIST.mirrors.at(1)).name == "MNIST");
  CHECK_THROWS_AS(named("https://example.org/"), minitorch::ValueError);
  // Unpacked without a check it would pass for the one that is known.
  for (const char* name : {"mnist_sample.tgz", "mnist_sample.zip", "titanic.tar.gz"})
    CHECK_THROWS_WITH(named(std::string("https://example.org/") + name),
                      Catch::Contains("would take the place of"));
  CHECK(find_archive(3'214'948, "2dbc7ec6f9259b583af0072c55816a88") == &urls::MNIST_SAMPLE);
  CHECK(find_archive(3'214'948, "") == nullptr);
  CHECK(find_archive(-1, "") == nullptr);
  CHECK_THROWS_AS(named("https://example.org/.."), minitorch::ValueError);
  for (const char* name : {"a.tar.xz", "a.tar.bz2", "a.7z", "A.RAR"})  // before it is downloaded
    CHECK_THROWS_WITH(named(std::string("https://example.org/") + name),
                      Catch::EndsWith("only .tgz, .tar.gz, .tar and .zip are unpacked"));
  CHECK_THROWS_WITH(named("http://example.org/a.tgz"),
                    "[data] http://example.org/a.tgz: only https addresses are fetched");
}

TEST_CASE("the home is made with fastai's config file, which is read and never overwritten") {
  TempHome temp;
  const Home home(temp.path + "/home");
  CHECK(read_file(home.root() + "/config.ini") ==
        "[DEFAULT]\ndata = data\narchive = archive\nstorage = tmp\nmodel = models\n");
  CHECK(home.data("mnist_sample") == temp.path + "/home/data/mnist_sample");
  CHECK(home.model("x") == temp.path + "/home/models/x");
  const auto own = "# mine\n[DEFAULT]\nData: " + temp.path + "/elsewhere\n\n[other]\narchive = no\n";
  write_file(home.root() + "/config.ini", own);
  const Home again(temp.path + "/home");
  CHECK(again.data("x") == temp.path + "/elsewhere/x");
  CHECK(again.archive("x") == temp.path + "/home/archive/x");
  CHECK(read_file(home.root() + "/config.ini") == own);
  write_file(home.root() + "/config.ini", "[DEFAULT]\nnonsense\n");
  CHECK_THROWS_WITH(Home(temp.path + "/home"),
                    "[data] " + temp.path + "/home/config.ini:2: 'nonsense': expected key = value");
  try {
    Home(temp.path + "/home");
  } catch (const minitorch::Error& error) {
    CHECK(error.hint() == "mend the line, or remove the file: the next call writes it anew");
  }
  write_file(home.root() + "/config.ini", "[DEFAULT]\ndata = ~/elsewhere\n");
  CHECK(Home::as_it_is(temp.path + "/home").data("x") == std::string(std::getenv("HOME")) + "/elsewhere/x");
}

TEST_CASE("a home that is only looked at is not made") {
  TempHome temp;
  const auto home = Home::as_it_is(temp.path + "/home");
  CHECK(home.data("x") == temp.path + "/home/data/x");
  CHECK_FALSE(exists(home.root()));
  write_file(temp.path + "/file", "");
  for (const auto& [place, what] : {std::pair<std::string, std::string>{"/file", "the data folder "},
                                    {"/file/home", "cannot make the folder "}})
    try {
      Home{temp.path + place};
      FAIL("no exception");
    } catch (const minitorch::FileError& error) {
      CHECK_THAT(error.what(), Catch::StartsWith("[data] " + what + temp.path + place));
      CHECK(error.hint() == "put the data elsewhere: export COURSE_DATA=/a/folder/of/yours");
    }
}

TEST_CASE("COURSE_DATA moves the home; the default is our own, not fastai's") {
  TempHome temp;
  const char* before = std::getenv("COURSE_DATA");
  const std::string saved = before ? before : "";
  setenv("COURSE_DATA", temp.path.c_str(), 1);
  CHECK(home_root() == temp.path);
  setenv("COURSE_DATA", "~/x", 1);  // quoted, or from a file: no shell has put HOME there
  CHECK(home_root() == std::string(std::getenv("HOME")) + "/x");
  unsetenv("COURSE_DATA");
  CHECK(home_root() == std::string(std::getenv("HOME")) + "/.minitorch_course");
  if (before) setenv("COURSE_DATA", saved.c_str(), 1);
}

TEST_CASE("words: sizes and nearest names") {
  CHECK(human_size(512) == "512 B");
  CHECK(human_size(3214948) == "3.2 MB");
  CHECK(human_size(999'960) == "1.0 MB");
  CHECK(human_size(5'686'607'260) == "5.7 GB");
  CHECK(nearest("fecth", {"list", "fetch"}) == "fetch");
  CHECK(nearest("x", {"list", "fetch"}) == "");
  CHECK(case_folded("A/b") == case_folded("a/B"));
}
