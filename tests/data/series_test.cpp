// SPDX-License-Identifier: MIT
// Series as pictures, and sound and series as blocks. The fields' numbers can be found with a pencil.
#include "fastcore/data/series.h"

#include "fastcore/data/sound_blocks.h"
#include "minitorch/core/python_random.h"
#include "tests/tensor_match.h"

namespace fastcore {
namespace {

const std::vector<double> kSeries = {1, 2, 4, 3};  // scaled: -1, -1/3, 1, 1/3

TEST_CASE("a Gramian field says how the values of a series go together") {
  CHECK(scale_to_unit(kSeries)[1] == Approx(-1. / 3));
  CHECK(scale_to_unit({5, 5}) == std::vector<double>{0, 0});
  const double s = std::sqrt(8.) / 3;
  CHECK_VALUES(gramian_field(kSeries, Gramian::sum), ({4, 4}), 1e-6,  //
               1, 1. / 3, -1, -1. / 3, 1. / 3, -7. / 9, -1. / 3, -1, -1, -1. / 3, 1, 1. / 3, -1. / 3, -1,
               1. / 3, -7. / 9);
  CHECK_VALUES(gramian_field(kSeries, Gramian::difference), ({4, 4}), 1e-6,  //
               0, s, 0, s, -s, 0, s, 2 * s / 3, 0, -s, 0, -s, -s, -2 * s / 3, s, 0);
  CHECK_THROWS_WITH(gramian_field({1, NAN}, Gramian::sum), "[gramian_field] value 1 of the series is nan");
  CHECK_THROWS_WITH(gramian_field({}, Gramian::sum), "[gramian_field] the series is empty");
  // Whose difference is no number any more.
  CHECK_THROWS_WITH(gramian_picture({1e308, -1e308, 0}, 3, Gramian::sum),
                    "[part_means] value 0 of the series is 1e+308: expected at most 1e+300");
  CHECK_THROWS_WITH(line_picture({0, -1e308}, {9, 9}),
                    "[line_picture] value 1 of the series is -1e+308: expected at most 1e+300");
  const Image large = gramian_picture({1e300, -1e300, 0}, 3, Gramian::sum);
  const Image small = gramian_picture({1, -1, 0}, 3, Gramian::sum);
  CHECK(std::equal(large.data(), large.data() + large.bytes(), small.data()));
}

TEST_CASE("means of parts count values on a border by their share") {
  const auto means = part_means({1, 2, 3}, 2);
  CHECK(means[0] == Approx(4. / 3));
  CHECK(means[1] == Approx(8. / 3));
  CHECK(part_means({1, 2}, 4) == std::vector<double>{1, 1, 2, 2});
  CHECK(part_means(kSeries, 4) == kSeries);
  CHECK_THROWS_WITH(part_means({1}, 0), "[part_means] 0 parts: expected at least 1");
}

TEST_CASE("a field and a curve become grey pictures") {
  const Image field = gramian_picture(kSeries, 4, Gramian::sum);
  CHECK(field.channels() == 1);
  CHECK(field(0, 0) == 255);
  CHECK(field(0, 2) == 0);
  CHECK(field(1, 1) == 28);  // (1 - 7/9) 127.5

  const Image curve = line_picture({0, 1}, {20, 20}, 2);  // from the lower left to the upper right
  CHECK(curve.size() == Size{20, 20});
  CHECK(curve(18, 1) > 100);
  CHECK(curve(10, 9) > 100);
  CHECK(curve(1, 18) > 100);
  CHECK(curve(1, 1) == 0);
  CHECK(curve(18, 18) == 0);
  CHECK(line_picture({7}, {9, 9})(4, 4) > 200);
  CHECK_THROWS_WITH(line_picture({1, 2}, {0, 5}), "[line_picture] a picture of 0 x 5");
}

TEST_CASE("a series block makes pictures in its own pipeline") {
  const TransformBlock block = SeriesBlock{.size = 16, .view = SeriesView::line};
  REQUIRE(block.type_tfms.size() == 1);
  const Value picture = block.type_tfms[0](Numbers{{1, 3, 2}});
  CHECK(std::get<Image>(picture).size() == Size{16, 16});
  CHECK(block.type_tfms[0].repr() ==
        "SeriesPicture -- {'size': (16, 16), 'view': 'line', 'line_width': 1.5}");
  CHECK_THROWS_WITH((SeriesPicture{.size = {8, 9}}.encode({{1, 2}})),
                    "[SeriesPicture] a size of 8 x 9: a Gramian field is square");
}

TEST_CASE("sounds are cut anywhere in training and in the middle in validation") {
  const Sound sound{.samples = {1, 2, 3, 4, 5, 6}, .rate = 2};
  const Transform cut = CutSound{.seconds = 1};
  const auto cut_in = [&](int split) {
    Sample sample{sound};
    Context context(split, 7);
    cut.encode(sample, context);
    return std::get<Sound>(sample[0]).samples;
  };
  CHECK(cut_in(1) == std::vector<float>{3, 4});
  minitorch::python::Random random(7);
  const auto from = static_cast<float>(std::floor(random.random() * 4));
  CHECK(cut_in(0) == std::vector<float>{from + 1, from + 2});
  CHECK(CutSound{.seconds = 5}.encode(sound, .5).samples == std::vector<float>{0, 0, 1, 2, 3, 4, 5, 6, 0, 0});
  CHECK_THROWS_WITH(CutSound{.seconds = 0}.encode(sound, 0),
                    "[CutSound] 0 seconds at 2 samples a second: expected 1 to 2^28 samples");
}

TEST_CASE("a spectrogram without mel bands is a picture too: a row for each frequency") {
  Sound tone{.rate = 8000};
  for (int i = 0; i < 4000; ++i)
    tone.samples.push_back(static_cast<float>(std::sin(2 * M_PI * 1000 * i / 8000)));
  const TransformBlock block = SoundBlock{.mel = {.stft = {.n_fft = 64}}, .view = SoundView::stft};
  const Image picture = std::get<Image>(block.item_tfms[0](tone));
  CHECK(picture.height() == 33);
  CHECK(picture(32 - 8, 10) >= 250);  // 1000 Hz is frequency 8 of 64, counted from the bottom
  CHECK(picture(32 - 20, 10) < 100);
  CHECK(block.item_tfms[0].repr() ==
        "StftPicture -- {'n_fft': 64, 'hop_length': 128, 'win_length': 0, 'center': True, 'top_db': 80.0}");
}

TEST_CASE("silence is black") {
  const Sound silence{.samples = std::vector<float>(2000), .rate = 8000};
  for (const SoundView view : {SoundView::mel, SoundView::stft}) {
    const TransformBlock block = SoundBlock{.mel = {.n_mels = 20}, .view = view};
    const Image picture = std::get<Image>(block.item_tfms[0](silence));
    CHECK(std::count(picture.data(), picture.data() + picture.bytes(), 0) == picture.bytes());
  }
}

TEST_CASE("a sound block turns sounds into pictures before any picture is resized") {
  const TransformBlock block = SoundBlock{.rate = 4000, .seconds = .5, .mel = {.n_mels = 20}};
  std::vector<Transform> tfms = block.item_tfms;
  tfms.push_back(Resize{.size = 32, .method = squish});
  const Pipeline pipeline(tfms);
  CHECK(pipeline.repr().find("CutSound") < pipeline.repr().find("MelPicture"));
  CHECK(pipeline.repr().find("MelPicture") < pipeline.repr().find("Resize"));
  Sound noise{.rate = 8000};
  minitorch::python::Random random(1);
  for (int i = 0; i < 8000; ++i) noise.samples.push_back(static_cast<float>(random.uniform(-1, 1)));
  const Value opened = block.type_tfms[0](noise);
  CHECK(std::get<Sound>(opened).rate == 4000);
  CHECK(std::get<Sound>(opened).samples.size() == 4000);
  Sample sample{opened};
  Context context(1);
  pipeline.encode(sample, context);
  CHECK(std::get<TensorImage>(sample[0]).tensor.shape() == minitorch::Shape{1, 32, 32});
}

}  // namespace
}  // namespace fastcore
