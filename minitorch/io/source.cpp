// SPDX-License-Identifier: MIT
#include "minitorch/io/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "minitorch/core/errors.h"

namespace minitorch::io {
namespace {

class File : public Source {
 public:
  File(const std::string& path, int handle, uint64_t size) : Source(path, size), handle_(handle) {}
  ~File() override { close(handle_); }

 protected:
  void read_checked(uint64_t at, void* to, uint64_t count) const override {
    auto* next = static_cast<uint8_t*>(to);
    while (count > 0) {
      const ssize_t got = pread(handle_, next, count, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) refuse(*this, format("cannot be read: %s", std::strerror(errno)));
      if (got == 0) refuse(*this, "became shorter while it was read");
      next += got;
      at += got;
      count -= got;
    }
  }

 private:
  int handle_;
};

class Memory : public Source {
 public:
  Memory(std::string name, const void* data, uint64_t size) : Source(std::move(name), size), data_(data) {}
  Memory(std::string name, std::vector<uint8_t> bytes)
      : Source(std::move(name), bytes.size()), kept_(std::move(bytes)), data_(kept_.data()) {}

 protected:
  void read_checked(uint64_t at, void* to, uint64_t count) const override {
    std::memcpy(to, static_cast<const uint8_t*>(data_) + at, count);
  }

 private:
  std::vector<uint8_t> kept_;
  const void* data_;
};

class Part : public Source {
 public:
  Part(SourcePtr whole, std::string name, uint64_t at, uint64_t size)
      : Source(std::move(name), size), whole_(std::move(whole)), at_(at) {}

 protected:
  void read_checked(uint64_t at, void* to, uint64_t count) const override {
    whole_->read(at_ + at, to, count);
  }

 private:
  SourcePtr whole_;
  uint64_t at_;
};

}  // namespace

void Source::read(uint64_t at, void* to, uint64_t count) const {
  if (at > size_ || count > size_ - at)
    refuse(*this,
           format("ends at byte %llu: expected %llu bytes from byte %llu on",
                  static_cast<unsigned long long>(size_), static_cast<unsigned long long>(count),
                  static_cast<unsigned long long>(at)),
           "the file is cut short or damaged: fetch or save it again");
  if (count > 0) read_checked(at, to, count);
}

SourcePtr open_file(const std::string& path) {
  const int handle = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not make us wait
  if (handle < 0)
    throw FileError("[open] " + path + ": " + std::strerror(errno), "check the path and who may read it");
  struct stat info;
  if (fstat(handle, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(handle);
    throw FileError("[open] " + path + ": expected a file, got a folder, pipe or device");
  }
  return std::make_shared<File>(path, handle, static_cast<uint64_t>(info.st_size));
}

SourcePtr over_memory(std::string name, const void* data, uint64_t size) {
  return std::make_shared<Memory>(std::move(name), data, size);
}

SourcePtr over_bytes(std::string name, std::vector<uint8_t> bytes) {
  return std::make_shared<Memory>(std::move(name), std::move(bytes));
}

SourcePtr part_of(SourcePtr whole, std::string name, uint64_t at, uint64_t size) {
  if (at > whole->size() || size > whole->size() - at)
    refuse(*whole,
           format("ends at byte %llu: %s would be %llu bytes from byte %llu on",
                  static_cast<unsigned long long>(whole->size()), name.c_str(),
                  static_cast<unsigned long long>(size), static_cast<unsigned long long>(at)),
           "the file is cut short or damaged: fetch or save it again");
  return std::make_shared<Part>(std::move(whole), std::move(name), at, size);
}

void refuse(const Source& source, const std::string& what, const std::string& hint) {
  throw FileError("[load] " + source.name() + ": " + what, hint);
}

int64_t checked_product(const Source& source, int64_t a, int64_t b) {
  int64_t product;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product))
    refuse(source, format("holds an impossible size: %lld x %lld", static_cast<long long>(a),
                          static_cast<long long>(b)));
  return product;
}

void Cursor::refill() {
  constexpr uint64_t kWindow = 1 << 14;
  window_.resize(std::min(kWindow, left()));
  if (window_.empty())
    refuse(*source_, "ends too early", "the file is cut short or damaged: fetch or save it again");
  source_->read(at_, window_.data(), window_.size());
  window_at_ = at_;
}

std::string Cursor::text(uint64_t count) {
  if (count > left())
    refuse(*source_,
           format("a text of %llu bytes goes beyond the end", static_cast<unsigned long long>(count)));
  std::string read(count, '\0');
  source_->read(at_, read.data(), count);
  at_ += count;
  return read;
}

std::string Cursor::line() {
  constexpr std::size_t kLongest = 4096;
  std::string read;
  for (char c; (c = static_cast<char>(byte())) != '\n';) {
    if (read.size() == kLongest) refuse(*source_, "holds a name of more than 4096 bytes");
    read += c;
  }
  return read;
}

void Cursor::skip(uint64_t count) {
  if (count > left())
    refuse(*source_,
           format("ends too early: %llu bytes are missing", static_cast<unsigned long long>(count - left())));
  at_ += count;
}

}  // namespace minitorch::io
