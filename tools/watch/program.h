// SPDX-License-Identifier: MIT
// A program that runs beside this one.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace watch {

class Program {
 public:
  /// Starts it; the first word is looked up in PATH. With `log`, what it prints on both streams goes into
  /// that file instead of the terminal. A program that cannot be started ends with code 127.
  explicit Program(const std::vector<std::string>& words, const std::string& log = "");
  /// Ends it at once if it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The exit code once it has ended; 128 + n for one that signal n has ended.
  std::optional<int> ended();
  int wait();
  /// Waits so long for its end.
  void wait(double seconds);

 private:
  pid_t id_;
  std::optional<int> code_;
};

}  // namespace watch
