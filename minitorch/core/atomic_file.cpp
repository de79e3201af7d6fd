// SPDX-License-Identifier: MIT
#include "minitorch/core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "minitorch/core/errors.h"

namespace minitorch {

AtomicFile::AtomicFile(const std::string& path, Sync sync) : path_(path), sync_(sync) {
  static int count = 0;
  // A name of an earlier, killed run may still be there: try the next one.
  for (int attempt = 0; handle_ < 0 && attempt < 100; ++attempt) {
    temporary_ = path + format(".tmp-%d-%d", static_cast<int>(getpid()),
                               __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED));
    handle_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (handle_ < 0 && errno != EEXIST) break;
  }
  if (handle_ < 0) {
    temporary_.clear();
    fail("cannot be created");
  }
}

AtomicFile::~AtomicFile() {
  if (handle_ >= 0) close(handle_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, uint64_t count) {
  const auto* next = static_cast<const char*>(data);
  while (count > 0) {
    const ssize_t wrote = ::write(handle_, next, count);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) fail("cannot be written");
    next += wrote;
    count -= wrote;
    position_ += wrote;
  }
}

void AtomicFile::commit() {
  if (sync_ == Sync::before && fsync(handle_) != 0) fail("cannot be written to the disk");
  const int closed = close(handle_);
  handle_ = -1;
  if (closed != 0) fail("cannot be closed");
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be put in place");
  temporary_.clear();
  if (sync_ == Sync::later) return;
  // The new name is safe only once its folder is; not every file system can do that, and the file itself is
  // there.
  const auto slash = path_.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  if (const int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); handle >= 0) {
    fsync(handle);
    close(handle);
  }
}

void AtomicFile::fail(const char* what) const {
  throw FileError("[save] " + path_ + ": " + what + ": " + std::strerror(errno),
                  "check that the folder exists, may be written to, and has space left");
}

}  // namespace minitorch
