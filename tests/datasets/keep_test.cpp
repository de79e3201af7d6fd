// SPDX-License-Identifier: MIT
// What is kept after a download, what stands in without one, archives brought by hand, verify and remove.
#include <filesystem>

#include "datasets/identity.h"
#include "fetch_fixture.h"
#include "minitorch/core/errors.h"

TEST_CASE_METHOD(Fixture, "the checksum of the first verified download holds from then on") {
  auto served = archive;
  FakeServer server([&](auto& request, Client& client) { client.file(request, served, "\"1\""); });
  set.url = server.url("/birds.tgz");
  fetch(set, options);
  served[served.size() - 5] ^= 1;  // beyond the first MiB: the published checks cannot see it
  options.force = true;
  CHECK_THROWS_WITH(fetch(set, options),
                    Catch::Contains("SHA-256 of the first download: expected " + sha256(archive)));
  CHECK(read_file(home.path + "/data/birds/readme.txt") == "birds");
  served = archive;
  check_whole(fetch(set, options));
}

TEST_CASE_METHOD(Fixture, "where a publisher has replaced a file, the error says how to take the new one") {
  const auto replaced = Tar().add("birds/readme.txt", "BIRDS").add("birds/noise.bin", noise(3 << 20)).tgz();
  auto served = archive;
  FakeServer server([&](auto& request, Client& client) { client.file(request, served, "\"1\""); });
  set.bytes = -1;
  set.md5 = "";
  set.bundled = "titanic.tgz";
  set.stand_in = "others";
  fetch_from(server.url("/birds.tgz"));
  served = replaced;
  const Home place(home.path);
  const std::string way_on =
      "if its publisher has replaced the file, forget the old one, ./course data rm birds, and ";
  datasets::remove_all(home.path + "/data/birds");
  datasets::remove_all(archive_path());
  // What stands in is used, and the line says why.
  CHECK(fetch(set, options) == home.path + "/bundled/birds");
  CHECK_THAT(notes.lines.back(),
             Catch::Contains("SHA-256 of the first download: expected " + sha256(archive)) &&
                 Catch::EndsWith("; " + way_on + "fetch it again)"));
  options.source = Source::kDownloadOnly;
  try {
    fetch(set, options);
    FAIL("no exception");
  } catch (const NetworkError& error) { CHECK(error.hint() == way_on + "fetch it again"); }
  remove(set, place);
  CHECK(read_file(fetch(set, options) + "/readme.txt") == "BIRDS");
  // Any other fault has the other way on.
  set.bytes = 7;
  options.force = true;
  try {
    fetch(set, options);
    FAIL("no exception");
  } catch (const NetworkError& error) {
    CHECK(error.hint() == "fetch " + set.url + " in another way, then: ./course data add birds.tgz");
  }
}

TEST_CASE_METHOD(Fixture, "a hostile archive publishes nothing and is not tried twice") {
  archive = Tar().add("birds/a", "x").add("../../evil", "x").tgz();
  set.bytes = static_cast<int64_t>(archive.size());
  set.md5 = md5(archive);
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  CHECK_THROWS_WITH(fetch_from(server.url("/birds.tgz")),
                    "[data] birds.tgz is refused: '../../evil' climbs out of its folder");
  CHECK(names_in(home.path + "/data").empty());
  CHECK_FALSE(exists(home.path + "/evil"));
  CHECK_FALSE(exists(archive_path()));
  CHECK(exists(archive_path() + ".bad"));
}

