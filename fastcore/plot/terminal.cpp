// SPDX-License-Identifier: MIT
#include "fastcore/plot/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fastcore/basics/terminal.h"
#include "fastcore/image/png.h"
#include "fastcore/image/resample.h"
#include "fastcore/plot/svg.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using minitorch::format;

// Characters are about twice as high as wide; `tall` is how many pixel rows one character row shows.
Image at_columns(const Image& image, int columns, int tall) {
  int width = std::clamp(columns, 1, image.width());
  double rows = static_cast<double>(image.height()) * width / image.width() * tall / 2;
  int height = std::max(1, static_cast<int>(rows / tall + 0.5)) * tall;
  return resize(image.convert(PixelMode::rgb), {height, width});
}

// The nearest of the 216 colours 16 ... 231, whose steps are 0, 95, 135, 175, 215, 255, and of the 24 greys
// 232 ... 255, which are 8, 18, 28 ... 238.
int palette_color(const uint8_t* rgb) {
  auto step = [](int v) { return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40; };
  auto square = [](int v) { return v * v; };
  const int grey = std::clamp((rgb[0] + rgb[1] + rgb[2] - 9) / 30, 0, 23);
  int color_error = 0, grey_error = 0, color = 16;
  for (int c = 0; c < 3; ++c) {
    const int steps = step(rgb[c]);
    color += steps * (c == 0 ? 36 : c == 1 ? 6 : 1);
    color_error += square(rgb[c] - (steps ? 55 + 40 * steps : 0));
    grey_error += square(rgb[c] - (8 + 10 * grey));
  }
  return grey_error < color_error ? 232 + grey : color;
}

std::string color_code(int layer, const uint8_t* rgb, TerminalColors colors) {
  if (colors == TerminalColors::all) return format("\x1b[%d;2;%d;%d;%dm", layer, rgb[0], rgb[1], rgb[2]);
  return format("\x1b[%d;5;%dm", layer, palette_color(rgb));
}

TerminalPlot best_plot() {
  const char* term = std::getenv("TERM");
  if (!isatty(STDOUT_FILENO) || !term || std::strcmp(term, "dumb") == 0) return TerminalPlot::none;
  TerminalPlot answer = TerminalPlot::none;
  if (int tty = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC); tty >= 0) {
    answer = ask_terminal(tty, 100);
    ::close(tty);
  }
  if (answer != TerminalPlot::none) return answer;
  return terminal_colors() == TerminalColors::none ? TerminalPlot::ascii : TerminalPlot::half;
}

}  // namespace

TerminalPlot terminal_plot() {
  static const TerminalPlot best = best_plot();
  return best;
}

int picture_columns() {
  const int known = window_columns(STDOUT_FILENO);
  return std::min((known > 0 ? known : 80) - 1, 100);
}

TerminalColors terminal_colors() {
  auto has = [](const char* name, const char* part) {
    const char* value = std::getenv(name);
    return value && std::strstr(value, part);
  };
  if (const char* no = std::getenv("NO_COLOR"); no && *no) return TerminalColors::none;
  if (has("COLORTERM", "truecolor") || has("COLORTERM", "24bit")) return TerminalColors::all;
  return has("TERM", "256color") ? TerminalColors::palette256 : TerminalColors::none;
}

// Two questions in one go: kitty's own, which others ignore, and "what are you", which every terminal
// answers. The second answer ends the wait, so only a terminal that answers nothing costs the whole time.
TerminalPlot ask_terminal(int tty, int milliseconds) {
  termios before{};
  if (tcgetattr(tty, &before) != 0) return TerminalPlot::none;
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0, raw.c_cc[VTIME] = 0;
  if (tcsetattr(tty, TCSANOW, &raw) != 0) return TerminalPlot::none;
  const std::string question = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c";
  std::string answer;
  bool asked = ::write(tty, question.data(), question.size()) == static_cast<ssize_t>(question.size());
  using Clock = std::chrono::steady_clock;
  auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
  size_t attributes = std::string::npos;
  while (asked && answer.size() < 4096) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd wait{tty, POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) break;
    char bytes[256];
    auto count = ::read(tty, bytes, sizeof bytes);
    if (count <= 0) break;
    answer.append(bytes, count);
    attributes = answer.find("\x1b[?");
    if (attributes != std::string::npos && answer.find('c', attributes) != std::string::npos) break;
  }
  tcsetattr(tty, TCSANOW, &before);
  if (answer.find("\x1b_Gi=31;OK") != std::string::npos) return TerminalPlot::kitty;
  if (attributes == std::string::npos) return TerminalPlot::none;
  // ESC [ ? 62 ; 4 ; 22 c: attribute 4 is sixel.
  std::string list = ";" + answer.substr(attributes + 3, answer.find('c', attributes) - attributes - 3) + ";";
  return list.find(";4;", list.find(';', 1)) != std::string::npos ? TerminalPlot::sixel : TerminalPlot::none;
}

std::string ascii_text(const Image& image, int columns) {
  const char shades[] = " .:-=+*#%@";
  Image small = at_columns(image, columns, 1).convert(PixelMode::grey);
  std::string text;
  for (int y = 0; y < small.height(); ++y) {
    for (int x = 0; x < small.width(); ++x) text += shades[small(y, x) * 10 / 256];
    text += '\n';
  }
  return text;
}

std::string half_block_text(const Image& image, int columns, TerminalColors colors) {
  Image small = at_columns(image, columns, 2);
  std::string text;
  for (int y = 0; y + 1 < small.height(); y += 2) {
    std::string last;
    for (int x = 0; x < small.width(); ++x) {
      std::string code =
          color_code(38, small.row(y) + 3 * x, colors) + color_code(48, small.row(y + 1) + 3 * x, colors);
      if (code != last) text += code;
      text += "▀";
      last = code;
    }
    text += "\x1b[0m\n";
  }
  return text;
}

std::string kitty_text(const Image& image, int columns) {
  constexpr size_t kPiece = 4096;  // the protocol's limit for one sequence
  std::string data = base64(encode_png(image)), text;
  for (size_t at = 0; at < data.size(); at += kPiece) {
    bool more = at + kPiece < data.size();
    std::string head =
        at ? format("\x1b_Gm=%d;", more) : format("\x1b_Ga=T,f=100,q=2,c=%d,m=%d;", columns, more);
    text += head + data.substr(at, kPiece) + "\x1b\\";
  }
  return text + "\n";
}

bool show_in_terminal(const Image& image, TerminalPlot plot) {
  if (image.empty()) return false;
  if (plot == TerminalPlot::automatic) plot = terminal_plot();
  const int columns = picture_columns();
  std::string text;
  switch (plot) {
    case TerminalPlot::ascii: text = ascii_text(image, columns); break;
    case TerminalPlot::half:
      text = half_block_text(image, columns, std::max(terminal_colors(), TerminalColors::palette256));
      break;
    case TerminalPlot::kitty:
      text = kitty_text(image, std::min(columns, std::max(8, image.width() / 8)));
      break;
    case TerminalPlot::sixel: {
      int width = std::min(image.width(), columns * 8);
      int height = std::max(1, static_cast<int>(int64_t{image.height()} * width / image.width()));
      text = sixel_text(resize(image, {height, width}));
      break;
    }
    default: return false;
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return true;
}

}  // namespace fastcore
