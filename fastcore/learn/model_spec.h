// SPDX-License-Identifier: MIT
// Models as data: the name of a function that makes one, and its arguments. An exported learner holds that
// instead of code, so a program that loads it has to know the name too:
//
//     register_model("my_net", [](const Settings& args) { return MyNet(size_of(args, "width")); });
//     learn.model_spec = {"my_net", {{"width", int64_t{64}}}};
//     learn.export_learner("my_net.safetensors");
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "fastcore/data/fields.h"
#include "minitorch/nn/module.h"

namespace fastcore {

/// How a model is made.
struct ModelSpec {
  std::string name = {};
  Settings args = {};
};
using ModelMaker = std::function<minitorch::nn::ModulePtr(const Settings& args)>;

/// The arguments that would make this model again; nothing for a model of another kind.
using ModelReader = std::function<std::optional<Settings>(const minitorch::nn::Module& model)>;

/// Makes a name known; a second maker of one name takes the place of the first. Arguments may come from a
/// file from anywhere: makers check them, as size_of does. With a reader, models of the kind are exported
/// without a word about them: learn.model_spec is not needed.
void register_model(const std::string& name, ModelMaker maker, ModelReader reader = {});
/// The model of a description, with new weights. @throws ValueError for a name that is not known
minitorch::nn::ModulePtr make_model(const ModelSpec& spec);
/// The description of a model that a registered reader knows, or of a Sequential of layers of the library,
/// also nested; empty for any other model.
ModelSpec describe_model(const minitorch::nn::Module& model);

/// A whole number of the arguments, from `low` to 16 million. @throws ValueError when it is missing or
/// outside
int64_t size_of(const Settings& args, const std::string& name, int64_t low = 1);
/// A list of such numbers from 1 on. @throws as size_of
std::vector<int64_t> sizes_of(const Settings& args, const std::string& name);
/// @throws ValueError for a matrix of more weights than any model of the library has
void check_weights(int64_t rows, int64_t columns);

}  // namespace fastcore
