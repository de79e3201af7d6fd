// SPDX-License-Identifier: MIT
// An archive is read from its end: the end record leads to the central directory, the directory to the
// members. Sizes in the members' own headers may be zero (PyTorch writes them so), and are not looked at.
#include <zlib.h>

#include <algorithm>

#include "minitorch/core/errors.h"
#include "minitorch/io/zip.h"

namespace minitorch::io {
namespace {

constexpr uint32_t kHeader = 0x04034b50, kDirectory = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr uint64_t kEndSize = 22, kLocatorSize = 20, kHeaderSize = 30;

// The end record is the last thing in the file but for a comment of at most 65535 bytes.
uint64_t find_end(const Source& archive) {
  const uint64_t tail = std::min<uint64_t>(archive.size(), kEndSize + 65535);
  std::vector<uint8_t> bytes(tail);
  archive.read(archive.size() - tail, bytes.data(), tail);
  for (uint64_t at = tail; at-- > 0;) {
    if (tail - at < kEndSize) continue;
    const uint8_t* p = bytes.data() + at;
    const uint64_t comment = p[20] | p[21] << 8;
    if (p[0] == 'P' && p[1] == 'K' && p[2] == 5 && p[3] == 6 && at + kEndSize + comment == tail)
      return archive.size() - tail + at;
  }
  refuse(archive, "is not a whole zip archive: its end record is missing",
         "the file is cut short or damaged: fetch or save it again");
}

// The extra fields of a directory entry hold those of its numbers that do not fit 32 bits, in this order.
void read_extra(Cursor& cursor, uint64_t length, std::initializer_list<uint64_t*> numbers) {
  const uint64_t end = cursor.position() + length;
  while (cursor.position() + 4 <= end) {
    const auto id = cursor.number<uint16_t>();
    const uint64_t size = cursor.number<uint16_t>(), next = cursor.position() + size;
    if (next > end) break;
    if (id == 1)
      for (uint64_t* number : numbers)
        if (*number == UINT32_MAX && cursor.position() + 8 <= next) *number = cursor.number<uint64_t>();
    cursor.skip(next - cursor.position());
  }
  if (cursor.position() > end) refuse(*cursor.source(), "has a damaged zip directory");
  cursor.skip(end - cursor.position());
}

std::vector<uint8_t> inflate_all(const Source& packed, uint64_t size) {
  constexpr uint64_t kChunk = 1 << 16;
  std::vector<uint8_t> bytes, chunk(kChunk);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw OutOfMemory("[zip] zlib has no memory left");
  struct Ender {
    z_stream* stream;
    ~Ender() { inflateEnd(stream); }
  } ender{&stream};
  int status = Z_OK;
  for (uint64_t at = 0; status != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      const uint64_t count = std::min(kChunk, packed.size() - at);
      packed.read(at, chunk.data(), count);
      at += count;
      stream.next_in = chunk.data();
      stream.avail_in = static_cast<uInt>(count);
    }
    const uint64_t done = bytes.size();
    bytes.resize(std::min(size + 1, done + kChunk));  // one more than declared shows what would go beyond
    stream.next_out = bytes.data() + done;
    stream.avail_out = static_cast<uInt>(bytes.size() - done);
    status = inflate(&stream, Z_NO_FLUSH);
    bytes.resize(bytes.size() - stream.avail_out);
    if (bytes.size() > size || (status != Z_OK && status != Z_STREAM_END)) break;
  }
  if (status != Z_STREAM_END || bytes.size() != size)
    refuse(packed, format("does not unpack to its %llu bytes", static_cast<unsigned long long>(size)),
           "the file is damaged: fetch or save it again");
  return bytes;
}

}  // namespace

ZipReader::ZipReader(SourcePtr archive) : archive_(std::move(archive)) {
  const uint64_t end = find_end(*archive_);
  Cursor cursor(archive_, end + 4);
  const auto disk = cursor.number<uint16_t>(), directory_disk = cursor.number<uint16_t>();
  const auto here = cursor.number<uint16_t>();
  uint64_t count = cursor.number<uint16_t>(), size = cursor.number<uint32_t>(),
           at = cursor.number<uint32_t>();
  const bool wide = count == UINT16_MAX || size == UINT32_MAX || at == UINT32_MAX;
  if (!wide && (disk != 0 || directory_disk != 0 || here != count))
    refuse(*archive_, "is one of several parts of a zip archive");
  if (wide && end >= kLocatorSize) {
    Cursor locator(archive_, end - kLocatorSize);
    if (locator.number<uint32_t>() == kLocator64) {
      locator.skip(4);
      Cursor wide_end(archive_, locator.number<uint64_t>());
      if (wide_end.number<uint32_t>() != kEnd64) refuse(*archive_, "has a damaged zip64 end record");
      wide_end.skip(8 + 2 + 2 + 4 + 4 + 8);  // own size, versions, disks, members on this disk
      count = wide_end.number<uint64_t>();
      size = wide_end.number<uint64_t>();
      at = wide_end.number<uint64_t>();
    }
  }
  if (at > end || size > end - at) refuse(*archive_, "has a zip directory beyond its end");
  read_directory(at, size, count);
  refuse_overlaps(at);
  refuse_bombs();
}

