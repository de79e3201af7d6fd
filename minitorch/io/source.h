// SPDX-License-Identifier: MIT
// Bytes of a file that may be damaged or hostile: no read can leave it, and nothing is taken on trust.
//
// Files are read with pread and not mapped: a mapped file that somebody shortens kills the program.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace minitorch::io {

/// Bytes that can be read at any place: a file, memory, or a part of another source.
class Source {
 public:
  virtual ~Source() = default;
  const std::string& name() const { return name_; }  ///< what error messages call it
  uint64_t size() const { return size_; }

  /// Copies `count` bytes from position `at`. @throws FileError when the source ends before
  void read(uint64_t at, void* to, uint64_t count) const;

 protected:
  Source(std::string name, uint64_t size) : name_(std::move(name)), size_(size) {}
  virtual void read_checked(uint64_t at, void* to, uint64_t count) const = 0;

 private:
  std::string name_;
  uint64_t size_;
};
using SourcePtr = std::shared_ptr<const Source>;

/// @throws FileError when `path` is missing, unreadable or not a regular file
SourcePtr open_file(const std::string& path);
/// The caller keeps the memory alive.
SourcePtr over_memory(std::string name, const void* data, uint64_t size);
SourcePtr over_bytes(std::string name, std::vector<uint8_t> bytes);
/// Bytes [at, at + size) of `whole`. @throws FileError when they are not all there
SourcePtr part_of(SourcePtr whole, std::string name, uint64_t at, uint64_t size);

/// Calls visit(bytes, count) on piece after piece of a source.
template <class Visit>
void each_chunk(const Source& source, Visit visit) {
  std::vector<uint8_t> chunk(source.size() < (1 << 20) ? source.size() : 1 << 20);
  for (uint64_t at = 0; at < source.size(); at += chunk.size()) {
    const uint64_t count = source.size() - at < chunk.size() ? source.size() - at : chunk.size();
    source.read(at, chunk.data(), count);
    visit(chunk.data(), count);
  }
}

/// Refuses what `source` holds. `what` completes a sentence that begins with the file's name.
/// @throws FileError always
[[noreturn]] void refuse(const Source& source, const std::string& what, const std::string& hint = "");

/// a * b, or refuses the file when that is beyond what a 64-bit signed number holds.
int64_t checked_product(const Source& source, int64_t a, int64_t b);

/// Reads a source from front to back.
class Cursor {
 public:
  explicit Cursor(SourcePtr source, uint64_t at = 0) : source_(std::move(source)), at_(at) {}

  const SourcePtr& source() const { return source_; }
  uint64_t position() const { return at_; }
  uint64_t left() const { return at_ < source_->size() ? source_->size() - at_ : 0; }

  uint8_t byte() {
    if (at_ < window_at_ || at_ - window_at_ >= window_.size()) refill();
    return window_[at_++ - window_at_];
  }
  /// A little-endian number. @throws FileError at the end, as all functions here
  template <class T>
  T number() {
    uint64_t bits = 0;
    for (unsigned i = 0; i < sizeof(T); ++i) bits |= uint64_t{byte()} << (8 * i);
    T value;
    std::memcpy(&value, &bits,
                sizeof value);  // the host is little-endian, as are all that the library runs on
    return value;
  }
  /// The next `count` bytes; memory is taken only when they are there.
  std::string text(uint64_t count);
  /// Up to the next line feed, which is taken but not returned.
  std::string line();
  void skip(uint64_t count);

 private:
  void refill();

  SourcePtr source_;
  uint64_t at_;
  uint64_t window_at_ = 0;
  std::vector<uint8_t> window_;
};

}  // namespace minitorch::io
