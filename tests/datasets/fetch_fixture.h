// SPDX-License-Identifier: MIT
// A small data set, an impatient network, and what must hold after a fetch.
#pragma once
#include <catch2/catch.hpp>

#include "archives.h"
#include "datasets/digest.h"
#include "datasets/fetch.h"
#include "fake_server.h"

using namespace datasets;
using Client = FakeServer::Client;

inline std::string noise(std::size_t size) {
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
  // Sends another thing than the archive: what, the address says.
  void lie(const Request& request, Client& client) const {
    if (request.target == "/page/birds.tgz") {
      client.head("200 OK", "Content-Type: text/html\r\n", -1);
      return client.send("\n<!DOCTYPE html><html>Please sign in</html>");
    }
    if (request.target == "/short/birds.tgz") return client.file(request, archive.substr(0, 1000), "\"1\"");
    if (request.target == "/endless/birds.tgz") {
      client.head("200 OK", "", -1);
      return client.send(archive + archive);
    }
    client.file(request, noise(archive.size()), "\"1\"");
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