void ZipReader::read_directory(uint64_t at, uint64_t size, uint64_t count) {
  constexpr uint64_t kEntrySize = 46;
  if (count > size / kEntrySize)
    refuse(*archive_, format("claims %llu members in a zip directory of %llu bytes",
                             static_cast<unsigned long long>(count), static_cast<unsigned long long>(size)));
  Cursor cursor(part_of(archive_, archive_->name(), at, size));
  for (uint64_t i = 0; i < count; ++i) {
    if (cursor.number<uint32_t>() != kDirectory) refuse(*archive_, "has a damaged zip directory");
    cursor.skip(2 + 2);  // versions
    const auto flags = cursor.number<uint16_t>(), method = cursor.number<uint16_t>();
    cursor.skip(2 + 2);  // time, date
    Member member;
    member.crc = cursor.number<uint32_t>();
    member.packed_size = cursor.number<uint32_t>();
    member.size = cursor.number<uint32_t>();
    const uint64_t name = cursor.number<uint16_t>(), extra = cursor.number<uint16_t>();
    const uint64_t comment = cursor.number<uint16_t>();
    cursor.skip(2 + 2 + 4);  // disk, attributes
    member.header_at = cursor.number<uint32_t>();
    member.name = cursor.text(name);
    read_extra(cursor, extra, {&member.size, &member.packed_size, &member.header_at});
    cursor.skip(comment);
    if (flags & 1) refuse(*archive_, "holds the encrypted member " + member.name);
    if (method != 0 && method != 8)
      refuse(*archive_, format("holds %s packed by method %d: expected stored or deflated",
                               member.name.c_str(), int(method)));
    member.deflated = method == 8;
    if (!member.deflated && member.size != member.packed_size)
      refuse(*archive_, "gives two sizes for the stored member " + member.name);
    if (!by_name_.emplace(member.name, members_.size()).second)
      refuse(*archive_, "holds two members called " + member.name);
    members_.push_back(std::move(member));
  }
}

// Members that share bytes would let a small file unpack to a very large one.
void ZipReader::refuse_overlaps(uint64_t directory_at) const {
  std::vector<const Member*> order;
  for (const Member& member : members_) order.push_back(&member);
  std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->header_at < b->header_at; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const uint64_t next = i + 1 < order.size() ? order[i + 1]->header_at : directory_at;
    const uint64_t least = kHeaderSize + order[i]->name.size();
    if (order[i]->header_at > next || next - order[i]->header_at < least ||
        order[i]->packed_size > next - order[i]->header_at - least)
      refuse(*archive_, "the zip member " + order[i]->name + " overlaps what follows it");
  }
}

// Deflate makes a thousand bytes of one: a small file could fill the memory.
void ZipReader::refuse_bombs() const {
  constexpr uint64_t kAlwaysFine = 1 << 26, kMostGrowth = 200;
  uint64_t packed = 0, whole = 0;
  for (const Member& member : members_) {
    if (!member.deflated) continue;
    packed += member.packed_size;
    if (__builtin_add_overflow(whole, member.size, &whole)) whole = UINT64_MAX;
  }
  if (whole > kAlwaysFine && whole / kMostGrowth > packed)
    refuse(*archive_,
           format("would unpack %llu bytes to %llu, more than %llu times as many",
                  static_cast<unsigned long long>(packed), static_cast<unsigned long long>(whole),
                  static_cast<unsigned long long>(kMostGrowth)),
           "if you trust the file, save it again without compression, with numpy.savez");
}

const ZipReader::Member* ZipReader::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &members_[found->second];
}

SourcePtr ZipReader::open(const Member& member) const {
  Cursor cursor(archive_, member.header_at);
  if (cursor.number<uint32_t>() != kHeader)
    refuse(*archive_, "has no zip member where " + member.name + " should be");
  cursor.skip(22);
  const uint64_t name = cursor.number<uint16_t>(), extra = cursor.number<uint16_t>();
  cursor.skip(name + extra);
  SourcePtr packed =
      part_of(archive_, archive_->name() + ": " + member.name, cursor.position(), member.packed_size);
  if (!member.deflated) return packed;
  std::vector<uint8_t> bytes = inflate_all(*packed, member.size);
  if (crc32_z(0, bytes.data(), bytes.size()) != member.crc)
    refuse(*packed, "has the wrong checksum", "the file is damaged: fetch or save it again");
  return over_bytes(packed->name(), std::move(bytes));
}

}  // namespace minitorch::io
