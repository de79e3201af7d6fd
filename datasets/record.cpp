// SPDX-License-Identifier: MIT
#include "datasets/record.h"

#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "datasets/files.h"
#include "datasets/watcher.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

const char kFirstLine[] = "course data record 1";

[[noreturn]] void damaged(const std::string& what) {
  throw minitorch::FileError("[data] a damaged record: " + what,
                             "see of which data set: ./course data verify");
}

uint32_t crc_of(const std::string& path) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) throw minitorch::FileError("[data] cannot read " + path + ": " + std::strerror(errno));
  uLong crc = 0;
  std::vector<unsigned char> buffer(1 << 16);
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;)
    crc = crc32(crc, buffer.data(), static_cast<uInt>(n));
  return static_cast<uint32_t>(crc);
}

}  // namespace

std::string write_record(const Record& record) {
  std::string text = std::string(kFirstLine) + "\nsource " + record.source + "\nsha256 " + record.sha256 +
                     "\nbytes " + std::to_string(record.bytes) + "\n";
  for (const auto& member : record.members)
    text +=
        minitorch::format("%08x %lld ", member.crc, static_cast<long long>(member.size)) + member.path + "\n";
  return text;
}

Record read_record(const std::string& text) {
  Record record;
  std::size_t at = 0;
  auto line = [&] {
    const auto end = text.find('\n', at);
    if (end == text.npos) damaged("it is cut off");
    auto found = text.substr(at, end - at);
    at = end + 1;
    return found;
  };
  auto value = [&](const std::string& key) {
    const auto found = line();
    if (!found.starts_with(key + " ")) damaged("no " + key);
    return found.substr(key.size() + 1);
  };
  if (line() != kFirstLine) damaged("its first line");
  record.source = value("source");
  record.sha256 = value("sha256");
  record.bytes = std::atoll(value("bytes").c_str());
  while (at < text.size()) {
    const auto row = line();
    const auto size_at = row.find(' '), path_at = row.find(' ', size_at + 1);
    if (size_at != 8 || path_at == row.npos) damaged("'" + row + "'");
    record.members.push_back({row.substr(path_at + 1), std::atoll(row.c_str() + 9),
                              static_cast<uint32_t>(std::strtoul(row.c_str(), nullptr, 16))});
  }
  return record;
}

std::vector<Member> members_of(const std::string& folder) {
  std::vector<Member> members;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) {
      const auto path = entry.path().native();
      members.push_back({path.substr(folder.size() + 1), file_size(path), crc_of(path)});
    }
  return members;
}

std::vector<std::string> differences(const std::string& folder, const Record& record, Watcher* watcher) {
  std::vector<std::string> found;
  for (const auto& member : record.members) {
    if (watcher) watcher->check();
    const auto path = folder + "/" + member.path;
    const auto size = file_size(path);
    if (size < 0) found.push_back(member.path + " is missing");
    else if (size != member.size || crc_of(path) != member.crc) found.push_back(member.path + " was changed");
  }
  return found;
}

}  // namespace datasets
