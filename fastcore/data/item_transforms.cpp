// SPDX-License-Identifier: MIT
#include "fastcore/data/item_transforms.h"

#include "fastcore/image/chw.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using minitorch::Tensor;
using minitorch::ValueError;

namespace {

constexpr std::initializer_list<const char*> kMethods = {"squish", "crop", "pad"};
constexpr std::initializer_list<const char*> kPadModes = {"zeros", "border", "reflection"};
constexpr std::initializer_list<const char*> kFilters = {"nearest", "box", "bilinear", "bicubic", "lanczos"};

Size needs_picture(const char* name, const Sample& sample) {
  if (auto size = picture_size(sample)) return *size;
  throw ValueError(std::string("[") + name + "] no picture or mask in the sample (" +
                       (sample.empty() ? "it is empty" : type_of(sample.front())) + ")",
                   "its first block should be ImageBlock{}");
}

// Where points of a picture come to lie when `part` of it is scaled to `size`.
Points through(const Points& points, Region part, Size size) {
  const Tensor xy = points.xy.to(minitorch::kFloat32).clone();
  const double across = static_cast<double>(size.width) / part.width;
  const double down = static_cast<double>(size.height) / part.height;
  float* p = xy.data<float>();
  for (int64_t i = 0; i < xy.numel(); i += 2) {
    p[i] = static_cast<float>((p[i] - part.left) * across);
    p[i + 1] = static_cast<float>((p[i + 1] - part.top) * down);
  }
  return {xy, size};
}

Region whole(Size size) { return {0, 0, size.width, size.height}; }

}  // namespace

std::optional<Size> picture_size(const Sample& sample) {
  for (const Value& value : sample) {
    if (const auto* image = std::get_if<Image>(&value)) return image->size();
    if (const auto* mask = std::get_if<Mask>(&value)) return mask->size();
  }
  return {};
}

// --- Resize ---

static geometry::Resize fitting(const Resize& r) { return {r.size, r.method, r.pad_mode, r.filter}; }

Resize::Draw Resize::draw(const Sample&, Context& context) const {
  if (!context.training()) return {};
  const double px = context.random().random();
  return {px, context.random().random()};
}
Image Resize::encode(const Image& image, const Draw& draw) const {
  return fitting(*this)(image, draw.px, draw.py);
}
Mask Resize::encode(const Mask& mask, const Draw& draw) const {
  return fitting(*this)(mask, draw.px, draw.py);
}
Points Resize::encode(const Points& points, const Draw& draw) const {
  return through(points, fitting(*this).region(points.picture, draw.px, draw.py), size);
}
void Resize::fields(Fields& f) {
  f("size", size)("method", method, kMethods)("pad_mode", pad_mode, kPadModes)("filter", filter, kFilters);
}

// --- RandomResizedCrop ---

geometry::RandomResizedCrop RandomResizedCrop::geometry() const {
  return {size, min_scale, max_scale, min_ratio, max_ratio, val_xtra, filter};
}
std::optional<Region> RandomResizedCrop::draw(const Sample& sample, Context& context) const {
  if (!context.training()) return {};
  return geometry().region(needs_picture("RandomResizedCrop", sample), context.random());
}
Image RandomResizedCrop::encode(const Image& image, const std::optional<Region>& part) const {
  return part ? geometry()(image, *part) : geometry().validation(image);
}
Mask RandomResizedCrop::encode(const Mask& mask, const std::optional<Region>& part) const {
  return part ? geometry()(mask, *part) : geometry().validation(mask);
}
Points RandomResizedCrop::encode(const Points& points, const std::optional<Region>& part) const {
  if (part) return through(points, *part, size);
  const Size squished = geometry().validation_size();
  return through(through(points, whole(points.picture), squished), center_region(squished, size), size);
}
void RandomResizedCrop::fields(Fields& f) {
  f("size", size)("min_scale", min_scale)("min_ratio", min_ratio)("max_ratio", max_ratio);
  f("filter", filter, kFilters)("val_xtra", val_xtra)("max_scale", max_scale);
}

