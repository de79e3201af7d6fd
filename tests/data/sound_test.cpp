// SPDX-License-Identifier: MIT
// WAV files, resampling, Fourier transforms, spectrograms. Literal numbers come from torch.stft
// (PyTorch 2.15) and from torchaudio's formulas for resample and melscale_fbanks, written out in torch.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <numbers>

#include "fastcore/basics/external.h"
#include "fastcore/basics/range.h"
#include "fastcore/data/fft.h"
#include "fastcore/data/spectrogram.h"
#include "fastcore/data/wav.h"
#include "tests/datasets/archives.h"
#include "tests/tensor_match.h"

using namespace fastcore;
using minitorch::Tensor;

namespace {

// x[i] = ((7 i^2 + 3 i) mod 41 - 20) / 20: no two frames alike.
Sound test_sound(int n, int rate) {
  Sound sound{.rate = rate};
  for (int i = 0; i < n; ++i) sound.samples.push_back(static_cast<float>((7 * i * i + 3 * i) % 41 - 20) / 20);
  return sound;
}

std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}
std::string chunk(const std::string& name, const std::string& body) {
  return name + little(body.size(), 4) + body + std::string(body.size() % 2, '\0');
}
std::string fmt(int tag, int channels, int rate, int bits) {
  const int frame = channels * bits / 8;
  return chunk("fmt ", little(tag, 2) + little(channels, 2) + little(rate, 4) + little(rate * frame, 4) +
                           little(frame, 2) + little(bits, 2));
}
std::string riff(const std::string& chunks) { return chunk("RIFF", "WAVE" + chunks); }

Sound decode(const std::string& bytes) {
  return decode_wav(*minitorch::io::over_memory("test.wav", bytes.data(), bytes.size()));
}
void refused(const std::string& bytes, const std::string& message) {
  CHECK_THROWS_WITH(decode(bytes), Catch::Contains("test.wav") && Catch::Contains(message));
  CHECK_THROWS_AS(decode(bytes), minitorch::FileError);
}
template <class T>
std::string raw(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T));
}

void check_samples(const Sound& sound, const std::vector<double>& expected, double tolerance) {
  REQUIRE(sound.samples.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(sound.samples[i] == Approx(expected[i]).margin(tolerance));
}

}  // namespace

TEST_CASE("WAV samples of every size become numbers in [-1, 1]") {
  check_samples(decode(riff(fmt(1, 1, 8000, 8) + chunk("data", raw<uint8_t>({0, 64, 128, 255})))),
                {-1, -.5, 0, 127. / 128}, 0);
  check_samples(decode(riff(fmt(1, 1, 8000, 16) + chunk("data", raw<int16_t>({-32768, 0, 16384, 32767})))),
                {-1, 0, .5, 32767. / 32768}, 0);
  check_samples(decode(riff(fmt(1, 1, 8000, 24) +
                            chunk("data", raw<uint8_t>({0, 0, 0x80, 0, 0, 0x40, 255, 255, 255})))),
                {-1, .5, -1. / (1 << 23)}, 0);
  check_samples(decode(riff(fmt(1, 1, 8000, 32) + chunk("data", raw<int32_t>({INT32_MIN, 1 << 30})))),
                {-1, .5}, 0);
  check_samples(decode(riff(fmt(3, 1, 8000, 32) + chunk("data", raw<float>({-.25f, 1.5f})))), {-.25, 1.5}, 0);
  check_samples(decode(riff(fmt(3, 1, 8000, 64) + chunk("data", raw<double>({.125})))), {.125}, 0);
}

TEST_CASE("channels are averaged, unknown chunks passed over, extensible files read") {
  const std::string list = chunk("LIST", "odd");  // padded to an even length
  const Sound stereo = decode(
      riff(list + fmt(1, 2, 44100, 16) + list + chunk("data", raw<int16_t>({16384, 0, -16384, -16384}))));
  check_samples(stereo, {.25, -.5}, 0);
  CHECK(stereo.rate == 44100);
  const std::string extended =
      chunk("fmt ", little(0xFFFE, 2) + little(1, 2) + little(8000, 4) + little(16000, 4) + little(2, 2) +
                        little(16, 2) + little(22, 2) + little(16, 2) + little(4, 4) + little(1, 2) +
                        std::string(14, '\0'));
  check_samples(decode(riff(extended + chunk("data", raw<int16_t>({8192})))), {.25}, 0);
}

