// SPDX-License-Identifier: MIT
// What a net costs on this machine: time, memory, operations, weights.
#pragma once
#include "fastcore/vision/architecture.h"

namespace fastcore {

struct MeasureOptions {
  int64_t size = 224;  ///< pictures of size x size
  int64_t bs = 8;      ///< pictures in a batch
  double seconds = 1;  ///< of each measurement, at the least
};

struct ModelCosts {
  int64_t parameters = 0;
  double multiply_adds = 0;        ///< for one picture, forward
  double predicts_per_second = 0;  ///< pictures, forward only
  double trains_per_second = 0;    ///< pictures, forward, backward and a step of Adam
  double predict_bytes = 0;        ///< memory at its fullest while a batch is predicted, weights included
  double train_bytes = 0;          ///< while one is trained
};

/// Measures a net of the catalogue, with the classifier of the thousand classes that published accuracies
/// speak of, with random weights and pictures. Times are medians after a warm-up.
ModelCosts measure_model(const Architecture& architecture, const MeasureOptions& options = {});

}  // namespace fastcore
