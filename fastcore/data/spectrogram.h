// SPDX-License-Identifier: MIT
// Sound as a picture: which frequencies it holds at which time. Conventions are torch.stft's and
// torchaudio's.
#pragma once
#include "fastcore/data/sound.h"
#include "fastcore/image/image.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// How a sound is cut into frames and each frame analysed.
struct Stft {
  int n_fft = 512;       ///< samples in a frame, and twice the number of frequencies
  int hop_length = 128;  ///< samples from frame to frame
  int win_length = 0;    ///< of the Hann window inside a frame; 0: n_fft
  bool center = true;    ///< frame t is about sample t hop_length; the sound is mirrored at its ends
  double power = 2;      ///< 2: energies, 1: amplitudes
};

/// S[f, t] = |sum over j of w[j] x[t hop + j] e^(-2 pi i f j / n)|^power with Hann's window
/// w[j] = (1 - cos(2 pi j / win)) / 2, which fades a frame in and out, so that no edge is taken for a wave.
/// Result (n_fft / 2 + 1, frames) float32; frequency f is f rate / n_fft hertz.
/// @throws ValueError for sizes that do not fit, or a sound too short for a frame (centred: n_fft / 2 + 1
/// samples)
minitorch::Tensor spectrogram(const Sound& sound, const Stft& how = {});

/// Hertz to mel, m = 2595 log10(1 + f / 700): equal steps of it sound equally far apart.
double hz_to_mel(double hz);
/// The way back.
double mel_to_hz(double mel);

/// Which frequencies a band sums: `bands` triangles, evenly spaced and overlapping by half in mel, each
/// rising from 0 at its left neighbour's middle to 1 at its own. (bands, frequencies).
/// @throws ValueError unless 0 <= f_min < f_max <= rate / 2 and there is a band and a frequency
minitorch::Tensor mel_filters(int bands, int frequencies, int rate, double f_min, double f_max);

/// Energies as decibels: 10 log10(max(x, 1e-10)), nothing below the loudest minus top_db.
minitorch::Tensor power_to_db(const minitorch::Tensor& x, double top_db = 80);

/// How a sound becomes a mel spectrogram.
struct MelOptions {
  Stft stft = {};
  int n_mels = 64;
  double f_min = 0;
  double f_max = 0;  ///< 0: half the rate
  double top_db = 80;
};

/// mel_filters times spectrogram, in decibels: (n_mels, frames).
/// @throws ValueError as the functions above
minitorch::Tensor mel_spectrogram(const Sound& sound, const MelOptions& options = {});

/// A matrix as a grey picture, its first row at the bottom: the least value black, the largest white; with
/// `span` above 0 black is the largest minus span. All black when all are equal, as of a silent sound.
/// @throws ShapeError unless it has two axes and an element
Image matrix_picture(const minitorch::Tensor& matrix, double span = 0);

}  // namespace fastcore