// --- RandomCrop, CropPad, RatioResize ---

Region RandomCrop::draw(const Sample& sample, Context& context) const {
  const Size picture = needs_picture("RandomCrop", sample);
  if (!context.training()) return center_region(picture, size);
  auto offset = [&](int room) {
    return static_cast<int>(room < 0 ? context.random().randint(room, -1)
                                     : context.random().randint(0, room));
  };
  const int left = offset(picture.width - size.width);
  return {left, offset(picture.height - size.height), size.width, size.height};
}
Image RandomCrop::encode(const Image& image, const Region& part) const {
  return crop_pad(image, part, PadMode::zeros);
}
Mask RandomCrop::encode(const Mask& mask, const Region& part) const {
  return crop_pad(mask, part, PadMode::zeros);
}
Points RandomCrop::encode(const Points& points, const Region& part) const {
  return through(points, part, size);
}
void RandomCrop::fields(Fields& f) { f("size", size); }

Image CropPad::encode(const Image& image) const {
  return crop_pad(image, center_region(image.size(), size), pad_mode);
}
Mask CropPad::encode(const Mask& mask) const {
  return crop_pad(mask, center_region(mask.size(), size), pad_mode);
}
Points CropPad::encode(const Points& points) const {
  return through(points, center_region(points.picture, size), size);
}
void CropPad::fields(Fields& f) { f("size", size)("pad_mode", pad_mode, kPadModes); }

Resize RatioResize::fitting(Size picture) const {
  const auto shorter = [&](int side, int longest) {
    return std::max(1, static_cast<int>(static_cast<double>(side) * max_sz / std::max(1, longest)));
  };
  const bool wide = picture.width >= picture.height;
  return {.size = wide ? TargetSize(shorter(picture.height, picture.width), max_sz)
                       : TargetSize(max_sz, shorter(picture.width, picture.height)),
          .filter = filter};
}
Resize::Draw RatioResize::draw(const Sample& sample, Context& context) const {
  std::optional<Resize::Draw> first;
  for (const Value& value : sample) {
    if (!std::get_if<Image>(&value) && !std::get_if<Mask>(&value) && !std::get_if<Points>(&value)) continue;
    const double px = context.random().random(), py = context.random().random();
    if (!first) first = {px, py};
  }
  return first.value_or(Resize::Draw());
}
Image RatioResize::encode(const Image& image, const Resize::Draw& draw) const {
  return fitting(image.size()).encode(image, draw);
}
Mask RatioResize::encode(const Mask& mask, const Resize::Draw& draw) const {
  return fitting(mask.size()).encode(mask, draw);
}
Points RatioResize::encode(const Points& points, const Resize::Draw& draw) const {
  return fitting(points.picture).encode(points, draw);
}
void RatioResize::fields(Fields& f) { f("max_sz", max_sz)("filter", filter, kFilters); }

// --- FlipItem, DihedralItem ---

static bool happens(double p, Context& context) { return p >= 1 || context.random().random() < p; }

bool FlipItem::draw(const Sample&, Context& context) const { return happens(p, context); }
Image FlipItem::encode(Image image, bool mirrored) const { return mirrored ? flip(image) : image; }
Mask FlipItem::encode(Mask mask, bool mirrored) const { return mirrored ? flip(mask) : mask; }
Points FlipItem::encode(const Points& points, bool mirrored) const {
  return DihedralItem().encode(points, mirrored ? 1 : 0);
}

