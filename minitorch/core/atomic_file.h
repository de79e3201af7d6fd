// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is whole.
#pragma once
#include <cstdint>
#include <string>

namespace minitorch {

/// When a file's bytes go to the disk: before it appears under its name, which takes a while, or when the
/// system likes, as for pictures by the thousand that can be made again after a power cut.
enum class Sync { before, later };

/// Writes to a temporary name in the same folder; commit() puts it in place. Whatever fails before, a power
/// cut included (with Sync::before), leaves what was there before untouched, and the temporary file goes with
/// this object.
class AtomicFile {
 public:
  /// @throws FileError when the folder cannot be written to
  explicit AtomicFile(const std::string& path, Sync sync = Sync::before);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// @throws FileError when the disk is full or fails
  void write(const void* data, uint64_t count);
  void write(const std::string& text) { write(text.data(), text.size()); }
  uint64_t position() const { return position_; }

  /// Takes the place of `path`, once the bytes are on the disk unless that is for later.
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_, temporary_;
  Sync sync_;
  int handle_ = -1;
  uint64_t position_ = 0;
};

}  // namespace minitorch
