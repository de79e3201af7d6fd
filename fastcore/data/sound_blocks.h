// SPDX-License-Identifier: MIT
// Sound and series as inputs of a DataBlock: both become pictures, and everything that learns from pictures
// learns from them.
//
//     .blocks = {SoundBlock{.rate = 8000, .seconds = 1.5}, CategoryBlock{}}
//     .blocks = {SeriesBlock{.size = 64}, CategoryBlock{}}
#pragma once
#include "fastcore/data/blocks.h"
#include "fastcore/data/series.h"
#include "fastcore/data/spectrogram.h"

namespace fastcore {

/// Opens a WAV file, at another rate if one is given.
struct OpenSound {
  int rate = 0;  ///< 0: the file's own
  /// @throws FileError as open_sound
  Sound encode(const Path& path) const;
  Sound encode(const std::string& path) const { return encode(Path(path)); }
  Sound encode(Sound sound) const;
  void fields(Fields& f) { f("rate", rate); }
};

/// Makes every sound equally long: a part of a longer one, a shorter one within silence. In training the
/// place is random, in validation the middle.
struct CutSound {
  double seconds = 1;
  static constexpr double order = -3;

  double draw(const Sample& sample, Context& context) const;
  /// @throws ValueError when that is not a sample long
  Sound encode(const Sound& sound, double place) const;
  void fields(Fields& f) { f("seconds", seconds); }
};

/// A sound as a grey picture of its mel spectrogram: time to the right, pitch upwards, each decibel a shade.
struct MelPicture {
  MelOptions mel = {};
  static constexpr double order = -2;

  Image encode(const Sound& sound) const;
  void fields(Fields& f);
};

/// A sound as a grey picture of its spectrogram: as MelPicture, but every frequency of the transform has a
/// row of its own, n_fft / 2 + 1 in all. Energies are shown, whatever stft.power says.
struct StftPicture {
  Stft stft = {};
  double top_db = 80;
  static constexpr double order = -2;

  Image encode(const Sound& sound) const;
  void fields(Fields& f);
};

/// How a sound becomes a picture.
enum class SoundView { mel, stft };

/// A sound, from its file.
struct SoundBlock {
  int rate = 0;        ///< 0: the files' own, which should then be one
  double seconds = 0;  ///< 0: as long as it is
  MelOptions mel = {};
  SoundView view = SoundView::mel;  ///< stft: as StftPicture with mel.stft and mel.top_db
  operator TransformBlock() const;
};

/// How a series becomes a picture.
enum class SeriesView { gramian_sum, gramian_difference, line };

/// A series of numbers as a grey picture.
struct SeriesPicture {
  TargetSize size = 64;
  SeriesView view = SeriesView::gramian_sum;
  double line_width = 1.5;

  /// @throws ValueError for an empty series, or a Gramian field that is not square
  Image encode(const Numbers& series) const;
  void fields(Fields& f);
};

/// A series of numbers, as the getter returns it.
struct SeriesBlock {
  TargetSize size = 64;
  SeriesView view = SeriesView::gramian_sum;
  operator TransformBlock() const;
};

FC_DECLARE_TRANSFORM(OpenSound)
FC_DECLARE_TRANSFORM(CutSound)
FC_DECLARE_TRANSFORM(MelPicture)
FC_DECLARE_TRANSFORM(StftPicture)
FC_DECLARE_TRANSFORM(SeriesPicture)

}  // namespace fastcore
