// SPDX-License-Identifier: MIT
// The cases of parity.py on our side: the same data, the same options and the same lines as parity_fastai.py
// has.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "fastcore/basics/external.h"
#include "fastcore/collab/collab.h"
#include "fastcore/data/factories.h"
#include "fastcore/learn/learn.h"
#include "fastcore/tabular/tabular.h"
#include "fastcore/text/text.h"
#include "fastcore/vision/learner.h"
#include "minitorch/core/parallel.h"
#include "minitorch/core/random.h"

using namespace minitorch;
using namespace fastcore;

namespace {

/// The figure that a case is judged by, and the seconds that its training took.
struct Outcome {
  double figure, seconds;
};

/// Trains, timed, and takes the last value of a column of the table.
Outcome trained(Learner& learn, const std::string& column, const std::function<void()>& fit) {
  const auto start = std::chrono::steady_clock::now();
  fit();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {learn.recorder->latest(column).value(), seconds};
}

Outcome bird(const Path& path) {
  auto dls = DataBlock{.blocks = {ImageBlock{}, CategoryBlock{}},
                       .get_items =
                           [](const Path& p) {
                             return get_image_files(p, {.folders = {"bird", "forest"}});
                           },
                       .splitter = RandomSplitter{.valid_pct = 0.2, .seed = 42},
                       .get_y = parent_label,
                       .item_tfms = {Resize{.size = 192, .method = squish}}}
                 .dataloaders(path / "images", {.bs = 32});
  auto learn = vision_learner(dls, models::tf_efficientnet_lite0, {.metrics = error_rate});
  return trained(learn, "error_rate", [&] { learn.fine_tune(3); });
}

/// The pictures that valid.txt names validate: no source photograph stands on both sides.
ItemSplitter by_source(const Path& path) {
  const L<std::string> lines = (path / "valid.txt").readlines();
  const std::set<std::string> names(lines.begin(), lines.end());
  return FuncSplitter{[names](const Path& p) { return names.count(p.parent().name() + "/" + p.name()) > 0; }};
}

Outcome kinds(const Path& path) {
  auto dls = DataBlock{.blocks = {ImageBlock{}, CategoryBlock{}},
                       .get_items = get_image_files,
                       .splitter = by_source(path),
                       .get_y = parent_label,
                       .item_tfms = {Resize{.size = 128, .method = squish}}}
                 .dataloaders(path / "images", {.bs = 32});
  auto learn = vision_learner(dls, models::tf_efficientnet_lite0, {.metrics = error_rate});
  return trained(learn, "error_rate", [&] { learn.fine_tune(3); });
}

Outcome threes(const Path& path) {
  auto dls = ImageDataLoaders::from_folder(path, {.bs = 64});
  auto learn = vision_learner(dls, models::resnet18, {.pretrained = false, .metrics = accuracy});
  return trained(learn, "accuracy", [&] { learn.fit_one_cycle(4, 1e-3); });
}

Outcome pictures(const Path& path) {
  const auto mask_of = [path](const Path& p) {
    return path / "masks" / p.parent().name() / (p.stem() + ".png");
  };
  auto dls = DataBlock{.blocks = {ImageBlock{}, MaskBlock{(path / "codes.txt").readlines().items()}},
                       .get_items =
                           [](const Path& p) {
                             return get_image_files(p, {.folders = {"bird", "flower"}});
                           },
                       .splitter = by_source(path),
                       .get_y = mask_of,
                       .item_tfms = {Resize{.size = 64, .method = squish}}}
                 .dataloaders(path / "images", {.bs = 16});
  auto learn =
      unet_learner(dls, models::resnet18, {.pretrained = false, .metrics = ForegroundAcc{.bkg_idx = 0}});
  return trained(learn, "foreground_acc", [&] { learn.fit_one_cycle(6, 1e-3); });
}

Outcome street(const Path& path) {
  auto dls = SegmentationDataLoaders::from_label_func(
      path, get_image_files(path / "images"),
      [path](const Path& p) { return path / "labels" / (p.stem() + "_P" + p.suffix()); },
      (path / "codes.txt").readlines(), {.seed = 42, .bs = 8});
  auto learn =
      unet_learner(dls, models::resnet18, {.pretrained = false, .metrics = ForegroundAcc{.bkg_idx = 30}});
  return trained(learn, "foreground_acc", [&] { learn.fit_one_cycle(4, 1e-3); });
}

Outcome incomes(const Path& path, const ColumnNames& categories, int64_t epochs) {
  auto dls =
      TabularDataLoaders::from_csv(path / "adult.csv", {.y_names = {"salary"},
                                                        .cat_names = categories,
                                                        .cont_names = {"age", "fnlwgt", "education-num"},
                                                        .procs = {Categorify{}, FillMissing{}, Normalize{}}});
  auto learn = tabular_learner(dls, {.metrics = accuracy});
  return trained(learn, "accuracy", [&] { learn.fit_one_cycle(epochs); });
}

Outcome ratings(const Path& path, bool use_nn) {
  auto dls = CollabDataLoaders::from_csv(path / "ratings.csv");
  auto learn = collab_learner(dls, {.use_nn = use_nn, .layers = {100, 50}, .y_range = {0.5, 5.5}});
  return trained(learn, "valid_loss", [&] {
    if (use_nn) learn.fit_one_cycle(5, 5e-3, {.wd = 0.1});
    else learn.fine_tune(10);
  });
}

/// One stream of words of the lines of both files, ". " between lines; the first four fifths train.
Outcome numbers(const Path& path) {
  Tokens words;
  for (const char* file : {"train.txt", "valid.txt"})
    for (const std::string& line : (path / file).readlines()) {
      std::istringstream in(line);
      if (!words.empty()) words.push_back(".");
      for (std::string word; in >> word;) words.push_back(word);
    }
  const WordVocab vocab = WordVocab::of({words}, {.min_freq = 1, .specials = false, .multiple_of_8 = false});
  const Numbered stream = vocab.encode(words);
  const auto cut = stream.begin() + static_cast<std::ptrdiff_t>(stream.size() * 4 / 5);
  const LMLoaderOptions options{.bs = 64, .seq_len = 16};
  const DataLoaders dls(
      {std::make_shared<LMLoader>(std::vector<Numbered>{{stream.begin(), cut}}, vocab, options),
       std::make_shared<LMLoader>(std::vector<Numbered>{{cut, stream.end()}}, vocab, options)});
  const AwdLstmConfig config{.emb_sz = 64,
                             .n_hid = 64,
                             .n_layers = 2,
                             .output_p = 0.4,
                             .hidden_p = 0,
                             .input_p = 0,
                             .embed_p = 0,
                             .weight_p = 0};
  Learner learn(dls, language_model(vocab.size(), config),
                {.loss_func = CrossEntropyLossFlat{},
                 .cbs = {ModelResetter{}, RnnRegularizer{2, 1}},
                 .metrics = accuracy});
  return trained(learn, "accuracy", [&] { learn.fit_one_cycle(15, 1e-2, {.wd = 0.1}); });
}

const std::map<std::string, std::function<Outcome(const Path&)>> kCases = {
    {"bird", bird},
    {"kinds", kinds},
    {"mnist_sample", threes},
    {"pictures", pictures},
    {"street", street},
    {"adult3",
     [](const Path& p) {
       return incomes(p, {"workclass", "education", "marital-status", "occupation", "relationship", "race"},
                      3);
     }},
    {"adult2",
     [](const Path& p) {
       return incomes(p, {"workclass", "education", "marital-status", "occupation", "relationship"}, 2);
     }},
    {"ml_sample", [](const Path& p) { return ratings(p, false); }},
    {"ml_sample_nn", [](const Path& p) { return ratings(p, true); }},
    {"human_numbers", numbers},
};

}  // namespace

/// The folder of a data set of the course's table, unpacked or drawn when it is not there; "" on an error.
extern "C" const char* parity_data(const char* name) {
  static std::string path;
  try {
    path = untar_data(name).str();
  } catch (const std::exception& error) {
    report_error(error);
    path.clear();
  }
  return path.c_str();
}

/// Trains one case from a seed. Returns the seconds of training and puts its figure; below 0: it failed.
extern "C" double parity_case(const char* name, const char* folder, int seed, int threads, double* figure) {
  try {
    set_num_threads(threads);
    set_seed(seed);
    const Outcome outcome = kCases.at(name)(Path(folder));
    *figure = outcome.figure;
    return outcome.seconds;
  } catch (const std::exception& error) {
    report_error(error);
    return -1;
  }
}
