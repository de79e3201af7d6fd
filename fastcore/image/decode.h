// SPDX-License-Identifier: MIT
// From files to pixels: kinds of files, sizes known before decoding, limits, orientation.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastcore/image/image.h"

namespace fastcore {

/// Kinds of files that can be read.
enum class FileKind { png, jpeg, gif, bmp, pnm };

/// What a file says about itself before a pixel is decoded.
struct ImageInfo {
  FileKind kind;
  Size size;            ///< as stored, before the orientation is applied
  int channels;         ///< 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha
  int orientation = 1;  ///< EXIF 1 to 8; 1 is upright
};

/// A file's bytes. @see read_image_file
class FileBytes {
 public:
  explicit FileBytes(size_t size) : data_(new uint8_t[size]), size_(size) {}
  uint8_t* data() { return data_.get(); }
  Bytes bytes() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<uint8_t[]> data_;
  size_t size_;
};

/// Reads a whole file. @throws FileError when it is missing, a folder, empty or above 1 GiB
FileBytes read_image_file(const std::string& path);

/// Writes a file under a temporary name and renames it, so that a reader finds all of it or nothing new.
/// @throws FileError when that fails
void write_whole_file(const std::string& path, const std::vector<uint8_t>& bytes);

/// Recognises a file by its first bytes, finds its size and checks that it is not cut off.
/// @throws FileError naming `name`
ImageInfo inspect_image(Bytes file, const std::string& name);

/// Size and kind of a picture file, without decoding it. @throws FileError as Image::open()
ImageInfo image_info(const std::string& path);

/// Decodes a file; `name` appears in errors. @throws FileError as Image::open()
Image decode_image(Bytes file, const std::string& name, const DecodeOptions& options);

/// Decodes a mask: palette indices, grey values, or the luminance of a colour file.
/// @throws FileError as Image::open(), and for values of 16 bits above 255
Image decode_codes(Bytes file, const std::string& name);

/// Encodes a JPEG; transparency is dropped.
/// @throws ValueError unless 1 <= quality <= 100, and for an empty picture or one of more than 65535 a side
std::vector<uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace fastcore
