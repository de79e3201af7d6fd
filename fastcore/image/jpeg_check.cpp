// SPDX-License-Identifier: MIT
// Walks a JPEG from marker to marker before stb_image may decode it. The packaged stb_image trusts tables
// that a hostile file may leave out or overfill, fills in what is cut off, and stops the program at a failed
// assertion; a file that passes here gives it no occasion.
#include <cstring>

#include "fastcore/image/formats.h"
#include "minitorch/core/errors.h"

namespace fastcore::formats {
namespace {

enum Marker {
  kFrame0 = 0xc0,
  kProgressive = 0xc2,
  kCodes = 0xc4,
  kStart = 0xd8,
  kEnd = 0xd9,
  kScan = 0xda,
  kSteps = 0xdb,
  kApp1 = 0xe1
};

class JpegCheck {
 public:
  explicit JpegCheck(const Source& source) : source_(source), info_{FileKind::jpeg, {0, 0}, 0} {}

  ImageInfo run() {
    for (size_t at = 2;;) {
      at = next_marker(at);
      int marker = source_.u8(at++);
      if (marker == kEnd) break;
      if (marker == 0x01 || marker == kStart) continue;  // markers without a length
      size_t length = source_.big16(at);
      if (length < 2) damaged("a block of impossible length");
      source_.need(at, length);
      read_block(marker, at + 2, at + length);
      at += length;
    }
    if (!info_.channels || !scans_) damaged("there is no picture in it");
    if (started_ != (1 << components_) - 1) damaged("a colour channel is missing");
    check_size();
    return info_;
  }

 private:
  [[noreturn]] void damaged(const char* what) const {
    source_.fail(minitorch::format("the file is damaged (JPEG: %s)", what));
  }

  // Where the next marker byte stands (0xFF, then neither padding nor a stuffed zero nor a restart).
  size_t next_marker(size_t at) const {
    for (;;) {
      const void* found =
          at < source_.size() ? std::memchr(source_.at(at), 0xff, source_.size() - at) : nullptr;
      if (!found) source_.cut_off();
      at = static_cast<const uint8_t*>(found) - source_.at(0) + 1;
      int marker = source_.u8(at);
      if (marker != 0 && marker != 0xff && !(marker >= 0xd0 && marker <= 0xd7)) return at;
      if (marker != 0xff) ++at;
    }
  }

  void read_block(int marker, size_t at, size_t end) {
    bool frame = marker >= kFrame0 && marker <= 0xcf && marker != kCodes && marker != 0xc8 && marker != 0xcc;
    if (frame) read_frame(marker, at);
    if (marker == kCodes) read_codes(at, end);
    if (marker == kSteps) read_steps(at, end);
    if (marker == kScan) read_scan(at);
    if (marker == kApp1 && end - at >= 6 && std::memcmp(source_.at(at), "Exif\0\0", 6) == 0)
      info_.orientation = exif_orientation({source_.at(at + 6), end - at - 6});
  }

  void read_frame(int marker, size_t at) {
    if (marker > kProgressive)
      source_.fail("a lossless or arithmetic JPEG, which is not supported",
                   "save it again as baseline JPEG or PNG");
    if (source_.u8(at) != 8)
      source_.fail("a 12-bit JPEG, which is not supported", "save it again with 8 bits");
    if (info_.channels) damaged("two frames");
    progressive_ = marker == kProgressive;
    info_.size = {static_cast<int>(source_.big16(at + 1)), static_cast<int>(source_.big16(at + 3))};
    components_ = source_.u8(at + 5);
    if (components_ != 1 && components_ != 3 && components_ != 4) damaged("an impossible number of channels");
    for (int i = 0; i < components_; ++i) {
      ids_[i] = source_.u8(at + 6 + 3 * i);
      step_table_[i] = source_.u8(at + 8 + 3 * i) & 15;
    }
    info_.channels = components_ == 1 ? 1 : 3;
  }

  // Code tables: a class and number, how many codes there are of each of 16 lengths, and their values.
  void read_codes(size_t at, size_t end) {
    while (at < end) {
      size_t codes = 0;
      for (int i = 1; i <= 16; ++i) codes += source_.u8(at + i);
      if (codes > 256 || at + 17 + codes > end) damaged("an impossible code table");
      int kind = source_.u8(at) >> 4 & 1, number = source_.u8(at) & 3;
      have_codes_[kind] |= 1 << number;
      at += 17 + codes;
    }
  }

  void read_steps(size_t at, size_t end) {
    while (at < end) {
      int head = source_.u8(at);
      have_steps_ |= 1 << (head & 15);
      at += 1 + (head >> 4 ? 128 : 64);
    }
    if (at != end) damaged("an impossible quantisation table");
  }

  void read_scan(size_t at) {
    constexpr int kMaxScans = 500;
    if (++scans_ > kMaxScans) damaged("more than 500 scans");
    if (!info_.channels) damaged("a scan before the frame");
    int count = source_.u8(at);
    size_t tail = at + 1 + 2 * count;
    int from = source_.u8(tail), refined = source_.u8(tail + 2) >> 4;
    bool dc = !progressive_ || (from == 0 && refined == 0), ac = !progressive_ || from > 0;
    for (int i = 0; i < count; ++i) {
      int which = 0, tables = source_.u8(at + 2 + 2 * i);
      while (which < components_ && ids_[which] != source_.u8(at + 1 + 2 * i)) ++which;
      if (which == components_) damaged("a scan of an unknown channel");
      if (dc && !(have_codes_[0] >> (tables >> 4) & 1)) damaged("a code table is missing");
      if (ac && !(have_codes_[1] >> (tables & 15) & 1)) damaged("a code table is missing");
      if (!(have_steps_ >> step_table_[which] & 1)) damaged("a quantisation table is missing");
      if (dc) started_ |= 1 << which;
      if (!(started_ >> which & 1)) damaged("a scan refines what is not there");
    }
  }

  // Every 8 x 8 block takes at least one bit, so fewer bytes than this cannot be the whole picture.
  void check_size() const {
    int64_t blocks = (int64_t{info_.size.width} + 7) / 8 * ((int64_t{info_.size.height} + 7) / 8);
    if (blocks / 8 > static_cast<int64_t>(source_.size()))
      source_.fail(minitorch::format("%zu bytes cannot hold the %d x %d pixels that the header promises",
                                     source_.size(), info_.size.width, info_.size.height));
  }

  const Source& source_;
  ImageInfo info_;
  bool progressive_ = false;
  int components_ = 0, scans_ = 0;
  int ids_[4] = {}, step_table_[4] = {};
  unsigned have_codes_[2] = {}, have_steps_ = 0;  // bit i: table i is there
  int started_ = 0;                               // bit i: channel i has had its first scan
};

}  // namespace

ImageInfo inspect_jpeg(const Source& source) { return JpegCheck(source).run(); }

}  // namespace fastcore::formats
