// SPDX-License-Identifier: MIT
#include "fastcore/data/sound.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "minitorch/core/errors.h"

namespace fastcore {
using minitorch::format;
using minitorch::ValueError;

namespace {

// The filter at distance t, in units of its zero crossings: sinc under a bell that ends at `width`.
double windowed_sinc(double t, int width) {
  if (std::fabs(t) >= width) return 0;
  const double bell = std::cos(t * std::numbers::pi / width / 2), turn = t * std::numbers::pi;
  return (turn == 0 ? 1 : std::sin(turn) / turn) * bell * bell;
}

}  // namespace

// Rates are reduced to lowest terms a : b, so that output j falls where output j + b does, a samples later: b
// filters serve all. Filter j % b belongs to inputs floor(j a / b) - reach ... + reach.
Sound resample(const Sound& sound, int rate, const ResampleSound& options) {
  const bool fits = rate >= 1 && rate <= 1000000 && sound.rate >= 1 && sound.rate <= 1000000;
  if (!fits || options.width < 1 || !(options.rolloff > 0 && options.rolloff <= 1))
    throw ValueError(
        format("[resample] from %d to %d samples a second with a width of %d and a rolloff of %g: "
               "expected rates of 1 to 1000000, a width of 1 or more and a rolloff in (0, 1]",
               sound.rate, rate, options.width, options.rolloff));
  if (rate == sound.rate) return sound;
  const int64_t divisor = std::gcd(sound.rate, rate), a = sound.rate / divisor, b = rate / divisor;
  const double scale = std::min(1.0, static_cast<double>(b) / static_cast<double>(a)) * options.rolloff;
  const auto reach = static_cast<int64_t>(std::ceil(options.width / scale)) + 1;
  const int64_t taps = 2 * reach + 1, n = static_cast<int64_t>(sound.samples.size());
  const int64_t outputs = (n * b + a - 1) / a, phases = std::min(b, outputs);
  if (phases * taps > int64_t{1} << 26 || outputs > int64_t{1} << 30)
    throw ValueError(
        format("[resample] from %d to %d samples a second takes too much memory", sound.rate, rate),
        "choose a rate with a large common divisor, such as 16000 or 22050");
  std::vector<float> filters(static_cast<std::size_t>(phases * taps));
  for (int64_t phase = 0; phase < phases; ++phase) {
    const double share = static_cast<double>(phase * a % b) / static_cast<double>(b);
    for (int64_t k = 0; k < taps; ++k)
      filters[static_cast<std::size_t>(phase * taps + k)] = static_cast<float>(
          scale * windowed_sinc(scale * (share - static_cast<double>(k - reach)), options.width));
  }
  Sound result{.samples = std::vector<float>(static_cast<std::size_t>(outputs)), .rate = rate};
  for (int64_t j = 0; j < outputs; ++j) {
    const int64_t first = j * a / b - reach;
    const float* filter = &filters[static_cast<std::size_t>(j % b * taps)];
    double sum = 0;
    for (int64_t k = std::max<int64_t>(0, -first); k < std::min(taps, n - first); ++k)
      sum += static_cast<double>(filter[k]) * sound.samples[static_cast<std::size_t>(first + k)];
    result.samples[static_cast<std::size_t>(j)] = static_cast<float>(sum);
  }
  return result;
}

Sound cut_sound(const Sound& sound, int64_t from, int64_t count) {
  if (count < 1) throw ValueError(format("[cut_sound] %lld samples", static_cast<long long>(count)));
  const auto n = static_cast<int64_t>(sound.samples.size());
  Sound part{.samples = std::vector<float>(static_cast<std::size_t>(count)), .rate = sound.rate};
  const int64_t begin = std::max<int64_t>(from, 0), end = std::min(from + count, n);
  if (begin < end)
    std::copy(sound.samples.begin() + begin, sound.samples.begin() + end,
              part.samples.begin() + (begin - from));
  return part;
}

}  // namespace fastcore
