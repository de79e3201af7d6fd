// SPDX-License-Identifier: MIT
// PNG writing: row prediction, palettes, and animation chunks; zlib does the packing.
#include "fastcore/image/png.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "fastcore/image/decode.h"
#include "fastcore/image/formats.h"
#include "minitorch/core/errors.h"

namespace fastcore {
namespace {

using minitorch::ValueError;

void put32(std::vector<uint8_t>& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

void put16(std::vector<uint8_t>& out, uint32_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void put_chunk(std::vector<uint8_t>& out, const char* type, const std::vector<uint8_t>& body) {
  put32(out, static_cast<uint32_t>(body.size()));
  size_t start = out.size();
  out.insert(out.end(), type, type + 4);
  out.insert(out.end(), body.begin(), body.end());
  put32(out, static_cast<uint32_t>(crc32(0, &out[start], static_cast<uInt>(out.size() - start))));
}

std::vector<uint8_t> zip(const std::vector<uint8_t>& plain, int level) {
  uLongf size = compressBound(plain.size());
  std::vector<uint8_t> packed(size);
  if (compress2(packed.data(), &size, plain.data(), plain.size(), level) != Z_OK)
    throw ValueError(minitorch::format("[encode_png] compression: expected 0 to 9, got %d", level));
  packed.resize(size);
  return packed;
}

uint8_t predicted(int filter, int left, int up, int corner) {
  switch (filter) {
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) / 2;
    case 4: return formats::paeth(left, up, corner);
    default: return 0;
  }
}

// Appends a row under the prediction that leaves the smallest remainders, as the PNG standard advises.
void put_filtered(std::vector<uint8_t>& out, const uint8_t* row, const uint8_t* above, int64_t bytes, int d) {
  std::vector<uint8_t> best, tried(bytes + 1);
  int64_t best_cost = -1;
  for (int filter = 0; filter < 5; ++filter) {
    int64_t cost = 0;
    tried[0] = static_cast<uint8_t>(filter);
    for (int64_t i = 0; i < bytes; ++i) {
      int left = i >= d ? row[i - d] : 0, up = above ? above[i] : 0,
          corner = above && i >= d ? above[i - d] : 0;
      tried[i + 1] = static_cast<uint8_t>(row[i] - predicted(filter, left, up, corner));
      cost += std::abs(static_cast<int8_t>(tried[i + 1]));
    }
    if (best_cost < 0 || cost < best_cost) best = tried, best_cost = cost;
  }
  out.insert(out.end(), best.begin(), best.end());
}

std::vector<uint8_t> packed_rows(const Image& image, bool filtered, int level) {
  std::vector<uint8_t> plain;
  plain.reserve(image.bytes() + image.height());
  for (int y = 0; y < image.height(); ++y) {
    const uint8_t* row = image.row(y);
    if (filtered) {
      put_filtered(plain, row, y ? image.row(y - 1) : nullptr, image.stride(), image.channels());
    } else {
      plain.push_back(0);
      plain.insert(plain.end(), row, row + image.stride());
    }
  }
  return zip(plain, level);
}

// Eight bits a sample, no interlacing. colors: 0 grey, 2 RGB, 3 palette, 6 RGBA.
std::vector<uint8_t> header_of(Size size, int color) {
  std::vector<uint8_t> header;
  put32(header, size.width);
  put32(header, size.height);
  for (int value : {8, color, 0, 0, 0}) header.push_back(static_cast<uint8_t>(value));
  return header;
}

int color_of(const Image& image) { return image.channels() == 1 ? 0 : image.channels() == 3 ? 2 : 6; }

constexpr uint8_t kSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

bool all_grey(const Image& image) {
  const uint8_t* end = image.data() + image.bytes();
  for (const uint8_t* pixel = image.data(); pixel < end; pixel += 3)
    if (pixel[0] != pixel[1] || pixel[0] != pixel[2]) return false;
  return true;
}

// A colour picture as indices into its own colours, when 256 are enough for it. A grey stands at its own
// value: who saves the codes of a mask as a picture finds the same codes again, whichever way it is read.
std::optional<Image> indexed(const Image& image, std::vector<Rgb>& palette) {
  if (image.channels() != 3) return std::nullopt;
  if (all_grey(image)) {
    Image values = image.convert(PixelMode::grey);
    const int largest = *std::max_element(values.data(), values.data() + values.bytes());
    for (int v = 0; v <= largest; ++v) palette.push_back({uint8_t(v), uint8_t(v), uint8_t(v)});
    return values;
  }
  std::unordered_map<uint32_t, uint8_t> seen;
  Image indices = Image::uninitialized(image.size(), 1);
  const uint8_t* pixel = image.data();
  for (int64_t i = 0; i < indices.bytes(); ++i, pixel += 3) {
    uint32_t key = pixel[0] << 16 | pixel[1] << 8 | pixel[2];
    auto [entry, fresh] = seen.try_emplace(key, static_cast<uint8_t>(palette.size()));
    if (fresh) {
      if (palette.size() == 256) return std::nullopt;
      palette.push_back({pixel[0], pixel[1], pixel[2]});
    }
    indices.data()[i] = entry->second;
  }
  return indices;
}

std::vector<uint8_t> encode_indices(const Image& indices, const std::vector<Rgb>& palette, int level) {
  std::vector<uint8_t> out(std::begin(kSignature), std::end(kSignature)), colors;
  for (const Rgb& color : palette) colors.insert(colors.end(), color.begin(), color.end());
  put_chunk(out, "IHDR", header_of(indices.size(), 3));
  put_chunk(out, "PLTE", colors);
  put_chunk(out, "IDAT", packed_rows(indices, false, level));  // differences of indices mean nothing
  put_chunk(out, "IEND", {});
  return out;
}

// The smallest rectangle outside which both pictures agree; one pixel when they agree everywhere.
struct Rectangle {
  int left, top, right, bottom;
};
Rectangle changed(const Image& before, const Image& now) {
  Rectangle r{now.width(), now.height(), 0, 0};
  int n = now.channels();
  for (int y = 0; y < now.height(); ++y) {
    const uint8_t *a = before.row(y), *b = now.row(y);
    if (std::memcmp(a, b, now.stride()) == 0) continue;
    r.top = std::min(r.top, y);
    r.bottom = y + 1;
    int64_t first = 0, last = now.stride() - 1;
    while (a[first] == b[first]) ++first;
    while (a[last] == b[last]) --last;
    r.left = std::min(r.left, static_cast<int>(first / n));
    r.right = std::max(r.right, static_cast<int>(last / n) + 1);
  }
  return r.bottom ? r : Rectangle{0, 0, 1, 1};
}

Image cut(const Image& image, Rectangle r) {
  Image out = Image::uninitialized({r.bottom - r.top, r.right - r.left}, image.channels());
  for (int y = 0; y < out.height(); ++y)
    std::memcpy(out.row(y), image.row(r.top + y) + int64_t{r.left} * image.channels(), out.stride());
  return out;
}

}  // namespace

std::vector<uint8_t> encode_png(const Image& image, const PngOptions& options) {
  if (image.empty()) throw ValueError("[encode_png] the picture is empty (0 x 0)");
  if (!options.palette.empty()) {
    if (image.channels() != 1 || options.palette.size() > 256)
      throw ValueError(minitorch::format(
          "[encode_png] a palette: expected 1 channel and up to 256 colours, got %d and %zu",
          image.channels(), options.palette.size()));
    return encode_indices(image, options.palette, options.compression);
  }
  std::vector<Rgb> palette;
  if (auto indices = indexed(image, palette)) return encode_indices(*indices, palette, options.compression);
  std::vector<uint8_t> out(std::begin(kSignature), std::end(kSignature));
  put_chunk(out, "IHDR", header_of(image.size(), color_of(image)));
  put_chunk(out, "IDAT", packed_rows(image, true, options.compression));
  put_chunk(out, "IEND", {});
  return out;
}

std::vector<uint8_t> encode_apng(const std::vector<Frame>& frames, int loops) {
  if (frames.empty()) throw ValueError("[encode_apng] no frames: an animation needs at least one");
  const Image& first = frames[0].image;
  std::vector<uint8_t> out(std::begin(kSignature), std::end(kSignature)), control;
  put_chunk(out, "IHDR", header_of(first.size(), color_of(first)));
  put32(control, static_cast<uint32_t>(frames.size()));
  put32(control, static_cast<uint32_t>(loops));
  put_chunk(out, "acTL", control);
  uint32_t sequence = 0;
  for (size_t i = 0; i < frames.size(); ++i) {
    const Image& image = frames[i].image;
    if (image.size() != first.size() || image.channels() != first.channels())
      throw ValueError(minitorch::format("[encode_apng] frame %zu is %d x %d x %d, the first is %d x %d x %d",
                                         i, image.height(), image.width(), image.channels(), first.height(),
                                         first.width(), first.channels()));
    Rectangle r = i ? changed(frames[i - 1].image, image) : Rectangle{0, 0, image.width(), image.height()};
    std::vector<uint8_t> frame, data;
    put32(frame, sequence++);
    for (int value : {r.right - r.left, r.bottom - r.top, r.left, r.top}) put32(frame, value);
    put16(frame, frames[i].milliseconds);
    put16(frame, 1000);
    put16(frame, 0);  // leave the canvas as it is, and overwrite it
    put_chunk(out, "fcTL", frame);
    if (i) put32(data, sequence++);
    auto rows = packed_rows(cut(image, r), true, 9);
    data.insert(data.end(), rows.begin(), rows.end());
    put_chunk(out, i ? "fdAT" : "IDAT", data);
  }
  put_chunk(out, "IEND", {});
  return out;
}

void save_animation(const std::vector<Frame>& frames, const std::string& path, int loops) {
  write_whole_file(path, encode_apng(frames, loops));
}

void Image::save(const std::string& path, const SaveOptions& options) const {
  auto dot = path.rfind('.');
  std::string ending = dot == std::string::npos ? "" : path.substr(dot + 1);
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (ending == "png") return write_whole_file(path, encode_png(*this, {.compression = options.compression}));
  if (ending == "jpg" || ending == "jpeg") return write_whole_file(path, encode_jpeg(*this, options.quality));
  throw ValueError("[Image::save] " + path + ": unknown ending '" + ending + "'",
                   "end the name in .png or .jpg");
}

}  // namespace fastcore
