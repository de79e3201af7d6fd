// SPDX-License-Identifier: MIT
// Archives made by hand, good and hostile, and folders that vanish after the test.
#pragma once
#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "datasets/fetch.h"
#include "datasets/files.h"
#include "tests/temp_folder.h"

using TempHome = TempFolder;

/// Collects notes, so that tests can read them and the output stays clean.
struct Notes : datasets::Watcher {
  void note(const std::string& line) override { lines.push_back(line); }
  void progress(const std::string&, int64_t done, int64_t) override { last = done; }
  std::vector<std::string> lines;
  int64_t last = 0;
};

/// A ustar archive, member by member. Type '0' is a file, '5' a folder, '1' and '2' links, '3' a device.
class Tar {
 public:
  Tar& add(const std::string& path, const std::string& content, char type = '0', const std::string& link = "",
           int64_t claimed = -1) {
    char h[512] = {};
    std::strncpy(h, path.c_str(), 100);
    std::strcpy(h + 100, "0000777");
    std::strcpy(h + 108, "0000000");
    std::strcpy(h + 116, "0000000");
    std::snprintf(h + 124, 12, "%011llo",
                  static_cast<unsigned long long>(claimed < 0 ? content.size() : claimed));
    std::strcpy(h + 136, "00000000000");
    h[156] = type;
    std::strncpy(h + 157, link.c_str(), 99);
    std::memcpy(h + 257, "ustar\00000", 8);
    std::memset(h + 148, ' ', 8);
    unsigned sum = 0;
    for (unsigned char c : h) sum += c;
    std::snprintf(h + 148, 8, "%06o", sum);
    data_.append(h, sizeof h).append(content).append((512 - content.size() % 512) % 512, '\0');
    return *this;
  }
  Tar& folder(const std::string& path) { return add(path, "", '5'); }
  std::string tar() const { return data_ + std::string(1024, '\0'); }
  std::string tgz() const { return gzip(tar()); }

  static std::string gzip(const std::string& data, int level = 6) {
    z_stream stream{};
    deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, data.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

 private:
  std::string data_;
};

/// A .zip of one stored file, its name marked as UTF-8.
inline std::string small_zip(const std::string& path, const std::string& content) {
  auto number = [](uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value);
    return text;
  };
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  const auto common = number(20, 2) + number(0x800, 2) + number(0, 6) + number(crc, 4) +
                      number(content.size(), 4) + number(content.size(), 4) + number(path.size(), 2) +
                      number(0, 2);
  const auto local = "PK\3\4" + common + path + content;
  const auto central = std::string("PK\1\2") + number(20, 2) + common + number(0, 14) + path;
  return local + central + std::string("PK\5\6") + number(0, 4) + number(1, 2) + number(1, 2) +
         number(central.size(), 4) + number(local.size(), 4) + number(0, 2);
}
