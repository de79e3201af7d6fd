// SPDX-License-Identifier: MIT
// Lesson 2: from a model to something others use, without being fooled on the way.
#include "fastcore/basics/external.h"
#include "fastcore/data/augment.h"
#include "fastcore/data/own_pictures.h"
#include "fastcore/learn/cleaner.h"
#include "fastcore/learn/export.h"
#include "fastcore/learn/interpret.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "fastcore/vision/learner.h"
#include "lessons/02_production/digits.h"
#include "lessons/02_production/sources.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- two ways to hold pictures back, and augmentation --------------------------------------------------

static DataBlock held_back_at_random(int size, int64_t every) {
  //! [random]
  auto kinds = DataBlock{
      .blocks = {ImageBlock{}, CategoryBlock{}},
      .get_items =
          [every](const Path& p) { return get_image_files(p).slice(0, {}, every); },  // 1: all of them
      .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
      .get_y = parent_label,
      .item_tfms = {Resize{.size = size, .method = squish}},
  };
  //! [random]
  return kinds;
}

static Learner train(Lesson& lesson, const DataBlock& kinds, const Path& images, const char* name) {
  lesson.section(name);
  manual_seed(static_cast<uint64_t>(lesson.options().seed));
  const int64_t bs = batch_size(lesson, kinds, images), epochs = lesson.epochs(3, 1);
  //! [train]
  auto dls = kinds.dataloaders(images, {.bs = bs});
  auto learn =
      vision_learner(dls, models::tf_efficientnet_lite0, {.cbs = RunReport(lesson), .metrics = error_rate});
  learn.fine_tune(epochs);
  //! [train]
  lesson.metric(name, learn.recorder->latest("error_rate").value());
  return learn;
}

static DataBlock held_back_by_photograph(const DataBlock& at_random, const Path& path) {
  //! [by_photograph]
  const HeldBack held_back = lines_of(path / "valid.txt");
  DataBlock kinds = at_random;
  kinds.splitter =
      FuncSplitter{[held_back](const Path& file) { return held_back.count(short_name(file)) > 0; }};
  //! [by_photograph]
  return kinds;
}

static DataBlock augmented(const DataBlock& kinds, int size) {
  //! [augment]
  return kinds.new_with(
      {.item_tfms = {RandomResizedCrop{.size = size, .min_scale = 0.5}}, .batch_tfms = aug_transforms()});
  //! [augment]
}

// --- where it errs -------------------------------------------------------------------------------------

static void where_it_errs(Lesson& lesson, Learner& learn) {
  lesson.section("Where it errs");
  //! [errs]
  auto interp = ClassificationInterpretation::from_learner(learn);
  for (const auto& [actual, predicted, count] : interp.most_confused(3))
    lesson.print("%d times %s was taken for %s\n", int(count), actual.c_str(), predicted.c_str());
  lesson.figure("confusion", interp.plot_confusion_matrix(), "Rows: what it was. Columns: what was said.");
  lesson.figure("top_losses", interp.plot_top_losses(8, {.nrows = 2}),
                "The eight that cost most: said/was, loss, probability.");
  //! [errs]
}

// --- cleaning ------------------------------------------------------------------------------------------

static ImageClassifierCleaner doubtful(Lesson& lesson, const DataBlock& kinds, const Path& images) {
  auto dls = kinds.dataloaders(images, {.bs = batch_size(lesson, kinds, images)});
  const int64_t epochs = lesson.epochs(2, 1);
  //! [cleaner]
  auto learn =
      vision_learner(dls, models::tf_efficientnet_lite0, {.cbs = RunReport(lesson), .metrics = error_rate});
  learn.fit_one_cycle(epochs, 2e-3);  // new end and batch norms: too little to learn mistakes by heart
  auto cleaner = ImageClassifierCleaner(learn, {.max_n = 8});
  cleaner.write(lesson.folder() / "clean");
  //! [cleaner]
  return cleaner;
}

static void clean(Lesson& lesson, DataBlock kinds, const Path& path) {
  lesson.section("Cleaning");
  const Path copy = lesson.folder() / "pictures" / "images";
  copy.mkdir({.parents = true, .overwrite = true});  // of an earlier run into the same folder nothing is left
  const HeldBack held_back = lines_of(path / "valid.txt");
  const int64_t planted = copy_with_mistakes(kinds.find_items(path / "images"), copy, held_back, 4);
  kinds.get_items = get_image_files;
  auto cleaner = doubtful(lesson, kinds, copy);
  lesson.figure("clean", cleaner.grid("train", "mammal"),
                "Of all pictures in the folder mammal, those that the net believes least.");
  //! [apply]
  for (int64_t i = 0; i < cleaner.fns.size(); ++i)  // in place of a person with an editor
    if (seen(cleaner.fns[i]) != cleaner.rows[i].label) cleaner.mark(i, seen(cleaner.fns[i]));
  for (int64_t idx : cleaner.removed()) cleaner.fns[idx].unlink();
  for (const auto& [idx, kind] : cleaner.changed()) move_picture(cleaner.fns[idx], copy / kind);
  //! [apply]
  lesson.print("%d labels made wrong; %d of them among the %d pictures to look at, and put right\n",
               int(planted), int(cleaner.changed().size()), int(cleaner.fns.size()));
}

