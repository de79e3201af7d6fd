// SPDX-License-Identifier: MIT
#include "datasets/words.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "minitorch/core/errors.h"

namespace datasets {
namespace {

// Optimal string alignment: three rows of the usual table, the third for swapped neighbours.
std::size_t edits(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t fewest = word.size() / 3 + 1;
  for (const auto& candidate : candidates)
    if (auto count = edits(lower_case(word), lower_case(candidate)); count < fewest) {
      fewest = count;
      best = candidate;
    }
  return best;
}

std::string human_size(int64_t bytes) {
  if (bytes < 1000) return minitorch::format("%d B", static_cast<int>(bytes));
  const char* units[] = {"kB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes) / 1000;
  int unit = 0;
  for (; size >= 999.95 && unit < 3; ++unit) size /= 1000;
  return minitorch::format("%.1f %s", size, units[unit]);
}

std::string lower_case(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string inner_text(const std::string& text) {
  return text.starts_with("[data] ") ? text.substr(7) : text;
}

std::string archive_stem(const std::string& name) {
  const auto lower = lower_case(name);
  for (const std::string end : {".tar.gz", ".tgz", ".tar", ".zip"})
    if (lower.ends_with(end)) return name.substr(0, name.size() - end.size());
  return "";
}

std::string case_folded(const std::string& path) {
  std::string folded = path;
  for (auto& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

}  // namespace datasets
