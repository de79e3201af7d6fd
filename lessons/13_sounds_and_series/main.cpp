// SPDX-License-Identifier: MIT
// Lesson 13: sounds and series, learned from as pictures.
#include "fastcore/basics/external.h"
#include "fastcore/data/data_block.h"
#include "fastcore/data/image_tensors.h"
#include "fastcore/data/sound_blocks.h"
#include "fastcore/data/tensor_loader.h"
#include "fastcore/data/wav.h"
#include "fastcore/learn/interpret.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "fastcore/vision/learner.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- voices --------------------------------------------------------------------------------------------

static L<Path> get_sound_files(const Path& path) { return get_files(path, {.extensions = {".wav"}}); }

static void how_a_sound_looks(Lesson& lesson, const Path& file) {
  //! [stages]
  const Sound sound = open_sound(file.str());
  const Tensor energies = spectrogram(sound, {.n_fft = 512, .hop_length = 64});           // (257, frames)
  const Tensor mel = mel_spectrogram(sound, {.stft = {.n_fft = 512, .hop_length = 64}});  // (64, frames)
  //! [stages]
  lesson.print("%s: %.2f s, %d samples; %d frequencies, %d bands, %d frames\n", file.name().c_str(),
               seconds(sound), int(sound.samples.size()), int(energies.size(0)), int(mel.size(0)),
               int(mel.size(1)));
  Plot wave("The sound: pressure over time");
  wave.x_axis.label = "seconds";
  wave.height = 200;
  Values time, pressure;
  for (std::size_t i = 0; i < sound.samples.size(); ++i)
    time.push_back(double(i) / sound.rate), pressure.push_back(sound.samples[i]);
  lesson.figure("wave", wave.line(time, pressure, {.width = 0.8}), "What the microphone saw.");
  const Image tall =
      geometry::Resize{.size = {257, int(mel.size(1))}, .method = squish}(matrix_picture(mel, 80));
  lesson.figure("stages",
                ImageGrid{.items = {{matrix_picture(energies, 0), "energies"},
                                    {matrix_picture(power_to_db(energies), 80), "in decibels"},
                                    {tall, "in mel bands"}},
                          .rows = 1,
                          .cell = 220},
                "Time to the right, pitch upwards.");
}

static Learner voices(Lesson& lesson, const Path& path) {
  lesson.section("English or French?");
  const int64_t bs = lesson.bs(8), epochs = lesson.epochs(6, 3);
  const double lr = lesson.lr(2e-3);
  //! [voices]
  auto dls =
      DataBlock{
          .blocks = {SoundBlock{.rate = 8000,
                                .seconds = 1.5,
                                .mel = {.stft = {.n_fft = 512, .hop_length = 64}, .n_mels = 64}},
                     CategoryBlock{}},
          .get_items = get_sound_files,
          .splitter = GrandparentSplitter{},
          .get_y = parent_label,
          .batch_tfms = Normalize::from_stats({{0.5}, {0.5}}),
      }
          .dataloaders(path, {.bs = bs});
  //! [voices]
  lesson.print("%d files to learn from, %d to be judged by\n", int(dls.train().items()),
               int(dls.valid().items()));
  lesson.figure("voices", batch_grid(dls.train(), {.max_n = 8}), "Eight of them, as the net sees them.");
  //! [train]
  auto learn = vision_learner(dls, models::tf_efficientnet_lite0,
                              {.cbs = RunReport(lesson), .metrics = accuracy, .n_in = 1});
  learn.fine_tune(epochs, lr);
  //! [train]
  lesson.metric("voices: accuracy", learn.recorder->latest("accuracy").value());
  return learn;
}

static void language_or_speaker(Lesson& lesson, Learner& learn, const Path& path) {
  lesson.section("Language, or speaker?");
  //! [backwards]
  const Path folder = lesson.folder() / "backwards";
  folder.mkdir(
      {.parents = true, .overwrite = true});  // of an earlier run into the same folder nothing is left
  for (const Path& file : get_sound_files(path / "valid")) {
    Sound sound = open_sound(file.str());
    std::reverse(sound.samples.begin(), sound.samples.end());
    (folder / file.parent().name()).mkdir({.parents = true, .exist_ok = true});
    save_sound(sound, (folder / file.parent().name() / file.name()).str());
  }
  const auto forwards = learn.dls.test_dl(get_sound_files(path / "valid"), true);
  const auto backwards = learn.dls.test_dl(get_sound_files(folder), true);
  lesson.print("accuracy forwards %.2f, backwards %.2f\n", learn.validate(*forwards)[1],
               learn.validate(*backwards)[1]);
  //! [backwards]
}