// --- into other hands ----------------------------------------------------------------------------------

static void export_it(Lesson& lesson, Learner& learn, const L<Path>& pictures) {
  //! [export]
  learn.path = lesson.folder();
  const Path file = learn.export_learner("export.safetensors");
  auto again = load_learner(file);
  for (const Path& picture : pictures) {
    const auto [kind, index, probs] = again.predict(Image::open(picture.str()));
    lesson.print("%s: %s, %.2f\n", picture.name().c_str(), kind.c_str(), probs.max().item());
  }
  //! [export]
  lesson.print("%s in the folder of this run: %.1f MB\n", file.name().c_str(), double(file.size()) / 1e6);
}

// --- measurement bias ----------------------------------------------------------------------------------

static void measurement_bias(Lesson& lesson) {
  lesson.section("Trained in the middle, asked elsewhere");
  const Path path = lesson.data(urls::MNIST);
  const auto train = stack_class_folders(path / "training", {.end = lesson.quick() ? 100 : 800}),
             valid = stack_class_folders(path / "testing", {.end = lesson.quick() ? 50 : 200});
  lesson.figure("digits", placed_grid(valid.x), "The same digits, moved by up to 0, 2, 4 and 6 pixels.");
  const int64_t epochs = lesson.epochs(5, 4);
  std::vector<std::vector<std::string>> rows;
  //! [bias]
  for (const int64_t trained_on : {0, 6}) {
    const DataLoaders dls({tensor_loader(placed(train.x, trained_on), train.y, {.bs = 64, .shuffle = true}),
                           tensor_loader(placed(valid.x, trained_on), valid.y, {.bs = 256})});
    Learner learn(dls, small_net(), {.cbs = RunReport(lesson), .metrics = accuracy});
    learn.fit_one_cycle(epochs, 1e-2);
    rows.push_back({trained_on ? "anywhere" : "in the middle"});
    for (const int64_t far : {0, 2, 4, 6}) {
      auto moved = tensor_loader(placed(valid.x, far), valid.y, {.bs = 256});
      rows.back().push_back(format("%.3f", learn.validate(*moved)[1]));
    }
  }
  //! [bias]
  lesson.table({"trained on digits", "moved by 0", "up to 2", "up to 4", "up to 6"}, rows);
}

// --- all of it -----------------------------------------------------------------------------------------

// Pictures of the learner's own, about whose photographs nothing is known.
static void own_pictures(Lesson& lesson, int size, const Path& path) {
  own_kinds(path);  // says what is missing
  const auto n = get_image_files(path / "images").size();
  const int64_t every = lesson.quick() ? std::max<int64_t>(1, n / 300) : 1;
  const DataBlock kinds = augmented(held_back_at_random(size, every), size);
  auto learn = train(lesson, kinds, path / "images", "Your pictures, held back at random");
  where_it_errs(lesson, learn);
  lesson.section("Into other hands");
  export_it(lesson, learn, get_image_files(path / "images").slice(0, 4));
  lesson.section("Cleaning");
  doubtful(lesson, kinds, path / "images");
  const Path csv = lesson.folder() / "clean" / "clean.csv";
  lesson.print("look at the pictures beside it, fill in its last column, then ./course lesson 2 --clean %s\n",
               csv.c_str());
}

static void production(Lesson& lesson) {
  if (const std::string& csv = lesson.option("clean"); !csv.empty()) return clean_own(lesson, csv);
  const Path path = lesson.data(urls::PICTURES_SAMPLE);
  const int size = lesson.quick() ? 64 : 128;
  if (!(path / "sources.csv").exists()) return own_pictures(lesson, size, path);
  const DataBlock at_random = held_back_at_random(size, lesson.quick() ? 3 : 1);
  train(lesson, at_random, path / "images", "Six kinds, held back at random");

  DataBlock kinds = held_back_by_photograph(at_random, path);
  the_same_bird(lesson, at_random, kinds, path);
  train(lesson, kinds, path / "images", "Held back by photograph");
  kinds = augmented(kinds, size);
  auto learn = train(lesson, kinds, path / "images", "With augmentation");
  lesson.figure("augmented", batch_grid(learn.dls.train(), {.max_n = 8, .nrows = 2, .unique = true}),
                "One picture, as the net meets it in eight epochs.");
  where_it_errs(lesson, learn);
  clean(lesson, kinds, path);
  lesson.section("Into other hands");
  const Path photos = lesson.data(urls::PHOTOS);
  export_it(lesson, learn, {photos / "cat.jpg", photos / "espresso.jpg"});
  measurement_bias(lesson);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "02_production",
                     .title = "Lesson 2: into production",
                     .options = {{"clean", "do what an edited clean.csv says, and nothing else"}}},
                    argc, argv, production);
}
