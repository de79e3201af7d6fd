// SPDX-License-Identifier: MIT
// What trees, forests and boosting have in common: fit(xs, y), then predict, scores and a look inside.
#pragma once
#include <string>
#include <vector>

#include "fastcore/frame/data_frame.h"
#include "fastcore/tabular/grow.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// A model of a table. A regressor predicts a number, a classifier one of the values that y has.
class TableModel {
 public:
  virtual ~TableModel() = default;

  /// A number or a class for each row, labelled as the row. @throws IndexError when a feature of training is
  /// not there
  Series predict(const DataFrame& xs) const;
  /// The classes' probabilities, (n, classes), float32. @throws ValueError for a regressor
  minitorch::Tensor predict_proba(const DataFrame& xs) const;
  /// Accuracy of a classifier, R^2 of a regressor.
  double score(const DataFrame& xs, const Series& y) const;
  /// What each feature contributes, in shares of 1, labelled with the features. @throws ValueError before fit
  Series feature_importances() const;

  bool is_classifier() const { return classifier_; }
  /// The classes in the order of predict_proba.
  const Series& classes() const { return classes_; }
  const std::vector<std::string>& features() const { return features_; }
  /// Outputs for each row: (rows, classes) probabilities, or (rows) numbers.
  std::vector<double> outputs(const FeatureTable& xs) const;
  std::vector<double> outputs(const DataFrame& xs) const { return outputs(FeatureTable(xs, features())); }
  int64_t output_count() const { return classifier_ ? classes_.size() : 1; }
  /// @throws ValueError of the function `what` for a model that has not learned anything
  void require_fitted(const char* what) const;

 protected:
  explicit TableModel(bool classifier) : classifier_(classifier) {}
  /// Remembers the classes, and forgets what was learned before: what fails from here on leaves a model that
  /// is not fitted, until learned(xs). @throws ShapeError for another number of rows in y, ValueError for a
  /// missing target or an empty table, DtypeError for texts as numbers; the model is then as it was
  TreeTargets targets_of(const FeatureTable& xs, const Series& y);
  /// It has learned from these features: the end of a fit.
  void learned(const FeatureTable& xs) { features_ = xs.names; }
  /// Fills to[i * output_count()] for `rows` rows, the features of each side by side.
  virtual void outputs_of(const float* xs, int64_t rows, double* to) const = 0;
  virtual std::vector<double> importances() const = 0;
  /// Outputs as predictions: numbers, or the class of the largest.
  Series as_predictions(const std::vector<double>& outputs) const;

 private:
  bool classifier_;
  std::vector<std::string> features_;
  Series classes_;
};

/// Mean of |y - prediction|.
double mean_absolute_error(const Series& y, const Series& predictions);
/// Root of the mean of (y - prediction)^2.
double root_mean_squared_error(const Series& y, const Series& predictions);
/// 1 - squared errors / squared differences from the mean. Where all y are the same: 1 for predictions
/// without an error, else 0.
double r2_score(const Series& y, const Series& predictions);
/// Share of predictions that are right.
double accuracy_score(const Series& y, const Series& predictions);

}  // namespace fastcore
