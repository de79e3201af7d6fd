// SPDX-License-Identifier: MIT
// Lesson 1: is it a bird? The whole game, four times.
#include <algorithm>
#include <map>
#include <set>

#include "fastcore/basics/external.h"
#include "fastcore/collab/collab.h"
#include "fastcore/data/data_block.h"
#include "fastcore/data/factories.h"
#include "fastcore/data/own_pictures.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/plot/plot.h"
#include "fastcore/report/lesson.h"
#include "fastcore/tabular/tabular.h"
#include "fastcore/vision/learner.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// Of the six kinds that come with the course these two; of a folder of your own, whatever it holds.
static std::vector<std::string> kinds_to_tell_apart(const Path& path) {
  return (path / "sources.csv").exists() ? std::vector<std::string>{"bird", "forest"} : own_kinds(path);
}

static void is_it_a_bird(Lesson& lesson, const Path& path) {
  const L<std::string> kinds = kinds_to_tell_apart(path);
  lesson.section("Is it a " + kinds[0] + "?");
  const int size = lesson.quick() ? 96 : 192;
  const auto n = get_image_files(path / "images", {.folders = kinds}).size();
  const int64_t bs = std::min(lesson.bs(32), n - n / 5);  // of fewer pictures there would be no full batch
  const int64_t epochs = lesson.epochs(3, 1);
  const double lr = lesson.lr(2e-3);
  //! [bird]
  auto dls =
      DataBlock{
          .blocks = {ImageBlock{}, CategoryBlock{}},
          .get_items = [kinds](const Path& p) { return get_image_files(p, {.folders = kinds}); },
          .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
          .get_y = parent_label,
          .item_tfms = {Resize{.size = size, .method = squish}},
      }
          .dataloaders(path / "images", {.bs = bs});
  //! [bird]
  lesson.print("%d pictures to learn from, %d to be judged by\n", int(dls.train().items()),
               int(dls.valid().items()));

  //! [train]
  auto learn =
      vision_learner(dls, models::tf_efficientnet_lite0, {.cbs = RunReport(lesson), .metrics = error_rate});
  learn.fine_tune(epochs, lr);
  //! [train]
  // Only now, since whoever looks at a batch draws random numbers and trains in another order afterwards.
  //! [show]
  dls.show_batch({.max_n = 6});
  //! [show]
  lesson.metric("error rate", learn.recorder->latest("error_rate").value());

  //! [predict]
  const std::string bird = dls.vocab()[0];  // with pictures of your own, the first of your kinds
  const Path picture = get_image_files(path / "images" / bird)[0];
  const auto [is_a, index, probs] = learn.predict(Image::open(picture.str()));
  lesson.print("This is a: %s.\nProbability it's a %s: %.4f\n", is_a.c_str(), bird.c_str(), probs[0].item());
  //! [predict]

  //! [export]
  learn.path = lesson.folder();
  learn.export_learner("export.safetensors");
  //! [export]
}

//! [some]
// `count` pictures of each kind to learn from, and all of the photographs kept back to judge by.
static DataLoaders some_of_each(const Path& path, int64_t count, int size, int64_t bs) {
  const auto names = (path / "valid.txt").readlines();
  const auto kept_back = [names = std::set<std::string>(names.begin(), names.end())](const Path& file) {
    return names.count(file.parent().name() + "/" + file.name()) > 0;
  };
  const auto few = [=](const Path& images) {
    L<Path> files;
    std::map<std::string, int64_t> taken;
    for (const Path& file : get_image_files(images).sorted())
      if (kept_back(file) || taken[parent_label(file)]++ < count) files.append(file);
    return files;
  };
  return DataBlock{
      .blocks = {ImageBlock{}, CategoryBlock{}},
      .get_items = few,
      .splitter = FuncSplitter{kept_back},
      .get_y = parent_label,
      .item_tfms = {Resize{.size = size, .method = squish}},
  }
      .dataloaders(path / "images", {.bs = bs});
}
//! [some]

