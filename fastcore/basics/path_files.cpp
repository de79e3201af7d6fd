// SPDX-License-Identifier: MIT
// Path and get_files where they touch files.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fastcore/basics/path.h"
#include "fastcore/basics/range.h"
#include "minitorch/core/atomic_file.h"

namespace fastcore {
namespace fs = std::filesystem;
namespace {

// For a path that leads nowhere: how far it leads. For a file in a folder's place: the folder it lies in.
std::string hint_for(const Path& path, const std::error_code& code) {
  if (code == std::errc::not_a_directory)
    return "a folder is wanted, and this is a file: take the one it lies in, " + path.parent().str();
  if (code != std::errc::no_such_file_or_directory) return "";
  std::error_code ignored;
  fs::path there = fs::absolute(path.str(), ignored);
  while (there.has_relative_path() && !fs::exists(there, ignored)) there = there.parent_path();
  return "see what is there: ls " + there.native();
}

[[noreturn]] void fail(const char* what, const Path& path, const std::error_code& code,
                       const std::string& hint = "") {
  throw minitorch::FileError(std::string("[Path] ") + what + " " + path.str() + ": " + code.message(),
                             hint.empty() ? hint_for(path, code) : hint);
}

// For a folder that cannot be made: what is in the way.
std::string hint_for_folder(const Path& path) {
  std::error_code ignored;
  fs::path there = fs::absolute(path.str(), ignored);
  while (there.has_relative_path() && !fs::exists(there, ignored)) there = there.parent_path();
  if (there.empty()) return "";
  if (!fs::is_directory(there, ignored))
    return there.native() + " is a file: take another folder, or move the file away";
  return "nothing can be made in " + there.native() + ": take another folder";
}

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The first half of the MIME type that a suffix stands for, as far as the course meets it.
std::string mime_family(const std::string& suffix) {
  auto among = [&](const L<std::string>& list) {
    return list.argfirst([&](auto& s) { return s == suffix; }).has_value();
  };
  if (among(image_extensions())) return "image";
  if (among({".txt", ".csv", ".md", ".html", ".htm", ".tsv", ".py", ".c", ".h", ".css", ".xml"}))
    return "text";
  if (among({".wav", ".mp3", ".flac", ".ogg", ".aac"})) return "audio";
  if (among({".mp4", ".mov", ".avi", ".mpeg", ".webm"})) return "video";
  return "application";
}

// The folders from the top down to the one at hand: a link back to one of them would go round for ever.
using Above = std::vector<std::pair<dev_t, ino_t>>;

void collect(const fs::path& folder, const FilesOptions& options, Above& above, L<Path>& found) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0)
    fail("cannot read the folder", folder.native(), {errno, std::generic_category()});
  const std::pair here(info.st_dev, info.st_ino);
  if (std::find(above.begin(), above.end(), here) != above.end()) return;
  const bool top = above.empty();
  above.push_back(here);
  auto listed = [&](const std::string& name) {
    return options.folders.empty() || options.folders.argfirst([&](auto& f) { return f == name; });
  };
  std::error_code code;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    const auto name = at->path().filename().native();
    if (name.starts_with('.')) continue;
    std::error_code ignored;
    if (at->is_directory(ignored)) {
      const bool deeper = options.recurse || (top && !options.folders.empty());
      if (deeper && (!top || listed(name)) && (options.followlinks || !at->is_symlink(ignored)))
        collect(at->path(), options, above, found);
    } else if (!top || listed(".")) {
      const auto suffix = lower(at->path().extension());
      if (options.extensions.empty() || options.extensions.argfirst([&](auto& e) { return e == suffix; }))
        found.append(at->path().native());
    }
  }
  if (code) fail("cannot read the folder", folder.native(), code);
  above.pop_back();
}

}  // namespace

bool Path::exists() const {
  std::error_code code;
  return fs::exists(text_, code);
}
bool Path::is_file() const {
  std::error_code code;
  return fs::is_regular_file(text_, code);
}
bool Path::is_dir() const {
  std::error_code code;
  return fs::is_directory(text_.empty() ? "." : text_, code);
}

int64_t Path::size() const {
  std::error_code code;
  auto bytes = fs::file_size(text_, code);
  if (code) fail("cannot find the size of", *this, code);
  return static_cast<int64_t>(bytes);
}

