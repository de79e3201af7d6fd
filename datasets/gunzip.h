// SPDX-License-Identifier: MIT
// What gzip packed, read by zlib, which compares the stream with its checksum and its length: libarchive's
// own reader does not. Used by unpack.cpp only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace datasets {

/// The contents of an open file, piece by piece.
class Gunzip {
 public:
  /// Reads by a copy of fd, which stays the caller's.
  explicit Gunzip(int fd);
  ~Gunzip();
  /// Whether a file begins as gzip's do.
  static bool is_for(int fd);
  /// Goes on to the next piece. @returns its bytes; 0 at the end, -1 where the file is damaged
  int64_t next();
  const void* piece() const { return buffer_.data(); }
  /// What is wrong, after a -1.
  const std::string& fault() const { return fault_; }
  /// How far it is in the file.
  int64_t packed_bytes() const;

 private:
  struct File;
  std::unique_ptr<File> file_;
  std::vector<unsigned char> buffer_ = std::vector<unsigned char>(1 << 16);
  std::string fault_;
};

}  // namespace datasets
