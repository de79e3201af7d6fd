// SPDX-License-Identifier: MIT
#include "fastcore/learn/layer_view.h"

#include <algorithm>

#include "fastcore/data/show_batch.h"
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/default_callbacks.h"
#include "fastcore/learn/hooks.h"
#include "fastcore/learn/item_table.h"
#include "fastcore/learn/visualize.h"
#include "fastcore/report/lesson.h"
#include "minitorch/autograd/graph.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"

namespace fastcore {
using namespace minitorch;

namespace {

constexpr int64_t kPatchPictures = 32, kChannels = 4, kPatches = 8, kLooks = 4;
constexpr std::size_t kShownLayers = 6;

// Forwards of single pictures that the layers cost, before and after; a backward counts as two.
int64_t cost(int64_t pictures) {
  const int64_t views = 3 * 2 * 8 * 3;  // three layers, two times eight pictures
  return 2 * (views + pictures) + 4 * kLooks + 1;
}
int64_t cost_of_training(Learner& learn) {
  return learn.n_epoch * (3 * learn.dls.train().items() + learn.dls.valid().items());
}

// A convolution that the model called, and how many places its maps have.
struct Called {
  nn::Module* module;
  int64_t places;
};

std::vector<Called> called_convolutions(Learner& learn, const Tensor& x) {
  std::vector<nn::Module*> convolutions;
  std::vector<Called> called;
  for (const auto& [name, module] : learn.model->named_modules())
    if (module->type_name() == "Conv2d") convolutions.push_back(module);
  const NoGrad no_grad;
  const Scope evaluating = evaluation_mode(*learn.model);
  const Hooks hooks(convolutions, [&](nn::Module& module, const nn::Tensors&, Tensor& output) {
    called.push_back({&module, output.dims() == 4 ? output.size(2) * output.size(3) : 0});
  });
  (*learn.model)(x);
  return called;
}

std::string name_of(Learner& learn, const nn::Module* layer) {
  for (const auto& [name, module] : learn.model->named_modules())
    if (module == layer) return (name.empty() ? "" : name + " ") + module->type_name();
  return "";
}

// The first, the middle and the last.
std::vector<nn::Module*> spread(const std::vector<Called>& called) {
  std::vector<nn::Module*> chosen;
  for (const std::size_t at : {std::size_t{0}, called.size() / 2, called.size() - 1})
    if (at < called.size() && std::find(chosen.begin(), chosen.end(), called[at].module) == chosen.end())
      chosen.push_back(called[at].module);
  return chosen;
}

// At most six layers, spread over the net.
std::vector<int64_t> shown_layers(std::size_t count) {
  std::vector<int64_t> places;
  const std::size_t shown = std::min(kShownLayers, count);
  for (std::size_t i = 0; i < shown; ++i)
    places.push_back(static_cast<int64_t>(shown == 1 ? 0 : i * (count - 1) / (shown - 1)));
  return places;
}

// `first_batch` is the one that the plots count as 0.
void report_activations(Lesson& lesson, const ActivationStats& stats, int64_t first_batch) {
  if (stats.stats.size() < 2) return;
  const std::string from = first_batch ? format(" Only of this run: batch 0 is batch %lld of the training.",
                                                static_cast<long long>(first_batch))
                                       : "";
  Figure means, colours;
  means.columns = 3;
  for (const int64_t layer : shown_layers(stats.names.size())) {
    for (Plot& plot : stats.plot_layer_stats(layer).plots) means.plots.push_back(std::move(plot));
    if (stats.with_hist()) colours.plots.push_back(stats.color_dim(layer));
  }
  lesson.training_figure("activations", means,
                         "Outputs of layers in training: mean, standard deviation and the share near zero. A "
                         "layer whose outputs are all near zero learns nothing any more." +
                             from);
  if (!colours.plots.empty())
    lesson.training_figure(
        "histograms", colours,
        "How many outputs are how large, by batch: the logarithm of the histogram. Smooth "
        "bands are a good sign; colour at the bottom alone means that most are near zero." +
            from);
}

}  // namespace

Tensor pixel_filters(nn::Module& model) {
  for (const auto& [name, module] : model.named_modules()) {
    if (module->type_name() != "Conv2d") continue;
    const Tensor weight = module->parameters().front();
    const bool pixels = weight.size(1) == 1 || weight.size(1) == 3;
    return pixels && weight.size(2) > 1 ? weight.detach() : Tensor();
  }
  return {};
}

void LayerView::start(Learner& learn) {
  *this = {};
  if (!pixel_filters(*learn.model).defined() || learn.dls.valid().items() == 0) return;
  const int64_t pictures = std::min(kPatchPictures, learn.dls.valid().items());
  if (cost(pictures) * 10 > cost_of_training(learn)) return;
  {
    const RandomState random = RandomState::now(learn);
    // Shuffled: the first pictures of a set are often all of one class.
    loader_ = learn.dls.valid().with({.bs = pictures, .shuffle = true, .drop_last = false});
    batch_ = loader_->one_batch();
    random.restore(learn);
  }
  const bool one_picture = batch_.x.size() == 1 && batch_.x[0].dims() == 4;
  if (!one_picture || !is_picture(loader_->decode_x(batch_, 0).at(0))) return;
  const auto called = called_convolutions(learn, slice(batch_.x[0], 0, 0, 1).to(learn.device));
  layers_ = spread(called);
  for (const Called& one : called)
    if (one.places > 1) looked_at_ = one.module;
  if (!layers_.empty()) before_ = search(learn);
}

std::vector<ImageGrid> LayerView::search(Learner& learn) const {
  PatchSearch patches(learn, *loader_, layers_, {.channels = kChannels, .k = kPatches});
  patches.add(batch_);
  return patches.grids();
}

void LayerView::report_patches(Lesson& lesson, Learner& learn) {
  std::vector<ImageGrid> after = search(learn);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    before_[l].title = name_of(learn, layers_[l]) + " before training";
    after[l].title = name_of(learn, layers_[l]) + " after training";
    const std::string file = format("patches_%zu_", l + 1);
    lesson.training_figure(file + "before", before_[l], "");
    lesson.training_figure(
        file + "after", after[l],
        format(
            "Each row is a channel of this layer: the parts of %lld pictures of the validation set, drawn by "
            "lot, that it answered most strongly, as much of each as one output sees.",
            static_cast<long long>(batch_.size())));
  }
}

