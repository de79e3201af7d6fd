// SPDX-License-Identifier: MIT
// Pictures in the terminal, as well as it can show them.
#pragma once
#include <string>

#include "fastcore/image/image.h"

namespace fastcore {

/// Ways to show a picture in a terminal.
enum class TerminalPlot {
  automatic,  ///< the best that the terminal is known to understand
  none,
  ascii,  ///< darkness as characters
  half,   ///< two coloured pixels a character
  kitty,  ///< kitty's graphics protocol
  sixel   ///< DEC's six-pixel strips
};

/// How many colours half blocks may use.
enum class TerminalColors { none, palette256, all };

/// The best way that the terminal at standard output is known to understand, none where there is no terminal:
/// kitty or sixel only after it has answered that it does (100 ms are waited, once), else half blocks where
/// colours are known, else characters.
TerminalPlot terminal_plot();
/// Columns that pictures may take of it: all but one, 100 at most.
int picture_columns();

/// Shows a picture on standard output; returns whether it did. Does nothing where output is not a terminal,
/// unless `plot` names a way. With `automatic`: as terminal_plot().
bool show_in_terminal(const Image& image, TerminalPlot plot = TerminalPlot::automatic);

/// The pieces of show_in_terminal, each of which can be tested without a terminal.

/// Asks the terminal at file descriptor `tty` what it understands: kitty, sixel, or none of them.
TerminalPlot ask_terminal(int tty, int milliseconds);
/// What TERM, COLORTERM and NO_COLOR say.
TerminalColors terminal_colors();
/// At most `columns` characters wide, a line feed after each row.
std::string ascii_text(const Image& image, int columns);
/// At most `columns` characters wide; a transparent picture is shown on black.
std::string half_block_text(const Image& image, int columns, TerminalColors colors);
/// A PNG inside kitty's escape sequences, `columns` wide.
std::string kitty_text(const Image& image, int columns);
/// In a fixed palette of 6 x 6 x 6 colours, dithered.
std::string sixel_text(const Image& image);

}  // namespace fastcore
