// SPDX-License-Identifier: MIT
// Learner::save and load: weights, and on request what the optimiser remembers.
#include "fastcore/learn/checkpoint.h"
#include "fastcore/learn/learner.h"
#include "minitorch/io/io.h"

namespace fastcore {
using namespace minitorch;

Path Learner::model_file(const std::string& file) const {
  const Path name = file;
  const std::string ending = name.suffix() == ".pth" || name.suffix() == ".safetensors" ? "" : ".safetensors";
  return path / model_dir / (file + ending);
}

Path Learner::save(const std::string& file, bool with_opt) {
  require_weights("save");
  const Path target = model_file(file);
  target.parent().mkdir({.parents = true, .exist_ok = true});
  if (target.suffix() == ".pth") {
    io::save_pth(target.str(), model->state_dict());
    return target;
  }
  nn::StateDict all = model->state_dict("model");
  if (with_opt && opt)
    for (const auto& [name, tensor] : opt->state_dict()) all.emplace_back("opt." + name, tensor);
  io::save_safetensors(target.str(), all, {{"model", model->type_name()}});
  return target;
}

void Learner::load(const std::string& file, bool with_opt) {
  const Path source = model_file(file);
  if (source.suffix() == ".pth") {
    model->load_state_dict(io::load_pth(source.str()));
    return;
  }
  const nn::StateDict all = io::load_safetensors(source.str()).tensors, weights = part(all, "model."),
                      averages = part(all, "opt.");
  nn::StateDict before;
  for (const auto& [name, tensor] : model->state_dict()) before.emplace_back(name, tensor.detach().clone());
  try {
    model->load_state_dict(weights.empty() ? all : weights);
    if (with_opt && !averages.empty()) {
      if (!opt) create_opt();
      opt->load_state_dict(averages);
    }
  } catch (ShapeError& error) {
    model->load_state_dict(before);
    static_cast<std::runtime_error&>(error) = std::runtime_error(source.str() + ": " + error.what());
    throw;
  }
}

}  // namespace fastcore
