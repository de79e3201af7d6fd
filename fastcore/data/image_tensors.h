// SPDX-License-Identifier: MIT
// Pictures as tensors and back, without a pipeline: for code that does everything by hand.
#pragma once
#include <optional>

#include "fastcore/basics/path.h"
#include "fastcore/image/image.h"
#include "minitorch/tensor/tensor.h"

namespace fastcore {

/// The pixels as they are: (channels, height, width), uint8.
minitorch::Tensor to_tensor(const Image& image);

/// The picture of (h, w), (1, h, w) or (3, h, w): uint8 as it is, floats from [0, 1], clamped.
/// @throws ShapeError for another shape, DtypeError for another element type
Image to_image(const minitorch::Tensor& tensor);

/// Grey pictures of one size, read side by side and stacked: (n, height, width), float32 in [0, 1].
/// @throws FileError as Image::open; ShapeError naming the file when one has another size;
/// ValueError when there is no file
minitorch::Tensor stack_grey_images(const L<Path>& files);

/// Which files of a folder, in the order of their names.
struct FileRange {
  int64_t begin = 0;
  std::optional<int64_t> end = {};
  int64_t every = 1;
};
/// Pictures and the numbers of their classes.
struct LabelledPictures {
  minitorch::Tensor x, y;  ///< (n, 1, height, width) as of stack_grey_images; (n) int64
};
/// Pictures of every folder in `folder`, one class after the other; the class is the folder's place among
/// them, by name. @throws as stack_grey_images, and ValueError when there is no folder, or one without such
/// files
LabelledPictures stack_class_folders(const Path& folder, const FileRange& files = {});

}  // namespace fastcore
