// SPDX-License-Identifier: MIT
#include "tools/watch/sources.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#ifdef __linux__
#include <sys/inotify.h>
#endif

namespace watch {
namespace fs = std::filesystem;

namespace {

using Seconds = std::chrono::duration<double>;
constexpr double kLook = 2, kSettle = 0.1;

// Files that a lesson is built from; not what editors keep beside them (.main.cpp.swp, main.cpp~).
bool is_source(const fs::path& file) {
  const std::string name = file.filename().string(), ending = file.extension().string();
  return !name.empty() && name[0] != '.' && name[0] != '#' &&
         (ending == ".cpp" || ending == ".h" || ending == ".cu");
}

std::pair<int64_t, int64_t> stamp_of(const struct stat& status) {
  return {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_size};
}

}  // namespace

Sources::Sources(std::vector<std::string> folders) : folders_(std::move(folders)) {
#ifdef __linux__
  inotify_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
#endif
  watch_folders();
  seen_ = look();
}

Sources::~Sources() {
  if (inotify_ >= 0) close(inotify_);
}

// A folder that is watched already is the same watch once more; those that are new are added.
void Sources::watch_folders() {
#ifdef __linux__
  std::error_code ignored;
  const auto add = [&](const std::string& folder) {
    if (inotify_ >= 0)
      inotify_add_watch(inotify_, folder.c_str(),
                        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE);
  };
  for (const std::string& folder : folders_) {
    add(folder);
    for (fs::recursive_directory_iterator at(folder, ignored), end; at != end; at.increment(ignored))
      if (at->is_directory(ignored)) add(at->path().string());
  }
#endif
}

std::map<std::string, Sources::Stamp> Sources::look() {
  last_look_ = std::chrono::steady_clock::now();
  std::map<std::string, Stamp> files;
  std::error_code ignored;
  for (const std::string& folder : folders_)
    for (fs::recursive_directory_iterator at(folder, ignored), end; at != end; at.increment(ignored)) {
      struct stat status {};
      if (is_source(at->path()) && stat(at->path().c_str(), &status) == 0)
        files[at->path().string()] = stamp_of(status);
    }
  return files;
}

std::vector<std::string> Sources::changes() {
  auto now = look();
  std::vector<std::string> names;
  for (const auto& [file, stamp] : now)
    if (const auto before = seen_.find(file); before == seen_.end() || before->second != stamp)
      names.push_back(file);
  for (const auto& [file, stamp] : seen_)
    if (!now.count(file)) names.push_back(file);
  seen_ = std::move(now);
  return names;
}

// Whether inotify says that something happened; what, is of no interest.
bool Sources::told_within(double seconds) {
  pollfd descriptor{inotify_, POLLIN, 0};
  const int ready = poll(&descriptor, inotify_ >= 0 ? 1 : 0, static_cast<int>(seconds * 1000));
  if (ready <= 0) return false;
  char events[4096];
  while (read(inotify_, events, sizeof events) > 0) {}
  return true;
}

std::vector<std::string> Sources::wait(double seconds) {
  using std::chrono::steady_clock;
  const auto since = [](steady_clock::time_point then) {
    return Seconds(steady_clock::now() - then).count();
  };
  for (const auto start = steady_clock::now(); since(start) < seconds;) {
    bool told = told_within(std::max(0.0, std::min(seconds - since(start), kLook - since(last_look_))));
    if (!told && since(last_look_) < kLook) continue;
    std::vector<std::string> changed = changes();
    if (changed.empty()) continue;
    told = told || told_within(kSettle);  // it may just have been on its way
    if (!told) polls_ = true;
    add_following(changed);
    return changed;
  }
  return {};
}

// What follows a change at once belongs to it.
void Sources::add_following(std::vector<std::string>& changed) {
  for (std::vector<std::string> more{""}; !more.empty();) {
    std::this_thread::sleep_for(Seconds(kSettle));
    more = changes();
    changed.insert(changed.end(), more.begin(), more.end());
  }
  watch_folders();  // one of the changes may be a new folder
  told_within(0);
}

std::vector<std::string> Sources::changed_by_now() {
  std::vector<std::string> changed = changes();
  if (!changed.empty()) add_following(changed);
  return changed;
}

void Sources::touch(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    struct stat status {};
    if (utimensat(AT_FDCWD, file.c_str(), nullptr, 0) == 0 && stat(file.c_str(), &status) == 0)
      seen_[file] = stamp_of(status);
  }
}

}  // namespace watch
