// SPDX-License-Identifier: MIT
// SHA-256 and MD5 of files. MD5 only because the course's published checks are MD5 sums of the first MiB.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace datasets {

class Watcher;

/// @brief SHA-256 (FIPS 180-4) of data that comes in pieces.
class Sha256 {
 public:
  void add(const void* data, std::size_t size);
  /// 64 hexadecimal digits; nothing may be added afterwards.
  std::string hex();

 private:
  void block(const unsigned char* data);
  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  unsigned char buffer_[64];
  uint64_t total_ = 0;
};

/// @brief MD5 (RFC 1321) of data that comes in pieces.
class Md5 {
 public:
  void add(const void* data, std::size_t size);
  /// 32 hexadecimal digits; nothing may be added afterwards.
  std::string hex();

 private:
  void block(const unsigned char* data);
  uint32_t state_[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  unsigned char buffer_[64];
  uint64_t total_ = 0;
};

std::string sha256(const std::string& data);
std::string md5(const std::string& data);

/// What is compared with the table after a download.
struct FileDigest {
  int64_t bytes = 0;
  std::string sha256;         ///< of the whole file
  std::string md5_first_mib;  ///< of its first 1,048,576 bytes
};
/// Reads a file once. @throws FileError when it cannot be read, and what the watcher's check throws
FileDigest digest_file(const std::string& path, Watcher* watcher = nullptr);

}  // namespace datasets
