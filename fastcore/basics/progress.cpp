// SPDX-License-Identifier: MIT
#include "fastcore/basics/progress.h"

#include <algorithm>

#include "fastcore/basics/columns.h"
#include "fastcore/basics/terminal.h"

namespace fastcore {
namespace {

constexpr int64_t kFirstItems = 5;       // always drawn, so that a slow loop shows life at once
constexpr double kSecondsBetween = 0.2;  // then one drawing in about this time
constexpr int kTextColumns = 60, kWidest = 160, kMargin = 4;

}  // namespace

std::string bar_text(int64_t done, int64_t total, double elapsed, double expected,
                     const std::string& comment) {
  std::string text;
  if (total > 0)
    text = minitorch::format("%.2f%% ", 100.0 * static_cast<double>(done) / static_cast<double>(total));
  if (total == 0) text = "100% ";
  text += "[" + std::to_string(done) + "/" + (total < 0 ? "?" : std::to_string(total));
  if (total != 0)
    text += " " + format_time(elapsed) + "<" + (expected < 0 ? "?" : format_time(expected - elapsed));
  return text + (comment.empty() ? "" : " " + comment) + "]";
}

ProgressBar::ProgressBar(BarOptions options, std::string prefix)
    : options_(std::move(options)), prefix_(std::move(prefix)) {
  auto& terminal = Terminal::current();
  if (!terminal.can_redraw()) options_.display = false;
  length_ = std::min(terminal.columns(), kWidest) - kTextColumns;
}

ProgressBar::ProgressBar(ProgressBar&& other) noexcept
    : options_(std::move(other.options_)),
      prefix_(std::move(other.prefix_)),
      start_(other.start_),
      last_time_(other.last_time_),
      expected_(other.expected_),
      last_drawn_(other.last_drawn_),
      wait_for_(other.wait_for_),
      longest_(other.longest_),
      length_(other.length_),
      finished_(other.finished_),
      started_(other.started_) {
  other.finished_ = true;
}

void ProgressBar::update(int64_t done) {
  if (!options_.display) return;
  const double now = Terminal::current().now();
  int64_t& before = options_.initial;
  if (!started_ || done <= before) {
    before = std::min(before, done);  // fewer than before: begun anew
    started_ = true;
    start_ = last_time_ = now;
    expected_ = -1;
    last_drawn_ = before;
    wait_for_ = 1;
    if (done == before) return draw(done);
  }
  const bool due = done <= kFirstItems || done >= last_drawn_ + wait_for_ ||
                   (options_.total >= 0 && done >= options_.total);
  if (!due) return;
  const double average = (now - start_) / static_cast<double>(done - before);
  wait_for_ = std::max<int64_t>(1, static_cast<int64_t>(kSecondsBetween / (average + 1e-8)));
  expected_ = options_.total < 0 ? -1 : average * static_cast<double>(options_.total - before);
  last_time_ = now;
  last_drawn_ = done;
  draw(done);
}

void ProgressBar::draw(int64_t done) {
  auto& terminal = Terminal::current();
  const int columns = std::min(terminal.columns(), kWidest);
  const auto text = bar_text(done, options_.total, last_time_ - start_, expected_, options_.comment);
  const int room = columns - text_width(text) - text_width(prefix_) - kMargin;
  length_ = std::max(0, std::min(length_, room));
  const bool full = options_.total == 0 || done >= options_.total;
  const int filled = options_.total < 0 ? 0
                     : full             ? length_
                                        : static_cast<int>(length_ * done / options_.total);
  std::string bar;
  for (int i = 0; i < length_; ++i) bar += i < filled ? "█" : "-";
  std::string line = prefix_ + " |" + bar + "| " + text;
  const int width = text_width(line);
  // A shorter text than the last must not leave the end of that one on the screen.
  const std::string blank(
      static_cast<std::size_t>(std::clamp(longest_ - width, 0, std::max(0, columns - 1 - width))), ' ');
  longest_ = std::max(longest_, width);
  terminal.draw("\r" + line + blank + "\r");
}

void ProgressBar::finish() {
  if (finished_) return;
  finished_ = true;
  if (!options_.display || !started_) return;
  Terminal::current().draw(
      options_.leave ? "\n" : "\r" + std::string(static_cast<std::size_t>(longest_), ' ') + "\r");
}

std::string Table::row(const L<std::string>& cells) {
  if (names_.empty()) {
    names_ = cells.map([](std::string name) {
      if (const int width = text_width(name); width < 8)
        name.append(static_cast<std::size_t>(8 - width), ' ');
      return name;
    });
    std::string line;
    for (int64_t i = 0; i < names_.size(); ++i) line += (i ? "  " : "") + names_[i];
    return line;
  }
  if (cells.size() != names_.size())
    throw minitorch::ShapeError(minitorch::format("[Table] a row of %d cells: expected %d, as in the header",
                                                  static_cast<int>(cells.size()),
                                                  static_cast<int>(names_.size())));
  std::string line;
  for (int64_t i = 0; i < cells.size(); ++i) {
    const int missing = text_width(names_[i]) + 2 - text_width(cells[i]);
    line += cells[i] + std::string(static_cast<std::size_t>(std::max(0, missing)), ' ');
  }
  return line;
}

MasterBar::MasterBar(Options options) : options_(options), start_(Terminal::current().now()) {}

std::string MasterBar::prefix() const {
  return "Epoch " + std::to_string(done_ + 1) + "/" + std::to_string(options_.total) + " :";
}

ProgressBar MasterBar::child_bar(int64_t total) {
  return ProgressBar({.total = total, .leave = false}, prefix());
}

void MasterBar::write_row(const L<std::string>& cells) { write(table_.row(cells)); }

void MasterBar::write(const std::string& line) { Terminal::current().write_line(line); }

void MasterBar::finish() {
  if (finished_) return;
  finished_ = true;
  if (options_.total_time) write("Total time: " + format_time(Terminal::current().now() - start_));
}

}  // namespace fastcore