TEST_CASE("a WAV file that lies is refused, and says about what") {
  const std::string good = riff(fmt(1, 1, 8000, 16) + chunk("data", raw<int16_t>({1, 2, 3, 4})));
  check_samples(decode(good), {1. / 32768, 2. / 32768, 3. / 32768, 4. / 32768}, 0);
  refused("", "too short for a WAV file");
  refused("RIFX" + good.substr(4), "not a WAV file");
  refused(good.substr(0, good.size() - 3), "it announces 52 bytes and has 49");
  std::string longer = good;
  longer.replace(40, 4, little(1000, 4));
  refused(longer, "a chunk announces 1000 bytes where 8 are left");
  longer.replace(40, 4, little(0xFFFFFFFF, 4));
  refused(longer, "a chunk announces 4294967295 bytes where 8 are left");
  refused(riff(fmt(1, 1, 8000, 16) + chunk("data", "")), "it holds no samples (length 0)");
  refused(riff(fmt(1, 1, 8000, 16) + chunk("data", "abc")),
          "3 bytes of samples are not a whole number of frames of 2");
  refused(riff(fmt(1, 1, 8000, 16)), "it holds no samples");
  refused(riff(""), "it holds no format and no samples");
  refused(riff(chunk("data", "ab") + fmt(1, 1, 8000, 16)), "its samples come before their format");
  refused(riff(chunk("fmt ", "ab")), "its format chunk has 2 bytes");
  refused(riff(fmt(2, 1, 8000, 16)), "compressed or of an unknown kind (format 2)");
  refused(riff(fmt(1, 1, 8000, 12)), "samples of 12 bits are not known");
  refused(riff(fmt(3, 1, 8000, 16)), "samples of 16 bits are not known");
  refused(riff(fmt(1, 0, 8000, 16)), "it has 0 channels");
  refused(riff(fmt(1, 1, 0, 16)), "a rate of 0 samples a second");
  std::string frame = good;
  frame.replace(32, 2, little(4, 2));
  refused(frame, "a frame of 1 samples of 16 bits cannot have 4 bytes");
  refused(riff(fmt(3, 1, 8000, 32) + chunk("data", raw<float>({0, NAN}))), "sample 1 is not a finite number");
  CHECK_THROWS_WITH(open_sound("no/such.wav"), Catch::Contains("no/such.wav"));
}

TEST_CASE("what is written is read again") {
  TempHome home;
  const std::string path = home.path + "/sound.wav";
  save_sound({.samples = {0, .5f, -1, 2, -2}, .rate = 16000}, path);
  const Sound back = open_sound(path);
  check_samples(back, {0, .5, -1, 32767. / 32768, -1}, 0);
  CHECK(back.rate == 16000);
  CHECK_THROWS_WITH(save_sound({}, path), Catch::Contains("[save_sound] 0 samples at 0 a second"));
  CHECK_THROWS_AS(save_sound(back, home.path + "/none/sound.wav"), minitorch::FileError);
}

TEST_CASE("resampling follows torchaudio's formula") {
  const Sound six = resample(test_sound(40, 8), 6);
  CHECK(six.rate == 6);
  check_samples(
      six, {-.929681, -.058790, .723111, -.623163, .186055,  .640598, .094248, .280993,   .242555,  .002006,
            .463092,  -.031474, .588001, .401306,  -.575343, .335544, .460338, -1.061757, -.626842, -.069052,
            -.238117, .660430,  .652259, .154824,  -.772536, .155044, .654748, .652459,   -.222858, -.095308},
      2e-6);
  check_samples(resample(test_sound(10, 2), 3),
                {-.994485, -.862969, -.090287, .709762, .933509, -.117959, -.935369, -.143981, .401768,
                 .215678, .612938, .695991, .059844, -.095058, .050442},
                2e-6);
  CHECK(resample(six, 6).samples == six.samples);
  CHECK_THROWS_WITH(resample(six, 0), Catch::Contains("[resample] from 6 to 0 samples a second"));
}

