// SPDX-License-Identifier: MIT
#include "fastcore/basics/web_images.h"

#include <catch2/catch.hpp>

#include "fastcore/basics/external.h"
#include "fastcore/basics/range.h"
#include "tests/datasets/archives.h"
#include "tests/datasets/fake_server.h"

using namespace fastcore;
using Words = L<std::string>;

namespace {

// A page of the Commons API: `count` pictures from `first` on, in reverse order, and a film.
std::string page(int first, int count, int next) {
  std::string pages;
  for (int i = first + count - 1; i >= first; --i)
    pages += std::string(pages.empty() ? "" : ",") + "{\"index\":" + std::to_string(i + 1) +
             ",\"imageinfo\":[{\"mime\":\"image/jpeg\",\"url\":\"https://big/" + std::to_string(i) +
             "\",\"thumburl\":\"https://small/" + std::to_string(i) + ".jpg\"}]}";
  if (count == 0) pages = "{\"index\":998}";
  pages +=
      ",{\"index\":999,\"imageinfo\":[{\"mime\":\"video/webm\",\"url\":\"https://film\"}]},{\"index\":1000}";
  return "{" + (next ? "\"continue\":{\"gsroffset\":" + std::to_string(next) + "}," : std::string()) +
         "\"query\":{\"pages\":[" + pages + "]}}";
}

const datasets::Network kImpatient{
    .tries = 2, .back_off = 0.01, .connect_timeout = 2, .stall_timeout = 1, .allow_http = true};

}  // namespace

TEST_CASE("search_images asks Commons page by page and keeps the order of relevance") {
  FakeServer server([](auto& request, auto& client) {
    const bool first = request.target.find("gsroffset=0") != std::string::npos;
    const auto body = first ? page(0, 3, 3) : page(3, 2, 0);
    client.head("200 OK", "", static_cast<int64_t>(body.size()));
    client.send(body);
  });
  const SearchOptions options{.endpoint = server.url("/w/api.php"), .network = kImpatient};
  CHECK(search_images("fly cat & co", options) == Words{"https://small/0.jpg", "https://small/1.jpg",
                                                        "https://small/2.jpg", "https://small/3.jpg",
                                                        "https://small/4.jpg"});
  CHECK_THAT(server.requests().at(0).target,
             Catch::StartsWith("/w/api.php?action=query") &&
                 Catch::Contains("gsrsearch=filetype%3Abitmap%20fly%20cat%20%26%20co") &&
                 Catch::Contains("gsrnamespace=6"));
  CHECK(server.requests().size() == 2);
  CHECK(search_images("cat", {.max_images = 2, .endpoint = options.endpoint, .network = kImpatient}).size() ==
        2);
  CHECK(server.requests().size() == 3);  // the first page was enough
}

TEST_CASE("offline, search_images says how to go on") {
  const SearchOptions options{.endpoint = "http://127.0.0.1:1/", .network = kImpatient};
  try {
    search_images("bird", options);
    FAIL("no exception");
  } catch (const datasets::NetworkError& error) {
    CHECK_THAT(error.what(), Catch::StartsWith("[search_images] 'bird': no search: "));
    CHECK_THAT(error.hint(),
               Catch::Contains("untar_data(urls::PICTURES_SAMPLE)") && Catch::Contains("download_images"));
    CHECK(error.exit_code() == 4);
  }
  FakeServer server([](auto&, auto& client) {
    client.head("200 OK", "", 6);
    client.send("<html>");
  });
  CHECK_THROWS_WITH(search_images("bird", {.endpoint = server.url("/"), .network = kImpatient}),
                    Catch::Contains("the answer is not what the search promises"));
  FakeServer odd([](auto&, auto& client) {
    client.head("200 OK", "", 13);
    client.send("{\"query\": [1]}");
  });
  CHECK_THROWS_AS(search_images("bird", {.endpoint = odd.url("/"), .network = kImpatient}),
                  datasets::NetworkError);
  CHECK_THROWS_AS(search_images("", options), minitorch::ValueError);
}

TEST_CASE("a search ends when page after page brings nothing new") {
  bool pictures = true;
  FakeServer server([&](auto& request, auto& client) {
    const auto at = request.target.find("gsroffset=") + 10;
    const int offset = std::stoi(request.target.substr(at));
    // Always the same three pictures behind a page of films, or never any; and always a next page.
    const auto body = page(0, pictures && offset > 0 ? 3 : 0, offset + 50);
    client.head("200 OK", "", static_cast<int64_t>(body.size()));
    client.send(body);
  });
  const SearchOptions options{.endpoint = server.url("/"), .network = kImpatient};
  CHECK(search_images("cat", options).size() == 3);
  CHECK(server.requests().size() == 5);
  pictures = false;
  CHECK(search_images("cat", options).empty());
  CHECK(server.requests().size() == 8);
}

