// SPDX-License-Identifier: MIT
// Sound files: WAV in and out.
#pragma once
#include <string>

#include "fastcore/data/sound.h"
#include "minitorch/io/source.h"

namespace fastcore {

/// What a WAV file says about itself before its samples are read.
struct WavInfo {
  int rate = 0;      ///< frames a second
  int channels = 0;  ///< samples in a frame
  int bits = 0;      ///< of a sample: 8, 16, 24 or 32, for floats 32 or 64
  bool floats = false;
  uint64_t at = 0, frames = 0;  ///< where the samples begin, and how many frames there are
};

/// Reads the headers and checks that the file holds what they announce. @throws FileError as open_sound
WavInfo inspect_wav(const minitorch::io::Source& file);

/// Reads the samples as numbers in [-1, 1]; several channels become their mean. @throws FileError as
/// open_sound
Sound decode_wav(const minitorch::io::Source& file);

/// Reads a WAV file: whole numbers of 8, 16, 24 or 32 bits, or floats of 32 or 64.
/// @throws FileError when it is missing, not a WAV file, compressed, cut off, lies about a length, holds a
///   number that is not finite, or more than 2^28 samples
Sound open_sound(const std::string& path);

/// Writes 16-bit WAV, whole or not at all; numbers beyond [-1, 1] are clipped.
/// @throws FileError when the folder cannot be written, ValueError without a rate or with too many samples
void save_sound(const Sound& sound, const std::string& path);

}  // namespace fastcore
