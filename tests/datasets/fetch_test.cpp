// SPDX-License-Identifier: MIT
// Downloads from a server that stalls, cuts off, redirects, lies about sizes and serves web pages.
#include "datasets/fetch.h"

#include <catch2/catch.hpp>

#include "archives.h"
#include "datasets/digest.h"
#include "fake_server.h"
#include "minitorch/core/errors.h"

using namespace datasets;

namespace {

std::string noise(std::size_t size) {
  std::string text(size, '\0');
  uint32_t state = 1;
  for (auto& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

// 3 MB that do not compress, as a data set of two files, with an impatient network that may use plain http.
struct Fixture {
  std::string archive = Tar().add("birds/readme.txt", "birds").add("birds/noise.bin", noise(3 << 20)).tgz();
  TempHome home;
  Notes notes;
  Dataset set{
      .name = "BIRDS", .bytes = static_cast<int64_t>(archive.size()), .md5 = md5(archive.substr(0, 1 << 20))};
  FetchOptions options{
      .home = home.path,
      .network = {.tries = 3, .back_off = 0.01, .connect_timeout = 2, .stall_timeout = 1, .allow_http = true},
      .watcher = &notes};

  std::string fetch_from(const std::string& url) {
    set.url = url;
    return fetch(set, options);
  }
  std::string archive_path() const { return home.path + "/archive/birds.tgz"; }
  void check_whole(const std::string& folder) const {
    CHECK(folder == home.path + "/data/birds");
    CHECK(read_file(folder + "/readme.txt") == "birds");
    CHECK(file_size(folder + "/noise.bin") == 3 << 20);
    CHECK(read_file(archive_path()) == archive);
    CHECK(read_file(archive_path() + ".sha256") == sha256(archive) + "  birds.tgz\n");
    CHECK_FALSE(exists(archive_path() + ".part"));
    CHECK_FALSE(exists(archive_path() + ".part.from"));
    CHECK(names_in(home.path + "/data") == std::vector<std::string>{"birds"});
  }
};

using Client = FakeServer::Client;

}  // namespace

TEST_CASE_METHOD(Fixture, "a download is verified, unpacked and found again without the network") {
  std::string folder;
  {
    FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
    folder = fetch_from(server.url("/some/where/birds.tgz?version=2"));
    CHECK(server.requests().size() == 1);
    CHECK(notes.last == set.bytes);
  }
  check_whole(folder);
  CHECK(fetch(set, options) == folder);  // the server is gone
  CHECK(verify(set, Home(home.path)).empty());
  datasets::remove_all(folder);
  check_whole(fetch(set, options));  // from the archive
}

TEST_CASE_METHOD(Fixture, "a download that is cut off goes on where it stopped") {
  FakeServer server(
      [&](auto& request, Client& client) { client.file(request, archive, "\"1\"", 1'200'000); });
  check_whole(fetch_from(server.url("/birds.tgz")));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].headers.count("range") == 0);
  CHECK(requests[1].headers.at("range") == "bytes=1200000-");
  CHECK(requests[1].headers.at("if-range") == "\"1\"");
  CHECK(requests[2].headers.at("range") == "bytes=2400000-");
}

TEST_CASE_METHOD(Fixture, "a file that changed meanwhile is begun anew") {
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    if (calls++ == 0) return client.file(request, noise(archive.size()), "\"old\"", 1'500'000);
    client.file(request, archive, "\"new\"");
  });
  check_whole(fetch_from(server.url("/birds.tgz")));
  CHECK(server.requests().size() == 2);
}

TEST_CASE_METHOD(Fixture, "without an ETag or a date nothing is resumed") {
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    client.file(request, archive, "", calls++ ? std::string::npos : 1000);
  });
  check_whole(fetch_from(server.url("/birds.tgz")));
  CHECK(server.requests()[1].headers.count("range") == 0);
}

TEST_CASE_METHOD(Fixture, "a server that answers a range with another range is not believed") {
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    if (calls++ == 0) return client.file(request, archive, "\"1\"", 1000);
    if (request.range_start() == 0) return client.file(request, archive, "\"1\"");
    client.head("206 Partial Content", "ETag: \"1\"\r\nContent-Range: bytes 5-9/10\r\n", 5);
    client.send("wrong");
  });
  check_whole(fetch_from(server.url("/birds.tgz")));
  CHECK(server.requests().size() == 3);
}

TEST_CASE_METHOD(Fixture, "a stall ends after the stall timeout, and the next try goes on") {
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    client.file(request, archive, "\"1\"", calls++ ? std::string::npos : 500'000);
    if (calls == 1) client.stall();
  });
  const auto start = std::chrono::steady_clock::now();
  check_whole(fetch_from(server.url("/birds.tgz")));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(server.requests().at(1).headers.at("range") == "bytes=500000-");
}

