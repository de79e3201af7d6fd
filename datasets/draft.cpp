// SPDX-License-Identifier: MIT
#include "datasets/draft.h"

#include <unistd.h>

#include "datasets/files.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

std::string mark_of(const std::string& folder) { return ".unpacking-" + folder + "-"; }

// "4711" or "4711.old" behind the mark; what else begins so is the draft of a set with a longer name.
bool is_draft(const std::string& name, const std::string& mark) {
  if (!name.starts_with(mark)) return false;
  const auto end = std::min(name.size(), name.find_first_not_of("0123456789", mark.size()));
  return end > mark.size() && (end == name.size() || name.substr(end) == ".old");
}

template <class Condition>
void collect(const std::string& folder, Condition condition, std::vector<std::string>& found) {
  for (const auto& name : names_in(folder))
    if (condition(name)) found.push_back(folder + name);
}

}  // namespace

std::string draft_of(const std::string& target) {
  const auto name = target.rfind('/') + 1;
  return target.substr(0, name) + mark_of(target.substr(name)) + std::to_string(getpid());
}

std::vector<std::string> leftovers(const Dataset& set, const Home& home) {
  std::vector<std::string> found;
  const auto mark = mark_of(set.folder());
  for (const auto& place : {home.data(""), home.bundled("")})
    collect(
        place, [&](auto& name) { return is_draft(name, mark); }, found);
  // AtomicFile's temporary names.
  const auto half_written = [](const std::string& name, const std::string& file) {
    return name.starts_with(file + ".tmp-");
  };
  const auto file = set.file(), folder = set.folder();
  collect(
      home.archive(""),
      [&](auto& name) {
        return half_written(name, file + ".sha256") || half_written(name, file + ".part.from");
      },
      found);
  collect(
      home.root() + "/records/",
      [&](auto& name) {
        return half_written(name, "data-" + folder + ".txt") ||
               half_written(name, "bundled-" + folder + ".txt");
      },
      found);
  // A copy of an added archive, or a download of which is not known what it is part of.
  const auto part = home.archive(file) + ".part";
  if (exists(part) && !exists(part + ".from")) found.push_back(part);
  return found;
}

void sweep(const Dataset& set, const Home& home) {
  for (const auto& path : leftovers(set, home)) remove_all(path);
}

void sweep_if_free(const Dataset& set, const Home& home) try {
  if (leftovers(set, home).empty()) return;
  if (const auto lock = FolderLock::if_free(home.lock(set.folder()))) sweep(set, home);
} catch (const minitorch::FileError&) {}

}  // namespace datasets
