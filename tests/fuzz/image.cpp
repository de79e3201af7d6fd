// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the bytes, the picture readers return a picture of the size that was announced,
// or refuse with a FileError.
#include "fastcore/image/decode.h"
#include "minitorch/core/errors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fastcore;
  const DecodeOptions options{.mode = PixelMode::as_stored, .max_pixels = 1 << 20};
  try {
    ImageInfo info = inspect_image({data, size}, "fuzz");
    Image image = decode_image({data, size}, "fuzz", options);
    bool turned = info.orientation >= 5;
    Size expected = turned ? Size{info.size.width, info.size.height} : info.size;
    if (image.size() != expected) __builtin_trap();
    decode_codes({data, size}, "fuzz");
  } catch (const minitorch::FileError&) {}
  return 0;
}
