// SPDX-License-Identifier: MIT
// Augmentation of batches: fastai's Flip, Dihedral, Rotate, Zoom, Warp, Brightness, Contrast, Saturation,
// Hue, RandomErasing and RandomResizedCropGPU, and aug_transforms(), which puts the usual ones together.
//
//     .batch_tfms = aug_transforms({.mult = 2, .size = 128})
//
// All changes of place become one map, so that a picture is resampled once; all changes of light one as well.
// Each picture draws its own numbers, from the generator that manual_seed() sets; with `batch` one number
// serves all, from Python's. With probability 1 - p nothing changes. `fixed` replaces the draws: one number
// for all pictures, or one for each.
#pragma once
#include <optional>
#include <variant>
#include <vector>

#include "fastcore/data/item_transforms.h"
#include "fastcore/image/augment.h"

namespace fastcore {

/// Mirrored left to right.
struct Flip {
  double p = 0.5;
  bool batch = false;
  std::vector<double> fixed = {};  ///< 1: mirrored, 0: not
  Resampling how = {};
  static constexpr double order = 30;

  /// n maps. So have all transforms of place.
  std::vector<PlaneMap> maps(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("p", p)("batch", batch); }
};

/// One of the 8 symmetries of a square, each as likely.
struct Dihedral {
  double p = 0.5;
  bool batch = false;
  std::vector<double> fixed = {};  ///< 0 to 7, see dihedral_mat
  Resampling how = {};
  static constexpr double order = 30;

  std::vector<PlaneMap> maps(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("p", p)("batch", batch); }
};

/// Turned by up to max_deg degrees either way; positive is clockwise.
struct Rotate {
  double max_deg = 10;
  double p = 0.5;
  bool batch = false;
  std::vector<double> fixed = {};  ///< degrees
  Resampling how = {};
  static constexpr double order = 30;

  std::vector<PlaneMap> maps(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("max_deg", max_deg)("p", p)("batch", batch); }
};

/// Magnified by between min_zoom and max_zoom, about a place anywhere.
struct Zoom {
  double min_zoom = 1, max_zoom = 1.1;
  double p = 0.5;
  bool batch = false;
  std::vector<double> fixed = {}, fixed_x = {},
                      fixed_y = {};  ///< factor; place as shares of width and height
  Resampling how = {};
  static constexpr double order = 30;

  std::vector<PlaneMap> maps(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("min_zoom", min_zoom)("max_zoom", max_zoom)("p", p)("batch", batch); }
};

/// Seen from another side: tilted by up to `magnitude` along each axis.
struct Warp {
  double magnitude = 0.2;
  double p = 0.5;
  bool batch = false;
  std::vector<double> fixed_x = {}, fixed_y = {};  ///< as in warp_map
  Resampling how = {};
  static constexpr double order = 30;

  std::vector<PlaneMap> maps(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("magnitude", magnitude)("p", p)("batch", batch); }
};

using AffineStep = std::variant<Flip, Dihedral, Rotate, Zoom, Warp>;

/// Any number of changes of place in one: m = I m1 m2 ... in the order given, corrected for the pictures'
/// shape, warps last. Pictures are read through it, masks picked, points moved. In validation only the size
/// of `how` counts.
struct AffineCoordTfm {
  std::vector<AffineStep> steps = {};
  Resampling how = {};
  static constexpr double order = 30;

  /// The maps of n pictures of a size, as drawn for this batch.
  std::vector<PlaneMap> maps(int64_t n, Size picture, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f);
};

/// Brighter or darker: see brightness(). The change is uniform in 0.5 (1 - max_lighting) ... 0.5 (1 +
/// max_lighting).
struct Brightness {
  double max_lighting = 0.2;
  double p = 0.75;
  bool batch = false;
  std::vector<double> fixed = {};
  static constexpr double order = 40;
  static constexpr int split = 0;

  /// n changes. So have Contrast and Saturation.
  std::vector<Light> lights(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("max_lighting", max_lighting)("p", p)("batch", batch); }
};

/// More or less contrast: see contrast(). The change's logarithm is uniform in ±ln(1 - max_lighting).
struct Contrast {
  double max_lighting = 0.2;
  double p = 0.75;
  bool batch = false;
  std::vector<double> fixed = {};
  static constexpr double order = 40;
  static constexpr int split = 0;

  std::vector<Light> lights(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("max_lighting", max_lighting)("p", p)("batch", batch); }
};

/// Paler or stronger colours: see saturation(). Drawn as Contrast.
struct Saturation {
  double max_lighting = 0.2;
  double p = 0.75;
  bool batch = false;
  std::vector<double> fixed = {};
  static constexpr double order = 40;
  static constexpr int split = 0;

