// SPDX-License-Identifier: MIT
// What Learner::summary() prints, from any forward of the model: the report of a training takes its first
// batch.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "fastcore/learn/hooks.h"

namespace fastcore {

/// A layer as it was called.
struct LayerInfo {
  std::string type;
  int64_t params = 0;
  bool has_params = false, trainable = false, keeps_shape = false;
  minitorch::Shape shape;  ///< of its output
};

/// Notes the layers of a model in the order in which they are called, each once, as long as this lives.
class LayerNotes {
 public:
  explicit LayerNotes(minitorch::nn::Module& model);
  std::vector<LayerInfo> layers;

 private:
  void note(minitorch::nn::Module& module, const minitorch::nn::Tensors& inputs, const Tensor& output);
  std::set<const minitorch::nn::Module*> seen_;
  Hooks hooks_;
};

/// Layers with their shapes and parameters, loss, optimiser and callbacks, laid out as fastai does; for
/// inputs of the shape `input`, whose first size stands before all others.
std::string summary_text(const Learner& learn, const minitorch::Shape& input,
                         const std::vector<LayerInfo>& layers);

}  // namespace fastcore