TEST_CASE_METHOD(Fixture, "without a network the bundled archive stands in, under bundled/") {
  set = urls::TITANIC;
  set.mirrors = {"https://127.0.0.1:1/a/titanic.tgz", "https://127.0.0.1:1/b/titanic.tgz"};
  options.network.tries = 1;
  const auto folder = fetch_from("https://127.0.0.1:1/titanic.tgz");
  CHECK(notes.lines.size() == 2);  // what is tried, and what is used: not every address
  CHECK(folder == home.path + "/bundled/titanic");
  CHECK(file_size(folder + "/train.csv") > 50'000);
  CHECK_FALSE(exists(home.path + "/data/titanic"));
  REQUIRE(notes.lines.size() >= 1);
  CHECK_THAT(notes.lines.back(),
             Catch::StartsWith("TITANIC: using what is bundled, train.csv and test.csv (") &&
                 Catch::Contains("(it could not be downloaded: https://127.0.0.1:1/titanic.tgz: ") &&
                 !Catch::Contains("/a/titanic.tgz"));
  CHECK(notes.lines.back().find('\n') == std::string::npos);
  options.source = Source::kDownloadOnly;
  CHECK_THROWS_AS(fetch(set, options), NetworkError);
  options.source = Source::kCached;
  const auto told = notes.lines.size();
  CHECK(fetch(set, options) == folder);
  options.source = Source::kStandIn;
  CHECK(fetch(set, options) == folder);
  CHECK(notes.lines.size() == told);  // whoever asks for the copy need not be told that it is one
  options.source = Source::kDownload;
  setenv("COURSE_OFFLINE", "1", 1);
  CHECK(fetch(set, options) == folder);
  CHECK_THAT(notes.lines.back(), Catch::Contains("(COURSE_OFFLINE is set)"));
  set.bundled = "";
  CHECK_THROWS_WITH(fetch(set, options), "[data] TITANIC is not here: COURSE_OFFLINE is set");
  unsetenv("COURSE_OFFLINE");
}

TEST_CASE_METHOD(Fixture, "what has no address is bundled or generated, without a word") {
  CHECK(fetch(urls::PHOTOS, options) == home.path + "/bundled/photos");
  CHECK(exists(home.path + "/bundled/photos/cat.jpg"));
  CHECK(notes.lines.empty());
  options.source = Source::kStandIn;
  const auto numbers = fetch(urls::HUMAN_NUMBERS, options);
  CHECK(file_size(numbers + "/train.txt") > 100'000);
  CHECK(notes.lines.empty());
  CHECK(verify(urls::HUMAN_NUMBERS, Home(home.path)).empty());
  CHECK_THROWS_AS(fetch(urls::CIFAR, options), minitorch::ValueError);
}

TEST_CASE_METHOD(Fixture, "an archive that is here needs no network, whatever is asked for") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  set.bundled = "titanic.tgz";
  set.stand_in = "others";
  const auto folder = fetch_from(server.url("/birds.tgz"));
  setenv("COURSE_OFFLINE", "1", 1);
  for (const auto source : {Source::kDownload, Source::kCached, Source::kDownloadOnly}) {
    datasets::remove_all(folder);
    options.source = source;
    check_whole(fetch(set, options));
  }
  // Damaged, it is of no use, and without a network what is bundled stands in.
  datasets::remove_all(folder);
  write_file(archive_path(), "damaged");
  options.source = Source::kDownload;
  CHECK(fetch(set, options) == home.path + "/bundled/birds");
  CHECK_THAT(notes.lines.back(), Catch::Contains("using what is bundled, others (BIRDS is not here: "
                                                 "COURSE_OFFLINE is set)"));
  unsetenv("COURSE_OFFLINE");
  CHECK(server.requests().size() == 1);
}

TEST_CASE_METHOD(Fixture, "an archive in ./data is taken, as in fastai, if it passes the checks") {
  const auto before = std::filesystem::current_path();
  make_folders(home.path + "/work/data");
  std::filesystem::current_path(home.path + "/work");
  write_file("data/birds.tgz", "damaged");
  FakeServer server([&](auto&, Client& client) { client.head("404 Not Found", "", 0); });
  CHECK_THROWS_AS(fetch_from(server.url("/birds.tgz")), NetworkError);
  CHECK_THAT(notes.lines.at(0), Catch::StartsWith("BIRDS: data/birds.tgz is not used: size: expected "));
  write_file("data/birds.tgz", archive);
  const auto folder = fetch_from(server.url("/birds.tgz"));
  std::filesystem::current_path(before);
  CHECK(read_file(folder + "/readme.txt") == "birds");
  CHECK(read_file(archive_path()) == archive);
  CHECK(server.requests().size() == 1);
}

TEST_CASE_METHOD(Fixture, "archives fetched by hand are added, after the same checks") {
  const auto file = home.path + "/mine.tar.gz";
  write_file(file, archive);
  CHECK(add_archive(file, options) == home.path + "/data/mine");
  CHECK(read_file(home.path + "/data/mine/readme.txt") == "birds");
  CHECK(read_file(home.path + "/archive/mine.tar.gz") == archive);

  const auto known = home.path + "/mnist_sample.tgz";
  write_file(known, archive);
  CHECK_THROWS_WITH(
      add_archive(known, options),
      "[data] " + known + " is refused: size: expected 3214948, got " + std::to_string(archive.size()));
  const auto hostile = home.path + "/hostile.tgz";
  write_file(hostile, Tar().add("ok", "x").add("link", "", '2', "/etc").tgz());
  CHECK_THROWS_WITH(add_archive(hostile, options), "[data] hostile.tgz is refused: 'link' is a link");
  CHECK(names_in(home.path + "/data") == std::vector<std::string>{"mine"});
  CHECK(names_in(home.path + "/archive") == std::vector<std::string>{"mine.tar.gz", "mine.tar.gz.sha256"});
  CHECK(names_in(home.path + "/records") == std::vector<std::string>{"data-mine.txt"});
  for (const char* name :
       {"/mnist_sample.zip", "/titanic.tgz"}) {  // unpacked, they would pass for known ones
    write_file(home.path + name, archive);
    CHECK_THROWS_WITH(add_archive(home.path + name, options), Catch::Contains("would take the place of"));
  }
  CHECK_THROWS_AS(add_archive(home.path + "/none.tgz", options), minitorch::FileError);
  write_file(home.path + "/text.txt", "x");
  CHECK_THROWS_AS(add_archive(home.path + "/text.txt", options), minitorch::ValueError);
}

TEST_CASE_METHOD(Fixture, "an added archive is verified, and another of its name does not replace it") {
  const auto file = home.path + "/birds.tgz";
  write_file(file, archive);
  check_whole(add_archive(file, options));
  const Dataset added{.name = "birds", .url = "https://unknown/birds.tgz"};
  CHECK(verify(added, Home(home.path)).empty());
  write_file(archive_path(), archive + "corrupt");
  CHECK(verify(added, Home(home.path)) ==
        std::vector<std::string>{archive_path() + ": SHA-256: expected " + sha256(archive) + ", got " +
                                 sha256(archive + "corrupt")});
  CHECK_THROWS_WITH(add_archive(archive_path(), options), Catch::Contains("is refused: SHA-256"));
  check_whole(add_archive(file, options));
  const auto other = Tar().add("birds/readme.txt", "BIRDS").tgz();
  write_file(file, other);
  try {
    add_archive(file, options);
    FAIL("no exception");
  } catch (const minitorch::FileError& error) {
    CHECK_THAT(error.hint(), Catch::Contains("./course data rm birds, and add this one again"));
  }
  check_whole(home.path + "/data/birds");
}

TEST_CASE_METHOD(Fixture, "verify finds what was lost or changed, remove takes all away") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  const auto folder = fetch_from(server.url("/birds.tgz"));
  const Home place(home.path);
  write_file(folder + "/models.txt", "added later: fine");
  CHECK(verify(set, place).empty());
  write_file(folder + "/readme.txt", "BIRDS");
  datasets::remove_all(folder + "/noise.bin");
  auto broken = archive;
  broken.back() ^= 1;
  write_file(archive_path(), broken);
  CHECK(verify(set, place) ==
        std::vector<std::string>{
            archive_path() + ": SHA-256: expected " + sha256(archive) + ", got " + sha256(broken),
            folder + "/readme.txt was changed", folder + "/noise.bin is missing"});
  // Fetched anew, the damaged archive is noticed.
  datasets::remove_all(folder);
  check_whole(fetch(set, options));
  CHECK_THAT(notes.lines.at(1), Catch::Contains("the archive here fails its check"));
  CHECK(remove(set, place) > 6 << 20);
  CHECK(names_in(home.path + "/data").empty());
  CHECK(names_in(home.path + "/archive").empty());
  CHECK(remove(set, place) == 0);
}