TEST_CASE("a wave below half the new rate survives resampling, one above vanishes") {
  const auto wave = [](double hz, int rate) {
    Sound sound{.rate = rate};
    for (int i = 0; i < rate; ++i)
      sound.samples.push_back(static_cast<float>(std::sin(2 * std::numbers::pi * hz * i / rate)));
    return sound;
  };
  const Sound low = resample(wave(440, 16000), 11025), expected = wave(440, 11025),
              high = resample(wave(7000, 16000), 11025);
  double worst = 0, left = 0;
  for (std::size_t i = 200; i + 200 < low.samples.size(); ++i) {
    worst = std::max<double>(worst, std::fabs(low.samples[i] - expected.samples[i]));
    left = std::max<double>(left, std::fabs(high.samples[i]));
  }
  CHECK(worst < .01);
  CHECK(left < .02);
}

TEST_CASE("sounds are cut, and silence fills what is missing") {
  const Sound sound{.samples = {1, 2, 3, 4}, .rate = 2};
  check_samples(cut_sound(sound, 1, 2), {2, 3}, 0);
  check_samples(cut_sound(sound, -2, 4), {0, 0, 1, 2}, 0);
  check_samples(cut_sound(sound, 3, 3), {4, 0, 0}, 0);
  check_samples(cut_sound(sound, 9, 2), {0, 0}, 0);
  CHECK(seconds(sound) == 2);
  CHECK_THROWS_WITH(cut_sound(sound, 0, 0), "[cut_sound] 0 samples");
}

TEST_CASE("the fast Fourier transform is the sum that it stands for, at any length") {
  for (int64_t n : {1, 2, 3, 7, 8, 12, 64, 101}) {
    const Fft fft(n);
    std::vector<Complex> x;
    for (int64_t j = 0; j < n; ++j) x.push_back({std::sin(double(j * j)), std::cos(3.0 * double(j))});
    std::vector<Complex> waves = x;
    fft.forward(waves);
    for (int64_t k = 0; k < n; ++k) {
      Complex sum = 0;
      for (int64_t j = 0; j < n; ++j)
        sum += x[j] * std::polar(1.0, -2 * std::numbers::pi * double(j * k % n) / double(n));
      CHECK(std::abs(waves[k] - sum) < 1e-11);
    }
    fft.inverse(waves);
    for (int64_t j = 0; j < n; ++j) CHECK(std::abs(waves[j] - x[j]) < 1e-12);
  }
  const std::vector<double> impulse = {0, 1, 0, 0, 0, 0};
  const auto waves = Fft(6).real(impulse.data());
  REQUIRE(waves.size() == 4);
  CHECK(std::abs(waves[3] - Complex(-1, 0)) < 1e-15);
  CHECK_THROWS_WITH(Fft(0), "[Fft] a length of 0: expected 1 to 2^26");
}

