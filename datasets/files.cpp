// SPDX-License-Identifier: MIT
#include "datasets/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "minitorch/core/errors.h"

namespace datasets {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path, int code) {
  const bool room = code == ENOSPC || code == EDQUOT;
  throw minitorch::FileError(std::string("[data] cannot ") + what + " " + path + ": " + std::strerror(code),
                             room || code == EACCES || code == EROFS
                                 ? "put the data folder elsewhere: export COURSE_DATA=/a/folder/with/room"
                                 : "");
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
  static std::atomic<int> count{0};
  const auto draft = path + ".tmp" + std::to_string(getpid()) + "-" + std::to_string(count++);
  FILE* file = std::fopen(draft.c_str(), "wb");
  if (!file) fail("write", path, errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int write_error = errno;
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed || std::rename(draft.c_str(), path.c_str()) != 0) {
    const int code = written ? errno : write_error;
    ::unlink(draft.c_str());
    fail("write", path, code);
  }
}

void make_folders(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (!is_folder(path)) fail("make the folder", path, code ? code.value() : ENOTDIR);
}

void remove_all(const std::string& path) {
  std::error_code code;
  std::filesystem::remove_all(path, code);
  if (code) fail("remove", path, code.value());
}

void rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) fail("write", to, errno);
}

void copy_file(const std::string& from, const std::string& to) {
  std::error_code code;
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, code);
  if (code) fail("write", to, code.value());
}

// renameat2 swaps the two names, so that `to` is never missing; some file systems cannot, and then it is for
// a moment.
void publish_folder(const std::string& from, const std::string& to) {
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

FolderLock::FolderLock(const std::string& path, void (*waiting)(void*), void* context) {
  fd_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (fd_ < 0) fail("open the lock", path, errno);
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) waiting(context);
  while (::flock(fd_, LOCK_EX) != 0)
    if (errno != EINTR) {
      const int code = errno;
      ::close(fd_);
      fail("lock", path, code);
    }
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace datasets
