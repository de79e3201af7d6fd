// SPDX-License-Identifier: MIT
#include "fastcore/learn/summary.h"

#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/ops/movement/movement.h"

namespace fastcore {
using namespace minitorch;

namespace {

constexpr int kWidth = 76;

// 64 x 3 x 28 x 28, with the batch size of the loader in front.
std::string sizes(const Shape& shape, int64_t bs) {
  std::string text = std::to_string(bs);
  for (int i = 1; i < shape.dims(); ++i) text += " x " + std::to_string(shape[i]);
  return text;
}
// 11704896 -> 11,704,896
std::string with_commas(int64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

}  // namespace

LayerNotes::LayerNotes(nn::Module& model)
    : hooks_(leaf_modules(model), [this](nn::Module& module, const nn::Tensors& inputs, Tensor& output) {
        note(module, inputs, output);
      }) {}

void LayerNotes::note(nn::Module& module, const nn::Tensors& inputs, const Tensor& output) {
  if (!seen_.insert(&module).second) return;  // called again: the loop of a recurrent net
  LayerInfo info{.type = module.type_name(), .shape = output.shape()};
  for (const Tensor& p : module.parameters()) {
    if (!info.has_params) info.trainable = p.requires_grad();
    info.has_params = true;
    info.params += p.numel();
  }
  info.keeps_shape = !inputs.empty() && inputs[0].dims() == output.dims();
  for (int i = 1; info.keeps_shape && i < output.dims(); ++i)
    info.keeps_shape = inputs[0].shape()[i] == output.shape()[i];
  layers.push_back(info);
}

std::string summary_text(const Learner& learn, const Shape& input, const std::vector<LayerInfo>& layers) {
  const int64_t bs = input[0];
  std::string text = learn.model->type_name() + " (Input shape: " + sizes(input, bs) + ")\n";
  text += std::string(kWidth, '=') + "\n";
  text += format("%-20s %-20s %-10s %-10s\n", "Layer (type)", "Output Shape", "Param #", "Trainable");
  text += std::string(kWidth, '=');

  int64_t params = 0, trainable = 0;
  const Shape* before = nullptr;
  for (const LayerInfo& layer : layers) {
    const bool new_block = !before || (!layer.keeps_shape && !(*before == layer.shape));
    if (before && new_block) text += "\n" + std::string(kWidth, '_');
    if (new_block) text += format("\n%-20s %-20s", "", sizes(layer.shape, bs).substr(0, 19).c_str());
    text += format("\n%-20s %-20s %-10s %-10s", layer.type.c_str(), "",
                   layer.has_params ? std::to_string(layer.params).c_str() : "",
                   !layer.has_params ? ""
                   : layer.trainable ? "True"
                                     : "False");
    params += layer.params;
    trainable += layer.trainable ? layer.params : 0;
    before = &layer.shape;
  }
  text += "\n" + std::string(kWidth, '_') + "\n\nTotal params: " + with_commas(params);
  text += "\nTotal trainable params: " + with_commas(trainable);
  text += "\nTotal non-trainable params: " + with_commas(params - trainable);
  text += "\n\nOptimizer used: " + (learn.opt ? class_name(*learn.opt) : learn.opt_func.name());
  text += "\nLoss function: " + learn.loss_func.name() + "\n\n";
  if (learn.opt)
    text += learn.frozen_to == 0 ? "Model unfrozen\n\n"
                                 : format("Model frozen up to parameter group #%d\n\n", learn.frozen_to);
  text += "Callbacks:";
  for (const CallbackPtr& cb : learn.cbs()) text += "\n  - " + cb->name();
  return text + "\n";
}

std::string Learner::summary() {
  const Scope random = random_kept_in_fit(*this);
  const Batch batch = dls.train().one_batch();
  Batch one;
  for (const Tensor& x : batch.x) one.x.push_back(slice(x, 0, 0, 1));
  const LayerNotes notes(*model);
  {
    const Scope silent = no_bar();
    get_preds(*batches_loader({one}), {.act = [](const Tensor& x) { return x; }});
  }
  return summary_text(*this, batch.x[0].shape(), notes.layers);
}

}  // namespace fastcore
