// SPDX-License-Identifier: MIT
// Pictures as bytes in memory: Image (1, 3 or 4 channels) and Mask (one class code for every pixel).
#pragma once
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

namespace fastcore {

/// Rows first, as everywhere in the course: Size{4, 8} is 4 high and 8 wide.
struct Size {
  int height, width;
  bool operator==(const Size&) const = default;
};

using Bytes = std::span<const uint8_t>;

/// What the channels of a decoded picture should mean.
enum class PixelMode {
  rgb,       ///< 3 channels; grey is repeated, transparency dropped
  grey,      ///< 1 channel, luminance as Pillow computes it
  as_stored  ///< 1, 3 or 4 channels, whatever the file holds
};

/// How to decode, and how much memory a file from outside may ask for.
struct DecodeOptions {
  PixelMode mode = PixelMode::rgb;
  int64_t max_pixels = int64_t{1} << 27;  ///< checked against the header, before anything is decoded
};

/// How to write. The ending of the file name (.png, .jpg, .jpeg) chooses the format.
struct SaveOptions {
  int quality = 75;     ///< JPEG, 1 to 100
  int compression = 6;  ///< PNG, 0 (none) to 9 (smallest)
};

/// A picture: height x width pixels of 1 (grey), 3 (RGB) or 4 (RGBA) bytes, row by row without gaps.
///
/// A value: copying copies the pixels. The default-constructed picture is 0 x 0.
class Image {
 public:
  Image() = default;
  /// A picture whose pixels are all `fill`. @throws ValueError for sizes below 1 or other channel counts
  Image(Size size, int channels, uint8_t fill);
  Image(const Image& other);
  Image(Image&& other) noexcept;
  Image& operator=(Image other) noexcept;

  /// Decodes a PNG, JPEG, GIF (first frame), BMP or PNM file, upright by its EXIF orientation.
  /// @throws FileError naming the file when it is missing, empty, cut off, damaged, too large or unknown
  static Image open(const std::string& path, const DecodeOptions& options = {});
  /// The course's name for open() in RGB. @throws FileError as open()
  static Image create(const std::string& path) { return open(path); }
  /// Decodes a file that is already in memory. @throws FileError as open()
  static Image create(Bytes file, const DecodeOptions& options = {});
  /// Copies height * width * channels raw bytes. @throws ValueError for sizes below 1 or other channel counts
  static Image create(Size size, int channels, const uint8_t* pixels);
  /// A picture whose pixels are still to be written: what readers and kernels fill.
  static Image uninitialized(Size size, int channels);
  /// Takes over pixels that came from malloc.
  static Image adopt(Size size, int channels, uint8_t* pixels);

  int height() const { return size_.height; }
  int width() const { return size_.width; }
  int channels() const { return channels_; }
  Size size() const { return size_; }
  int64_t stride() const { return int64_t{size_.width} * channels_; }  ///< bytes from row to row
  int64_t bytes() const { return size_.height * stride(); }
  bool empty() const { return bytes() == 0; }
  uint8_t* data() { return pixels_.get(); }
  const uint8_t* data() const { return pixels_.get(); }
  uint8_t* row(int y) { return data() + y * stride(); }
  const uint8_t* row(int y) const { return data() + y * stride(); }
  uint8_t& operator()(int y, int x, int c = 0) { return row(y)[int64_t{x} * channels_ + c]; }
  uint8_t operator()(int y, int x, int c = 0) const { return row(y)[int64_t{x} * channels_ + c]; }
  bool operator==(const Image& other) const;

  /// The same picture in other channels; RGB to grey is (19595 R + 38470 G + 7471 B + 32768) >> 16.
  Image convert(PixelMode mode) const;
  /// Writes a PNG or a JPEG, whole or not at all. @throws FileError when the folder cannot be written
  /// @throws ValueError for another ending, an empty picture, a JPEG of more than 65535 a side
  void save(const std::string& path, const SaveOptions& options = {}) const;

 private:
  struct Free {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };
  Size size_{0, 0};
  int channels_ = 0;
  std::unique_ptr<uint8_t[], Free> pixels_;
};

/// A class code for every pixel: what segmentation learns.
class Mask {
 public:
  Mask() = default;
  /// @throws ValueError unless `codes` has one channel
  explicit Mask(Image codes);

  /// Reads a mask: the palette indices of a palette PNG, the values of a grey file, luminance otherwise.
  /// @throws FileError as Image::open(), and for values of 16 bits above 255
  static Mask open(const std::string& path);
  /// The same from a file in memory. @throws FileError as Image::open()
  static Mask create(Bytes file);

  const Image& codes() const { return codes_; }
  int height() const { return codes_.height(); }
  int width() const { return codes_.width(); }
  Size size() const { return codes_.size(); }
  uint8_t operator()(int y, int x) const { return codes_(y, x); }
  bool operator==(const Mask&) const = default;

  /// @throws IndexError naming the first pixel whose code is not in [0, classes)
  void check_codes(int classes, const std::string& name) const;
  /// Writes a palette PNG whose indices are the codes, in the 20 colours that plots use.
  /// @throws FileError when the folder cannot be written
  void save(const std::string& path) const;

 private:
  Image codes_;
};

}  // namespace fastcore
