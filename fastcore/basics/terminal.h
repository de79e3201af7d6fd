// SPDX-License-Identifier: MIT
// Where bars and tables are written: a terminal, a pipe, or a test's own memory.
#pragma once
#include <string>

namespace fastcore {

/// @brief What a progress bar needs to know of its surroundings. Tests derive their own.
class Terminal {
 public:
  virtual ~Terminal() = default;
  /// Whether a line may be drawn over: bars are drawn only then.
  virtual bool can_redraw() const = 0;
  /// Columns of the window now (it may be resized at any time); 100 when nobody knows.
  virtual int columns() const = 0;
  /// Redrawn text: bars. Standard error.
  virtual void draw(const std::string& text) = 0;
  /// Text that stays: tables and messages. Standard output; a newline is added.
  virtual void write_line(const std::string& text) = 0;
  /// Seconds on a clock that only goes forward.
  virtual double now() const = 0;

  /// The one in use: the program's own, or what set() was given last.
  static Terminal& current();
  /// Replaces it, for tests; nullptr brings the program's own back. @returns the one before
  static Terminal* set(Terminal* terminal);
};

/// Columns of the window that a file descriptor writes to: $COLUMNS, as in Python's shutil, or its size now;
/// 0 where it is no window.
int window_columns(int file);

/// Silences bars and, with `tables`, tables too (--quiet).
void set_quiet(bool bars, bool tables);

/// 75 → "01:15", 3675 → "1:01:15"; cut to whole seconds.
std::string format_time(double seconds);

}  // namespace fastcore