  std::vector<Light> lights(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("max_lighting", max_lighting)("p", p)("batch", batch); }
};

using LightStep = std::variant<Brightness, Contrast, Saturation>;

/// Any number of changes of light in one, in the order given.
struct LightingTfm {
  std::vector<LightStep> steps = {};
  static constexpr double order = 40;
  static constexpr int split = 0;

  std::vector<Light> lights(int64_t n, Context& context) const;
  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f);
};

/// Colours turned around the wheel: see shift_hue(). As in fastai the change is near a whole turn: its
/// logarithm is uniform in ±ln(1 - max_hue).
struct Hue {
  double max_hue = 0.1;
  double p = 0.75;
  bool batch = false;
  std::vector<double> fixed = {};
  static constexpr double order = 40;
  static constexpr int split = 0;

  void encode(Sample& sample, Context& context) const;
  void fields(Fields& f) { f("max_hue", max_hue)("p", p)("batch", batch); }
};

/// Noise in up to max_count rectangles, the same for the whole batch: together between sl and sh of the
/// picture, their sides' ratio between min_aspect and 1 / min_aspect.
struct RandomErasing {
  double p = 0.5;
  double sl = 0, sh = 0.3;
  double min_aspect = 0.3;
  int max_count = 1;
  static constexpr double order = 100;
  static constexpr int split = 0;

  std::vector<Region> draw(const Sample& sample, Context& context) const;
  TensorImage encode(const TensorImage& x, const std::vector<Region>& rectangles) const;
  void fields(Fields& f) { f("p", p)("sl", sl)("sh", sh)("min_aspect", min_aspect)("max_count", max_count); }
};

/// A random part of random shape, one for the whole batch, scaled to one size; in validation the middle.
struct RandomResizedCropGPU {
  TargetSize size = {};
  double min_scale = 0.08;
  double min_ratio = 3.0 / 4, max_ratio = 4.0 / 3;
  SampleMode mode = SampleMode::kBilinear;
  double valid_scale = 1, max_scale = 1;
  static constexpr double order = 30;

  /// The part taken, and of what size the pictures are.
  struct Part {
    Region region;
    Size picture;
  };
  Part draw(const Sample& sample, Context& context) const;
  TensorImage encode(const TensorImage& x, const Part& part) const;
  TensorMask encode(const TensorMask& mask, const Part& part) const;
  Points encode(const Points& points, const Part& part) const;
  void fields(Fields& f);
};

/// Height and width of the pictures, or else the masks, of a batch; nothing when there are none.
std::optional<Size> batch_picture_size(const Sample& batch);

/// What aug_transforms puts together.
struct AugTransforms {
  double mult = 1;  ///< times max_rotate, max_lighting and max_warp
  bool do_flip = true;
  bool flip_vert = false;  ///< all 8 symmetries instead of the mirror alone
  double max_rotate = 10;
  double min_zoom = 1, max_zoom = 1.1;
  double max_lighting = 0.2;
  double max_warp = 0.2;
  double p_affine = 0.75, p_lighting = 0.75;
  std::vector<Transform> xtra_tfms = {};
  TargetSize size = {};
  SampleMode mode = SampleMode::kBilinear;
  PadMode pad_mode = PadMode::reflection;
  bool align_corners = true;
  bool batch = false;
  double min_scale = 1;  ///< below 1: RandomResizedCropGPU to `size` with a square of at least this share
};

/// The usual augmentation: Flip or Dihedral, Warp, Rotate and Zoom as one AffineCoordTfm, Brightness and
/// Contrast as one LightingTfm, and the extras.
/// @throws ValueError for a range that is empty, or min_scale without a size
std::vector<Transform> aug_transforms(const AugTransforms& options = {});

/// Merges all changes of place into one (the first one's `how` wins) and all changes of light into one; these
/// two come first, the others stay as they are.
std::vector<Transform> setup_aug_tfms(const std::vector<Transform>& transforms);

FC_DECLARE_TRANSFORM(Flip)
FC_DECLARE_TRANSFORM(Dihedral)
FC_DECLARE_TRANSFORM(Rotate)
FC_DECLARE_TRANSFORM(Zoom)
FC_DECLARE_TRANSFORM(Warp)
FC_DECLARE_TRANSFORM(Brightness)
FC_DECLARE_TRANSFORM(Contrast)
FC_DECLARE_TRANSFORM(Saturation)
FC_DECLARE_TRANSFORM(Hue)
FC_DECLARE_TRANSFORM(RandomErasing)
FC_DECLARE_TRANSFORM(RandomResizedCropGPU)

}  // namespace fastcore
