// SPDX-License-Identifier: MIT
#include "datasets/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

#include "datasets/watcher.h"
#include "minitorch/core/atomic_file.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path, int code, const char* otherwise = "") {
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  throw minitorch::FileError(std::string("[data] cannot ") + what + " " + path + ": " + std::strerror(code),
                             full ? "make room, or put the data elsewhere: export COURSE_DATA=/a/bigger/disk"
                             : code == EACCES || code == EPERM || code == EROFS ? kElsewhere
                                                                                : otherwise);
}

}  // namespace

void throw_unwritable(const std::string& path, int error_number) { fail("write", path, error_number); }

bool exists(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0;
}

bool is_folder(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

int64_t file_size(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) ? info.st_size : -1;
}

std::string file_stamp(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return "";
  return std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) + "." +
         std::to_string(info.st_mtim.tv_nsec);
}

std::string read_file(const std::string& path) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) fail("read", path, errno);
  std::string text;
  char buffer[1 << 14];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) text.append(buffer, n);
  if (std::ferror(file.get())) fail("read", path, errno);
  return text;
}

void write_file(const std::string& path, const std::string& text) {
  minitorch::AtomicFile file(path);
  file.write(text);
  file.commit();
}

void make_folders(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (!is_folder(path)) fail("make the folder", path, code ? code.value() : ENOTDIR, kElsewhere);
}

void remove_all(const std::string& path) {
  std::error_code code;
  std::filesystem::remove_all(path, code);
  if (code) fail("remove", path, code.value());
}

void rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) fail("write", to, errno);
}

void copy_file(const std::string& from, const std::string& to, Watcher& watcher) {
  using File = std::unique_ptr<FILE, int (*)(FILE*)>;
  File source(std::fopen(from.c_str(), "rb"), std::fclose);
  if (!source) fail("read", from, errno);
  File copy(std::fopen(to.c_str(), "wb"), std::fclose);
  if (!copy) fail("write", to, errno);
  std::vector<char> buffer(1 << 20);
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), source.get())) > 0;) {
    watcher.check();
    if (std::fwrite(buffer.data(), 1, n, copy.get()) != n) fail("write", to, errno);
  }
  if (std::ferror(source.get())) fail("read", from, errno);
  if (std::fclose(copy.release()) != 0) fail("write", to, errno);
}

namespace {
// All that was written below a folder is on its disk when this returns: one call for the file system instead
// of one for each of a hundred thousand files. Some file systems have nothing to bring to a disk.
void bring_to_disk(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail("read the folder", folder, errno);
  const int problem = ::syncfs(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (problem == EIO || problem == ENOSPC || problem == EDQUOT) fail("write", folder, problem);
}
}  // namespace

// renameat2 swaps the two names, so that `to` is never missing; some file systems cannot, and then it is for
// a moment. A name may reach the disk before the files do, and the power fail in between: so they go first.
void publish_folder(const std::string& from, const std::string& to) {
  bring_to_disk(from);
  if (!exists(to)) return rename_file(from, to);
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return remove_all(from);
  const auto old = from + ".old";
  rename_file(to, old);
  rename_file(from, to);
  remove_all(old);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  if (!dir) fail("read the folder", folder, errno);
  while (const dirent* entry = readdir(dir.get()))
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      names.push_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

int64_t free_bytes(const std::string& path) {
  struct statvfs info;
  if (::statvfs(path.c_str(), &info) != 0) fail("ask for the free space of", path, errno);
  return static_cast<int64_t>(info.f_bavail) * static_cast<int64_t>(info.f_frsize);
}

bool on_one_disk(const std::string& a, const std::string& b) {
  struct stat first, second;
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev;
}

// Who frees a lock removes its file, so the file that was locked has to be the one that is there.
bool FolderLock::take() {
  for (;;) {
    fd_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (fd_ < 0) return false;
    int locked;
    do locked = ::flock(fd_, LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    const int problem = errno;
    struct stat ours, there;
    if (locked == 0 && ::fstat(fd_, &ours) == 0 && ::stat(path_.c_str(), &there) == 0 &&
        ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
      return true;
    ::close(fd_);
    fd_ = -1;
    if (locked == 0) continue;
    errno = problem;
    return false;
  }
}

FolderLock::FolderLock(const std::string& path, void (*waiting)(void*, int), void* context) : path_(path) {
  for (int times = 0; !take();) {
    if (errno != EWOULDBLOCK) fail("take the lock", path, errno);
    waiting(context, times++);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::unique_ptr<FolderLock> FolderLock::if_free(const std::string& path) {
  std::unique_ptr<FolderLock> lock(new FolderLock(path));
  return lock->take() ? std::move(lock) : nullptr;
}

FolderLock::~FolderLock() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace datasets
