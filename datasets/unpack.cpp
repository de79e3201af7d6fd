// SPDX-License-Identifier: MIT
// libarchive reads; the paths and the writing are ours, so that every rule stands on this page.
#include "datasets/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>

#include "datasets/files.h"
#include "datasets/watcher.h"
#include "datasets/words.h"

namespace datasets {
namespace {

using Reader = std::unique_ptr<archive, int (*)(archive*)>;

Reader new_reader() {
  Reader reader(archive_read_new(), archive_read_free);
  if (!reader) throw std::bad_alloc();
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_zip(reader.get());
  return reader;
}

class Unpacker {
 public:
  Unpacker(Reader reader, std::string name, std::string folder, const UnpackLimits& limits)
      : reader_(std::move(reader)), name_(std::move(name)), folder_(std::move(folder)), limits_(limits) {}

  /// Tells of the way through an archive of so many bytes.
  Unpacker& watched_by(Watcher* watcher, int64_t bytes) {
    watcher_ = watcher;
    archive_bytes_ = bytes;
    return *this;
  }

  std::vector<Member> run(int opened) {
    if (opened != ARCHIVE_OK) damaged();
    archive_entry* entry = nullptr;
    for (int code; (code = archive_read_next_header(reader_.get(), &entry)) != ARCHIVE_EOF;) {
      tell();
      if (code == ARCHIVE_RETRY) continue;
      if (code != ARCHIVE_OK && code != ARCHIVE_WARN) damaged();
      if (++entries_ > limits_.entries) refuse("more than " + std::to_string(limits_.entries) + " entries");
      // Also what libarchive skips on its way counts: a header may claim terabytes that are nobody's
      // contents.
      if (archive_filter_bytes(reader_.get(), 0) > limits_.bytes + (entries_ + 512) * 2048) too_big();
      take(entry);
    }
    if (members_.empty()) refuse("no files in it");
    if (watcher_ && told_ < archive_bytes_) watcher_->progress(name_, archive_bytes_, archive_bytes_);
    return std::move(members_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw RefusedArchive("[data] " + name_ + " is refused: " + why,
                         "nothing was unpacked; fetch the archive anew from a source you trust");
  }
  [[noreturn]] void damaged() const {
    const char* detail = archive_error_string(reader_.get());
    refuse(std::string("damaged or no archive (") + (detail ? detail : "no more is known") + ")");
  }

  // In steps of a hundredth: there may be a thousand small files.
  void tell() {
    if (!watcher_) return;
    watcher_->check();
    const int64_t read = archive_filter_bytes(reader_.get(), -1);
    if (read > told_ + archive_bytes_ / 100) watcher_->progress(name_, told_ = read, archive_bytes_);
  }

  void take(archive_entry* entry) {
    const char* raw = archive_entry_pathname(entry);
    if (!raw) raw = archive_entry_pathname_utf8(entry);
    if (!raw) refuse("a name that cannot be read");
    if (archive_entry_hardlink(entry)) refuse("'" + printable(raw) + "' is a link");
    const auto type = archive_entry_filetype(entry);
    if (type == AE_IFLNK) refuse("'" + printable(raw) + "' is a link");
    if (type != AE_IFREG && type != AE_IFDIR)
      refuse("'" + printable(raw) + "' is a device or another special file");
    if (archive_entry_is_encrypted(entry)) refuse("'" + printable(raw) + "' is encrypted");
    const auto path = checked(raw, type == AE_IFDIR);
    if (path.empty()) return;  // the folder itself, "./"
    if (type == AE_IFDIR) return write_folder(path);
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > limits_.bytes - bytes_) too_big();
    write_folder(path.substr(0, path.rfind('/') == path.npos ? 0 : path.rfind('/')));
    write_member(path);
  }

  static std::string printable(const std::string& text) {
    std::string shown;
    for (unsigned char c : text.substr(0, 200)) shown += c < 32 || c == 127 ? '?' : static_cast<char>(c);
    return shown;
  }

