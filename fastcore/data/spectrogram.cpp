// SPDX-License-Identifier: MIT
#include "fastcore/data/spectrogram.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fastcore/data/fft.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::format;
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

// Hann's window of `length`, in the middle of a frame of `frame` samples.
std::vector<double> window(int length, int frame) {
  std::vector<double> w(static_cast<std::size_t>(frame));
  const int first = (frame - length) / 2;
  for (int j = 0; j < length; ++j) w[first + j] = (1 - std::cos(2 * std::numbers::pi * j / length)) / 2;
  return w;
}

void check(const Sound& sound, const Stft& how, int64_t least) {
  const int window = how.win_length ? how.win_length : how.n_fft;
  if (how.n_fft < 2 || how.hop_length < 1 || window < 1 || window > how.n_fft || !(how.power > 0))
    throw ValueError(
        format("[spectrogram] n_fft %d, hop_length %d, win_length %d, power %g: expected n_fft >= 2, "
               "hop_length >= 1, 1 <= win_length <= n_fft and a power above 0",
               how.n_fft, how.hop_length, window, how.power));
  if (static_cast<int64_t>(sound.samples.size()) < least)
    throw ValueError(format("[spectrogram] a sound of %zu samples: frames of %d need at least %lld",
                            sound.samples.size(), how.n_fft, static_cast<long long>(least)),
                     "choose a smaller n_fft, or lengthen the sound: CutSound");
}

// Sample i of a sound that goes on beyond its ends mirrored, the end samples not repeated.
double mirrored(const std::vector<float>& x, int64_t i) {
  const auto last = static_cast<int64_t>(x.size()) - 1;
  const int64_t inside = i < 0 ? -i : i > last ? 2 * last - i : i;
  return x[static_cast<std::size_t>(inside)];
}

}  // namespace

Tensor spectrogram(const Sound& sound, const Stft& how) {
  const int64_t n = how.n_fft, before = how.center ? n / 2 : 0;
  check(sound, how, how.center ? before + 1 : n);
  const auto w = window(how.win_length ? how.win_length : how.n_fft, how.n_fft);
  const int64_t length = static_cast<int64_t>(sound.samples.size()) + 2 * before;
  const int64_t frames = 1 + (length - n) / how.hop_length, waves = n / 2 + 1;
  const Fft fft(n);
  const Tensor result = minitorch::empty({waves, frames});
  float* out = result.data<float>();
  std::vector<double> frame(static_cast<std::size_t>(n));
  for (int64_t t = 0; t < frames; ++t) {
    for (int64_t j = 0; j < n; ++j)
      frame[j] = w[j] * mirrored(sound.samples, t * how.hop_length + j - before);
    const auto spectrum = fft.real(frame.data());
    for (int64_t f = 0; f < waves; ++f) {
      const double energy = std::norm(spectrum[f]);
      out[f * frames + t] = static_cast<float>(how.power == 2 ? energy : std::pow(energy, how.power / 2));
    }
  }
  return result;
}

double hz_to_mel(double hz) { return 2595 * std::log10(1 + hz / 700); }
double mel_to_hz(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

Tensor mel_filters(int bands, int frequencies, int rate, double f_min, double f_max) {
  if (bands < 1 || frequencies < 2 || rate < 1 || !(f_min >= 0 && f_min < f_max && f_max <= rate / 2.0))
    throw ValueError(
        format("[mel_filters] %d bands of %d frequencies from %g to %g Hz at %d samples a second: "
               "expected 0 <= f_min < f_max <= rate / 2",
               bands, frequencies, f_min, f_max, rate));
  std::vector<double> middles;  // in hertz, with the neighbours of the first and the last
  const double low = hz_to_mel(f_min), step = (hz_to_mel(f_max) - low) / (bands + 1);
  for (int i = 0; i < bands + 2; ++i) middles.push_back(mel_to_hz(low + step * i));
  const Tensor filters = minitorch::empty({bands, frequencies});
  float* out = filters.data<float>();
  for (int band = 0; band < bands; ++band)
    for (int f = 0; f < frequencies; ++f) {
      const double hz = rate / 2.0 * f / (frequencies - 1);
      const double rising = (hz - middles[band]) / (middles[band + 1] - middles[band]);
      const double falling = (middles[band + 2] - hz) / (middles[band + 2] - middles[band + 1]);
      *out++ = static_cast<float>(std::max(0.0, std::min(rising, falling)));
    }
  return filters;
}

Tensor power_to_db(const Tensor& x, double top_db) {
  const Tensor db = log(clamp(x, 1e-10, HUGE_VAL)) * (10 / std::numbers::ln10);
  return clamp(db, max(db).item() - top_db, HUGE_VAL);
}

Tensor mel_spectrogram(const Sound& sound, const MelOptions& o) {
  const double highest = o.f_max > 0 ? o.f_max : sound.rate / 2.0;
  const Tensor energies = spectrogram(sound, o.stft);
  const Tensor filters =
      mel_filters(o.n_mels, static_cast<int>(energies.size(0)), sound.rate, o.f_min, highest);
  return power_to_db(matmul(filters, energies), o.top_db);
}

Image matrix_picture(const Tensor& matrix, double span) {
  if (matrix.dims() != 2 || matrix.numel() == 0)
    throw minitorch::ShapeError("[matrix_picture] a tensor of shape " + to_string(matrix.shape()) +
                                ": expected a matrix");
  const auto values = matrix.to_vector<float>();
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  // Of silence, all of one value, nothing is loud: it is black, not white.
  const double high = *most, low = span > 0 && high > *least ? high - span : *least;
  const double scale = high > low ? 255 / (high - low) : 0;
  const int rows = static_cast<int>(matrix.size(0)), columns = static_cast<int>(matrix.size(1));
  Image picture({rows, columns}, 1, 0);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) {
      const double shade = (values[static_cast<std::size_t>(rows - 1 - y) * columns + x] - low) * scale;
      picture(y, x) = static_cast<uint8_t>(std::lrint(std::clamp(shade, 0.0, 255.0)));
    }
  return picture;
}

}  // namespace fastcore
