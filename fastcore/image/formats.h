// SPDX-License-Identifier: MIT
// The outer structure of picture files: enough to know their size, to find their orientation, and to see that
// nothing is missing, before a decoder is let loose on them. Used by the readers of this folder, and by
// png_encode.cpp for PNG's prediction.
#pragma once
#include <cstdlib>
#include <optional>
#include <string>

#include "fastcore/image/decode.h"

namespace fastcore::formats {

/// A file in memory with bounds-checked reading and a name for errors.
class Source {
 public:
  Source(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  size_t size() const { return bytes_.size(); }
  const uint8_t* at(size_t offset) const { return bytes_.data() + offset; }
  bool starts_with(const char* text, size_t offset = 0) const;
  /// @throws FileError (cut off) when [offset, offset + count) is not all there
  void need(size_t offset, size_t count) const;
  uint8_t u8(size_t offset) const { return need(offset, 1), bytes_[offset]; }
  uint32_t big16(size_t offset) const { return u8(offset) << 8 | u8(offset + 1); }
  uint32_t big32(size_t offset) const { return big16(offset) << 16 | big16(offset + 2); }
  uint32_t little16(size_t offset) const { return u8(offset) | u8(offset + 1) << 8; }
  uint32_t little32(size_t offset) const { return little16(offset) | little16(offset + 2) << 16; }

  [[noreturn]] void fail(const std::string& what, const std::string& hint = kBadFileHint) const;
  [[noreturn]] void cut_off() const;

  static const char* const kBadFileHint;

 private:
  Bytes bytes_;
  const std::string& name_;
};

ImageInfo inspect_png(const Source& source);
ImageInfo inspect_jpeg(const Source& source);
ImageInfo inspect_gif(const Source& source);
ImageInfo inspect_bmp(const Source& source);
ImageInfo inspect_pnm(const Source& source);

/// The orientation (1 to 8) in the TIFF structure of an EXIF block; 1 when there is none or it is damaged.
int exif_orientation(Bytes tiff);

/// Decodes a PNG that inspect_png has accepted. With `indices`, a palette file gives its indices, and 16 bits
/// are numbers, none above 255.
Image decode_png(const Source& source, bool indices);

/// What PNG's fourth filter predicts of a byte: whichever of its three neighbours left + up - corner is
/// nearest to.
inline int paeth(int left, int up, int corner) {
  const int to_left = std::abs(up - corner), to_up = std::abs(left - corner),
            to_corner = std::abs(left + up - 2 * corner);
  return to_left <= to_up && to_left <= to_corner ? left : to_up <= to_corner ? up : corner;
}

/// Copies the bytes of a PNM that inspect_pnm has accepted.
Image decode_pnm(const Source& source);

}  // namespace fastcore::formats