TEST_CASE("a search that is refused in an answer like any other says why") {
  std::string body;
  FakeServer server([&](auto&, auto& client) {
    client.head("200 OK", "", static_cast<int64_t>(body.size()));
    client.send(body);
  });
  const auto said = [&](const std::string& answer) {
    body = answer;
    try {
      search_images("bird", {.endpoint = server.url("/"), .network = kImpatient});
    } catch (const datasets::NetworkError& error) {
      CHECK_THAT(error.hint(), Catch::Contains("untar_data(urls::PICTURES_SAMPLE)"));
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK_THAT(said(R"({"error":{"code":"ratelimited","info":"You've exceeded your rate limit."}})"),
             Catch::StartsWith("[search_images] 'bird': no search: the search refuses: ratelimited: You've "
                               "exceeded your rate limit."));
  CHECK_THAT(said(R"({"error":{}})"), Catch::Contains("no reason given"));
  CHECK_THAT(said(R"({"error":"x"})"), Catch::Contains("not what the search promises"));
  CHECK_THAT(said("null"), Catch::Contains("not what the search promises: expected an object, got null"));
  CHECK_THAT(said("[]"), Catch::Contains("expected an object, got array"));
  CHECK_THAT(said("42"), Catch::Contains("expected an object, got number"));
  CHECK(said(R"({"batchcomplete":true})") == "no error");  // nothing was found
}

TEST_CASE("download_images keeps what comes and leaves out what fails") {
  TempHome home;
  FakeServer server([](auto& request, auto& client) {
    if (request.target.find("missing") != std::string::npos) return client.head("404 Not Found", "", 0);
    if (request.target.find("slow") != std::string::npos) return client.stall();
    const std::string body = request.target.find("page") != std::string::npos
                                 ? "\xef\xbb\xbf\n<html>403<svg viewBox='0 0 9 9'></svg></html>"
                                 : "picture " + request.target;
    client.head("200 OK", "", static_cast<int64_t>(body.size()));
    client.send(body);
  });
  const Path dest = Path(home.path) / "deep" / "cats";
  Words urls;
  for (auto name : {"/a.PNG?width=3", "/missing.jpg", "/b", "/page.jpg", "/slow.jpg", "/a.png"})
    urls.append(server.url(name));
  const auto files = download_images(
      dest, {.urls = urls, .n_workers = 3, .timeout = 1, .progress = false, .allow_http = true});
  CHECK(files.map(&Path::name) == Words{"00000000.png", "00000002.jpg", "00000005.png"});
  CHECK(files[0].read_text() == "picture /a.PNG?width=3");
  CHECK(dest.ls().size() == 3);
  // Later calls number on, and leave what is there.
  const auto more =
      download_images(dest, {.urls = {urls[2], urls[5]}, .progress = false, .allow_http = true});
  CHECK(more.map(&Path::name) == Words{"00000006.jpg", "00000007.png"});
  CHECK(files[0].read_text() == "picture /a.PNG?width=3");
  CHECK(dest.ls().size() == 5);

  const Path list = Path(home.path) / "urls.txt";
  list.write_text(urls[0] + "\n\n" + urls[5] + "\n" + urls[2] + "\n");
  const auto named = download_images(
      Path(home.path) / "named",
      {.url_file = list, .max_pics = 2, .preserve_filename = true, .progress = false, .allow_http = true});
  CHECK(named.map(&Path::name) == Words{"a.png", "a1.png"});
  CHECK(download_images(Path(home.path) / "named",
                        {.urls = {urls[5]}, .preserve_filename = true, .progress = false, .allow_http = true})
            .map(&Path::name) == Words{"a2.png"});
  CHECK(download_images(Path(home.path) / "none", {.urls = {server.url("/a.png")}, .progress = false})
            .empty());  // plain http
}

TEST_CASE("a name from the web that no file can have is replaced by a number") {
  TempHome home;
  FakeServer server([](auto&, auto& client) {
    client.head("200 OK", "", 7);
    client.send("picture");
  });
  std::string letter_by_letter = "/";
  for (int i = 0; i < 50; ++i) letter_by_letter += "%D0%B6";
  const Words urls{server.url("/a.jpg"), server.url(letter_by_letter + ".PNG"), server.url("/00000003.jpg"),
                   server.url("/b.jpg")};
  const auto files = download_images(
      Path(home.path) / "long",
      {.urls = urls, .n_workers = 1, .preserve_filename = true, .progress = false, .allow_http = true});
  CHECK(files.map(&Path::name) == Words{"a.jpg", "00000005.png", "00000003.jpg", "b.jpg"});
  CHECK(files[1].read_text() == "picture");
}

TEST_CASE("untar_data gives a Path with the data in it") {
  TempHome home;
  setenv("COURSE_DATA", home.path.c_str(), 1);
  const auto path = untar_data(urls::PHOTOS);
  CHECK(path == Path(home.path) / "bundled" / "photos");
  CHECK(get_image_files(path).map(&Path::stem) == Words{"astronaut", "cat", "espresso", "rocket"});
  CHECK(untar_data("photos") == path);
  CHECK_THROWS_AS(untar_data("fotos"), minitorch::ValueError);
  unsetenv("COURSE_DATA");
}
