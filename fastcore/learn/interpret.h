// SPDX-License-Identifier: MIT
// Interpretation: where a model errs, and on what.
//
//     auto interp = ClassificationInterpretation::from_learner(learn);
//     print(interp.confusion_text());
//     interp.plot_confusion_matrix().save("confusion.png");
//     interp.plot_top_losses(9).save("top_losses.png");
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fastcore/learn/item_table.h"
#include "fastcore/learn/predictions.h"
#include "fastcore/plot/image_grid.h"
#include "fastcore/plot/plot.h"

namespace fastcore {

/// Options of from_learner.
struct InterpretOptions {
  int64_t ds_idx = 1;
  std::shared_ptr<DataLoader> dl = {};            ///< else learn.dls[ds_idx]
  std::function<Tensor(const Tensor&)> act = {};  ///< else the loss's activation
};

/// Whether a loss is the smaller one. NaN is larger than any number, as in torch.topk: a loss that went wrong
/// is the first to look at.
bool smaller_loss(double a, double b);

/// Places of losses, the largest first or the smallest, by smaller_loss.
std::vector<int64_t> loss_order(const std::vector<double>& losses, bool largest = true);

/// Losses and the items they belong to.
struct TopLosses {
  std::vector<double> losses;
  std::vector<int64_t> indices;    ///< places in the loader's own order
  std::vector<std::string> items;  ///< files, where items are files
};

/// Options of plot_top_losses.
struct TopLossesOptions {
  bool largest = true;
  int nrows = 0, ncols = 0;
};

/// Outputs, answers and losses for all items of a loader, in its own order. Keeps the loader.
class Interpretation {
 public:
  static Interpretation from_learner(Learner& learn, const InterpretOptions& options = {});

  /// The k items with the largest losses (all of them with k = 0), or the smallest; NaN is the largest.
  TopLosses top_losses(int64_t k = 0, bool largest = true) const;
  /// Those items as pictures. Labels: prediction/actual, loss, probability of the prediction, and whether the
  /// model was sure. Masks: input, target and prediction side by side.
  /// @throws ValueError when the inputs are no pictures
  ImageGrid plot_top_losses(int64_t k, const TopLossesOptions& options = {}) const;
  /// Those of the given ranks alone, the largest loss being 0: range(16, 26) for a second page.
  /// @throws IndexError for a rank that there is not
  ImageGrid plot_top_losses(const L<int64_t>& ranks, const TopLossesOptions& options = {}) const;

  const Predictions& predictions() const { return p_; }
  const std::vector<std::string>& vocab() const { return vocab_; }

 protected:
  Interpretation(Learner& learn, const InterpretOptions& options);
  Predictions p_;
  std::vector<double> losses_;
  std::shared_ptr<DataLoader> loader_;
  Targets targets_;
  std::vector<std::string> vocab_;

 private:
  ImageGrid pictures_of(const TopLosses& top, const TopLossesOptions& options) const;
};
/// fastai's name for masks: the same.
using SegmentationInterpretation = Interpretation;

/// Two classes that are taken for each other.
struct Confused {
  std::string actual, predicted;
  int64_t count;
};

/// Options of plot_confusion_matrix.
struct ConfusionOptions {
  bool normalize = false;  ///< each row adds up to 1
  std::string title = "Confusion matrix";
  ColorMap cmap = ColorMap::blues;
  int norm_dec = 2;      ///< decimals of normalised values
  bool plot_txt = true;  ///< the values in the cells; of more than 40 classes they are left out
};

/// The same where items belong to one class each.
class ClassificationInterpretation : public Interpretation {
 public:
  /// @throws ValueError when the targets are no classes, or the loss has no decodes that finds one
  static ClassificationInterpretation from_learner(Learner& learn, const InterpretOptions& options = {});

  /// How often an item of class [row] was taken for class [column].
  std::vector<std::vector<int64_t>> confusion_matrix() const;
  /// The same as a table.
  std::string confusion_text() const;
  /// The same as a picture.
  Plot plot_confusion_matrix(const ConfusionOptions& options = {}) const;
  /// Pairs of different classes with at least min_val items, the most frequent first.
  std::vector<Confused> most_confused(int64_t min_val = 1) const;
  /// Precision, recall, F1 score and number of items of every class, laid out as scikit-learn does. A class
  /// that does not occur has zeros, which count in the macro average.
  std::string classification_report() const;

 private:
  using Interpretation::Interpretation;
};

/// What there is to say about an item with a large loss.
struct TopLoss {
  Tensor target, decoded;  ///< what is true, what was said
  Tensor probs;            ///< activated outputs
  double loss = 0;
};
/// The item as plot_top_losses shows it: a picture with prediction/actual, loss and, of one class among
/// several, the probability and how sure the model was (where the loss says which class is meant); masks and
/// points: input, target and prediction.
std::vector<GridItem> top_loss_items(const DataLoader& loader, const std::vector<Value>& x,
                                     const TopLoss& item);
/// The same as the row of a table, for inputs that are no pictures.
ItemTable top_loss_cells(const DataLoader& loader, const std::vector<Value>& x, const TopLoss& item);
/// What stands above a grid of such items; `three` pictures each, or one.
std::string top_losses_title(bool three);

/// Refuses predictions whose answers are no class numbers. @throws ValueError naming the loss
void check_class_answers(const std::string& who, const Learner& learn, const Predictions& predictions);

/// "sure and wrong", "wrong", "right but unsure" or "right": by the probability of the prediction. Sure is
/// 0.8 and more; unsure is below 0.6.
std::string sureness(bool right, double probability);

}  // namespace fastcore