TEST_CASE_METHOD(Fixture, "files have an identity: an archive's hash, or that of the list of files") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  const auto url = server.url("/birds.tgz"), folder = fetch_from(url);
  const Home place(home.path);
  CHECK(identity(set, folder, place) == url + ", archive sha256 " + sha256(archive));

  options.source = Source::kStandIn;
  const auto numbers = identity(urls::HUMAN_NUMBERS, fetch(urls::HUMAN_NUMBERS, options), place);
  CHECK_THAT(numbers, Catch::StartsWith("generated, sha256 of names, sizes and checksums "));
  CHECK_THAT(identity(urls::TITANIC, fetch(urls::TITANIC, options), place),
             Catch::StartsWith("bundled, archive sha256 "));

  const auto own = home.path + "/own";
  make_folders(own);
  write_file(own + "/a.txt", "12345");
  const auto one = identity(set, own, place);
  CHECK(one == "1 files, sha256 of their names and sizes " + sha256("5 /a.txt\n"));
  write_file(own + "/a.txt", "123456");
  CHECK(identity(set, own, place) != one);
}

TEST_CASE_METHOD(Fixture, "two unlisted addresses of one file name are not taken for each other") {
  const auto other = Tar().add("data/readme.txt", "trees").tgz();
  FakeServer server([&](auto& request, Client& client) {
    client.file(request, request.target == "/get?id=2" ? other : archive, "\"1\"");
  });
  const Dataset one{.name = "get", .url = server.url("/get?id=1")},
      two{.name = "get", .url = server.url("/get?id=2")};
  const auto folder = fetch(one, options);
  const auto check_refused = [&] {
    try {
      fetch(two, options);
      FAIL("no exception");
    } catch (const minitorch::ValueError& error) {
      CHECK(error.what() == "[data] " + two.url + " would take the place of " + one.url + ", in " + folder);
      CHECK_THAT(error.hint(), Catch::StartsWith("./course data rm get makes room; "));
    }
  };
  check_refused();
  options.force = true;
  check_refused();
  options.force = false;
  datasets::remove_all(folder);  // the archive is the first one's as well
  check_refused();
  CHECK(fetch(one, options) == folder);  // unpacked anew it still is
  check_refused();
  CHECK(server.requests().size() == 1);
  remove(one, Home(home.path));
  CHECK(read_file(fetch(two, options) + "/readme.txt") == "trees");
}

