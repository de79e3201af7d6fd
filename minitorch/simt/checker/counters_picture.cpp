// SPDX-License-Identifier: MIT
// A picture of which thread touches which cell of memory.
#include <algorithm>
#include <set>

#include "minitorch/simt/checker/counters.h"
#include "minitorch/simt/control.h"

namespace minitorch::simt {
namespace {

constexpr int kColumns = 32, kMostRows = 64, kCell = 22;

struct CellOfPicture {
  std::set<unsigned> readers, writers;
};

std::string number(std::size_t n) { return std::to_string(n); }

// Text for XML: names of templates are full of angle brackets.
std::string safe(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string colour(unsigned thread) { return "hsl(" + number(thread * 360 / 32 % 360) + ",65%,72%)"; }

std::string list(const char* verb, const std::set<unsigned>& threads) {
  if (threads.empty()) return "";
  std::string out = std::string(verb) + " by thread";
  int shown = 0;
  for (const unsigned t : threads) out += (shown++ ? ", " : " ") + number(t);
  return out + "; ";
}

std::string at(const char* element, std::size_t x, std::size_t y) {
  return std::string("<") + element + " x='" + number(x) + "' y='" + number(y) + "' ";
}

std::string cell_box(std::size_t word, const CellOfPicture& cell, std::size_t x, std::size_t y) {
  const std::string side = number(kCell - 2);
  const unsigned thread = cell.writers.empty() ? *cell.readers.begin() : *cell.writers.begin();
  return "<g><title>word " + number(word) + ": " + list("written", cell.writers) +
         list("read", cell.readers) + "</title>" + at("rect", x, y) + "width='" + side + "' height='" + side +
         "' fill='" + colour(thread) + "' stroke='" + (cell.writers.empty() ? "#999" : "#000") + "'/>" +
         at("text", x + kCell / 2 - 1, y + 14) + "text-anchor='middle'>" + number(thread) + "</text></g>\n";
}

// One panel per memory: rows of 32 words, as many bytes as a warp reads at once; a row of shared memory is
// its banks.
std::string panel(const std::string& memory, const std::map<std::size_t, CellOfPicture>& cells,
                  std::size_t& top) {
  const std::size_t first_row = cells.begin()->first / kColumns;
  std::string out = at("text", 4, top + 14) + "font-weight='bold'>" + safe(memory) + ", from word " +
                    number(first_row * kColumns) + "</text>\n";
  std::size_t rows = 0;
  for (const auto& [word, cell] : cells) {
    const std::size_t row = word / kColumns - first_row;
    if (row >= kMostRows) break;
    rows = std::max(rows, row + 1);
    out += cell_box(word, cell, 4 + word % kColumns * kCell, top + 20 + row * kCell);
  }
  top += 28 + rows * kCell;
  return out;
}

}  // namespace

std::string counters_svg(const std::string& kernel) {
  const auto found = kernel_counts().find(kernel);
  if (found == kernel_counts().end() || found->second.touches.empty()) return "";
  std::map<std::pair<uintptr_t, std::string>, std::map<std::size_t, CellOfPicture>> memories;
  for (const Touch& t : found->second.touches) {
    CellOfPicture& cell = memories[{t.owner, t.memory}][t.word];
    (t.write ? cell.writers : cell.readers).insert(t.thread);
  }
  std::size_t top = 46;
  std::string body;
  for (const auto& [memory, cells] : memories) body += panel(memory.second, cells, top);
  return "<svg xmlns='http://www.w3.org/2000/svg' width='" + number(kColumns * kCell + 8) + "' height='" +
         number(top) +
         "' font-family='sans-serif' font-size='10'>\n<rect width='100%' height='100%' fill='white'/>\n" +
         at("text", 4, 18) + "font-size='14'>" + safe(kernel) + "</text>\n" + at("text", 4, 34) +
         ">the words that its first block touches, each with number and colour of the thread; black edge: "
         "written</text>\n" +
         body + "</svg>\n";
}

}  // namespace minitorch::simt
