// SPDX-License-Identifier: MIT
// Lesson 15: the road to the top. Making a net better, one step at a time, and knowing what each step was
// worth.
#include <chrono>
#include <set>

#include "fastcore/basics/external.h"
#include "fastcore/data/augment.h"
#include "fastcore/data/data_block.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "fastcore/vision/learner.h"
#include "lessons/15_road_to_the_top/costs.h"
#include "minitorch/minitorch.h"

using namespace minitorch;
using namespace fastcore;

// --- which model? ----------------------------------------------------------------------------------------

static void which_model(Lesson& lesson) {
  lesson.section("Which model?");
  const double seconds = lesson.quick() ? 0.05 : 1.5;
  const std::vector<std::string> nets =
      lesson.quick() ? std::vector<std::string>{"squeezenet1_1", "tf_efficientnet_lite0"}
                     : std::vector<std::string>{"squeezenet1_1",
                                                "resnet18",
                                                "resnet34",
                                                "resnet26d",
                                                "resnet50",
                                                "mobilenetv2_100",
                                                "tf_efficientnet_lite0",
                                                "convnext_atto",
                                                "convnext_femto",
                                                "convnext_pico"};
  //! [measure]
  std::vector<ModelCosts> costs;
  for (const std::string& net : nets)
    costs.push_back(measure_model(find_architecture(net), {.size = 96, .seconds = seconds}));
  //! [measure]
  show_costs(lesson, nets, costs);
}

// --- the data --------------------------------------------------------------------------------------------

//! [data]
static DataLoaders six_kinds(const Path& path, int size, bool augmented, int64_t every, int64_t bs) {
  const auto kept_back = (path / "valid.txt").readlines();
  const auto validates = [names = std::set<std::string>(kept_back.begin(), kept_back.end())](const Path& p) {
    return names.count(p.parent().name() + "/" + p.name()) > 0;
  };
  const auto normalize = Normalize::from_stats(models::tf_efficientnet_lite0.stats);
  DataBlock pictures{
      .blocks = {ImageBlock{}, CategoryBlock{}},
      .get_items = [every](const Path& p) { return get_image_files(p).sorted().slice(0, {}, every); },
      .splitter = FuncSplitter{validates},
      .get_y = parent_label,
      .item_tfms = {Resize{.size = size, .method = squish}},
      .batch_tfms = {normalize},
  };
  if (augmented)
    pictures = pictures.new_with({.item_tfms = {RandomResizedCrop{.size = size, .min_scale = 0.5}},
                                  .batch_tfms = {aug_transforms(), normalize}});
  return pictures.dataloaders(path / "images", {.bs = bs});
}
//! [data]

// --- the steps -------------------------------------------------------------------------------------------

//! [step]
// One way to do it: what the net says about the pictures kept back, how often that is wrong, and what it
// cost.
struct Step {
  std::string name;
  Tensor probs;  // (n, 6)
  double error, seconds;
};
static double error_of(const Tensor& probs, const Tensor& truth) {
  return 1 - (probs.argmax(1) == truth).to(kFloat32).mean().item();
}
//! [step]

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Before anything is measured or trained, which takes minutes.
static void check_folder(const Path& path) {
  if ((path / "valid.txt").exists() && (path / "images").exists()) return;
  throw FileError(path.str() + ": expected pictures in images/KIND, and a file valid.txt",
                  "in valid.txt a line KIND/NAME.jpg for each picture that is kept back");
}

static void road_to_the_top(Lesson& lesson) {
  const Path path = lesson.data(urls::PICTURES_SAMPLE);
  check_folder(path);
  which_model(lesson);
  lesson.section("The data");
  const auto kinds = [&](int size, bool augmented) {
    return lesson.quick() ? six_kinds(path, size / 2, augmented, 4, lesson.bs(32))
                          : six_kinds(path, size, augmented, 1, lesson.bs(32));
  };
  const DataLoaders plain = kinds(128, false);
  lesson.print("%d pictures to learn from, %d to be judged by\n", int(plain.train().items()),
               int(plain.valid().items()));
  const int64_t tries = lesson.quick() ? 12 : 100;
  const auto& arch = models::tf_efficientnet_lite0;
  const int64_t epochs = lesson.epochs(3, 1);
  std::vector<Step> steps;
  Tensor truth;
  // Trains a net anew and writes down what came of it.
  const auto step = [&](const char* name, DataLoaders dls, auto train) {
    lesson.section(name);
    set_seed(static_cast<uint64_t>(lesson.options().seed));
    Learner learn = vision_learner(std::move(dls), arch, {.cbs = RunReport(lesson), .metrics = error_rate});
    const double start = now();
    train(learn);
    const double seconds = now() - start;
    const Predictions p = learn.get_preds();
    truth = p.targs;
    steps.push_back({name, p.preds, error_of(p.preds, truth), seconds});
    return learn;
  };

  //! [flat]
  step("One flat rate", plain, [&](Learner& learn) {
    learn.freeze();
    learn.fit(1, 2e-3);
    learn.unfreeze();
    learn.fit(epochs, slice(1e-5, 1e-3));
  });
  //! [flat]

  //! [baseline]
  step("As it comes", kinds(128, false), [&](Learner& learn) { learn.fine_tune(epochs); });
  //! [baseline]

  //! [rate]
  double rate = 0;
  step("A rate that was looked for", kinds(128, false), [&](Learner& learn) {
    const SuggestedLRs found = learn.lr_find({.num_it = tries});
    lesson.figure("lr_find", found.plot(), "The loss for ever larger rates, and what lr_find suggests.");
    rate = found.valley.value();
    lesson.print("the valley: %.2e\n", rate);
    learn.fine_tune(epochs, rate);
  });
  //! [rate]

  //! [augment]
  step("Augmentation", kinds(128, true), [&](Learner& learn) { learn.fine_tune(epochs, rate); });
  //! [augment]

  //! [progressive]
  Learner best = step("Progressive resizing", kinds(96, true), [&](Learner& learn) {
    learn.fine_tune((epochs + 1) / 2, rate);
    learn.dls = kinds(160, true);
    learn.fine_tune((epochs + 1) / 2, rate);
  });
  //! [progressive]

  lesson.section("Test-time augmentation");
  //! [tta]
  const double start = now();
  const Tensor averaged = best.tta().preds;
  steps.push_back({"Test-time augmentation", averaged, error_of(averaged, truth), now() - start});
  //! [tta]

  lesson.section("An ensemble");
  //! [ensemble]
  Tensor sum = zeros_like(averaged);
  double seconds = 0;
  for (const Step& s : steps) {
    if (s.name == "One flat rate") continue;  // the next one with a worse schedule
    seconds += s.seconds;
    if (s.name != "Progressive resizing") sum = sum + s.probs;  // it is in the step after it
  }
  steps.push_back({"An ensemble of the four", sum / 4.0, error_of(sum, truth), seconds});
  //! [ensemble]

  lesson.section("Step by step");
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double gain = i == 0 ? 0 : steps[i - 1].error - steps[i].error;
    rows.push_back({steps[i].name, format("%.3f", steps[i].error), i ? format("%+.3f", gain) : "",
                    format("%.0f s", steps[i].seconds)});
    lesson.metric(steps[i].name, steps[i].error);
  }
  lesson.table({"step", "error", "gain", "cost"}, rows);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "15_road_to_the_top", .title = "Lesson 15: the road to the top"}, argc, argv,
                    road_to_the_top);
}
