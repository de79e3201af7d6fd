// SPDX-License-Identifier: MIT
// Path: pathlib's Path with fastai's helpers. A thin wrapper of a string; files are touched only by the
// functions that say so.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>

#include "fastcore/basics/l.h"

namespace fastcore {

/// What Path::mkdir does when the folder or its parents are there or are not.
struct MkdirOptions {
  bool parents = false;    ///< make missing parents too
  bool exist_ok = false;   ///< no error when the folder is there already
  bool overwrite = false;  ///< remove what is there first
};

/// Which children Path::ls lists.
struct LsOptions {
  int64_t n_max = -1;             ///< at most so many
  std::string file_type = "";     ///< "image", "text", ...: the first half of the MIME type
  L<std::string> file_exts = {};  ///< suffixes with their dot, in lower case: {".png"}
};

/// @brief A file's or folder's name: `path / "train" / "3"`.
class Path {
 public:
  Path() = default;
  Path(std::string text) : text_(std::move(text)) {}
  Path(const char* text) : text_(text) {}

  // ---- the name ----
  const std::string& str() const { return text_; }
  const char* c_str() const { return text_.c_str(); }
  /// Path('a/b.png'); below base_path() the rest only.
  std::string repr() const;
  /// b.png of a/b.png; "" of / and of the empty path.
  std::string name() const;
  /// b of a/b.png; .hidden of .hidden.
  std::string stem() const;
  /// .png of a/b.png; "" when there is none.
  std::string suffix() const;
  /// a of a/b.png; . of b.png; / of /a.
  Path parent() const;
  Path with_name(const std::string& name) const;
  Path with_suffix(const std::string& suffix) const;
  /// "a/b" + "c" = "a/b/c"; an absolute right side replaces the left.
  friend Path operator/(const Path& a, const Path& b) { return a.joined(b); }
  /// The names between the slashes; the first is / for an absolute path.
  L<std::string> parts() const;
  bool is_absolute() const { return !text_.empty() && text_[0] == '/'; }
  /// This path from `base` on: a/b/c relative to a is b/c. @throws ValueError when it is not below base
  Path relative_to(const Path& base) const;
  /// The way from `start` here, with .. where needed.
  Path relpath(const Path& start) const;
  auto operator<=>(const Path&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Path& path) {
    detail::write_to(out, path.text_);
    return out;
  }

  // ---- looking ----
  bool exists() const;
  bool is_file() const;
  bool is_dir() const;
  /// Bytes of a file. @throws FileError when there is none
  int64_t size() const;
  /// The absolute path with links followed. @throws FileError when it does not exist
  Path resolve() const;
  /// The children, sorted by name (the original leaves the folder's own order, which differs between
  /// machines).
  /// @throws FileError when this is not a folder that can be read
  L<Path> ls(const LsOptions& options = {}) const;

  // ---- reading and writing ----
  /// The whole file. @throws FileError when it cannot be read
  std::string read_text() const;
  L<std::string> readlines() const;
  /// Writes the file anew, by way of a temporary name: a reader sees the old text or the new, never a part.
  /// @throws FileError when it cannot be written
  void write_text(const std::string& text) const;
  /// write_text, after making the parents.
  void mk_write(const std::string& text) const;

  // ---- making and removing ----
  /// Makes the folder and returns the path. @throws FileError when it cannot, or it is there and that is not
  /// allowed
  const Path& mkdir(const MkdirOptions& options = {}) const;
  /// Removes a file. @throws FileError when there is none
  void unlink() const;
  /// Removes a file or a whole tree; silent when there is none. (`delete` is a keyword.)
  void remove() const;
  /// Renames, over an existing file too. @returns the new path. @throws FileError when it cannot
  Path rename(const Path& target) const;
  /// Copies a file's contents. @throws FileError when it cannot
  Path copy(const Path& target) const;

  /// The working directory and the user's home.
  static Path cwd();
  static Path home();
  /// A folder whose name is left out when paths below it are shown; empty at first.
  static Path& base_path();

 private:
  Path joined(const Path& right) const;
  std::string text_;
};

/// Which files get_files finds.
struct FilesOptions {
  L<std::string> extensions = {};  ///< suffixes with their dot, in lower case; all files when empty
  bool recurse = true;
  L<std::string> folders =
      {};  ///< only these at the first level; "." for the files that lie directly in the path
  bool followlinks = true;
};

/// @brief All files below a folder, sorted by name, hidden files and folders left out.
/// @throws FileError when the folder cannot be read
L<Path> get_files(const Path& path, const FilesOptions& options);

/// @brief All pictures below a folder, by their suffix: .jpg .jpeg .png .bmp .gif .tif .tiff .webp .ppm and
/// others.
/// @throws FileError when the folder cannot be read
L<Path> get_image_files(const Path& path);
L<Path> get_image_files(const Path& path, const FilesOptions& options);

/// All text files below a folder.
L<Path> get_text_files(const Path& path);

/// The suffixes that count as pictures.
const L<std::string>& image_extensions();

#if !defined(DOXYGEN)
// Compiled once, in path.cpp: what nearly every program asks of lists of files.
extern template L<Path> L<Path>::slice(std::optional<int64_t>, std::optional<int64_t>, int64_t) const;
extern template L<Path> L<Path>::sorted(detail::Identity, bool) const;
extern template L<Path> L<Path>::unique(bool, const L<Path>&) const;
#endif

}  // namespace fastcore
