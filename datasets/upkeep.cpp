// SPDX-License-Identifier: MIT
// verify and remove: looking after what is here already.
#include <filesystem>

#include "datasets/digest.h"
#include "datasets/draft.h"
#include "datasets/fetch.h"
#include "datasets/files.h"
#include "datasets/record.h"
#include "datasets/words.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

constexpr std::size_t kMostLines = 5;

int64_t size_of(const std::string& path) {
  std::error_code code;
  if (!is_folder(path)) return std::max<int64_t>(0, file_size(path));
  int64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path, code))
    if (entry.is_regular_file(code)) bytes += static_cast<int64_t>(entry.file_size(code));
  return bytes;
}

void check_folder(const std::string& folder, const std::string& record_path, Watcher* watcher,
                  std::vector<std::string>& problems) {
  if (!is_folder(folder)) return;
  if (!exists(record_path)) {
    problems.push_back(folder + " has no record: it was not unpacked by this program");
    return;
  }
  std::vector<std::string> found;
  try {
    found = differences(folder, read_record(read_file(record_path)), watcher);
  } catch (const minitorch::FileError& error) {
    problems.push_back(record_path + ": " + inner_text(error.what()));
  }
  for (std::size_t i = 0; i < std::min(found.size(), kMostLines); ++i)
    problems.push_back(folder + "/" + found[i]);
  if (found.size() > kMostLines)
    problems.push_back(folder + ": and " + std::to_string(found.size() - kMostLines) + " files more");
}

}  // namespace

std::vector<std::string> verify(const Dataset& set, const Home& home, Watcher* watcher) {
  std::vector<std::string> problems;
  const auto archive = set.url.empty() ? "" : home.archive(set.file());
  if (!archive.empty() && exists(archive)) {
    const auto digest = digest_file(archive, watcher);
    auto compare = [&](const std::string& what, const std::string& expected, const std::string& got) {
      if (!expected.empty() && expected != got)
        problems.push_back(archive + ": " + what + ": expected " + expected + ", got " + got);
    };
    compare("size", set.bytes < 0 ? "" : std::to_string(set.bytes), std::to_string(digest.bytes));
    compare("MD5 of the first MiB", set.md5, digest.md5_first_mib);
    compare("SHA-256", set.sha256, digest.sha256);
    if (exists(archive + ".sha256"))
      compare("SHA-256", read_file(archive + ".sha256").substr(0, 64), digest.sha256);
  }
  const auto folder = set.folder();
  if (!set.url.empty()) check_folder(home.data(folder), home.record("data", folder), watcher, problems);
  check_folder(home.bundled(folder), home.record("bundled", folder), watcher, problems);
  return problems;
}

int64_t remove(const Dataset& set, const Home& home, Watcher* watcher) {
  std::vector<std::string> paths{home.bundled(set.folder()), home.record("bundled", set.folder())};
  if (!set.url.empty()) {
    const auto archive = home.archive(set.file());
    for (const char* end : {"", ".part", ".part.from", ".bad", ".sha256"}) paths.push_back(archive + end);
    paths.push_back(home.data(set.folder()));
    paths.push_back(home.record("data", set.folder()));
  }
  const FolderLock lock(
      home.lock(set.folder()),
      [](void* w, int times) {
        if (!w) return;
        if (times == 0) static_cast<Watcher*>(w)->note("waiting for another program that is at work on it");
        static_cast<Watcher*>(w)->check();
      },
      watcher);
  for (auto& path : leftovers(set, home)) paths.push_back(std::move(path));
  int64_t bytes = 0;
  for (const auto& path : paths) {
    if (!exists(path)) continue;
    bytes += size_of(path);
    remove_all(path);
  }
  return bytes;
}

}  // namespace datasets
