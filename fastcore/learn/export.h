// SPDX-License-Identifier: MIT
// A trained learner as one file of data: weights, how the model is made, what becomes of new items, the
// loss's way from outputs to answers. No code is in it; loading it runs none.
//
//     learn.export_learner("birds.safetensors");
//     auto learn = load_learner("birds.safetensors");
//     auto [label, index, probs] = learn.predict(Image::open("bird.jpg"));
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "fastcore/learn/learner.h"

namespace fastcore {

/// Reads what Learner::export_learner wrote. Its loaders have no items: it predicts, and trains when given
/// others.
///
/// There again: model and weights, in evaluation mode; what becomes of new items; the loss; the groups of
/// parameters as the splitter made them, all of them unfrozen; optimiser, rates and decay as the Learner was
/// given them. Not there: metrics, callbacks, and what the optimiser remembered. A loss or an optimiser that
/// is a function without a name (register_loss, register_opt_func) throws when it is needed, saying what to
/// set.
/// @throws FileError for a file that is damaged or no export; ShapeError when weights and model do not fit;
///   ValueError for a model, transform or function whose name nobody here knows, saying how to make it known
Learner load_learner(const Path& file, minitorch::Device device = default_device());

/// How loaders of one kind are written down, without their items, and made again.
struct DataKind {
  std::string name;
  std::function<std::optional<std::string>(const DataLoaders&)> describe;  ///< nothing: of another kind
  std::function<DataLoaders(const std::string&)> make;
};
/// Makes a kind known; one that is known later is asked first. Loaders of a DataBlock, of tensors, of tables
/// and of texts are known already.
void register_data(DataKind kind);

/// Gives a loss of one's own a name by which exports know it, in the program that trains and in those that
/// load. An object with members needs an operator==, so that only an equal one goes by the name.
///
///     register_loss("my_loss", MyLoss{});
///
/// @throws ValueError for a name that a loss of the library has
void register_loss(const std::string& name, const LossFunc& loss);
/// The same for a function that makes an optimiser; one without members.
///
///     register_opt_func("momentum", [](optim::Groups groups, double lr) {
///       return optim::SGD(std::move(groups), {.lr = lr, .mom = 0.9}); });
///
/// @throws ValueError for a name that an optimiser of the library has, and for an object with members
void register_opt_func(const std::string& name, const OptFunc& opt_func);

/// A loss as data: a name and numbers. A function without a name becomes "function": it is not exported, and
/// outputs are answers as they are.
/// @throws ValueError for a loss without a name that has an activation or decodes of its own
ModelSpec describe_loss(const LossFunc& loss);
/// @throws ValueError for an unknown name
LossFunc make_loss(const ModelSpec& spec);

/// Makes every model and kind of data of the library known; export_learner and load_learner do so.
void register_library();

}  // namespace fastcore
