// SPDX-License-Identifier: MIT
// Where the pictures of lesson 2 come from: each was made of a photograph, and some of the same one.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fastcore/data/data_block.h"
#include "fastcore/frame/csv.h"
#include "fastcore/learn/cleaner.h"
#include "fastcore/plot/image_grid.h"
#include "fastcore/report/lesson.h"

namespace fastcore {

/// Names of pictures, as short_name gives them.
using HeldBack = std::set<std::string>;

/// The last two parts of a path: "bird/bird_0001.jpg".
inline std::string short_name(const Path& file) { return file.parent().name() + "/" + file.name(); }

/// The photograph behind each picture, by its short name: what was cut out of it or, for a forest, the
/// forest.
inline std::map<std::string, std::string> photographs(const Path& path) {
  const DataFrame table = read_csv(path / "sources.csv");
  std::map<std::string, std::string> photos;
  for (int64_t i = 0; i < table.rows(); ++i) {
    const Cell cutout = table["cutout"][i];
    photos[table["name"][i].text()] = (cutout.is_missing() ? table["background"][i] : cutout).text();
  }
  return photos;
}

/// For each picture that validates, one of the same photograph that trains, or an empty path.
inline std::vector<std::pair<Path, Path>> twins(const DataBlock& block, const Path& path) {
  const auto photos = photographs(path);
  const auto photo = [&](const Path& file) { return photos.at(short_name(file)); };
  const Items items = block.find_items(path / "images");
  const Splits splits = block.split(items);
  const auto file = [&](int64_t place) { return std::get<Path>(items[place]); };
  std::map<std::string, Path> trained;
  for (const int64_t place : splits[0]) trained[photo(file(place))] = file(place);
  std::vector<std::pair<Path, Path>> pairs;
  for (const int64_t place : splits[1]) {
    const auto found = trained.find(photo(file(place)));
    pairs.emplace_back(file(place), found == trained.end() ? Path() : found->second);
  }
  return pairs;
}

/// How many of the pictures that validate have a twin.
inline int64_t with_twin(const std::vector<std::pair<Path, Path>>& pairs) {
  return std::count_if(pairs.begin(), pairs.end(),
                       [](const auto& pair) { return !pair.second.str().empty(); });
}

/// Of each kind a picture that validates, beside its twin in training.
inline ImageGrid twin_grid(const std::vector<std::pair<Path, Path>>& pairs) {
  ImageGrid grid{.items = {}, .columns = 6, .cell = 120};
  std::set<std::string> kinds;
  for (const auto& [valid, train] : pairs) {
    const std::string kind = parent_label(valid);
    if (train.str().empty() || !kinds.insert(kind).second) continue;
    grid.items.push_back({Image::open(valid.str()), "held back"});
    grid.items.push_back({Image::open(train.str()), "learned from"});
  }
  return grid;
}

/// How many of the pictures that validate have a twin, by either splitter, and what that looks like.
inline void the_same_bird(Lesson& lesson, const DataBlock& at_random, const DataBlock& by_photograph,
                          const Path& path) {
  lesson.section("The same bird on both sides");
  for (const auto& [name, block] : {std::pair{"at random", at_random}, {"by photograph", by_photograph}}) {
    const auto pairs = twins(block, path);
    lesson.print("held back %s: %d of %d pictures are of a photograph that was learned from\n", name,
                 int(with_twin(pairs)), int(pairs.size()));
  }
  lesson.figure("twins", twin_grid(twins(at_random, path)),
                "Held back at random, beside one that was learned from.");
}

/// The lines of a file.
inline HeldBack lines_of(const Path& file) {
  const auto lines = file.readlines();
  return {lines.begin(), lines.end()};
}

/// What a person would say that a picture shows: its name tells, "bird_0001.jpg".
inline std::string seen(const Path& file) { return file.stem().substr(0, file.stem().find_last_of('_')); }

/// Copies pictures, some of those that train into the folder of the next kind. @returns how many
inline int64_t copy_with_mistakes(const Items& pictures, const Path& to, const HeldBack& held_back,
                                  int64_t of_each_kind) {
  std::map<std::string, std::string> next;  // kind -> the one after it
  for (const Value& item : pictures) next[parent_label(std::get<Path>(item))];
  for (auto at = next.begin(); at != next.end(); ++at)
    at->second = (std::next(at) == next.end() ? next.begin() : std::next(at))->first;
  std::map<std::string, int64_t> wrong;
  int64_t mistakes = 0;
  for (const Value& item : pictures) {
    const Path& file = std::get<Path>(item);
    std::string kind = parent_label(file);
    if (wrong[kind] < of_each_kind && !held_back.count(short_name(file))) {
      ++wrong[kind], ++mistakes;
      kind = next[kind];
    }
    (to / kind).mkdir({.parents = true, .exist_ok = true});
    file.copy(to / kind / file.name());
  }
  return mistakes;
}

/// The size of a batch: no more than there are to learn from, as a training batch that is not full is left
/// out.
inline int64_t batch_size(const Lesson& lesson, const DataBlock& kinds, const Path& images) {
  const auto learned_from = int64_t(kinds.split(kinds.find_items(images))[0].size());
  return std::min(lesson.bs(lesson.quick() ? 16 : 32), learned_from);
}

/// Does what an edited clean.csv says: deletes pictures, moves others into the folder of their kind. What is
/// no longer where it was has been dealt with by an earlier run.
inline void clean_own(Lesson& lesson, const Path& csv) {
  auto cleaner = ImageClassifierCleaner(csv);
  int deleted = 0, moved = 0, gone = 0;
  for (int64_t idx : cleaner.removed())
    if (cleaner.fns[idx].exists()) cleaner.fns[idx].unlink(), ++deleted;
    else ++gone;
  for (const auto& [idx, kind] : cleaner.changed())
    if (cleaner.fns[idx].exists())
      move_picture(cleaner.fns[idx], cleaner.fns[idx].parent().parent() / kind), ++moved;
    else ++gone;
  lesson.print("%s: %d pictures deleted, %d moved\n", csv.c_str(), deleted, moved);
  if (gone) lesson.print("%d are no longer where the table says\n", gone);
}

}  // namespace fastcore
