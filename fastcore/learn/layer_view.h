// SPDX-License-Identifier: MIT
// What single layers do, for the report of a training: the patches of pictures that excite them most, before
// and after; where the net looked; and, where ActivationStats is among the callbacks, their outputs by batch.
#pragma once
#include <memory>
#include <vector>

#include "fastcore/learn/learner.h"
#include "fastcore/plot/image_grid.h"

namespace fastcore {

class Lesson;

class LayerView {
 public:
  /// Before fit. Of a net whose first convolution looks at pixels, the first, the middle and the last
  /// convolution are looked at with one batch of the validation set, drawn by lot, unless that would take
  /// more than a tenth of the arithmetic of the training. No random number is used up.
  void start(Learner& learn);
  /// After fit, into the report. `first_batch`: that of this run, where the fit began in an earlier one.
  void report(Lesson& lesson, Learner& learn, int64_t first_batch = 0);

 private:
  std::vector<ImageGrid> search(Learner& learn) const;
  void report_patches(Lesson& lesson, Learner& learn);
  void report_grad_cam(Lesson& lesson, Learner& learn) const;

  std::vector<minitorch::nn::Module*> layers_;  // empty: nothing is looked at
  minitorch::nn::Module* looked_at_ = nullptr;  // by Grad-CAM: the last one whose maps have several places
  std::shared_ptr<DataLoader> loader_;
  Batch batch_;
  std::vector<ImageGrid> before_;
};

/// Whether the first convolution of a model takes pictures of one or three channels and looks at more than
/// single pixels; its weight, else an undefined tensor: (n, 1 or 3, h, w).
Tensor pixel_filters(minitorch::nn::Module& model);

}  // namespace fastcore