Path Path::resolve() const {
  std::error_code code;
  auto real = fs::canonical(text_, code);
  if (code) fail("cannot resolve", *this, code);
  return real.native();
}

L<Path> Path::ls(const LsOptions& options) const {
  std::error_code code;
  L<Path> children;
  for (fs::directory_iterator at(text_.empty() ? "." : text_, code), end; !code && at != end;
       at.increment(code)) {
    const auto suffix = lower(at->path().extension());
    if (!options.file_type.empty() && (suffix.empty() || mime_family(suffix) != options.file_type)) continue;
    if (!options.file_exts.empty() && !options.file_exts.argfirst([&](auto& e) { return e == suffix; }))
      continue;
    children.append(*this / at->path().filename().native());
  }
  if (code) fail("cannot list", *this, code);
  children = children.sorted();
  return options.n_max < 0 ? children : children.slice(0, options.n_max);
}

std::string Path::read_text() const {
  errno = 0;
  std::ifstream in(text_, std::ios::binary);
  std::ostringstream text;
  if (!in || is_dir() || (text << in.rdbuf(), in.bad()))
    fail("cannot read", *this,
         std::error_code(errno      ? errno
                         : is_dir() ? EISDIR
                                    : EIO,
                         std::generic_category()));
  return text.str();
}

L<std::string> Path::readlines() const { return splitlines(read_text()); }

void Path::write_text(const std::string& text) const {
  minitorch::AtomicFile file(text_, minitorch::Sync::later);
  file.write(text);
  file.commit();
}

void Path::mk_write(const std::string& text) const {
  parent().mkdir({.parents = true, .exist_ok = true});
  write_text(text);
}

const Path& Path::mkdir(const MkdirOptions& options) const {
  if (options.overwrite) remove();
  std::error_code code;
  if (is_dir()) {
    if (options.exist_ok || options.overwrite) return *this;
    fail("cannot make", *this, std::make_error_code(std::errc::file_exists),
         "say .exist_ok = true if that is fine");
  }
  options.parents ? fs::create_directories(text_, code) : fs::create_directory(text_, code);
  if (code)
    fail("cannot make", *this, code,
         code == std::errc::no_such_file_or_directory && !options.parents
             ? "say .parents = true to make its parents too"
             : hint_for_folder(*this));
  return *this;
}

void Path::unlink() const {
  if (::unlink(c_str()) != 0) fail("cannot remove", *this, std::error_code(errno, std::generic_category()));
}

void Path::remove() const {
  std::error_code code;
  fs::remove_all(text_, code);
  if (code) fail("cannot remove", *this, code);
}

Path Path::rename(const Path& target) const {
  std::error_code code;
  fs::rename(text_, target.text_, code);
  if (code) fail("cannot rename", *this, code);
  return target;
}

Path Path::copy(const Path& target) const {
  std::error_code code;
  fs::copy_file(text_, target.text_, fs::copy_options::overwrite_existing, code);
  if (code) fail("cannot copy", *this, code);
  return target;
}

Path Path::cwd() { return fs::current_path().native(); }

Path Path::home() {
  const char* home = std::getenv("HOME");
  return home && *home ? Path(home) : Path("/");
}

L<Path> get_files(const Path& path, const FilesOptions& options) {
  if (!path.is_dir())
    fail("cannot read the folder", path,
         std::make_error_code(path.exists() ? std::errc::not_a_directory
                                            : std::errc::no_such_file_or_directory));
  L<Path> found;
  Above above;
  collect(path.str(), options, above, found);
  return found.sorted();
}

const L<std::string>& image_extensions() {
  static const L<std::string> all{".bmp", ".gif", ".ico", ".jpe", ".jpeg", ".jpg", ".pbm",  ".pgm",
                                  ".png", ".pnm", ".ppm", ".svg", ".tga",  ".tif", ".tiff", ".webp"};
  return all;
}

L<Path> get_image_files(const Path& path, const FilesOptions& options) {
  auto with_suffixes = options;
  with_suffixes.extensions = image_extensions();
  return get_files(path, with_suffixes);
}
L<Path> get_image_files(const Path& path) { return get_image_files(path, FilesOptions{}); }
L<Path> get_text_files(const Path& path) { return get_files(path, {.extensions = {".txt"}}); }

}  // namespace fastcore
