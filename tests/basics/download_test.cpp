// SPDX-License-Identifier: MIT
// Downloads as a lesson sees them: Ctrl-C, the bar, download_url.
#include "fastcore/basics/external.h"
#include "fastcore/basics/interrupt.h"
#include "fastcore/basics/web_images.h"
#include "tests/datasets/fetch_fixture.h"

namespace {

using Clock = std::chrono::steady_clock;

struct QuietBar : fastcore::DownloadBar {
  void note(const std::string&) override {}
};

// Presses Ctrl-C (as a lesson hears it) a moment later; forgets it at the end.
struct CtrlC {
  std::thread thread{[] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    fastcore::set_interrupted(true);
  }};
  ~CtrlC() {
    thread.join();
    fastcore::set_interrupted(false);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "Ctrl-C ends a download within a second or two, and what came stays for the next") {
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    client.file(request, archive, "\"1\"", calls++ ? std::string::npos : 500'000);
    if (calls == 1) client.stall();
  });
  QuietBar bar;
  options.watcher = &bar;
  options.network.stall_timeout = 60;
  set.url = server.url("/birds.tgz");
  set.bundled = "titanic.tgz";  // which is not to stand in: the reader asked to stop
  {
    const CtrlC soon;
    const auto start = Clock::now();
    try {
      fetch(set, options);
      FAIL("no exception");
    } catch (const fastcore::Interrupted& stopped) {
      CHECK(stopped.exit_code() == 130);
      CHECK(stopped.hint() == "the same command goes on from what is here");
    }
    CHECK(Clock::now() - start < std::chrono::seconds(5));
  }
  CHECK(file_size(archive_path() + ".part") == 500'000);
  check_whole(fetch(set, options));
  CHECK(server.requests().at(1).range_start() == 500'000);
}

TEST_CASE_METHOD(Fixture, "Ctrl-C ends a pause between tries, and the wait for another process's download") {
  FakeServer busy(
      [&](auto&, Client& client) { client.head("503 Service Unavailable", "Retry-After: 60\r\n", 0); });
  QuietBar bar;
  options.watcher = &bar;
  set.url = busy.url("/birds.tgz");
  const auto start = Clock::now();
  {
    const CtrlC soon;
    CHECK_THROWS_AS(fetch(set, options), fastcore::Interrupted);
  }
  const FolderLock lock(
      Home(home.path).lock("birds"), [](void*, int) {}, nullptr);
  {
    const CtrlC soon;
    CHECK_THROWS_AS(fetch(set, options), fastcore::Interrupted);
  }
  CHECK(Clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE_METHOD(Fixture, "Ctrl-C ends an unpacking at once, and leaves nothing half") {
  FakeServer server([&](auto& request, Client& client) { client.file(request, archive, "\"1\""); });
  // Presses Ctrl-C when half of the archive is unpacked.
  struct Stopping : QuietBar {
    void progress(const std::string& what, int64_t done, int64_t total) override {
      if (what != "birds.tgz" && what != "titanic.tgz") return;  // the download
      if (fastcore::interrupted()) ++told_afterwards;
      if (2 * done >= total) fastcore::set_interrupted(true);
    }
    int told_afterwards = 0;
  } bar;
  options.watcher = &bar;
  set.url = server.url("/birds.tgz");
  const auto file = home.path + "/birds.tgz";
  write_file(file, archive);
  const auto stopped_by_ctrl_c = [&](auto work) {
    CHECK_THROWS_AS(work(), fastcore::Interrupted);
    CHECK(bar.told_afterwards == 0);
    CHECK(names_in(home.path + "/data").empty());
    CHECK(names_in(home.path + "/bundled").empty());
    CHECK(names_in(home.path + "/records").empty());
    fastcore::set_interrupted(false);
  };
  stopped_by_ctrl_c([&] { add_archive(file, options); });
  CHECK(names_in(home.path + "/archive").empty());
  stopped_by_ctrl_c(
      [&] { fetch(urls::TITANIC, {.source = Source::kStandIn, .home = home.path, .watcher = &bar}); });
  stopped_by_ctrl_c([&] { fetch(set, options); });
  CHECK(read_file(archive_path()) == archive);
  options.watcher = &notes;
  check_whole(fetch(set, options));
  CHECK(server.requests().size() == 1);
  // What reads large files hears it too.
  fastcore::set_interrupted(true);
  const Home place(home.path);
  CHECK_THROWS_AS(verify(set, place, &bar), fastcore::Interrupted);
  CHECK_THROWS_AS(add_archive(file, {.home = home.path, .watcher = &bar}), fastcore::Interrupted);
  fastcore::set_interrupted(false);
}

TEST_CASE_METHOD(Fixture, "Ctrl-C ends download_images") {
  FakeServer server([&](auto&, Client& client) { client.stall(); });
  fastcore::L<std::string> urls;
  for (int i = 0; i < 20; ++i) urls.append(server.url("/" + std::to_string(i) + ".jpg"));
  const CtrlC soon;
  const auto start = Clock::now();
  CHECK_THROWS_AS(fastcore::download_images(
                      fastcore::Path(home.path) / "pictures",
                      {.urls = urls, .n_workers = 2, .timeout = 30, .progress = false, .allow_http = true}),
                  fastcore::Interrupted);
  CHECK(Clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE_METHOD(Fixture, "download_url brings one file, whole or not at all, and goes on where it stopped") {
  int calls = 0;
  FakeServer server([&](auto& request, Client& client) {
    if (request.target == "/none.bin") return client.head("404 Not Found", "", 0);
    if (request.target == "/page.bin") return lie({"/page/birds.tgz", {}}, client);
    client.file(request, archive, "\"1\"", calls++ ? std::string::npos : 1'000'000);
  });
  const fastcore::Path folder(home.path);
  const fastcore::DownloadUrlOptions impatient{.timeout = 1, .show_progress = false, .allow_http = true};
  const auto file = download_url(server.url("/birds.tgz?version=2"), folder / "mine.tgz", impatient);
  CHECK(file == folder / "mine.tgz");
  CHECK(file.read_text() == archive);
  CHECK(server.requests().at(1).range_start() == 1'000'000);
  // Into a folder under the address's own name.
  CHECK(download_url(server.url("/birds.tgz?version=2"), folder, impatient) == folder / "birds.tgz");
  CHECK_THROWS_WITH(download_url(server.url("/none.bin"), folder / "none.bin", impatient),
                    Catch::Contains("the server answered 404"));
  CHECK_THROWS_AS(download_url(server.url("/page.bin"), folder / "none.bin", impatient), WrongFile);
  CHECK_THROWS_WITH(download_url(server.url("/birds.tgz"), folder / "none.bin"),
                    Catch::Contains("only https is allowed"));
  CHECK_THROWS_AS(download_url(server.url("/birds.tgz"), folder / "no" / "such.bin", impatient),
                  minitorch::FileError);
  CHECK_THROWS_AS(download_url(server.url("/"), folder, impatient), minitorch::ValueError);
  CHECK(names_in(home.path) == std::vector<std::string>{"birds.tgz", "mine.tgz"});
}

TEST_CASE("COURSE_OFFLINE keeps search_images, download_images and download_url from asking") {
  TempHome home;
  FakeServer server([](auto&, Client& client) { client.head("200 OK", "", 0); });
  const auto url = server.url("/a.jpg");
  const fastcore::Path dest = fastcore::Path(home.path) / "pictures";
  setenv("COURSE_OFFLINE", "1", 1);
  try {
    fastcore::search_images("bird", {.endpoint = url});
    FAIL("no exception");
  } catch (const NetworkError& error) {
    CHECK(error.what() ==
          std::string("[search_images] COURSE_OFFLINE is set: nothing is asked of the network"));
    CHECK_THAT(error.hint(), Catch::StartsWith("go on with the bundled pictures: untar_data(") &&
                                 Catch::EndsWith("or unset COURSE_OFFLINE"));
    CHECK(error.exit_code() == 4);
  }
  CHECK_THROWS_WITH(fastcore::download_images(dest, {.urls = {url}, .allow_http = true}),
                    Catch::StartsWith("[download_images] COURSE_OFFLINE is set"));
  CHECK_THROWS_WITH(fastcore::download_url(url, dest),
                    Catch::StartsWith("[download_url] COURSE_OFFLINE is set"));
  unsetenv("COURSE_OFFLINE");
  CHECK_FALSE(dest.exists());
  CHECK(server.requests().empty());
}
