// SPDX-License-Identifier: MIT
// Transforms of single items: pictures of one size, cut, mirrored, turned; and tensors from pictures.
//
//     .item_tfms = {Resize{.size = 192, .method = squish}}
//
// A picture, its mask and its points go through the same cut: random numbers are drawn once a sample.
#pragma once
#include "fastcore/data/transform.h"
#include "fastcore/image/geometry.h"

namespace fastcore {

/// 192 for a square, {height, width} otherwise.
struct TargetSize : Size {
  TargetSize() : Size{0, 0} {}
  TargetSize(int side) : Size{side, side} {}
  TargetSize(int height, int width) : Size{height, width} {}
};

/// As the course writes it: `.method = squish`.
inline constexpr ResizeMethod squish = ResizeMethod::squish;

/// Makes every picture the same size: see geometry::Resize. In training crop and pad fall anywhere, in
/// validation in the middle. Masks are picked, never mixed.
struct Resize {
  TargetSize size = {};
  ResizeMethod method = ResizeMethod::crop;
  PadMode pad_mode = PadMode::reflection;
  Filter filter = Filter::bilinear;
  static constexpr double order = 1;

  struct Draw {
    double px = 0.5, py = 0.5;
  };
  Draw draw(const Sample& sample, Context& context) const;
  Image encode(const Image& image, const Draw& draw) const;
  Mask encode(const Mask& mask, const Draw& draw) const;
  Points encode(const Points& points, const Draw& draw) const;
  void fields(Fields& f);
};

/// A random part of random shape, scaled to one size: see geometry::RandomResizedCrop. In validation the
/// middle of the squished picture.
struct RandomResizedCrop {
  TargetSize size = {};
  double min_scale = 0.08;
  double min_ratio = 3.0 / 4, max_ratio = 4.0 / 3;
  Filter filter = Filter::bilinear;
  double val_xtra = 0.14;
  double max_scale = 1;
  static constexpr double order = 1;

  /// The part of the picture in training, nothing in validation.
  std::optional<Region> draw(const Sample& sample, Context& context) const;
  Image encode(const Image& image, const std::optional<Region>& part) const;
  Mask encode(const Mask& mask, const std::optional<Region>& part) const;
  Points encode(const Points& points, const std::optional<Region>& part) const;
  void fields(Fields& f);

 private:
  geometry::RandomResizedCrop geometry() const;
};

/// A part of that size: anywhere in training, the middle in validation; a smaller picture gets a black edge.
struct RandomCrop {
  TargetSize size = {};
  static constexpr double order = 1;

  Region draw(const Sample& sample, Context& context) const;
  Image encode(const Image& image, const Region& part) const;
  Mask encode(const Mask& mask, const Region& part) const;
  Points encode(const Points& points, const Region& part) const;
  void fields(Fields& f);
};

/// The middle of a picture, cut or padded to that size.
struct CropPad {
  TargetSize size = {};
  PadMode pad_mode = PadMode::zeros;
  static constexpr double order = 0;

  Image encode(const Image& image) const;
  Mask encode(const Mask& mask) const;
  Points encode(const Points& points) const;
  void fields(Fields& f);
};

/// The longest side becomes max_sz, the other int(side max_sz / longest). As in fastai that is a Resize which
/// crops: what the rounding leaves over of the other side is cut off at random places, in validation, too.
/// fastai cuts each member of a sample at a place of its own; here a mask and points stay on their picture,
/// while as many random numbers are drawn.
struct RatioResize {
  int max_sz = 0;
  Filter filter = Filter::bilinear;
  static constexpr double order = 1;

  Resize::Draw draw(const Sample& sample, Context& context) const;
  Image encode(const Image& image, const Resize::Draw& draw) const;
  Mask encode(const Mask& mask, const Resize::Draw& draw) const;
  Points encode(const Points& points, const Resize::Draw& draw) const;
  void fields(Fields& f);

 private:
  Resize fitting(Size picture) const;
};

/// Mirrored left to right with probability p, in training.
struct FlipItem {
  double p = 0.5;
  static constexpr double order = 0;
  static constexpr int split = 0;

  bool draw(const Sample& sample, Context& context) const;
  Image encode(Image image, bool mirrored) const;
  Mask encode(Mask mask, bool mirrored) const;
  Points encode(const Points& points, bool mirrored) const;
  void fields(Fields& f) { f("p", p); }
};

/// One of the eight symmetries of a square, each as likely, with probability p, in training.
struct DihedralItem {
  double p = 1;
  static constexpr double order = 0;
  static constexpr int split = 0;

  int draw(const Sample& sample, Context& context) const;
  Image encode(Image image, int k) const;
  Mask encode(Mask mask, int k) const;
  Points encode(const Points& points, int k) const;
  void fields(Fields& f) { f("p", p); }
};

/// Points learn the size of the first picture of their sample: their unit.
struct PlacePoints {
  static constexpr double order = -1;
  void encode(Sample& sample, Context& context) const;
};

/// Points in pixels to points from -1 to 1: 2 x / width - 1, 2 y / height - 1.
struct PointScaler {
  static constexpr double order = 2;
  Points encode(const Points& points) const;
};

/// Pictures and masks as tensors of bytes: (c, h, w), (h, w).
struct ToTensor {
  static constexpr double order = 5;
  TensorImage encode(const Image& image) const;
  TensorMask encode(const Mask& mask) const;
  Image decode(const TensorImage& image) const;
  Mask decode(const TensorMask& mask) const;
};

/// The size of the first picture or mask of a sample; nothing when there is none.
std::optional<Size> picture_size(const Sample& sample);

FC_DECLARE_TRANSFORM(Resize)
FC_DECLARE_TRANSFORM(RandomResizedCrop)
FC_DECLARE_TRANSFORM(RandomCrop)
FC_DECLARE_TRANSFORM(CropPad)
FC_DECLARE_TRANSFORM(RatioResize)
FC_DECLARE_TRANSFORM(FlipItem)
FC_DECLARE_TRANSFORM(DihedralItem)
FC_DECLARE_TRANSFORM(PlacePoints)
FC_DECLARE_TRANSFORM(PointScaler)
FC_DECLARE_TRANSFORM(ToTensor)

}  // namespace fastcore