// --- series --------------------------------------------------------------------------------------------

//! [scan]
// How much ink a scanner sees on its way over a digit: column by column, then row by row. 56 numbers.
static Numbers scan(const Path& file) {
  const Tensor digit = stack_grey_images({file})[0];
  return {cat({digit.sum({0}), digit.sum({1})}).to_vector<double>()};
}
//! [scan]

static Items some_digits(const Path& path, int64_t train, int64_t valid) {
  Items items;
  for (const auto& [folder, count] : {std::pair{"training", train}, {"testing", valid}})
    for (const Path& digit : (path / folder).ls())
      for (const Path& file : digit.ls().slice(0, count)) items.append(file);
  return items;
}

static double by_picture(Lesson& lesson, const Items& items, SeriesView view, const char* name) {
  lesson.section(std::string("Digits by their scan: ") + name);
  manual_seed(static_cast<uint64_t>(lesson.options().seed));
  const int64_t bs = lesson.bs(32), epochs = lesson.epochs(3, 2);
  const double lr = lesson.lr(2e-3);
  //! [series]
  auto dls =
      DataBlock{
          .blocks = {SeriesBlock{.size = 64, .view = view}, CategoryBlock{}},
          .splitter = GrandparentSplitter{.train_name = {"training"}, .valid_name = {"testing"}},
          .get_x = scan,
          .get_y = parent_label,
          .batch_tfms = Normalize::from_stats({{0.5}, {0.5}}),
      }
          .dataloaders(items, {.bs = bs});
  auto learn = vision_learner(dls, models::tf_efficientnet_lite0,
                              {.cbs = RunReport(lesson), .metrics = accuracy, .n_in = 1});
  learn.fine_tune(epochs, lr);
  //! [series]
  lesson.figure(name, batch_grid(dls.train(), {.max_n = 10, .nrows = 2}), "Scans as the net sees them.");
  return learn.recorder->latest("accuracy").value();
}

static double by_numbers(Lesson& lesson, const Items& items) {
  lesson.section("Digits by their scan: the numbers as they are");
  manual_seed(static_cast<uint64_t>(lesson.options().seed));
  std::vector<Tensor> x[2];
  std::vector<int64_t> y[2];
  for (const Value& item : items) {
    const Path& file = std::get<Path>(item);
    const bool valid = file.parent().parent().name() == "testing";
    x[valid].push_back(tensor(scan(file).values) / 10);
    y[valid].push_back(std::stoll(file.parent().name()));
  }
  const int64_t epochs = lesson.epochs(10, 5);
  //! [numbers]
  Learner learn(DataLoaders({tensor_loader(stack(x[0]), tensor(y[0]), {.bs = 32, .shuffle = true}),
                             tensor_loader(stack(x[1]), tensor(y[1]), {.bs = 256})}),
                nn::Sequential{nn::Linear(56, 100), nn::ReLU(), nn::Linear(100, 10)},
                {.cbs = RunReport(lesson), .metrics = accuracy});
  learn.fit_one_cycle(epochs, 1e-2);
  //! [numbers]
  return learn.recorder->latest("accuracy").value();
}

static void series(Lesson& lesson) {
  lesson.section("Digits by their scan");
  const Path path = lesson.data(urls::MNIST);
  const Items items = lesson.quick() ? some_digits(path, 30, 20) : some_digits(path, 60, 40);
  std::vector<std::vector<std::string>> rows;
  const auto told = [&](const char* name, double reached) {
    rows.push_back({name, format("%.3f", reached)});
    lesson.metric(name, reached);
  };
  told("as a curve", by_picture(lesson, items, SeriesView::line, "curve"));
  told("as a Gramian field", by_picture(lesson, items, SeriesView::gramian_sum, "field"));
  told("56 numbers", by_numbers(lesson, items));
  lesson.section("All three");
  lesson.table({"the scan", "accuracy"}, rows);
}

static void sounds_and_series(Lesson& lesson) {
  lesson.section("How a sound becomes a picture");
  const Path path = lesson.data(urls::VOICES_SAMPLE);
  how_a_sound_looks(lesson, get_sound_files(path / "train")[0]);
  auto learn = voices(lesson, path);
  language_or_speaker(lesson, learn, path);
  series(lesson);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "13_sounds_and_series", .title = "Lesson 13: sounds and series as pictures"},
                    argc, argv, sounds_and_series);
}
