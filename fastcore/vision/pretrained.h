// SPDX-License-Identifier: MIT
// Weights that others have trained.
#pragma once
#include <string>

#include "fastcore/vision/architecture.h"

namespace fastcore {

/// The published weights of a net under its own names: from the data folder's models/, else from what is
/// bundled with the course (tf_efficientnet_lite0), else downloaded and checked against the published
/// SHA-256.
/// @throws ValueError for an unknown name or a net without published weights
/// @throws FileError when the weights are not to be had, the hint naming the three ways on; or when a file in
/// models/ has another SHA-256 than its name says
minitorch::nn::StateDict pretrained_weights(const std::string& name);

/// Fits the weights of a first convolution, made for three colours, to other channels: their sum for one; the
/// first two times 1.5 for two; for more than three, zeros for those beyond. (out, 3, k, k) -> (out, n, k,
/// k).
minitorch::Tensor fit_channels(const minitorch::Tensor& weight, int64_t channels);

/// Copies an architecture's published weights into a net of it: its first convolution fitted where the net
/// takes other than three channels, its classifier left alone where the net has other classes or none.
/// @throws ShapeError when the file does not fit the net
void load_pretrained(minitorch::nn::Module& net, const Architecture& architecture);

}  // namespace fastcore