TEST_CASE_METHOD(Fixture, "a busy server is asked again, a missing file is not") {
  int calls = 0;
  FakeServer busy([&](auto& request, Client& client) {
    if (calls++ < 2) return client.head("503 Service Unavailable", "", 0);
    client.file(request, archive, "\"1\"");
  });
  check_whole(fetch_from(busy.url("/birds.tgz")));
  FakeServer missing([&](auto&, Client& client) { client.head("404 Not Found", "", 0); });
  options.force = true;
  const auto url = missing.url("/birds.tgz");
  CHECK_THROWS_WITH(fetch_from(url),
                    "[data] BIRDS could not be downloaded: " + url + ": the server answered 404");
  CHECK(missing.requests().size() == 1);
  CHECK(read_file(home.path + "/data/birds/readme.txt") == "birds");  // what was there is untouched
}

TEST_CASE_METHOD(Fixture, "tries are counted, and the error says how to go on by hand") {
  FakeServer server([&](auto&, Client& client) { client.head("500 Internal Server Error", "", 0); });
  const auto url = server.url("/birds.tgz");
  try {
    fetch_from(url);
    FAIL("no exception");
  } catch (const NetworkError& error) {
    CHECK(error.what() == "[data] BIRDS could not be downloaded: " + url + ": the server answered 500");
    CHECK(error.hint() == "fetch " + url + " in another way, then: ./course data add birds.tgz");
    CHECK(error.exit_code() == 4);
  }
  CHECK(server.requests().size() == 3);
}

TEST_CASE_METHOD(Fixture, "the next address is tried when one fails") {
  FakeServer server([&](auto& request, Client& client) {
    if (request.target == "/page/birds.tgz") {
      client.head("200 OK", "Content-Type: text/html\r\n", -1);
      return client.send("\n<!DOCTYPE html><html>Please sign in</html>");
    }
    if (request.target == "/short/birds.tgz") return client.file(request, archive.substr(0, 1000), "\"1\"");
    if (request.target == "/changed/birds.tgz") return client.file(request, noise(archive.size()), "\"1\"");
    if (request.target == "/endless/birds.tgz") {
      client.head("200 OK", "", -1);
      return client.send(archive + archive);
    }
    client.file(request, archive, "\"1\"");
  });
  set.mirrors = {server.url("/short/birds.tgz"), server.url("/changed/birds.tgz"),
                 server.url("/endless/birds.tgz"), server.url("/good/birds.tgz")};
  check_whole(fetch_from(server.url("/page/birds.tgz")));
  CHECK(server.requests().size() == 5);
}

TEST_CASE_METHOD(Fixture, "what is wrong is said") {
  FakeServer server([&](auto& request, Client& client) {
    if (request.target == "/page/birds.tgz") {
      client.head("200 OK", "", -1);
      return client.send("<html>");
    }
    if (request.target == "/short/birds.tgz") return client.file(request, archive.substr(0, 1000), "\"1\"");
    if (request.target == "/endless/birds.tgz") {
      client.head("200 OK", "", -1);
      return client.send(archive + archive);
    }
    client.file(request, noise(archive.size()), "\"1\"");
  });
  CHECK_THROWS_WITH(fetch_from(server.url("/page/birds.tgz")),
                    Catch::Contains("the server returned a web page instead of the file"));
  CHECK_THROWS_WITH(
      fetch_from(server.url("/short/birds.tgz")),
      Catch::Contains("the server announces 1000 bytes: expected " + std::to_string(archive.size())));
  CHECK_THROWS_WITH(fetch_from(server.url("/endless/birds.tgz")),
                    Catch::Contains("the server sends more than the expected"));
  CHECK_THROWS_WITH(fetch_from(server.url("/changed/birds.tgz")),
                    Catch::Contains("MD5 of the first MiB: expected " + set.md5 + ", got ") &&
                        Catch::Contains("the file is kept as " + archive_path() + ".bad"));
  CHECK(file_size(archive_path() + ".bad") == set.bytes);
  CHECK_FALSE(exists(archive_path()));
  CHECK(names_in(home.path + "/data").empty());
}

