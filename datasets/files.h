// SPDX-License-Identifier: MIT
// The few file operations that the rest is written with; all throw FileError with the path and the system's
// reason.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace datasets {

class Watcher;

/// The way on where nothing can be written.
inline constexpr const char* kElsewhere = "put the data elsewhere: export COURSE_DATA=/a/folder/of/yours";

/// What all of them throw when `path` could not be written. @throws FileError
[[noreturn]] void throw_unwritable(const std::string& path, int error_number);

bool exists(const std::string& path);
bool is_folder(const std::string& path);
/// Bytes of a file, or -1 when there is none.
int64_t file_size(const std::string& path);
/// Bytes and time of the last change, by which a file is known again; "" when there is none.
std::string file_stamp(const std::string& path);
std::string read_file(const std::string& path);
/// Writes by way of a temporary name, so that a reader (or a kill) sees the old file or the new one.
void write_file(const std::string& path, const std::string& text);
/// Makes a folder and its parents; fine when it is there.
void make_folders(const std::string& path);
/// Removes a file or a whole tree; fine when it is not there.
void remove_all(const std::string& path);
/// Renames, over an existing file too.
void rename_file(const std::string& from, const std::string& to);
/// Copies a file's bytes over what is there. @throws also what the watcher's check throws
void copy_file(const std::string& from, const std::string& to, Watcher& watcher);
/// Puts the folder `from` in the place of `to`, in one step where the system can swap two names; an old `to`
/// is removed. Its files are on the disk by then: what stands under `to` is whole after a power cut, too.
void publish_folder(const std::string& from, const std::string& to);
/// Names in a folder, sorted.
std::vector<std::string> names_in(const std::string& folder);
/// Bytes free for us on the disk that holds the path.
int64_t free_bytes(const std::string& path);
/// Whether two paths, both there, share their free space.
bool on_one_disk(const std::string& a, const std::string& b);

/// @brief A lock between processes, held while this lives; its file goes with it. The kernel frees it when
/// the process dies.
class FolderLock {
 public:
  /// Waits for the lock; while another has it, calls `waiting`, which may throw, with 0, 1, 2 ... ten times a
  /// second.
  FolderLock(const std::string& path, void (*waiting)(void* context, int times), void* context);
  /// The lock, or nullptr when another has it or it may not be taken here (a folder that is only read).
  static std::unique_ptr<FolderLock> if_free(const std::string& path);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(std::string path) : path_(std::move(path)) {}
  /// Whether it is ours now. errno says why it is not: EWOULDBLOCK, another has it.
  bool take();
  std::string path_;
  int fd_ = -1;
};

}  // namespace datasets
