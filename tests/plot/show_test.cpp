// SPDX-License-Identifier: MIT
// show(): where figures go that nobody names a file for.
#include "fastcore/plot/show.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "fastcore/basics/range.h"
#include "fastcore/plot/grid_text.h"
#include "tests/image/pictures.h"

namespace fastcore {
namespace {

ImageGrid grid() { return {.items = {{Image(Size{20, 30}, 3, 120), "grey"}}}; }

// What a program writes that shows a grid on a terminal, which answers with `answer` what it understands.
std::string shown(const std::string& folder, const std::string& answer) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE((master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0));
  const std::string name = ptsname(master);
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    const int tty = ::open(name.c_str(), O_RDWR);
    ::ioctl(tty, TIOCSCTTY, 0);
    for (int fd : {0, 1, 2}) ::dup2(tty, fd);
    ::setenv("TERM", "xterm-256color", 1);
    if (::chdir(folder.c_str()) == 0) show(grid(), "grid");
    std::fflush(stdout);
    _exit(0);
  }
  std::string text;
  for (bool answered = false;;) {
    pollfd wait{master, POLLIN, 0};
    char bytes[4096];
    const auto count = ::poll(&wait, 1, 5000) > 0 ? ::read(master, bytes, sizeof bytes) : 0;
    if (count <= 0) break;  // the program has ended
    text.append(bytes, static_cast<size_t>(count));
    if (!answered && text.find("\x1b[c") != text.npos)
      answered = ::write(master, answer.data(), answer.size()) > 0;
  }
  ::waitpid(child, nullptr, 0);
  ::close(master);
  return text;
}

TEST_CASE("show: the picture itself where the terminal can, and a file in any case") {
  TempFolder folder;
  const std::string sixel = shown(folder.path, "\x1b[?62;4c");
  CHECK(sixel.find("\x1bPq") != sixel.npos);
  CHECK(sixel.find("figure: grid.png") != sixel.npos);
  CHECK(Image::open(folder / "grid.png") == grid().draw());
  const std::string kitty = shown(folder.path, "\x1b_Gi=31;OK\x1b\\\x1b[?62;c");
  CHECK(kitty.find("\x1b_G") != kitty.npos);
  CHECK(kitty.find("\x1bPq") == kitty.npos);
  const std::string plain = shown(folder.path, "\x1b[?62c");
  CHECK(plain.find("▀") != plain.npos);
  CHECK(plain.find("grey\r\n") != plain.npos);  // its title can be read
}

TEST_CASE("a grid in characters: titles as text above their pictures, no line too wide") {
  const Image white(Size{4, 4}, 1, 255), black(Size{2, 4}, 1, 0);
  const ImageGrid two{.items = {{white, "a bird\nor not"}, {black, "forest", Ink::bad}}, .title = "batch"};
  CHECK(grid_text(two, 20, TerminalColors::none) ==
        "       batch\n"
        " a bird\n"
        " or not     forest\n"
        "  @@@@\n"
        "  @@@@\n");
  const std::string colored = grid_text(two, 20, TerminalColors::palette256);
  CHECK(colored.find("\x1b[31mforest\x1b[0m\n") != colored.npos);
  CHECK(colored.find("\x1b[38;5;231m\x1b[48;5;231m▀▀▀▀\x1b[0m") != colored.npos);
  ImageGrid many{.items = std::vector<GridItem>(9, {Image(Size{90, 120}, 3, 120), "a title that is long"})};
  const auto lines = splitlines(grid_text(many, 79, TerminalColors::none));
  for (const std::string& line : lines) CHECK(line.size() <= 79);
  CHECK(lines[0].size() == 25 + 2 + 25 + 2 + 22);
  many.columns = 9;
  CHECK(splitlines(grid_text(many, 79, TerminalColors::none))[0].substr(0, 9) == "a ti...  ");
  CHECK(grid_text({}, 80, TerminalColors::all) == "");
}

TEST_CASE("a sink takes figures before anything is shown") {
  std::string got;
  const FigureSink before = set_figure_sink([&](const std::string& name, const ImageGrid&) { got = name; });
  show(grid(), "grid");
  set_figure_sink(before);
  CHECK(got == "grid");
}

}  // namespace
}  // namespace fastcore