static void how_many(Lesson& lesson, const Path& path) {
  lesson.section("How many pictures does it take?");
  const int size = lesson.quick() ? 64 : 128;
  const int64_t bs = lesson.bs(32), small_bs = lesson.bs(16), epochs = lesson.epochs(5, 1);
  const Values counts = lesson.quick() ? Values{5} : Values{10, 20, 50, 110};
  const auto seed = static_cast<uint64_t>(lesson.options().seed);
  //! [how_many]
  const auto error_with = [&](int64_t count, bool knows_already) {
    set_seed(seed);
    const auto dls = some_of_each(path, count, size, count < 50 ? small_bs : bs);
    const std::string start = knows_already ? "pretrained, " : "from random, ";
    auto learn = vision_learner(dls, models::tf_efficientnet_lite0,
                                {.pretrained = knows_already, .metrics = error_rate});
    learn = compared(lesson, start + std::to_string(count) + " pictures of each kind", std::move(learn));
    learn.fine_tune(epochs);
    return learn.recorder->latest("error_rate").value();
  };
  Values pretrained, from_random;
  for (const double count : counts) {
    pretrained.push_back(error_with(int64_t(count), true));
    from_random.push_back(error_with(int64_t(count), false));
  }
  //! [how_many]
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < counts.size(); ++i)
    rows.push_back(
        {format("%.0f", counts[i]), format("%.3f", pretrained[i]), format("%.3f", from_random[i])});
  lesson.table({"pictures of each kind", "pretrained", "from random"}, rows);
  Plot plot("Error on photographs kept back");
  plot.x_axis = {.label = "pictures of each kind to learn from", .low = 0};
  plot.y_axis = {.label = "error rate", .low = 0, .high = 1};
  plot.line(counts, pretrained, {.label = "pretrained"}).line(counts, from_random, {.label = "from random"});
  plot.scatter(counts, pretrained, {.ink = plot.series()[0].ink});
  plot.scatter(counts, from_random, {.ink = plot.series()[1].ink});
  const auto kinds = int((path / "images").ls().size());
  lesson.figure("how_many", plot.mark_y(1 - 1. / kinds, {.label = "guessing", .dashed = true}),
                format("%d kinds: whoever guesses is wrong %d times in %d.", kinds, kinds - 1, kinds));
  lesson.metric(format("error with %.0f pictures of each kind", counts.front()), pretrained.front());
}

static void segmentation(Lesson& lesson) {
  lesson.section("What is each pixel? Street scenes");
  const Path path = lesson.data(urls::CAMVID_TINY);
  const auto count = lesson.quick() ? std::optional<int64_t>(24) : std::nullopt;  // else all
  const int64_t epochs = lesson.epochs(2, 1);
  //! [segmentation]
  const auto files = get_image_files(path / "images").slice(0, count);
  auto dls = SegmentationDataLoaders::from_label_func(
      path, files, [path](const Path& o) { return path / "labels" / (o.stem() + "_P" + o.suffix()); },
      (path / "codes.txt").readlines(),
      {.seed = 42, .item_tfms = {Resize{.size = {72, 96}, .method = squish}}, .bs = 4});
  auto learn = unet_learner(dls, models::tf_efficientnet_lite0,
                            {.cbs = RunReport(lesson), .metrics = ForegroundAcc{.bkg_idx = 30}});
  learn.fine_tune(epochs, 1e-3);
  //! [segmentation]
  lesson.metric("pixel accuracy", learn.recorder->latest("foreground_acc").value());
}

static void tabular(Lesson& lesson) {
  lesson.section("Who earns more? A table");
  const Path path = lesson.data(urls::ADULT_SAMPLE);
  const int64_t epochs = lesson.epochs(2, 1);
  //! [tabular]
  auto dls = TabularDataLoaders::from_csv(
      path / "adult.csv",
      {.y_names = {"salary"},
       .cat_names = {"workclass", "education", "marital-status", "occupation", "relationship"},
       .cont_names = {"age", "fnlwgt", "education-num"},
       .procs = {Categorify{}, FillMissing{}, Normalize{}}});
  auto learn = tabular_learner(dls, {.cbs = RunReport(lesson), .metrics = accuracy});
  learn.fit_one_cycle(epochs);
  //! [tabular]
  lesson.metric("accuracy on incomes", learn.recorder->latest("accuracy").value());
}

static void collab(Lesson& lesson) {
  lesson.section("Will they like it? Films");
  const Path path = lesson.data(urls::ML_SAMPLE);
  const int64_t epochs = lesson.epochs(10, 3);
  //! [collab]
  auto dls = CollabDataLoaders::from_csv(path / "ratings.csv");
  auto learn = collab_learner(dls, {.y_range = {0.5, 5.5}, .cbs = RunReport(lesson)});
  learn.fine_tune(epochs);
  //! [collab]
  lesson.metric("squared error of ratings", learn.recorder->latest("valid_loss").value());
}

static void whole_game(Lesson& lesson) {
  const Path path = lesson.data(urls::PICTURES_SAMPLE);
  is_it_a_bird(lesson, path);
  if ((path / "valid.txt").exists()) how_many(lesson, path);  // a folder of your own has no such list
  segmentation(lesson);
  tabular(lesson);
  collab(lesson);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "01_whole_game", .title = "Lesson 1: is it a bird?"}, argc, argv, whole_game);
}
