// SPDX-License-Identifier: MIT
#include <zlib.h>

#include "minitorch/io/zip.h"

namespace minitorch::io {
namespace {

// Little-endian numbers, one after another.
struct Record {
  std::string bytes;
  template <class T>
  Record& add(T number) {
    for (unsigned i = 0; i < sizeof(T); ++i)
      bytes += static_cast<char>(static_cast<uint64_t>(number) >> (8 * i));
    return *this;
  }
  Record& u16(uint64_t number) { return add(static_cast<uint16_t>(number)); }
  Record& u32(uint64_t number) { return add(static_cast<uint32_t>(number)); }
  Record& u64(uint64_t number) { return add(number); }
};

constexpr uint16_t kVersion = 45;  // the first with 64-bit sizes
constexpr uint16_t kUtf8 = 0x800;
constexpr uint16_t kDate = 0x21;        // 1980-01-01, so that equal contents give equal files
constexpr uint32_t kIn64 = UINT32_MAX;  // "look into the zip64 field"
constexpr uint64_t kAlignment = 64;

}  // namespace

void ZipWriter::add(const std::string& name, const std::string& head, const Source& body) {
  auto crc = static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const uint8_t*>(head.data()), head.size()));
  each_chunk(body, [&](const uint8_t* data, uint64_t count) {
    crc = static_cast<uint32_t>(crc32_z(crc, data, count));
  });
  const uint64_t size = head.size() + body.size();
  entries_.push_back({name, file_.position(), size, crc});

  Record extra;
  extra.u16(1).u16(16).u64(size).u64(size);
  const uint64_t before_padding = file_.position() + 30 + name.size() + extra.bytes.size() + 4;
  const uint64_t padding = (kAlignment - before_padding % kAlignment) % kAlignment;
  extra.u16('F' | 'B' << 8).u16(padding);
  extra.bytes.append(padding, 'Z');

  Record header;
  header.u32(0x04034b50).u16(kVersion).u16(kUtf8).u16(0).u16(0).u16(kDate).u32(crc).u32(kIn64).u32(kIn64);
  header.u16(name.size()).u16(extra.bytes.size());
  file_.write(header.bytes + name + extra.bytes);
  file_.write(head);
  io::write(file_, body);
}

void ZipWriter::finish() {
  const uint64_t directory_at = file_.position();
  for (const Entry& entry : entries_) {
    Record record;
    record.u32(0x02014b50).u16(kVersion).u16(kVersion).u16(kUtf8).u16(0).u16(0).u16(kDate).u32(entry.crc);
    record.u32(kIn64).u32(kIn64).u16(entry.name.size()).u16(4 + 24).u16(0).u16(0).u16(0).u32(0).u32(kIn64);
    record.bytes += entry.name;
    record.u16(1).u16(24).u64(entry.size).u64(entry.size).u64(entry.header_at);
    file_.write(record.bytes);
  }
  const uint64_t end_at = file_.position(), size = end_at - directory_at, count = entries_.size();
  Record end;
  end.u32(0x06064b50).u64(44).u16(kVersion).u16(kVersion).u32(0).u32(0).u64(count).u64(count).u64(size);
  end.u64(directory_at);
  end.u32(0x07064b50).u32(0).u64(end_at).u32(1);
  end.u32(0x06054b50).u16(0).u16(0).u16(UINT16_MAX).u16(UINT16_MAX).u32(kIn64).u32(kIn64).u16(0);
  file_.write(end.bytes);
}

}  // namespace minitorch::io
