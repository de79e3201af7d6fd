// SPDX-License-Identifier: MIT
// Who is told of work that takes long, and may end it.
#pragma once
#include <cstdint>
#include <string>

namespace datasets {

/// Told what a download or an unpacking does. The default prints notes to standard error and shows no
/// progress.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// One line for the reader.
  virtual void note(const std::string& line);
  /// `done` of `total` bytes (-1: nobody knows) of what is called `what`.
  virtual void progress(const std::string& what, int64_t done, int64_t total);
  /// Called at least once a second while something is waited for, read or unpacked, also from other threads.
  /// What it throws ends the work: what came of a transfer stays for the next call, nothing else does.
  virtual void check() {}
};

}  // namespace datasets