  // The path without "." and doubled slashes, or a refusal. Registers it and its folders against duplicates.
  std::string checked(const std::string& raw, bool is_folder) {
    if (raw.empty() || raw[0] == '/') refuse("'" + printable(raw) + "' is an absolute or an empty path");
    if (raw.size() > 4000) refuse("a path of " + std::to_string(raw.size()) + " bytes");
    std::string path;
    int depth = 0;
    for (std::size_t at = 0, end; at <= raw.size(); at = end + 1) {
      end = std::min(raw.find('/', at), raw.size());
      const auto part = raw.substr(at, end - at);
      if (part.empty() || part == ".") continue;
      if (part == "..") refuse("'" + printable(raw) + "' climbs out of its folder");
      if (part.size() > 255) refuse("a name of " + std::to_string(part.size()) + " bytes");
      for (unsigned char c : part)
        if (c < 32 || c == 127 || c == '\\')
          refuse("'" + printable(raw) + "' holds a control character or a backslash");
      if (++depth > limits_.depth) refuse("more than " + std::to_string(limits_.depth) + " folders deep");
      path += (path.empty() ? "" : "/") + part;
      const bool whole = end == raw.size() || raw.find_first_not_of("/.", end) == raw.npos;
      register_name(path, whole && !is_folder);
    }
    if (path.empty() && !is_folder) refuse("'" + printable(raw) + "' is no file name");
    return path;
  }

  void register_name(const std::string& path, bool is_file) {
    auto [at, is_new] = names_.emplace(case_folded(path), Name{path, is_file});
    if (is_new) return;
    if (at->second.path != path) refuse("'" + path + "' and '" + at->second.path + "' differ in case only");
    if (is_file || at->second.is_file) refuse("'" + path + "' is in it twice");
  }

  void write_folder(const std::string& path) {
    if (folder_.empty() || path.empty() || path == last_folder_) return;
    make_folders(folder_ + "/" + path);
    last_folder_ = path;
  }

  [[noreturn]] void too_big() const {
    refuse("it grows beyond " + human_size(limits_.bytes) + " when unpacked");
  }

  void write_member(const std::string& path) {
    Member member{path};
    const auto target = folder_ + "/" + path;
    // O_EXCL and O_NOFOLLOW: the folder is new and ours, and nothing that stands in it is written through.
    const int fd = folder_.empty()
                       ? -1
                       : ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (!folder_.empty() && fd < 0) throw_unwritable(target, errno);
    std::unique_ptr<const int, void (*)(const int*)> closer(&fd, [](const int* f) {
      if (*f >= 0) ::close(*f);
    });
    for (la_ssize_t n; (n = archive_read_data(reader_.get(), buffer_.data(), buffer_.size())) != 0;) {
      tell();
      if (n == ARCHIVE_RETRY) continue;
      if (n < 0) damaged();
      if (n > limits_.bytes - bytes_) too_big();
      bytes_ += n;
      member.size += n;
      member.crc = static_cast<uint32_t>(crc32(member.crc, buffer_.data(), static_cast<uInt>(n)));
      for (la_ssize_t done = 0; fd >= 0 && done < n;) {
        const auto wrote = ::write(fd, buffer_.data() + done, static_cast<std::size_t>(n - done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) throw_unwritable(target, errno);
        done += wrote;
      }
    }
    members_.push_back(std::move(member));
  }

  struct Name {
    std::string path;
    bool is_file;
  };
  Reader reader_;
  std::string name_, folder_, last_folder_;
  UnpackLimits limits_;
  Watcher* watcher_ = nullptr;
  int64_t archive_bytes_ = -1, told_ = 0;
  int64_t entries_ = 0, bytes_ = 0;
  std::map<std::string, Name> names_;
  std::vector<Member> members_;
  std::vector<unsigned char> buffer_ = std::vector<unsigned char>(1 << 16);
};

}  // namespace

int64_t unpacked_limit(int64_t archive_bytes) { return (int64_t{64} << 20) + 30 * archive_bytes; }

std::vector<Member> unpack(const std::string& archive, const std::string& folder, const UnpackLimits& limits,
                           Watcher* watcher) {
  const int64_t bytes = file_size(archive);
  if (bytes < 0) throw minitorch::FileError("[data] no file " + archive);
  auto reader = new_reader();
  const int opened = archive_read_open_filename(reader.get(), archive.c_str(), 1 << 16);
  return Unpacker(std::move(reader), archive.substr(archive.rfind('/') + 1), folder, limits)
      .watched_by(watcher, bytes)
      .run(opened);
}

std::vector<Member> unpack_memory(const void* data, std::size_t size, const std::string& folder,
                                  const UnpackLimits& limits) {
  auto reader = new_reader();
  const int opened = archive_read_open_memory(reader.get(), data, size);
  return Unpacker(std::move(reader), "the archive", folder, limits).run(opened);
}

}  // namespace datasets
