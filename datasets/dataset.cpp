// SPDX-License-Identifier: MIT
// What a row of the table says of itself, and how rows are found.
#include <algorithm>

#include "datasets/table.h"
#include "datasets/words.h"
#include "minitorch/core/errors.h"

namespace datasets {

std::string Dataset::file() const {
  if (url.empty()) return bundled;
  const auto path = url.substr(0, url.find_first_of("?#"));
  return path.substr(path.rfind('/') + 1);
}

std::string Dataset::folder() const {
  if (!folder_name.empty()) return folder_name;
  const auto stem = archive_stem(file());
  return stem.empty() ? file() : stem;
}

std::vector<std::string> Dataset::addresses() const {
  std::vector<std::string> places;
  if (!url.empty()) places.push_back(url);
  places.insert(places.end(), mirrors.begin(), mirrors.end());
  return places;
}

const Dataset* find(const std::string& name) {
  for (const auto* row : all())
    if (lower_case(row->name) == lower_case(name)) return row;
  return nullptr;
}

const Dataset* find_archive(int64_t bytes, const std::string& md5) {
  for (const auto* row : all())
    if (row->bytes == bytes && !row->md5.empty() && row->md5 == md5) return row;
  return nullptr;
}

Dataset named(const std::string& name) {
  if (const auto* row = find(name)) return *row;
  for (const auto* row : all()) {
    const auto places = row->addresses();
    const bool address = std::find(places.begin(), places.end(), name) != places.end();
    if (address || name == row->file() || name == row->folder()) return *row;
  }
  if (name.starts_with("https://")) {
    Dataset row{.name = "", .url = name};
    row.name = row.file();
    if (row.folder().empty() || row.folder()[0] == '.')
      throw minitorch::ValueError("[data] " + name + " does not end in a file name",
                                  "give the address of an archive, as https://example.org/birds.tgz");
    for (const char* end : {".xz", ".txz", ".bz2", ".tbz2", ".tbz", ".zst", ".7z", ".rar"})
      if (lower_case(row.file()).ends_with(end))  // it need not come over the network first
        throw minitorch::ValueError("[data] " + name + ": only .tgz, .tar.gz, .tar and .zip are unpacked",
                                    kRepack);
    for (const auto* known : all())  // what nobody has checked must not pass for it
      if (known->folder() == row.folder())
        throw minitorch::ValueError(
            "[data] " + name + " would take the place of " + known->name,
            "./course data fetch " + known->name +
                " gets the one that is known; download this one by hand under another "
                "name, then: ./course data add FILE");
    return row;
  }
  if (name.starts_with("http://"))
    throw minitorch::ValueError("[data] " + name + ": only https addresses are fetched",
                                "fetch it in another way, then: ./course data add FILE");
  std::vector<std::string> names;
  for (const auto* row : all()) names.push_back(row->name);
  const auto near = nearest(name, names);
  throw minitorch::ValueError("[data] no data set " + name, near.empty() ? "see them all: ./course data list"
                                                                         : "did you mean " + near + "?");
}

}  // namespace datasets
