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
/// @throws FileError for a file that is damaged or no export; ShapeError when weights and model do not fit;
///   ValueError for a model, transform or function whose name nobody here knows, saying how to make it known
Learner load_learner(const Path& file, minitorch::Device device = default_device());

/// How loaders of one kind are written down, without their items, and made again.
struct DataKind {
  std::string name;
  std::function<std::optional<std::string>(const DataLoaders&)> describe;  ///< nothing: of another kind
  std::function<DataLoaders(const std::string&)> make;
};
/// Makes a kind known; one that is known later is asked first. Loaders of a DataBlock, of tensors and of
/// tables are known already.
void register_data(DataKind kind);

/// A loss as data: a name and numbers. A function of one's own has the name "function": it is not exported,
/// and outputs are answers as they are.
ModelSpec describe_loss(const LossFunc& loss);
/// @throws ValueError for an unknown name
LossFunc make_loss(const ModelSpec& spec);

/// Makes every model and kind of data of the library known; export_learner and load_learner do so.
void register_library();

}  // namespace fastcore
