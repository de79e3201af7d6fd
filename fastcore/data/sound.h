// SPDX-License-Identifier: MIT
// One channel of sound, and what is done to it before it becomes a picture.
#pragma once
#include <cstdint>
#include <vector>

namespace fastcore {

/// One channel of sound in [-1, 1].
struct Sound {
  std::vector<float> samples = {};
  int rate = 0;  ///< samples a second
};

/// How long a sound lasts; 0 without a rate.
inline double seconds(const Sound& sound) {
  return sound.rate > 0 ? static_cast<double>(sound.samples.size()) / sound.rate : 0;
}

/// Options of resample.
struct ResampleSound {
  int width = 6;  ///< crossings of zero on each side that the filter reaches to
  double rolloff =
      0.99;  ///< where the filter ends, as a share of the highest frequency that both rates can hold
};

/// The same sound at another rate, band-limited:
/// y(t) = sum_i x(i) s sinc(s (t - i)) cos^2(pi s (t - i) / (2 width)), t in samples of x, with s the smaller
/// of 1 and new / old rate, times rolloff; ceil(n new / old) samples.
/// @throws ValueError unless rates are 1 to 10^6, width >= 1 and 0 < rolloff <= 1, and for rates so odd that
/// they need too many filters or samples
Sound resample(const Sound& sound, int rate, const ResampleSound& options = {});

/// `count` samples from `from` on; what lies outside the sound is silence. @throws ValueError when count < 1
Sound cut_sound(const Sound& sound, int64_t from, int64_t count);

}  // namespace fastcore