TEST_CASE_METHOD(Fixture, "redirects are followed to https only") {
  FakeServer server([&](auto& request, Client& client) {
    if (request.target == "/birds.tgz") return client.head("302 Found", "Location: /real/birds.tgz\r\n", 0);
    if (request.target == "/file/birds.tgz")
      return client.head("302 Found", "Location: file:///etc/passwd\r\n", 0);
    if (request.target == "/loop/birds.tgz")
      return client.head("302 Found", "Location: /loop/birds.tgz\r\n", 0);
    client.file(request, archive, "\"1\"");
  });
  CHECK_THROWS_WITH(fetch_from(server.url("/birds.tgz")), Catch::Contains("only https is allowed"));
  CHECK(server.requests().size() == 1);
  options.network.allow_http_redirects = true;
  CHECK_THROWS_WITH(fetch_from(server.url("/file/birds.tgz")), Catch::Contains("only https is allowed"));
  CHECK_THROWS_AS(fetch_from(server.url("/loop/birds.tgz")), NetworkError);
  check_whole(fetch_from(server.url("/birds.tgz")));
  options.network.allow_http = false;
  options.force = true;
  CHECK_THROWS_WITH(fetch_from(server.url("/birds.tgz")), Catch::Contains("only https is allowed"));
}

TEST_CASE_METHOD(Fixture, "the proxy of the environment is used") {
  FakeServer proxy([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  setenv("http_proxy", proxy.url("").c_str(), 1);
  check_whole(fetch_from("http://birds.invalid/birds.tgz"));
  unsetenv("http_proxy");
  CHECK(proxy.requests().at(0).target == "http://birds.invalid/birds.tgz");
}

TEST_CASE_METHOD(Fixture, "COURSE_MIRROR is asked first") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  setenv("COURSE_MIRROR", server.url("/class").c_str(), 1);
  options.network.allow_http = false;
  check_whole(fetch_from("https://birds.invalid/birds.tgz"));
  unsetenv("COURSE_MIRROR");
  CHECK(server.requests().at(0).target == "/class/birds.tgz");
}

TEST_CASE_METHOD(Fixture, "a full disk is noticed before the download") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  set.bytes = int64_t{1} << 58;
  CHECK_THROWS_WITH(fetch_from(server.url("/birds.tgz")),
                    Catch::Contains("BIRDS needs") && Catch::Contains("are free in"));
  CHECK(server.requests().empty());
}

TEST_CASE_METHOD(Fixture, "the checksum of the first verified download holds from then on") {
  auto served = archive;
  FakeServer server([&](auto& request, Client& client) { client.file(request, served, "\"1\""); });
  set.url = server.url("/birds.tgz");
  fetch(set, options);
  served[served.size() - 5] ^= 1;  // beyond the first MiB: the published checks cannot see it
  options.force = true;
  CHECK_THROWS_WITH(fetch(set, options), Catch::Contains("SHA-256: expected " + sha256(archive)));
  CHECK(read_file(home.path + "/data/birds/readme.txt") == "birds");
  served = archive;
  check_whole(fetch(set, options));
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
  set.mirrors = {"https://127.0.0.1:1/titanic.tgz"};
  options.network.tries = 1;
  const auto folder = fetch_from("https://127.0.0.1:1/titanic.tgz");
  CHECK(folder == home.path + "/bundled/titanic");
  CHECK(file_size(folder + "/train.csv") > 50'000);
  CHECK_FALSE(exists(home.path + "/data/titanic"));
  REQUIRE(notes.lines.size() >= 1);
  CHECK_THAT(notes.lines.back(),
             Catch::StartsWith("TITANIC: using what is bundled, train.csv and test.csv (") &&
                 Catch::Contains("could not be downloaded"));
  CHECK(notes.lines.back().find('\n') == std::string::npos);
  options.source = Source::kDownloadOnly;
  CHECK_THROWS_AS(fetch(set, options), NetworkError);
  options.source = Source::kCached;
  CHECK(fetch(set, options) == folder);
  CHECK(notes.lines.back() ==
        "TITANIC: using what is bundled, train.csv and test.csv (./course data fetch TITANIC gets the "
        "original)");
  options.source = Source::kStandIn;
  CHECK(fetch(set, options) == folder);
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
  CHECK(notes.lines ==
        std::vector<std::string>{"HUMAN_NUMBERS: using what is generated, the same numbers, written here"});
  CHECK(verify(urls::HUMAN_NUMBERS, Home(home.path)).empty());
  CHECK_THROWS_AS(fetch(urls::CIFAR, options), minitorch::ValueError);
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
  CHECK(names_in(home.path + "/archive") == std::vector<std::string>{"mine.tar.gz"});
  CHECK_THROWS_AS(add_archive(home.path + "/none.tgz", options), minitorch::FileError);
  write_file(home.path + "/text.txt", "x");
  CHECK_THROWS_AS(add_archive(home.path + "/text.txt", options), minitorch::ValueError);
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
