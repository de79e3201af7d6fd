// SPDX-License-Identifier: MIT
// Learner::summary, laid out as fastai lays it out.
#include "fastcore/learn/hooks.h"
#include "fastcore/learn/learner.h"
#include "fastcore/learn/predictions.h"
#include "minitorch/ops/movement/movement.h"

namespace fastcore {
using namespace minitorch;

namespace {

constexpr int kWidth = 76;

struct LayerInfo {
  std::string type;
  int64_t params = 0;
  bool has_params = false, trainable = false, keeps_shape = false;
  Shape shape;
};

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

std::vector<LayerInfo> layers_of(Learner& learn, const Batch& batch) {
  std::vector<LayerInfo> infos;
  const Hooks hooks(leaf_modules(*learn.model),
                    [&](nn::Module& module, const Tensors& inputs, Tensor& output) {
                      LayerInfo info{.type = module.type_name(), .shape = output.shape()};
                      for (const Tensor& p : module.parameters()) {
                        if (!info.has_params) info.trainable = p.requires_grad();
                        info.has_params = true;
                        info.params += p.numel();
                      }
                      info.keeps_shape = inputs[0].dims() == output.dims();
                      for (int i = 1; info.keeps_shape && i < output.dims(); ++i)
                        info.keeps_shape = inputs[0].shape()[i] == output.shape()[i];
                      infos.push_back(info);
                    });
  Batch first;
  for (const Tensor& x : batch.x) first.x.push_back(slice(x, 0, 0, 1));
  const Scope silent = learn.no_bar();
  learn.get_preds(*batches_loader({first}), {.act = [](const Tensor& x) { return x; }});
  return infos;
}

}  // namespace

std::string Learner::summary() {
  const Batch batch = dls.train().one_batch();
  const int64_t bs = batch.x[0].size(0);
  std::string text = model->type_name() + " (Input shape: " + sizes(batch.x[0].shape(), bs) + ")\n";
  text += std::string(kWidth, '=') + "\n";
  text += format("%-20s %-20s %-10s %-10s\n", "Layer (type)", "Output Shape", "Param #", "Trainable");
  text += std::string(kWidth, '=');

  int64_t params = 0, trainable = 0;
  const Shape* before = nullptr;
  const std::vector<LayerInfo> layers = layers_of(*this, batch);
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
  text += "\n\nOptimizer used: " + (opt ? class_name(*opt) : opt_func.name());
  text += "\nLoss function: " + loss_func.name() + "\n\n";
  if (opt)
    text += frozen_to == 0 ? "Model unfrozen\n\n"
                           : format("Model frozen up to parameter group #%d\n\n", frozen_to);
  text += "Callbacks:";
  for (const CallbackPtr& cb : cbs()) text += "\n  - " + cb->name();
  return text + "\n";
}

}  // namespace fastcore
