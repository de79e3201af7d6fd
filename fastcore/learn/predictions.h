// SPDX-License-Identifier: MIT
// What get_preds and predict return.
#pragma once
#include <string>

#include "fastcore/data/value.h"
#include "fastcore/learn/learner.h"

namespace fastcore {

struct ImageGrid;

/// Outputs for many items; what was not asked for, and targets that are not there, are undefined. Of a
/// language model the items are its bs streams, each read to its end: (bs, words, ...).
struct Predictions {
  Tensor preds;    ///< activated outputs: (n, ...)
  Tensor targs;    ///< the first target of each item
  Tensor decoded;  ///< answers
  Tensor losses;   ///< (n): the mean of each item's
  Tensor plain;  ///< of tta with beta = {}: the pass without augmentation, preds being the mean of the others
  /// Texts that their batches padded to different widths are padded on, to the widest.
  Tensors inputs = {};
};

/// What a model says about one item: `auto [label, index, probs] = learn.predict(image);`
struct Prediction {
  std::string label;  ///< "bird"; several labels are joined by ", "
  Tensor decoded;     ///< the answer: for a class its number
  Tensor probs;       ///< activated outputs
};

/// A value in a few words, as titles and tables show it: a class's name, a text itself, numbers, else what it
/// is.
std::string short_text(const Value& value);

/// Some items of a batch with what is true and what was said (`decoded`, the answers): pictures with the
/// label above its prediction, masks and points side by side. No items where the inputs are no pictures.
ImageGrid results_grid(const DataLoader& loader, const Batch& batch, const Tensor& decoded, int64_t max_n);

/// Keeps outputs, targets and, on request, inputs and losses of the batches of a pass.
class GatherPredsCallback : public Callback {
 public:
  GatherPredsCallback(bool with_input, bool with_loss) : with_input_(with_input), with_loss_(with_loss) {}
  void before_validate(Learner& learn) override;
  void after_batch(Learner& learn) override;
  /// All batches joined, as those of this loader belong together: one below the other, streams side by side.
  /// @throws ValueError when there was none, ShapeError for inputs of different sizes that are not padded
  Predictions all(const DataLoader* loader = nullptr) const;

 private:
  bool with_input_, with_loss_;
  Tensors preds_, targets_, losses_;
  std::vector<Tensors> inputs_;
};

/// A loader that hands out batches that are there already: learn.get_preds(*batches_loader({batch})).
std::shared_ptr<DataLoader> batches_loader(std::vector<Batch> batches, Targets targets = {});

}  // namespace fastcore
