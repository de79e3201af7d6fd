// SPDX-License-Identifier: MIT
// Several processes at one data set, and processes killed at any moment.
#include <sys/wait.h>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>

#include "archives.h"
#include "datasets/digest.h"
#include "datasets/fetch.h"
#include "fake_server.h"

using namespace datasets;

namespace {

struct Slow {
  Slow() {
    std::string noise(1 << 20, '\0');
    uint32_t state = 7;
    for (auto& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    Tar tar;
    for (int i = 0; i < 200; ++i) tar.add("slow/" + std::to_string(i), noise.substr(i * 5000, 5000));
    archive = tar.tgz();
    set = {.name = "SLOW",
           .url = server.url("/slow.tgz"),
           .bytes = static_cast<int64_t>(archive.size()),
           .md5 = md5(archive.substr(0, 1 << 20)),
           .sha256 = sha256(archive)};
  }
  // A megabyte in pieces, so that there is time to be killed in.
  void serve(const Request& request, FakeServer::Client& client) {
    const auto start = static_cast<std::size_t>(request.range_start());
    client.head(start ? "206 Partial Content" : "200 OK",
                "ETag: \"1\"\r\n" +
                    (start ? "Content-Range: bytes " + std::to_string(start) + "-/\r\n" : std::string()),
                static_cast<int64_t>(archive.size() - start));
    for (auto at = start; at < archive.size(); at += 100'000) {
      client.send(archive.substr(at, 100'000));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  pid_t fetch_in_child() {
    const pid_t child = fork();
    if (child == 0) {
      int code = 1;
      try {
        Notes notes;
        fetch(set, {.home = home.path, .network = {.back_off = 0.01, .allow_http = true}, .watcher = &notes});
        code = 0;
      } catch (const std::exception& error) { std::fprintf(stderr, "child: %s\n", error.what()); }
      _exit(code);
    }
    return child;
  }
  void check_whole() {
    const Home place(home.path);
    CHECK(names_in(home.path + "/data") == std::vector<std::string>{"slow"});
    CHECK(names_in(home.path + "/data/slow").size() == 200);
    CHECK(verify(set, place).empty());
    CHECK(names_in(home.path + "/archive") == std::vector<std::string>{"slow.tgz", "slow.tgz.sha256"});
  }

  std::string archive;
  TempHome home;
  FakeServer server{[this](auto& request, auto& client) { serve(request, client); }};
  Dataset set;
};

}  // namespace

TEST_CASE_METHOD(Slow, "three processes share one download") {
  const pid_t children[] = {fetch_in_child(), fetch_in_child(), fetch_in_child()};
  for (pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  CHECK(server.requests().size() == 1);
  check_whole();
}

TEST_CASE("a lock whose file comes and goes with it still lets one process in at a time") {
  TempHome home;
  const auto lock = home.path + "/lock", number = home.path + "/number";
  write_file(number, "0");
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    children.push_back(fork());
    if (children.back() == 0) {
      for (int n = 0; n < 20;)
        if (const auto held = FolderLock::if_free(lock)) {
          const int before = std::atoi(read_file(number).c_str());
          std::this_thread::sleep_for(std::chrono::microseconds(200));
          write_file(number, std::to_string(before + 1));
          ++n;
        }
      _exit(0);
    }
  }
  for (pid_t child : children) waitpid(child, nullptr, 0);
  CHECK(read_file(number) == "120");
  CHECK(names_in(home.path) == std::vector<std::string>{"number"});
}

TEST_CASE_METHOD(Slow, "killed at any moment, the next call finishes cleanly") {
  int killed = 0;
  for (int moment = 0; moment < 40; ++moment) {
    const pid_t child = fetch_in_child();
    std::this_thread::sleep_for(std::chrono::milliseconds(4 * moment));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    killed += WIFSIGNALED(status);
    // Whatever stands under the final name is whole.
    if (is_folder(home.path + "/data/slow")) {
      CHECK(names_in(home.path + "/data/slow").size() == 200);
      remove(set, Home(home.path));
    }
  }
  CHECK(killed >= 5);
  const pid_t child = fetch_in_child();
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  check_whole();
}

TEST_CASE_METHOD(Slow, "a killed download is resumed, not begun anew") {
  const pid_t child = fetch_in_child();
  while (file_size(home.path + "/archive/slow.tgz.part") < 300'000)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const pid_t second = fetch_in_child();
  int status = 0;
  REQUIRE(waitpid(second, &status, 0) == second);
  CHECK(WEXITSTATUS(status) == 0);
  REQUIRE(server.requests().size() == 2);
  CHECK(server.requests()[1].range_start() >= 300'000);
  check_whole();
}
