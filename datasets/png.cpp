// SPDX-License-Identifier: MIT
#include "datasets/png.h"

#include <zlib.h>

#include "datasets/files.h"
#include "minitorch/core/errors.h"

namespace datasets {
namespace {

std::string big_endian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

// Length, name, data, and the CRC-32 of name and data.
std::string chunk(const std::string& name, const std::string& data) {
  const auto body = name + data;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<uint32_t>(data.size())) + body + big_endian(static_cast<uint32_t>(crc));
}

}  // namespace

void write_png(const std::string& path, int width, int height, int channels,
               const std::vector<uint8_t>& pixels) {
  const std::size_t row = static_cast<std::size_t>(width) * channels;
  if ((channels != 1 && channels != 3) || pixels.size() != row * height)
    throw minitorch::ValueError("[write_png] " + path +
                                ": expected width * height * channels bytes, channels 1 or 3");
  std::string filtered;  // each row is led by its filter: 1, the difference to the pixel on the left
  for (int y = 0; y < height; ++y) {
    filtered += '\1';
    for (std::size_t x = 0; x < row; ++x) {
      const std::size_t at = y * row + x;
      const int left = x >= static_cast<std::size_t>(channels) ? pixels[at - channels] : 0;
      filtered += static_cast<char>(pixels[at] - left);
    }
  }
  uLongf size = compressBound(filtered.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(filtered.data()),
           filtered.size());
  packed.resize(size);
  const std::string depth_colour_rest{8, static_cast<char>(channels == 3 ? 2 : 0), 0, 0, 0};
  write_file(path, "\x89PNG\r\n\x1a\n" +
                       chunk("IHDR", big_endian(width) + big_endian(height) + depth_colour_rest) +
                       chunk("IDAT", packed) + chunk("IEND", ""));
}

}  // namespace datasets
