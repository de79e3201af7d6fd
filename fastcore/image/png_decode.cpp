// SPDX-License-Identifier: MIT
// PNG reading on top of zlib. Written here rather than taken from stb_image because a loader of files from
// outside needs what that leaves out: checksums, memory bounded by the header however far the data expands,
// and the palette indices of masks.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "fastcore/image/formats.h"
#include "minitorch/core/errors.h"

namespace fastcore::formats {
namespace {

enum Color { kGrey = 0, kRgb = 2, kPalette = 3, kGreyAlpha = 4, kRgba = 6 };

// Calls visit(type offset, body, length) for each chunk up to IEND, checking bounds.
template <class Visit>
void each_chunk(const Source& source, Visit&& visit) {
  for (size_t at = 8;;) {
    size_t length = source.big32(at);
    source.need(at, length + 12);
    size_t type = at + 4, body = at + 8;
    visit(type, body, length);
    if (source.starts_with("IEND", type)) return;
    at = body + length + 4;
  }
}

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
constexpr bool kCheckSums = false;  // a fuzzer would never get past them
#else
constexpr bool kCheckSums = true;
#endif

void check_sum(const Source& source, size_t type, size_t length) {
  uint32_t sum = static_cast<uint32_t>(crc32(0, source.at(type), static_cast<uInt>(length + 4)));
  if (kCheckSums && sum != source.big32(type + 4 + length))
    source.fail("the file is damaged (a PNG checksum is wrong)");
}

struct Header {
  int width, height, depth, color;
  bool interlaced;
  int samples() const { return color == kRgb ? 3 : color == kRgba ? 4 : color == kGreyAlpha ? 2 : 1; }
  int64_t row_bytes(int columns) const { return (int64_t{columns} * samples() * depth + 7) / 8; }
  int filter_distance() const { return std::max(1, samples() * depth / 8); }
};

Header read_header(const Source& source) {
  if (!source.starts_with("IHDR", 12) || source.big32(8) != 13) source.fail("a PNG without its header");
  source.need(16, 17);
  uint32_t width = source.big32(16), height = source.big32(20);
  if (width - 1 >= 0x7fffffff || height - 1 >= 0x7fffffff)
    source.fail(minitorch::format("a PNG of %u x %u pixels", width, height));
  Header h{static_cast<int>(width), static_cast<int>(height), source.u8(24), source.u8(25),
           source.u8(28) == 1};
  bool color_ok =
      h.color == kGrey || h.color == kRgb || h.color == kPalette || h.color == kGreyAlpha || h.color == kRgba;
  bool small = h.depth == 1 || h.depth == 2 || h.depth == 4;
  bool depth_ok = h.depth == 8 || (h.depth == 16 && h.color != kPalette) ||
                  (small && (h.color == kGrey || h.color == kPalette));
  if (!color_ok || !depth_ok || source.u8(26) || source.u8(27) || source.u8(28) > 1)
    source.fail("a PNG of an unknown kind");
  return h;
}

// The compressed data of all IDAT chunks as one stream, a row at a time.
class RowStream {
 public:
  explicit RowStream(const Source& source) : source_(source) {
    each_chunk(source, [&](size_t type, size_t body, size_t length) {
      if (source.starts_with("IDAT", type)) parts_.push_back({source.at(body), length});
    });
    if (inflateInit(&stream_) != Z_OK)
      throw minitorch::OutOfMemory("[Image::open] no memory to unpack a PNG");
  }
  ~RowStream() { inflateEnd(&stream_); }
  RowStream(const RowStream&) = delete;

  void read(uint8_t* row, int64_t bytes) {
    stream_.next_out = row;
    stream_.avail_out = static_cast<uInt>(bytes);
    while (stream_.avail_out)
      if (step() == Z_STREAM_END && stream_.avail_out) source_.cut_off();
  }
  // Reads on to the checksum at the end of the stream, so that damage in the last rows is noticed too.
  void finish() {
    uint8_t beyond[64];
    do {
      stream_.next_out = beyond;
      stream_.avail_out = sizeof beyond;
    } while (step() != Z_STREAM_END && stream_.avail_out == 0);
  }

 private:
  int step() {
    while (stream_.avail_in == 0 && next_ < parts_.size()) {
      stream_.next_in = const_cast<uint8_t*>(parts_[next_].data());
      stream_.avail_in = static_cast<uInt>(parts_[next_++].size());
    }
    int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_BUF_ERROR) source_.cut_off();
    if (result != Z_OK && result != Z_STREAM_END)
      source_.fail("the file is damaged (its compressed data is broken)");
    return result;
  }

  const Source& source_;
  std::vector<Bytes> parts_;
  size_t next_ = 0;
  z_stream stream_ = {};
};

// Undoes one row's prediction; `above` is the row before, or zeros; `d` is the distance to the pixel on the
// left.
void unfilter(const Source& source, int filter, uint8_t* row, const uint8_t* above, int64_t bytes, int d) {
  switch (filter) {
    case 0: return;
    case 1:
      for (int64_t i = d; i < bytes; ++i) row[i] += row[i - d];
      return;
    case 2:
      for (int64_t i = 0; i < bytes; ++i) row[i] += above[i];
      return;
    case 3:
      for (int64_t i = 0; i < d && i < bytes; ++i) row[i] += above[i] / 2;
      for (int64_t i = d; i < bytes; ++i) row[i] += (row[i - d] + above[i]) / 2;
      return;
    case 4:
      for (int64_t i = 0; i < d && i < bytes; ++i) row[i] += above[i];
      for (int64_t i = d; i < bytes; ++i) row[i] += paeth(row[i - d], above[i], above[i - d]);
      return;
    default: source.fail("the file is damaged (an unknown PNG filter)");
  }
}

// Turns rows of samples of 1 to 16 bits into pixels of 1, 3 or 4 bytes.
class Unpacker {
 public:
  Unpacker(const Source& source, const Header& header, bool indices)
      : source_(source), header_(header), indices_(indices) {
    for (auto& entry : palette_) entry = {0, 0, 0, 255};
    each_chunk(source, [&](size_t type, size_t body, size_t length) {
      if (header.color != kPalette) return;
      if (source.starts_with("PLTE", type)) {
        if (length > 768) source.fail("a PNG palette of more than 256 colours");
        for (size_t i = 0; i < length / 3; ++i) std::memcpy(palette_[i].data(), source.at(body + 3 * i), 3);
      } else if (source.starts_with("tRNS", type)) {
        for (size_t i = 0; i < std::min<size_t>(length, 256); ++i) palette_[i][3] = *source.at(body + i);
        transparent_ = true;
      }
    });
  }

