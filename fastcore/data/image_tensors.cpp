// SPDX-License-Identifier: MIT
#include "fastcore/data/image_tensors.h"

#include <algorithm>
#include <cmath>

#include "fastcore/basics/parallel.h"
#include "minitorch/ops/ops.h"
#include "minitorch/tensor/factories.h"

namespace fastcore {
using namespace minitorch;

Tensor to_tensor(const Image& image) {
  const int64_t channels = image.channels(), pixels = int64_t{image.height()} * image.width();
  Tensor out = minitorch::empty({channels, image.height(), image.width()}, {.dtype = kUint8});
  auto* to = out.data<uint8_t>();
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < pixels; ++i) to[c * pixels + i] = image.data()[i * channels + c];
  return out;
}

Image to_image(const Tensor& tensor) {
  const Tensor x = (tensor.dims() == 2 ? tensor.unsqueeze(0) : tensor).detach().cpu().contiguous();
  if (x.dims() != 3 || (x.size(0) != 1 && x.size(0) != 3) || x.numel() == 0)
    throw ShapeError("[to_image] " + to_string(tensor.shape()) + " is no picture",
                     "(h, w), (1, h, w) or (3, h, w); of a batch take one: x[0]");
  if (x.dtype() != kUint8 && x.dtype() != kFloat32)
    throw DtypeError("[to_image] pixels are uint8, or float32 in [0, 1]", "x.to(kFloat32)");
  const auto channels = static_cast<int>(x.size(0));
  const Size size{static_cast<int>(x.size(1)), static_cast<int>(x.size(2))};
  Image image = Image::uninitialized(size, channels);
  const int64_t pixels = int64_t{size.height} * size.width;
  for (int64_t i = 0; i < pixels * channels; ++i) {
    const int64_t at = i % channels * pixels + i / channels;
    image.data()[i] =
        x.dtype() == kUint8
            ? x.data<uint8_t>()[at]
            : static_cast<uint8_t>(std::lround(std::clamp(x.data<float>()[at], 0.f, 1.f) * 255));
  }
  return image;
}

Tensor stack_grey_images(const L<Path>& files) {
  if (files.empty())
    throw ValueError("[stack_grey_images] there is no file", "look at the folder: path.ls()");
  const Size size = Image::open(files[0].str(), {.mode = PixelMode::grey}).size();
  Tensor all = minitorch::empty({files.size(), size.height, size.width});
  const int64_t pixels = int64_t{size.height} * size.width;
  auto* to = all.data<float>();
  parallel(
      [&](int64_t i) {
        const Image image = Image::open(files[i].str(), {.mode = PixelMode::grey});
        if (image.size() != size)
          throw ShapeError(format("[stack_grey_images] %s is %d x %d, the first is %d x %d", files[i].c_str(),
                                  image.height(), image.width(), size.height, size.width),
                           "resize_images makes them all the same");
        for (int64_t p = 0; p < pixels; ++p) to[i * pixels + p] = static_cast<float>(image.data()[p]) / 255;
      },
      range_of(files));
  return all;
}

LabelledPictures stack_class_folders(const Path& folder, const FileRange& files) {
  std::vector<Tensor> x, y;
  for (const Path& kind : folder.ls()) {
    if (!kind.is_dir()) continue;
    const L<Path> all = kind.ls(), some = all.slice(files.begin, files.end, files.every);
    if (some.empty())
      throw ValueError(format("[stack_class_folders] %s holds %d files, none of them from number %d on",
                              kind.c_str(), int(all.size()), int(files.begin)),
                       "every class needs more pictures than that");
    x.push_back(stack_grey_images(some).unsqueeze(1));
    y.push_back(full({x.back().size(0)}, static_cast<double>(y.size()), {.dtype = kInt64}));
  }
  if (x.empty())
    throw ValueError("[stack_class_folders] " + folder.str() + " holds no folders",
                     "give a folder with one of pictures for each class");
  return {cat(x), cat(y)};
}

}  // namespace fastcore
