// SPDX-License-Identifier: MIT
// Zip archives, as .pth and .npz files are: reading stored and deflated members, writing stored ones.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "minitorch/io/atomic_file.h"
#include "minitorch/io/source.h"

namespace minitorch::io {

/// The members of a zip archive, by its central directory.
class ZipReader {
 public:
  /// @throws FileError when the archive is damaged, encrypted, holds members that overlap or share a name, is
  /// spread over several files, or would unpack to more than 64 MiB and 200 times its size
  explicit ZipReader(SourcePtr archive);

  struct Member {
    std::string name;
    uint64_t header_at, packed_size, size;
    uint32_t crc;
    bool deflated;
  };
  const std::vector<Member>& members() const { return members_; }
  const Member* find(const std::string& name) const;  ///< null when there is none

  /// A member's bytes. A stored member stays in the file; a deflated one is inflated into memory, never
  /// beyond its declared size, and its checksum tested.
  SourcePtr open(const Member& member) const;

 private:
  void read_directory(uint64_t at, uint64_t size, uint64_t count);
  void refuse_overlaps(uint64_t directory_at) const;
  void refuse_bombs() const;

  SourcePtr archive_;
  std::vector<Member> members_;
  std::unordered_map<std::string, std::size_t> by_name_;
};

/// Writes a zip archive member by member. Every member is stored, begins at a multiple of 64 bytes, and has
/// 64-bit sizes: one form for small files and large.
class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}
  /// A member of `head` and then `body`.
  void add(const std::string& name, const std::string& head, const Source& body);
  /// Writes the central directory; the last call.
  void finish();

 private:
  struct Entry {
    std::string name;
    uint64_t header_at, size;
    uint32_t crc;
  };
  AtomicFile& file_;
  std::vector<Entry> entries_;
};

}  // namespace minitorch::io
