// SPDX-License-Identifier: MIT
#include "fastcore/basics/progress.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "fastcore/basics/columns.h"
#include "fastcore/basics/parallel.h"
#include "fastcore/basics/terminal.h"

using namespace fastcore;

namespace {

// A terminal whose clock stands still until told, and which remembers what was drawn and written.
struct FakeTerminal : Terminal {
  explicit FakeTerminal(bool can_redraw, int columns = 100) : redraws(can_redraw), width(columns) {
    set(this);
  }
  ~FakeTerminal() override { set(nullptr); }
  bool can_redraw() const override { return redraws; }
  int columns() const override { return width; }
  void draw(const std::string& text) override { drawn.append(text); }
  void write_line(const std::string& text) override { lines.append(text); }
  double now() const override { return clock; }

  bool redraws;
  int width;
  double clock = 0;
  L<std::string> drawn, lines;
};

std::string repeat(const std::string& text, int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("times are MM:SS, or H:MM:SS from one hour") {
  CHECK(format_time(0) == "00:00");
  CHECK(format_time(75.9) == "01:15");
  CHECK(format_time(3599.9) == "59:59");
  CHECK(format_time(3675) == "1:01:15");
  CHECK(format_time(1e300) == "277777777777:46:40");
  CHECK(format_time(std::nan("")) == "00:00");
}

TEST_CASE("the text behind a bar") {
  CHECK(bar_text(0, 5, 0, -1, "") == "0.00% [0/5 00:00<?]");
  CHECK(bar_text(100, 300, 4.2, 12.6, "0.4321") == "33.33% [100/300 00:04<00:08 0.4321]");
  CHECK(bar_text(3, -1, 1, -1, "") == "[3/? 00:01<?]");
}

TEST_CASE("a bar is drawn as fastprogress draws it") {
  FakeTerminal terminal(true);
  for (int64_t i : progress_bar(range(5))) {
    (void)i;
    terminal.clock += 1;
  }
  // 100 columns leave 40 for the bar.
  CHECK(terminal.drawn[0] == "\r |" + repeat("-", 40) + "| 0.00% [0/5 00:00<?]\r");
  CHECK(terminal.drawn[1] == "\r |" + repeat("█", 8) + repeat("-", 32) + "| 20.00% [1/5 00:01<00:04]\r");
  CHECK(terminal.drawn[5] == "\r |" + repeat("█", 40) + "| 100.00% [5/5 00:05<00:00]\r");
  CHECK(terminal.drawn[6] == "\n");
  CHECK(terminal.drawn.size() == 7);
}

TEST_CASE("a fast loop is drawn for the first five items, then five times a second, and at the end") {
  FakeTerminal terminal(true);
  ProgressBar bar({.total = 1000});
  for (int i = 0; i <= 1000; ++i) {
    terminal.clock = i * 0.01;
    bar.update(i);
  }
  // 0 to 5, then every 20 (less one by rounding) items.
  CHECK(terminal.drawn.size() >= 6 + 1000 / 20);
  CHECK(terminal.drawn.size() <= 6 + 1000 / 19 + 2);
  CHECK(terminal.drawn[-1].find("100.00% [1000/1000 00:10<00:00]") != std::string::npos);
}

TEST_CASE("what was done before a bar began does not make its forecast shorter") {
  FakeTerminal terminal(true);
  ProgressBar bar({.total = 1000, .initial = 900});
  bar.update(900);
  CHECK(terminal.drawn[-1].find("90.00% [900/1000 00:00<?]") != std::string::npos);
  terminal.clock = 10;
  bar.update(910);  // one a second: 90 seconds to go, not 0.1
  CHECK(terminal.drawn[-1].find("91.00% [910/1000 00:10<01:30]") != std::string::npos);
  bar.update(0);  // begun anew after all
  CHECK(terminal.drawn[-1].find("0.00% [0/1000 00:00<?]") != std::string::npos);
  terminal.clock = 20;
  bar.update(100);
  CHECK(terminal.drawn[-1].find("10.00% [100/1000 00:10<01:30]") != std::string::npos);
}

TEST_CASE("a bar never wraps, whatever the width") {
  for (int width : {20, 40, 61, 80, 100, 160, 300}) {
    FakeTerminal terminal(true, width);
    ProgressBar bar({.total = 7, .comment = "0.1234"}, "Epoch 1/2 :");
    for (int i = 0; i <= 7; ++i) bar.update(i);
    for (const auto& line : terminal.drawn) {
      INFO(width << ": " << line);
      if (width >= 61) CHECK(text_width(line) - 2 <= width - 1);
      if (width >= 160) CHECK(text_width(line) - 2 <= 160);
    }
  }
}

TEST_CASE("a child bar carries its epoch and is wiped when it is full") {
  FakeTerminal terminal(true);
  MasterBar master({.total = 3, .total_time = true});
  master.write_row({"epoch", "train_loss", "valid_loss", "accuracy", "error_rate", "time"});
  master.update(1);
  for (int64_t i : master.child(range(2))) {
    (void)i;
    terminal.clock += 1;
  }
  master.write_row({"0", "0.395976", "0.694728", "0.500000", "0.500000", "00:01"});
  master.finish();
  CHECK(terminal.drawn[0].rfind("\rEpoch 2/3 : |", 0) == 0);
  const auto wiped = terminal.drawn[-1];
  CHECK(wiped.front() == '\r');
  CHECK(wiped.back() == '\r');
  CHECK(wiped.find_first_not_of(" \r") == std::string::npos);
  CHECK(static_cast<int>(wiped.size()) >= text_width(terminal.drawn[-2]) - 2);
  CHECK(terminal.lines == L<std::string>{
                              "epoch     train_loss  valid_loss  accuracy  error_rate  time    ",
                              "0         0.395976    0.694728    0.500000  0.500000    00:01     ",
                              "Total time: 00:02",
                          });
}

TEST_CASE("off a terminal no bar is drawn, and the table's lines come all the same") {
  FakeTerminal terminal(false);
  MasterBar master({.total = 1});
  master.write_row({"epoch", "loss"});
  int seen = 0;
  for (auto x : master.child(L{1, 2, 3})) seen += x;
  parallel([](int64_t i) { return i; }, range(4), {.n_workers = 2, .progress = true});
  CHECK(seen == 6);
  CHECK(terminal.drawn.empty());
  CHECK(terminal.lines == L<std::string>{"epoch     loss    "});
  CHECK_THROWS_WITH(master.write_row({"1"}), "[Table] a row of 1 cells: expected 2, as in the header");
}

TEST_CASE("parallel shows a bar when it is asked for") {
  FakeTerminal terminal(true);
  parallel([](int64_t i) { return i; }, range(4), {.n_workers = 2, .progress = true});
  CHECK(terminal.drawn[-2].find("100.00% [4/4 ") != std::string::npos);
  terminal.drawn = {};
  parallel([](int64_t i) { return i; }, range(4), {.n_workers = 2});
  CHECK(terminal.drawn.empty());
}

TEST_CASE("parallel's bar does not run to the end when an item fails") {
  FakeTerminal terminal(true);
  for (const int64_t failing : {0, 1, 19}) {
    const auto fail = [&](int64_t i) {
      if (i == failing) throw minitorch::ValueError("item " + std::to_string(i));
    };
    terminal.drawn = {};
    CHECK_THROWS_AS(parallel(fail, range(20), {.n_workers = 2, .progress = true}), minitorch::ValueError);
    REQUIRE_FALSE(terminal.drawn.empty());
    for (const auto& line : terminal.drawn) CHECK(line.find("100.00%") == std::string::npos);
  }
}

TEST_CASE("a loop left early wipes or ends its bar, an empty one draws nothing wrong") {
  FakeTerminal terminal(true);
  for (int64_t i : progress_bar(range(10)))
    if (i == 2) break;
  CHECK(terminal.drawn[-1] == "\n");
  for (int64_t i : progress_bar(range(0))) (void)i;
  CHECK(terminal.drawn[-2].find("100% [0/0]") != std::string::npos);
}
