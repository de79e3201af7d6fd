// SPDX-License-Identifier: MIT
// What was unpacked, so that it can be verified later: one text file per data set, below records/.
#pragma once
#include <string>
#include <vector>

#include "datasets/unpack.h"

namespace datasets {

struct Record {
  std::string source;  ///< an address, "bundled", "generated", or the file it was added from
  std::string sha256;  ///< of the archive; "" when generated
  int64_t bytes = 0;   ///< of the archive
  std::vector<Member> members;
};

/// Text with one line per fact and then one per file: `crc32 size path`.
std::string write_record(const Record& record);
/// @throws FileError when the text is not a record
Record read_record(const std::string& text);

/// Size and CRC-32 of every file below a folder.
std::vector<Member> members_of(const std::string& folder);

/// What differs between a folder and its record, a line each: files missing or changed. Files added later are
/// fine. @throws what the watcher's check throws
std::vector<std::string> differences(const std::string& folder, const Record& record, Watcher* watcher);

}  // namespace datasets
