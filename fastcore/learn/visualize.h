// SPDX-License-Identifier: MIT
// Looking into a net: where it looked, and what its layers look for.
#pragma once
#include "fastcore/learn/learner.h"
#include "fastcore/plot/image_grid.h"

namespace fastcore {

/// Class activation maps (Zhou and others, 2016) of a net that ends in pooling and one linear layer: how much
/// each place of a layer's maps speaks for each class.
///
///     map[c, y, x] = sum over k of weight[c, k] activation[k, y, x]
///
/// x (n, ...), weight (classes, k) of the last linear layer, whose first k inputs are the layer's channels:
/// (n, classes, h, w). @throws ShapeError when weight has fewer inputs than the layer has channels
Tensor class_activation_map(minitorch::nn::Module& model, minitorch::nn::Module& layer, const Tensor& weight,
                            const Tensor& x);

/// Grad-CAM (Selvaraju and others, 2017), for any net and layer: channels weighted by the mean gradient of
/// one output.
///
///     w[k] = mean over places of d output[cls] / d activation[k];  map[y, x] = sum over k of w[k]
///     activation[k, y, x]
///
/// (n, h, w). Gradients of the model's weights stay as they were.
Tensor grad_cam(minitorch::nn::Module& model, minitorch::nn::Module& layer, const Tensor& x, int64_t cls);

/// A picture under a map (h, w) in colours: yellow where the map is large, dark where it is small.
Image heat_overlay(const Image& picture, const Tensor& map, double alpha = 0.6);

/// The filters of a first convolution as pictures, each from its smallest to its largest weight. Weight (n, 1
/// or 3, h, w); others show the mean over their inputs.
ImageGrid filter_grid(const Tensor& weight, int64_t max_n = 64);

/// Options of exciting_patches.
struct PatchOptions {
  int64_t channels = 8, k = 9;  ///< rows and columns of the grid
  int64_t ds_idx = 1;
  int64_t max_batches = 32;
};
/// For each of the first channels of a layer, the parts of pictures that excite it most, at most one of each
/// picture, the strongest first. A part is what one output of the layer sees, found by the gradient; where
/// that reaches beyond the picture's border, it ends there. Before training and after it, this shows what the
/// layer has learned:
///
///     const ImageGrid before = exciting_patches(learn, layer);
///     learn.fit_one_cycle(3);
///     const ImageGrid after = exciting_patches(learn, layer);
///
/// @throws ShapeError when the layer gives no maps; ValueError when the inputs are no pictures
ImageGrid exciting_patches(Learner& learn, minitorch::nn::Module& layer, const PatchOptions& options = {});

/// The same for several layers at once, batch by batch: each costs one forward, and for every layer the first
/// one two more of eight pictures with their gradients. @throws as exciting_patches
class PatchSearch {
 public:
  /// `loader` turns the batches' tensors back into pictures.
  PatchSearch(Learner& learn, const DataLoader& loader, const std::vector<minitorch::nn::Module*>& layers,
              PatchOptions options);
  ~PatchSearch();
  void add(const Batch& batch);
  /// A grid for each layer.
  std::vector<ImageGrid> grids() const;

 private:
  struct Excited;
  struct Layer;
  using PictureOf = std::function<const Image&(int64_t)>;
  void add_maps(Layer& layer, const Tensor& maps, const PictureOf& picture, const minitorch::Shape& tensor);

  Learner* learn_;
  const DataLoader* loader_;
  PatchOptions options_;
  std::vector<Layer> layers_;
};

namespace detail {
/// @throws ShapeError unless a layer's output is maps (n, channels, h, w); ValueError where there is none
void check_maps(const char* what, const Tensor& activation);
}  // namespace detail

}  // namespace fastcore
