// SPDX-License-Identifier: MIT
// libarchive reads; the paths and the writing are ours, so that every rule stands on this page.
#include "datasets/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include "datasets/files.h"
#include "datasets/gunzip.h"
#include "datasets/watcher.h"
#include "datasets/words.h"

namespace datasets {
namespace {

using Reader = std::unique_ptr<archive, int (*)(archive*)>;

// An open file that goes with this.
struct File {
  const int fd;
  explicit File(int opened) : fd(opened) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

// libarchive turns names that are marked as UTF-8 into those of the thread's locale. Here it is one that has
// every name, whatever the user's is; where a system lacks it, the user's stays.
class Utf8Names {
 public:
  Utf8Names() : utf8_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (utf8_) before_ = uselocale(utf8_);
  }
  ~Utf8Names() {
    if (!utf8_) return;
    uselocale(before_);
    freelocale(utf8_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t utf8_, before_ = nullptr;
};

// Gunzip's pieces as libarchive asks for them.
la_ssize_t read_gunzip(archive* reader, void* gunzip, const void** piece) {
  auto& from = *static_cast<Gunzip*>(gunzip);
  const auto n = from.next();
  *piece = from.piece();
  if (n >= 0) return n;
  archive_set_error(reader, EIO, "%s", from.fault().c_str());
  return ARCHIVE_FATAL;
}

class Unpacker {
 public:
  Unpacker(int fd, std::string name, std::string folder, const UnpackLimits& limits)
      : reader_(archive_read_new(), archive_read_free),
        name_(std::move(name)),
        folder_(std::move(folder)),
        limits_(limits) {
    if (!reader_) throw std::bad_alloc();
    archive_read_support_format_tar(reader_.get());
    archive_read_support_format_zip(reader_.get());
    if (Gunzip::is_for(fd)) {
      gunzip_ = std::make_unique<Gunzip>(fd);
      opened_ = archive_read_open(reader_.get(), gunzip_.get(), nullptr, read_gunzip, nullptr);
    } else {
      opened_ = archive_read_open_fd(reader_.get(), fd, 1 << 16);
    }
  }

  /// Tells of the way through an archive of so many bytes.
  Unpacker& watched_by(Watcher* watcher, int64_t bytes) {
    watcher_ = watcher;
    archive_bytes_ = bytes;
    return *this;
  }

  std::vector<Member> run() {
    if (opened_ != ARCHIVE_OK) damaged();
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
    read_to_the_end();
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

  // A tar may end before its gzip stream does, whose checksum comes last.
  void read_to_the_end() {
    if (!gunzip_) return;
    int64_t more = 0;
    const void* bytes = nullptr;
    for (la_ssize_t n; (n = read_gunzip(reader_.get(), gunzip_.get(), &bytes)) != 0;) {
      tell();
      if (n < 0) damaged();
      if ((more += n) > limits_.bytes) too_big();
    }
  }

  // In steps of a hundredth: there may be a thousand small files.
  void tell() {
    if (!watcher_) return;
    watcher_->check();
    const int64_t read = gunzip_ ? gunzip_->packed_bytes() : archive_filter_bytes(reader_.get(), -1);
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
    write_member(path, names_.at(case_folded(path)).member);
  }

  // `tar -r` appends a file's newer version, and the last one counts. A zip has every file once.
  bool is_tar() const {
    return (archive_format(reader_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
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
    const bool newer = is_file && at->second.is_file && is_tar();
    if (!newer && (is_file || at->second.is_file)) refuse("'" + path + "' is in it twice");
  }

  void write_folder(const std::string& path) {
    if (folder_.empty() || path.empty() || path == last_folder_) return;
    make_folders(folder_ + "/" + path);
    last_folder_ = path;
  }

  [[noreturn]] void too_big() const {
    refuse("it grows beyond " + human_size(limits_.bytes) + " when unpacked");
  }

  // `place` is the file's among the members: of an earlier version, or of this one from now on.
  void write_member(const std::string& path, std::size_t& place) {
    Member member{path};
    const auto target = folder_ + "/" + path;
    if (place != kNone && !folder_.empty() && ::unlink(target.c_str()) != 0) throw_unwritable(target, errno);
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
    if (place == kNone) {
      place = members_.size();
      members_.emplace_back();
    }
    members_[place] = std::move(member);
  }

  static constexpr std::size_t kNone = std::string::npos;
  struct Name {
    std::string path;
    bool is_file;
    std::size_t member = kNone;  // where the file's is, once there is one
  };
  const Utf8Names utf8_names_;
  std::unique_ptr<Gunzip> gunzip_;  // before its reader, which is closed first
  Reader reader_;
  int opened_ = ARCHIVE_FATAL;
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
  const File file(::open(archive.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) throw minitorch::FileError("[data] cannot read " + archive + ": " + std::strerror(errno));
  return Unpacker(file.fd, archive.substr(archive.rfind('/') + 1), folder, limits)
      .watched_by(watcher, bytes)
      .run();
}

std::vector<Member> unpack_memory(const void* data, std::size_t size, const std::string& folder,
                                  const UnpackLimits& limits) {
  const File file(::memfd_create("archive", MFD_CLOEXEC));
  const auto* bytes = static_cast<const char*>(data);
  for (std::size_t done = 0; done < size;) {
    const auto wrote = ::write(file.fd, bytes + done, size - done);
    if (wrote < 0 && errno != EINTR) throw_unwritable("a file in memory", errno);
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  ::lseek(file.fd, 0, SEEK_SET);
  return Unpacker(file.fd, "the archive", folder, limits).run();
}

}  // namespace datasets