// Some pictures, under what the last convolution that still tells places apart contributes to the answer.
void LayerView::report_grad_cam(Lesson& lesson, Learner& learn) const {
  const Targets targets = loader_->targets();
  if (targets.kind != TargetKind::category || !looked_at_) return;
  const Tensor x = slice(batch_.x[0], 0, 0, std::min(kLooks, batch_.size())).to(learn.device);
  Tensor answers;
  {
    const NoGrad no_grad;
    const Scope evaluating = evaluation_mode(*learn.model);
    const Tensor outputs = (*learn.model)(x);
    if (outputs.dims() != 2 || outputs.size(1) < 2) return;  // of a single one the largest says nothing
    answers = argmax(outputs, 1).cpu();
  }
  ImageGrid grid;
  for (int64_t i = 0; i < x.size(0); ++i) {
    const Tensor answer = select(answers, 0, i);
    const Tensor map =
        grad_cam(*learn.model, *looked_at_, slice(x, 0, i, i + 1), static_cast<int64_t>(answer.item()));
    const std::vector<Value> picture = loader_->decode_x(batch_, i);
    GridItem item = grid_item(picture, {loader_->decode_y(answer)}, targets);
    item.image = heat_overlay(item.image, select(map, 0, 0));
    grid.items.push_back(grid_item(picture, {loader_->decode_y(select(batch_.y.at(0), 0, i))}, targets));
    grid.items.push_back(std::move(item));
  }
  lesson.training_figure(
      "grad_cam", grid,
      "Validation set: pictures with what they are, and beside them the answer over what " +
          name_of(learn, looked_at_) +
          " contributes to it (Grad-CAM): yellow speaks for the answer, dark against it; one colour "
          "throughout: no place counts.");
}

void LayerView::report(Lesson& lesson, Learner& learn, int64_t first_batch) {
  if (!layers_.empty()) {
    report_patches(lesson, learn);
    report_grad_cam(lesson, learn);
  }
  if (const auto stats = learn.find_cb<ActivationStats>()) report_activations(lesson, *stats, first_batch);
}

}  // namespace fastcore
