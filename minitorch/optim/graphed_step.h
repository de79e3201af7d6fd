// SPDX-License-Identifier: MIT
// A training step as one CUDA graph: forward, backward and update are launched once, not kernel by kernel.
// Small nets, whose kernels take less time than their launches, train several times as fast.
//
//     optim::GraphedStep step([&](const std::vector<Tensor>& b) { return cross_entropy(net(b[0]), b[1]); },
//                             opt);
//     for (auto& batch : batches) loss = step({batch.x, batch.y});
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "minitorch/core/cuda_graph.h"
#include "minitorch/optim/grad_scaler.h"
#include "minitorch/optim/optimizer.h"

namespace minitorch::optim {

/// A training step that is captured once as a CUDA graph and replayed.
class GraphedStep {
 public:
  using Loss = std::function<Tensor(const std::vector<Tensor>& batch)>;

  /// `loss_of` computes the loss of a batch; it must queue the same work each time (see core/cuda_graph.h).
  /// The optimiser, the scaler if there is one, and all parameters must outlive this.
  GraphedStep(Loss loss_of, Optimizer& opt, GradScaler* scaler = nullptr);
  ~GraphedStep();

  /// One training step; returns the batch's loss, which the next step overwrites. The first two steps with
  /// batches of this shape are ordinary ones, the third is recorded, and from then on it is replayed. Batches
  /// of another shape, such as a last one that is smaller, take ordinary steps, as all do on the CPU.
  Tensor operator()(const std::vector<Tensor>& batch);
  bool is_recorded() const { return graph_ && graph_->is_recorded(); }

 private:
  Tensor ordinary(const std::vector<Tensor>& batch);
  void record(const std::vector<Tensor>& batch);
  bool has_shape_of(const std::vector<Tensor>& batch) const;

  Loss loss_of_;
  Optimizer& opt_;
  GradScaler* scaler_;
  std::unique_ptr<CudaGraph> graph_;
  std::vector<Tensor> inputs_;  // the recorded places of the batch
  Tensor loss_;
  int seen_ = 0;  // ordinary steps with batches of the shape of inputs_
};

}  // namespace minitorch::optim
