// SPDX-License-Identifier: MIT
// Unpacking archives that may be hostile: nothing is written outside the folder, and what does not fit is
// refused.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "minitorch/core/errors.h"

namespace datasets {

class Watcher;

/// An archive that is damaged or breaks a rule; as opposed to a disk that is full.
class RefusedArchive : public minitorch::FileError {
 public:
  using minitorch::FileError::FileError;
};

/// What an archive may hold at most.
struct UnpackLimits {
  int64_t entries = 100'000;
  int64_t bytes = int64_t{1} << 40;  ///< of all files together, unpacked
  int depth = 32;                    ///< folders in folders
};

/// A file that was unpacked.
struct Member {
  std::string path;  ///< below the folder
  int64_t size = 0;
  uint32_t crc = 0;  ///< CRC-32
};

/// The bytes a well-meant archive of this size may grow to: pictures barely grow, text grows tenfold.
int64_t unpacked_limit(int64_t archive_bytes);

/// @brief Unpacks a .tar, .tar.gz or .zip into an existing, empty folder.
///
/// Only files and folders, with fresh permissions, are made. With `folder` "" everything is checked, nothing
/// written. What gzip and zip keep of checksums is compared. Names that are marked as UTF-8 are written so,
/// whatever the locale.
/// @throws RefusedArchive for a damaged archive, a path that leaves the folder (.., absolute), a link or
/// device, two names that differ in case only or are one, too many entries, too deep folders, more bytes than
/// the limit; and what the watcher's check throws. What was written by then is the caller's to remove. In a
/// tar a file may come again, and its last version counts: that is how `tar -r` appends.
std::vector<Member> unpack(const std::string& archive, const std::string& folder, const UnpackLimits& limits,
                           Watcher* watcher = nullptr);

/// The same for an archive in memory.
std::vector<Member> unpack_memory(const void* data, std::size_t size, const std::string& folder,
                                  const UnpackLimits& limits);

}  // namespace datasets
