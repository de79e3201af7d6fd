// SPDX-License-Identifier: MIT
#include "fastcore/basics/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

std::atomic<bool> bars_quiet{false}, tables_quiet{false};

class Process : public Terminal {
 public:
  bool can_redraw() const override {
    const char* kind = std::getenv("TERM");
    return !bars_quiet && isatty(STDERR_FILENO) && !(kind && std::strcmp(kind, "dumb") == 0);
  }
  int columns() const override {
    const int known = window_columns(STDERR_FILENO);
    return known > 0 ? known : 100;
  }
  void draw(const std::string& text) override {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  }
  void write_line(const std::string& text) override {
    if (tables_quiet) return;
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  }
  double now() const override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
};

std::atomic<Terminal*> in_use{nullptr};

}  // namespace

int window_columns(int file) {
  if (const char* set = std::getenv("COLUMNS"); set && std::atoi(set) > 0) return std::atoi(set);
  winsize size{};
  return ioctl(file, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Terminal& Terminal::current() {
  static Process process;
  Terminal* own = in_use;
  return own ? *own : process;
}

Terminal* Terminal::set(Terminal* terminal) { return in_use.exchange(terminal); }

void set_quiet(bool bars, bool tables) {
  bars_quiet = bars;
  tables_quiet = tables;
}

std::string format_time(double seconds) {
  const long t =
      static_cast<long>(std::min(std::max(0.0, seconds), 1e15));  // in the range of a long; NaN is 0
  const long hours = t / 3600, minutes = t / 60 % 60, rest = t % 60;
  return hours ? minitorch::format("%ld:%02ld:%02ld", hours, minutes, rest)
               : minitorch::format("%02ld:%02ld", minutes, rest);
}

}  // namespace fastcore