  int channels() const {
    if (header_.color == kPalette) return indices_ ? 1 : transparent_ ? 4 : 3;
    return header_.samples() == 2 ? 4 : header_.samples();
  }

  // Writes pixel i of the row to to + i * step.
  void unpack(const uint8_t* row, int columns, uint8_t* to, int64_t step) const {
    if (header_.color == kPalette) {
      for (int i = 0; i < columns; ++i, to += step) {
        int index = sample(row, i);
        indices_ ? void(*to = index) : void(std::memcpy(to, palette_[index].data(), channels()));
      }
    } else if (header_.color == kGrey) {
      int scale = header_.depth < 8 ? 255 / ((1 << header_.depth) - 1) : 1;
      for (int i = 0; i < columns; ++i, to += step) *to = sample(row, i) * scale;
    } else if (header_.color == kGreyAlpha) {
      for (int i = 0; i < columns; ++i, to += step)
        to[0] = to[1] = to[2] = sample(row, 2 * i), to[3] = sample(row, 2 * i + 1, true);
    } else {
      int n = header_.samples();
      if (header_.depth == 8 && step == n) return void(std::memcpy(to, row, int64_t{columns} * n));
      for (int i = 0; i < columns; ++i, to += step)
        for (int c = 0; c < n; ++c) to[c] = sample(row, n * i + c, c == 3);
    }
  }

 private:
  int sample(const uint8_t* row, int i, bool alpha = false) const {
    if (header_.depth == 8) return row[i];
    if (header_.depth == 16) return indices_ && !alpha ? code(row + 2 * i) : row[2 * i];  // the high byte
    int per_byte = 8 / header_.depth;
    int shift = 8 - header_.depth * (i % per_byte + 1);
    return row[i / per_byte] >> shift & ((1 << header_.depth) - 1);
  }

  // Colours of 16 bits are finer steps of the same light, codes are numbers.
  int code(const uint8_t* two) const {
    if (two[0])
      source_.fail(
          minitorch::format("a mask of 16 bits holds the code %d: expected 0 to 255", two[0] << 8 | two[1]),
          "save it with 8 bits; a picture that is no mask: Image::open");
    return two[1];
  }

  const Source& source_;
  const Header& header_;
  bool indices_, transparent_ = false;
  std::array<std::array<uint8_t, 4>, 256> palette_;
};

// The seven passes of an interlaced file: first column and row, and the steps between them.
struct Pass {
  int x, y, dx, dy;
};
constexpr Pass kAdam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                           {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
constexpr Pass kWhole[] = {{0, 0, 1, 1}};

void read_pass(const Source& source, const Header& header, Pass pass, RowStream& rows,
               const Unpacker& unpacker, Image& image) {
  if (header.width <= pass.x || header.height <= pass.y) return;
  int columns = (header.width - pass.x + pass.dx - 1) / pass.dx;
  int64_t bytes = header.row_bytes(columns);
  auto memory =
      std::make_unique<uint8_t[]>(2 * (bytes + 1));  // this row and the one above, each with its filter byte
  uint8_t *row = memory.get(), *above = row + bytes + 1;
  for (int y = pass.y; y < header.height; y += pass.dy) {
    rows.read(row, bytes + 1);
    unfilter(source, row[0], row + 1, above + 1, bytes, header.filter_distance());
    unpacker.unpack(row + 1, columns, image.row(y) + pass.x * image.channels(),
                    int64_t{pass.dx} * image.channels());
    std::swap(row, above);
  }
}

}  // namespace

ImageInfo inspect_png(const Source& source) {
  Header header = read_header(source);
  ImageInfo info{
      FileKind::png, {header.height, header.width}, header.color == kPalette ? 3 : header.samples()};
  int64_t packed = 0;
  each_chunk(source, [&](size_t type, size_t body, size_t length) {
    check_sum(source, type, length);
    if (source.starts_with("IDAT", type)) packed += static_cast<int64_t>(length);
    if (source.starts_with("eXIf", type)) info.orientation = exif_orientation({source.at(body), length});
  });
  constexpr int64_t kMaxExpansion = 1032;  // what zlib's format can reach
  if (header.row_bytes(header.width) > (packed + 64) * kMaxExpansion / header.height)
    source.fail(minitorch::format("%lld bytes cannot hold the %d x %d pixels that the header promises",
                                  static_cast<long long>(packed), header.width, header.height));
  return info;
}

Image decode_png(const Source& source, bool indices) {
  Header header = read_header(source);
  Unpacker unpacker(source, header, indices);
  RowStream rows(source);
  Image image = Image::uninitialized({header.height, header.width}, unpacker.channels());
  if (header.interlaced)
    for (Pass pass : kAdam7) read_pass(source, header, pass, rows, unpacker, image);
  else read_pass(source, header, kWhole[0], rows, unpacker, image);
  rows.finish();
  return image;
}

}  // namespace fastcore::formats