TEST_CASE_METHOD(Fixture, "an unlisted archive is known by its address, whichever mirror it came from") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  setenv("COURSE_MIRROR", server.url("").c_str(), 1);
  const auto folder = fetch_from("https://birds.invalid/birds.tgz");
  unsetenv("COURSE_MIRROR");
  CHECK(fetch(set, options) == folder);
}

TEST_CASE_METHOD(Fixture,
                 "an archive damaged beyond the checks of the table is refused, and not remembered") {
  auto damaged =
      Tar::gzip(Tar().add("birds/readme.txt", "birds").add("birds/noise.bin", noise(3 << 20)).tar(), 0);
  const auto good = damaged;
  damaged[2 << 20] ^= 1;
  set.bytes = static_cast<int64_t>(damaged.size());
  set.md5 = md5(damaged.substr(0, 1 << 20));
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  archive = damaged;
  CHECK_THROWS_WITH(fetch_from(server.url("/birds.tgz")), Catch::Contains("gzip: incorrect data check"));
  CHECK(names_in(home.path + "/archive") == std::vector<std::string>{"birds.tgz.bad"});
  archive = good;
  check_whole(fetch(set, options));
}

TEST_CASE_METHOD(Fixture, "an unlisted archive may hold more files than the table's") {
  Tar many;
  for (int i = 0; i <= 100'000; ++i) many.folder("f");
  write_file(home.path + "/many.tgz", many.add("f/x", "x").tgz());
  CHECK(add_archive(home.path + "/many.tgz", options) == home.path + "/data/many");
}