TEST_CASE("a spectrogram is torch.stft's") {
  const Tensor energies = spectrogram(test_sound(40, 8000), {.n_fft = 8, .hop_length = 4});
  CHECK_VALUES(energies, ({5, 11}), 2e-6,  //
               .984981, .072606, 1.426721, .631158, 1.253178, .014269, 3.630283, 1.740960, .078585, 1.740960,
               .002376, 2.949676, .289966, .343489, .104761, .969836, .454686, 2.405375, 1.877121, 1.221754,
               1.877121, .436741, 2.890000, 2.123029, .539526, .488920, .553796, 2.931869, 1.255900, .701319,
               1.960000, .701319, .423130, .079828, 2.105124, .719276, .732116, .432674, 1.998945, .293999,
               .449304, .037896, .449304, .539016, .154027, 1.611514, .059758, .059758, .609251, .609252,
               .296665, .609252, .230717, .609252, .022878);
  const Tensor amplitudes = spectrogram(
      test_sound(40, 8000), {.n_fft = 10, .hop_length = 3, .win_length = 6, .center = false, .power = 1});
  CHECK(amplitudes.shape() == minitorch::Shape{6, 11});
  CHECK_VALUES(amplitudes.slice(1, 0, 4), ({6, 4}), 2e-6,  //
               .075, .8625, .5625, .7125, .568677, .649346, .395504, .486692, .869516, .508488, .406010,
               .303254, .808865, .707045, .675682, .635787, .968910, .589917, .588960, .593511, 1.2, .3375,
               .3375, .3375);
  CHECK_THROWS_WITH(spectrogram(test_sound(4, 8000), {.n_fft = 8}),
                    "[spectrogram] a sound of 4 samples: frames of 8 need at least 5");
  CHECK_THROWS_WITH(
      spectrogram(test_sound(40, 8000), {.n_fft = 8, .win_length = 9}),
      Catch::StartsWith("[spectrogram] n_fft 8, hop_length 128, win_length 9, power 2: expected"));
}

TEST_CASE("mel bands are triangles, and energies become decibels") {
  CHECK_VALUES(mel_filters(3, 9, 8000, 0, 4000), ({3, 9}), 2e-6,                                          //
               0, .893459, .165692, 0, 0, 0, 0, 0, 0, 0, .106541, .834308, .650824, .198715, 0, 0, 0, 0,  //
               0, 0, 0, .349176, .801285, .842585, .561724, .280862, 0);
  CHECK(mel_to_hz(hz_to_mel(440)) == Approx(440));
  CHECK(hz_to_mel(1000) == Approx(999.9856));
  const MelOptions options{.stft = {.n_fft = 8, .hop_length = 4}, .n_mels = 3, .top_db = 20};
  CHECK_VALUES(mel_spectrogram(test_sound(40, 8000), options).slice(1, 0, 4), ({3, 4}), 1e-5,             //
               -3.109250, -13.183526, -12.447861, -14.594057, 4.821911, -1.779632, -4.047372, -7.338652,  //
               3.730139, 4.599423, -.776126, -.952786);
  CHECK_THROWS_WITH(mel_filters(3, 9, 8000, 0, 5000),
                    Catch::StartsWith("[mel_filters] 3 bands of 9 frequencies from 0 to 5000 Hz at 8000"));
}

TEST_CASE("a pure tone lights up one band of the picture") {
  Sound sound{.rate = 8000};
  for (int i = 0; i < 8000; ++i)
    sound.samples.push_back(static_cast<float>(std::sin(2 * std::numbers::pi * 1000 * i / 8000)));
  const Tensor db = mel_spectrogram(sound, {.n_mels = 32});
  const Image picture = matrix_picture(db, 80);
  CHECK(picture.size() == Size{32, 63});
  const int band = static_cast<int>(std::lrint(hz_to_mel(1000) / hz_to_mel(4000) * 33)) - 1;
  CHECK(picture(31 - band, 30) == 255);
  CHECK(picture(0, 30) < 40);
  CHECK_THROWS_AS(matrix_picture(minitorch::empty({0, 4})), minitorch::ShapeError);
}

TEST_CASE("every bundled voice decodes") {
  TempHome home;
  setenv("COURSE_DATA", home.path.c_str(), 1);
  const auto path = untar_data(urls::VOICES_SAMPLE);
  unsetenv("COURSE_DATA");
  const auto files = get_files(path, {.extensions = {".wav"}, .recurse = true});
  CHECK(files.size() == 140);
  float loudest = 0;
  for (const Path& file : files) {
    const Sound sound = open_sound(file.str());
    CHECK(sound.rate == 8000);
    CHECK(seconds(sound) <= 1.5);
    for (float x : sound.samples) loudest = std::max(loudest, std::fabs(x));
  }
  CHECK(loudest > .3f);
  CHECK(loudest <= 1);
}
