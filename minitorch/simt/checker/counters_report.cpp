// SPDX-License-Identifier: MIT
// The counters as a table, and as a picture of which thread touches which cell.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "minitorch/simt/checker/counters.h"
#include "minitorch/simt/control.h"

namespace minitorch::simt {
namespace {

template <class... A>
std::string text(const char* pattern, A... arguments) {
  char line[512];
  std::snprintf(line, sizeof line, pattern, arguments...);
  return line;
}

std::string kind_of(const LineCounts& c) {
  const std::string space = c.space == Space::kGlobal ? "global " : "shared ";
  return space + (c.atomic ? "atomic" : c.write ? "store" : "load");
}

// Several instructions of one line and kind are one row.
std::vector<CountedLine> by_source_line(const KernelCounts& kernel) {
  std::map<std::pair<std::string, std::string>, CountedLine> rows;
  for (const auto& [key, c] : kernel.lines) {
    const std::string line = source_line(line_address(key / 2)), access = kind_of(c);
    CountedLine& row = rows[{line, access}];
    row.line = line;
    row.access = access;
    row.accesses += c.accesses;
    row.bytes += c.bytes;
    row.requests += c.requests;
    row.diverged += c.partial;
    row.sectors += c.sectors;
    row.needed_sectors += c.needed_sectors;
    row.bank_conflicts += c.bank_conflicts;
  }
  std::vector<CountedLine> lines;
  for (auto& [_, row] : rows) lines.push_back(std::move(row));
  return lines;
}

std::string kernel_table(const CountedKernel& kernel) {
  const double threads = static_cast<double>(std::max<uint64_t>(kernel.threads, 1));
  const double blocks = static_cast<double>(std::max<uint64_t>(kernel.blocks, 1));
  std::string out =
      text("%s: %llu launches, %llu blocks, %llu threads, %.1f barriers a block\n", kernel.kernel.c_str(),
           static_cast<unsigned long long>(kernel.launches), static_cast<unsigned long long>(kernel.blocks),
           static_cast<unsigned long long>(kernel.threads), static_cast<double>(kernel.barriers) / blocks);
  out += text("  %-28s %-14s %10s %9s %9s %16s %9s\n", "line", "access", "per thread", "requests", "diverged",
              "sectors (needed)", "conflicts");
  for (const CountedLine& c : kernel.lines) {
    const double requests = static_cast<double>(std::max<uint64_t>(c.requests, 1));
    const bool global = c.access.starts_with("global");
    const std::string sectors = global ? text("%.1f (%.1f)", static_cast<double>(c.sectors) / requests,
                                              static_cast<double>(c.needed_sectors) / requests)
                                       : "-";
    const std::string conflicts =
        global ? "-" : text("%.1f", static_cast<double>(c.bank_conflicts) / requests);
    out += text("  %-28s %-14s %10.2f %9llu %8.0f%% %16s %9s\n", c.line.c_str(), c.access.c_str(),
                static_cast<double>(c.accesses) / threads, static_cast<unsigned long long>(c.requests),
                100.0 * static_cast<double>(c.diverged) / requests, sectors.c_str(), conflicts.c_str());
  }
  return out;
}

// --- the picture ---

constexpr int kColumns = 32, kMostRows = 64, kCell = 22;

struct CellOfPicture {
  std::set<unsigned> readers, writers;
};

std::string colour(unsigned thread) { return text("hsl(%u,65%%,72%%)", thread * 360 / 32 % 360); }

std::string list(const char* verb, const std::set<unsigned>& threads) {
  if (threads.empty()) return "";
  std::string out = std::string(verb) + " by thread";
  int shown = 0;
  for (const unsigned t : threads) out += (shown++ ? ", " : " ") + std::to_string(t);
  return out + "; ";
}

// One panel per memory: rows of 32 words, as many bytes as a warp reads at once; a row of shared memory is
// its banks.
std::string panel(const std::string& memory, const std::map<std::size_t, CellOfPicture>& cells, int& top) {
  const std::size_t first_row = cells.begin()->first / kColumns;
  std::string out = text("<text x='4' y='%d' font-weight='bold'>%s, from word %zu</text>\n", top + 14,
                         memory.c_str(), first_row * kColumns);
  int rows = 0;
  for (const auto& [word, cell] : cells) {
    const int row = static_cast<int>(word / kColumns - first_row), column = static_cast<int>(word % kColumns);
    if (row >= kMostRows) break;
    rows = std::max(rows, row + 1);
    const unsigned thread = cell.writers.empty() ? *cell.readers.begin() : *cell.writers.begin();
    const int x = 4 + column * kCell, y = top + 20 + row * kCell;
    out += text("<g><title>word %zu: ", word) + list("written", cell.writers) + list("read", cell.readers) +
           "</title>";
    out += text("<rect x='%d' y='%d' width='%d' height='%d' fill='%s' stroke='%s'/>", x, y, kCell - 2,
                kCell - 2, colour(thread).c_str(), cell.writers.empty() ? "#999" : "#000");
    out +=
        text("<text x='%d' y='%d' text-anchor='middle'>%u</text></g>\n", x + kCell / 2 - 1, y + 14, thread);
  }
  top += 28 + rows * kCell;
  return out;
}

}  // namespace

std::vector<CountedKernel> counted_kernels() {
  std::vector<CountedKernel> all;
  for (const auto& [name, k] : kernel_counts())
    all.push_back({name, k.launches, k.blocks, k.threads, k.barriers, by_source_line(k)});
  return all;
}

std::string counters_table() {
  std::string out;
  for (const CountedKernel& kernel : counted_kernels()) out += kernel_table(kernel);
  return out;
}

std::string counters_svg(const std::string& kernel) {
  const auto at = kernel_counts().find(kernel);
  if (at == kernel_counts().end() || at->second.touches.empty()) return "";
  std::map<std::pair<uintptr_t, std::string>, std::map<std::size_t, CellOfPicture>> memories;
  for (const Touch& t : at->second.touches) {
    CellOfPicture& cell = memories[{t.owner, t.memory}][t.word];
    (t.write ? cell.writers : cell.readers).insert(t.thread);
  }
  int top = 30;
  std::string body;
  for (const auto& [memory, cells] : memories) body += panel(memory.second, cells, top);
  return text(
             "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' "
             "font-size='10'>\n",
             kColumns * kCell + 8, top) +
         "<rect width='100%' height='100%' fill='white'/>\n" +
         text(
             "<text x='4' y='18' font-size='14'>%s, first block: the thread that touches each word "
             "(black edge: writes)</text>\n",
             [&] {
               std::string safe;
               for (const char c : kernel) safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
               return safe;
             }()
                 .c_str()) +
         body + "</svg>\n";
}

void print_counters() {
  if (!counting()) return;
  std::fputs(counters_table().c_str(), stderr);
  const char* folder = std::getenv("MT_SIM_PICTURES");
  if (!folder) return;
  for (const auto& [name, kernel] : kernel_counts()) {
    std::string file;
    for (const char c : name) file += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    const std::string path = std::string(folder) + "/" + file + ".svg";
    if (FILE* out = std::fopen(path.c_str(), "w")) {
      std::fputs(counters_svg(name).c_str(), out);
      std::fclose(out);
    }
  }
}

}  // namespace minitorch::simt
