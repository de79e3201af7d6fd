// SPDX-License-Identifier: MIT
#include "fastcore/plot/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>

#include <chrono>
#include <thread>

#include "tests/image/pictures.h"

namespace fastcore {
namespace {

Image two_by_two() {
  uint8_t pixels[] = {255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 255, 0};
  return Image::create({2, 2}, 3, pixels);
}

TEST_CASE("half blocks: two pixels a character, colours only where they change") {
  CHECK(half_block_text(two_by_two(), 80, TerminalColors::all) ==
        "\x1b[38;2;255;0;0m\x1b[48;2;0;0;255m▀\x1b[38;2;255;0;0m\x1b[48;2;0;255;0m▀\x1b[0m\n");
  CHECK(half_block_text(Image(Size{2, 3}, 1, 255), 80, TerminalColors::palette256) ==
        "\x1b[38;5;231m\x1b[48;5;231m▀▀▀\x1b[0m\n");
  // Between the steps of the colours lie the greys.
  CHECK(half_block_text(Image(Size{2, 1}, 1, 118), 80, TerminalColors::palette256) ==
        "\x1b[38;5;243m\x1b[48;5;243m▀\x1b[0m\n");
  std::string wide = half_block_text(Image(Size{100, 200}, 1, 9), 40, TerminalColors::all);
  CHECK(std::count(wide.begin(), wide.end(), '\n') == 10);  // 200 x 100 pixels as 40 x 20
}

TEST_CASE("characters for darkness") {
  uint8_t ramp[] = {0, 128, 255, 0, 128, 255};
  CHECK(ascii_text(Image::create({2, 3}, 1, ramp), 80) == " +@\n");
}

TEST_CASE("kitty: pieces of at most 4096 characters, the last one marked") {
  std::string small = kitty_text(two_by_two(), 20);
  CHECK(small.find("\x1b_Ga=T,f=100,q=2,c=20,m=0;iVBOR") == 0);
  std::string large = kitty_text(noise(60, 60, 3), 20);
  size_t pieces = 0;
  for (size_t at = 0; (at = large.find("\x1b_G", at)) != std::string::npos; ++pieces) {
    size_t data = large.find(';', at) + 1, end = large.find("\x1b\\", at);
    REQUIRE(end - data <= 4096);
    at = end;
  }
  CHECK(pieces == 4);
  CHECK(large.find("c=20,m=1;") != std::string::npos);
  CHECK(large.find("\x1b_Gm=0;") != std::string::npos);
}

TEST_CASE("sixel: strips of six rows, runs and colours") {
  std::string text = sixel_text(Image(Size{7, 10}, 1, 255));
  CHECK(text.find("\x1bPq\"1;1;10;7#0;2;0;0;0") == 0);
  CHECK(text.find("#215;2;100;100;100") != std::string::npos);
  CHECK(text.find("#215!10~$-#215!10@$-\x1b\\") != std::string::npos);  // ~ is six pixels, @ the topmost one
}

// A terminal that answers the next question with `answer`.
struct FakeTerminal {
  int master, slave;
  std::thread replier;
  std::string question;

  explicit FakeTerminal(std::string answer) {
    master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    slave = ::open(ptsname(master), O_RDWR | O_NOCTTY);
    replier = std::thread([this, answer = std::move(answer)] {
      pollfd wait{master, POLLIN, 0};
      if (::poll(&wait, 1, 2000) <= 0) return;
      char bytes[256];
      auto count = ::read(master, bytes, sizeof bytes);
      if (count > 0) question.assign(bytes, count);
      if (!answer.empty() && ::write(master, answer.data(), answer.size()) < 0) return;
    });
  }
  ~FakeTerminal() {
    if (replier.joinable()) replier.join();
    ::close(slave);
    ::close(master);
  }
  TerminalPlot ask(int milliseconds = 1000) {
    TerminalPlot result = ask_terminal(slave, milliseconds);
    replier.join();
    return result;
  }
};

TEST_CASE("a terminal is believed only after it has answered") {
  CHECK(FakeTerminal("\x1b_Gi=31;OK\x1b\\\x1b[?62;c").ask() == TerminalPlot::kitty);
  CHECK(FakeTerminal("\x1b[?62;4;22c").ask() == TerminalPlot::sixel);
  CHECK(FakeTerminal("\x1b[?64;1;2;4c").ask() == TerminalPlot::sixel);
  CHECK(FakeTerminal("\x1b[?62;14;22c").ask() == TerminalPlot::none);
  CHECK(FakeTerminal("\x1b[?4;22c").ask() == TerminalPlot::none);  // the first number is the terminal's class
  CHECK(FakeTerminal("\x1b_Gi=31;ENOTSUPPORTED\x1b\\\x1b[?62c").ask() == TerminalPlot::none);
}

TEST_CASE("a terminal that says nothing costs the time given, and is left as it was") {
  FakeTerminal terminal("");
  termios before{}, after{};
  tcgetattr(terminal.slave, &before);
  auto start = std::chrono::steady_clock::now();
  CHECK(terminal.ask(50) == TerminalPlot::none);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(49));
  tcgetattr(terminal.slave, &after);
  CHECK(after.c_lflag == before.c_lflag);
  CHECK(terminal.question.find("\x1b[c") != std::string::npos);
}

TEST_CASE("what is no terminal is not asked") {
  int null = ::open("/dev/null", O_RDWR);
  CHECK(ask_terminal(null, 1000) == TerminalPlot::none);
  ::close(null);
}

TEST_CASE("colours by the environment") {
  auto with = [](const char* term, const char* colorterm, const char* no_color) {
    setenv("TERM", term, 1);
    setenv("COLORTERM", colorterm, 1);
    setenv("NO_COLOR", no_color, 1);
    return terminal_colors();
  };
  CHECK(with("xterm-256color", "truecolor", "") == TerminalColors::all);
  CHECK(with("xterm-256color", "", "") == TerminalColors::palette256);
  CHECK(with("vt100", "", "") == TerminalColors::none);
  CHECK(with("xterm-256color", "truecolor", "1") == TerminalColors::none);
  CHECK_FALSE(show_in_terminal(two_by_two(), TerminalPlot::none));
  CHECK_FALSE(show_in_terminal(Image(), TerminalPlot::half));
}

}  // namespace
}  // namespace fastcore
