// SPDX-License-Identifier: MIT
#include "fastcore/data/sound_blocks.h"

#include <cmath>

#include "fastcore/data/wav.h"

namespace fastcore {
using minitorch::ValueError;

Sound OpenSound::encode(const Path& path) const { return encode(open_sound(path.str())); }
Sound OpenSound::encode(Sound sound) const {
  return rate > 0 && rate != sound.rate ? resample(sound, rate) : sound;
}

double CutSound::draw(const Sample&, Context& context) const {
  return context.training() ? context.random().random() : 0.5;
}

Sound CutSound::encode(const Sound& sound, double place) const {
  const double wanted = std::round(seconds * sound.rate);
  if (!(wanted >= 1 && wanted <= 1 << 28))
    throw ValueError(minitorch::format(
        "[CutSound] %g seconds at %d samples a second: expected 1 to 2^28 samples", seconds, sound.rate));
  const auto count = static_cast<int64_t>(wanted), length = static_cast<int64_t>(sound.samples.size());
  // Cut: from 0 to length - count. Within silence: the same numbers, now negative.
  return cut_sound(sound, static_cast<int64_t>(place * static_cast<double>(length - count)), count);
}

Image MelPicture::encode(const Sound& sound) const {
  return matrix_picture(mel_spectrogram(sound, mel), mel.top_db);
}

void MelPicture::fields(Fields& f) {
  f("n_fft", mel.stft.n_fft)("hop_length", mel.stft.hop_length)("win_length", mel.stft.win_length);
  f("center", mel.stft.center)("power", mel.stft.power)("n_mels", mel.n_mels);
  f("f_min", mel.f_min)("f_max", mel.f_max)("top_db", mel.top_db);
}

Image StftPicture::encode(const Sound& sound) const {
  Stft energies = stft;
  energies.power = 2;
  return matrix_picture(power_to_db(spectrogram(sound, energies), top_db), top_db);
}

void StftPicture::fields(Fields& f) {
  f("n_fft", stft.n_fft)("hop_length", stft.hop_length)("win_length", stft.win_length);
  f("center", stft.center)("top_db", top_db);
}

SoundBlock::operator TransformBlock() const {
  const Transform picture =
      view == SoundView::mel ? Transform(MelPicture{mel}) : Transform(StftPicture{mel.stft, mel.top_db});
  TransformBlock block{{OpenSound{rate}}, {picture, ToTensor{}}, {IntToFloatTensor{}}};
  if (seconds > 0) block.item_tfms.insert(block.item_tfms.begin(), CutSound{seconds});
  return block;
}

Image SeriesPicture::encode(const Numbers& series) const {
  if (view == SeriesView::line) return line_picture(series.values, size, line_width);
  if (size.height != size.width)
    throw ValueError(minitorch::format("[SeriesPicture] a size of %d x %d: a Gramian field is square",
                                       size.height, size.width),
                     "give one number, or view = SeriesView::line");
  return gramian_picture(series.values, size.height,
                         view == SeriesView::gramian_sum ? Gramian::sum : Gramian::difference);
}

void SeriesPicture::fields(Fields& f) {
  f("size", size)("view", view, {"gramian_sum", "gramian_difference", "line"})("line_width", line_width);
}

// In the block's own pipeline: targets may be numbers too.
SeriesBlock::operator TransformBlock() const {
  return {{SeriesPicture{size, view}}, {ToTensor{}}, {IntToFloatTensor{}}};
}

FC_COMPILE_TRANSFORM(OpenSound)
FC_COMPILE_TRANSFORM(CutSound)
FC_COMPILE_TRANSFORM(MelPicture)
FC_COMPILE_TRANSFORM(StftPicture)
FC_COMPILE_TRANSFORM(SeriesPicture)

}  // namespace fastcore
