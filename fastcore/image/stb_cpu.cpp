// SPDX-License-Identifier: MIT
// The stb libraries (Debian's libstb-dev, public domain): decoding of JPEG, GIF and BMP, encoding of
// JPEG, and reading of TrueType outlines. Compiled as a kernel, because decoding is most of a data loader's
// time.
#include "fastcore/image/stb.h"

#include <algorithm>
#include <cstdlib>

#include "fastcore/image/decode.h"
#include "minitorch/core/errors.h"

// Small blocks hold decoder state, of which damaged files may leave parts unset: start them at zero.
#define STBI_MALLOC(size) ((size) < 65536 ? std::calloc(1, size) : std::malloc(size))
#define STBI_REALLOC(memory, size) std::realloc(memory, size)
#define STBI_FREE(memory) std::free(memory)
#define STBI_ASSERT(condition) ((void)0)  // a damaged file must not end the program
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_JPEG
#define STBI_ONLY_GIF
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS (1 << 16)
#include <stb/stb_image.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#define STB_TRUETYPE_IMPLEMENTATION
#include <stb/stb_truetype.h>

namespace fastcore {

uint8_t* stb::decode(Bytes file, Size* size, int* channels, int wanted) {
  auto length = static_cast<int>(file.size());  // at most 1 GiB, see read_image_file
  return stbi_load_from_memory(file.data(), length, &size->width, &size->height, channels, wanted);
}

const char* stb::failure() { return stbi_failure_reason(); }

std::vector<uint8_t> encode_jpeg(const Image& image, int quality) {
  if (quality < 1 || quality > 100)
    throw minitorch::ValueError(
        minitorch::format("[encode_jpeg] quality: expected 1 to 100, got %d", quality));
  if (image.empty()) throw minitorch::ValueError("[encode_jpeg] the picture is empty (0 x 0)");
  constexpr int kMaxSide = 65535;  // the header has 16 bits for a side
  if (std::max(image.height(), image.width()) > kMaxSide)
    throw minitorch::ValueError(
        minitorch::format("[encode_jpeg] %d x %d pixels: a JPEG holds at most %d a side", image.height(),
                          image.width(), kMaxSide),
        "end the name in .png, or shrink the picture first: resize(image, size)");
  std::vector<uint8_t> out;
  auto append = [](void* context, void* data, int size) {
    auto* bytes = static_cast<uint8_t*>(data);
    auto* to = static_cast<std::vector<uint8_t>*>(context);
    to->insert(to->end(), bytes, bytes + size);
  };
  if (!stbi_write_jpg_to_func(append, &out, image.width(), image.height(), image.channels(), image.data(),
                              quality))
    throw minitorch::ValueError("[encode_jpeg] the picture cannot be written as JPEG", "write a PNG");
  return out;
}

}  // namespace fastcore
