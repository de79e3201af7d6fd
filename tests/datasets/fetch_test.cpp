// SPDX-License-Identifier: MIT
// Downloads from a server that stalls, cuts off, redirects, lies about sizes and serves web pages.
#include "fetch_fixture.h"

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

TEST_CASE_METHOD(Fixture,
                 "a download that is cut off at the same byte each time, and begun anew, is given up") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "", 2 << 20); });
  CHECK_THROWS_AS(fetch_from(server.url("/birds.tgz")), NetworkError);
  CHECK(server.requests().size() == 3);
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
  FakeServer server([&](auto& request, Client& client) {
    if (calls++ < 2) return client.head("503 Service Unavailable", "", 0);
    if (calls > 3) return client.head("404 Not Found", "", 0);
    client.file(request, archive, "\"1\"");
  });
  const auto url = server.url("/birds.tgz");
  check_whole(fetch_from(url));
  options.force = true;
  CHECK_THROWS_WITH(fetch_from(url),
                    "[data] BIRDS could not be downloaded: " + url + ": the server answered 404");
  CHECK(server.requests().size() == 4);
  check_whole(home.path + "/data/birds");  // what was there is untouched, the archive too
}

TEST_CASE_METHOD(Fixture, "pauses between tries double, and a server that asks for a longer one gets it") {
  std::vector<std::chrono::steady_clock::time_point> at;
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    at.push_back(std::chrono::steady_clock::now());
    if (calls++ < 3) return client.head("503 Service Unavailable", calls == 3 ? "Retry-After: 1\r\n" : "", 0);
    client.file(request, archive, "\"1\"");
  });
  options.network.tries = 4;
  options.network.back_off = 0.1;
  check_whole(fetch_from(server.url("/birds.tgz")));
  REQUIRE(at.size() == 4);
  CHECK(at[1] - at[0] >= std::chrono::milliseconds(100));
  CHECK(at[2] - at[1] >= std::chrono::milliseconds(200));
  CHECK(at[3] - at[2] >= std::chrono::milliseconds(1000));
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

TEST_CASE_METHOD(Fixture, "where nobody answers two tries do: no long wait for what is bundled") {
  set.bundled = "titanic.tgz";
  options.network.tries = 9;
  options.network.back_off = 0.5;  // nine tries would pause for two minutes
  const auto start = std::chrono::steady_clock::now();
  CHECK(fetch_from("http://127.0.0.1:1/birds.tgz") == home.path + "/bundled/birds");
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(took >= std::chrono::milliseconds(500));
  CHECK(took < std::chrono::seconds(10));
}

TEST_CASE_METHOD(Fixture, "the next address is tried when one fails") {
  FakeServer server([&](auto& request, Client& client) {
    if (request.target != "/good/birds.tgz") return lie(request, client);
    client.file(request, archive, "\"1\"");
  });
  set.mirrors = {server.url("/short/birds.tgz"), server.url("/changed/birds.tgz"),
                 server.url("/endless/birds.tgz"), server.url("/good/birds.tgz")};
  check_whole(fetch_from(server.url("/page/birds.tgz")));
  CHECK(server.requests().size() == 5);
  CHECK_THAT(notes.lines.front(), Catch::Contains("downloading " + server.url("/page/birds.tgz")));
  CHECK_THAT(notes.lines.back(), Catch::Contains("downloading " + server.url("/good/birds.tgz")));
}

TEST_CASE_METHOD(Fixture, "what is wrong is said") {
  FakeServer server([&](auto& request, Client& client) { lie(request, client); });
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
  setenv("COURSE_MIRROR", server.url("/class/").c_str(), 1);
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
  // Where the table does not know the size, what the server announces is believed.
  FakeServer endless([](auto&, Client& client) {
    client.head("200 OK", "", int64_t{1} << 58);
    client.send("some bytes");
  });
  set.bytes = -1;
  CHECK_THROWS_WITH(
      fetch_from(endless.url("/birds.tgz")),
      Catch::Contains("the server announces 288230.4 TB, and ") && Catch::Contains(" are free"));
}

TEST_CASE_METHOD(Fixture, "what came stays until another address delivers") {
  bool busy = false;
  FakeServer server([&](auto& request, Client& client) {
    if (request.target == "/page/birds.tgz") return lie(request, client);
    if (busy) return client.head("503 Service Unavailable", "", 0);
    busy = true;
    client.file(request, archive, "\"1\"", 2'000'000);
  });
  set.mirrors = {"http://127.0.0.1:1/birds.tgz", server.url("/page/birds.tgz")};
  CHECK_THROWS_AS(fetch_from(server.url("/birds.tgz")), NetworkError);
  CHECK(file_size(archive_path() + ".part") == 2'000'000);
  busy = false;
  set.mirrors = {"http://127.0.0.1:1/birds.tgz"};
  check_whole(fetch(set, options));  // the first address goes on, although another was asked since
  CHECK(server.requests().back().range_start() == 2'000'000);
}

TEST_CASE_METHOD(Fixture, "where another address delivers, the file is fetched from it as a whole") {
  FakeServer first([&](auto& request, Client& client) {
    client.file(request, noise(archive.size()), "\"1\"", request.range_start() ? 0 : 1'000'000);
  });
  FakeServer second([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  set.mirrors = {second.url("/birds.tgz")};
  check_whole(fetch_from(first.url("/birds.tgz")));
  REQUIRE(second.requests().size() == 1);
  CHECK(second.requests()[0].headers.count("range") == 0);
}

TEST_CASE_METHOD(Fixture, "a web page in place of the rest does not cost what came before") {
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    if (calls++ != 1) return client.file(request, archive, "\"1\"", calls == 1 ? 2'000'000 : archive.size());
    client.head("200 OK", "", -1);
    client.send("<!DOCTYPE html><html>Please sign in</html>");
  });
  CHECK_THROWS_WITH(fetch_from(server.url("/birds.tgz")), Catch::Contains("returned a web page"));
  CHECK(file_size(archive_path() + ".part") == 2'000'000);
  check_whole(fetch(set, options));
  CHECK(server.requests().back().range_start() == 2'000'000);
}
