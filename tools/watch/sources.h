// SPDX-License-Identifier: MIT
// Which source files have changed since the last look.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace watch {

/// Waits for changes below some folders. inotify says at once that something happened; what happened is found
/// by comparing times and sizes of all files, which every two seconds is done without being told, too: some
/// file systems (network shares, a WSL2 view of a Windows disk) tell nothing.
class Sources {
 public:
  explicit Sources(std::vector<std::string> folders);
  ~Sources();
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  /// Returns after `seconds`, or earlier with the files that have changed, come or gone. Editors write in
  /// several steps: a change is reported when nothing has followed it for a tenth of a second.
  std::vector<std::string> wait(double seconds);
  /// Those that have changed up to now, whether the system tells of changes or not. Waits only for a change
  /// that is under way.
  std::vector<std::string> changed_by_now();
  /// Gives files the time of now, which is no change.
  void touch(const std::vector<std::string>& files);
  /// Whether changes have been seen that the system did not tell of.
  bool polls() const { return polls_; }

 private:
  using Stamp = std::pair<int64_t, int64_t>;  // time of change in ns, size
  std::map<std::string, Stamp> look();
  std::vector<std::string> changes();
  void add_following(std::vector<std::string>& changed);
  void watch_folders();
  bool told_within(double seconds);

  std::vector<std::string> folders_;
  std::map<std::string, Stamp> seen_;
  std::chrono::steady_clock::time_point last_look_;
  int inotify_ = -1;
  bool polls_ = false;
};

}  // namespace watch
