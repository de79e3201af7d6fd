// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the bytes, the WAV reader returns as many finite samples as it announces, or
// refuses.
#include "fastcore/data/wav.h"

#include <cmath>

#include "minitorch/core/errors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace fastcore;
  const auto file = minitorch::io::over_memory("fuzz", data, size);
  try {
    const WavInfo info = inspect_wav(*file);
    const Sound sound = decode_wav(*file);
    if (sound.samples.size() != info.frames || sound.rate != info.rate) __builtin_trap();
    for (float x : sound.samples)
      if (!std::isfinite(x)) __builtin_trap();
  } catch (const minitorch::FileError&) {}
  return 0;
}