int DihedralItem::draw(const Sample&, Context& context) const {
  return happens(p, context) ? static_cast<int>(context.random().randint(0, 7)) : 0;
}
Image DihedralItem::encode(Image image, int k) const { return k ? dihedral(image, k) : image; }
Mask DihedralItem::encode(Mask mask, int k) const { return k ? dihedral(mask, k) : mask; }
Points DihedralItem::encode(const Points& points, int k) const {
  // Each symmetry as the signs of x and y about the middle, and whether the two are exchanged afterwards.
  constexpr int kSigns[8][3] = {{1, 1, 0},   {-1, 1, 0}, {1, -1, 0}, {-1, 1, 1},
                                {-1, -1, 0}, {1, -1, 1}, {1, 1, 1},  {-1, -1, 1}};
  const auto [sx, sy, exchanged] = kSigns[k];
  const double w = points.picture.width, h = points.picture.height;
  const Tensor xy = points.xy.to(minitorch::kFloat32).clone();
  float* p = xy.data<float>();
  for (int64_t i = 0; i < xy.numel(); i += 2) {
    const double x = sx < 0 ? w - p[i] : p[i], y = sy < 0 ? h - p[i + 1] : p[i + 1];
    p[i] = static_cast<float>(exchanged ? y : x);
    p[i + 1] = static_cast<float>(exchanged ? x : y);
  }
  Size turned = points.picture;
  if (exchanged) std::swap(turned.height, turned.width);
  return {xy, turned};
}

// --- points and tensors ---

void PlacePoints::encode(Sample& sample, Context&) const {
  for (Value& value : sample)
    if (auto* points = std::get_if<Points>(&value))
      if (points->picture == Size{0, 0}) points->picture = needs_picture("PlacePoints", sample);
}

Points PointScaler::encode(const Points& points) const {
  const Size size = points.picture;
  if (size == Size{0, 0}) return points;
  Points scaled = through(points, whole(size), {2, 2});
  return {scaled.xy.add_(-1), {0, 0}};
}

TensorImage ToTensor::encode(const Image& image) const {
  const Tensor planes = minitorch::empty({image.channels(), image.height(), image.width()},
                                         {minitorch::kUint8, minitorch::Device::cpu()});
  to_planes(image, planes.data<uint8_t>());
  return {planes};
}

TensorMask ToTensor::encode(const Mask& mask) const {
  const Tensor codes =
      minitorch::empty({mask.height(), mask.width()}, {minitorch::kUint8, minitorch::Device::cpu()});
  std::copy_n(mask.codes().data(), codes.numel(), codes.data<uint8_t>());
  return {codes};
}

Image ToTensor::decode(const TensorImage& image) const {
  if (image.tensor.dims() != 3)
    throw minitorch::ShapeError("[ToTensor] decode: " + to_string(image.tensor.shape()) +
                                " is no picture: expected (channels, height, width)");
  const Tensor planes = image.tensor.cpu().to(minitorch::kUint8).contiguous();
  const Size size{static_cast<int>(planes.size(1)), static_cast<int>(planes.size(2))};
  return from_planes(planes.data<uint8_t>(), size, static_cast<int>(planes.size(0)));
}

Mask ToTensor::decode(const TensorMask& mask) const {
  const Tensor codes = mask.tensor.cpu().to(minitorch::kUint8).contiguous();
  const Size size{static_cast<int>(codes.size(-2)), static_cast<int>(codes.size(-1))};
  return Mask(Image::create(size, 1, codes.data<uint8_t>()));
}

FC_COMPILE_TRANSFORM(Resize)
FC_COMPILE_TRANSFORM(RandomResizedCrop)
FC_COMPILE_TRANSFORM(RandomCrop)
FC_COMPILE_TRANSFORM(CropPad)
FC_COMPILE_TRANSFORM(RatioResize)
FC_COMPILE_TRANSFORM(FlipItem)
FC_COMPILE_TRANSFORM(DihedralItem)
FC_COMPILE_TRANSFORM(PlacePoints)
FC_COMPILE_TRANSFORM(PointScaler)
FC_COMPILE_TRANSFORM(ToTensor)

}  // namespace fastcore
