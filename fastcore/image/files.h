// SPDX-License-Identifier: MIT
// Whole folders of pictures: which are bad, and all of them smaller.
#pragma once
#include <string>
#include <vector>

#include "fastcore/basics/path.h"
#include "fastcore/image/resample.h"

namespace fastcore {

/// Whether a file is a picture that decodes to its last pixel.
bool verify_image(const std::string& path);

/// The files that are not; checked by all threads, returned in the order given. @throws Interrupted after
/// Ctrl-C
std::vector<std::string> verify_images(const std::vector<std::string>& paths);
/// The same for what get_image_files finds: verify_images(files).map(&Path::unlink).
L<Path> verify_images(const L<Path>& files);

/// Options of resize_image and resize_images.
struct ResizeImages {
  int max_size = 0;         ///< the longest side allowed; 0 leaves sizes alone
  Path dest = ".";          ///< the folder to write to; it may be the source's own
  bool recurse = false;     ///< also folders below; their names are kept under `dest`
  int channels = 3;         ///< 1 or 3
  std::string ending = {};  ///< ".png" or ".jpg" changes the format
  Filter filter = Filter::bilinear;
  bool resume = false;  ///< leave what is already in `dest`
};

/// Shrinks one picture file of folder `source` into `options.dest`; `file` is relative to both.
///
/// Only a picture with a side above max_size, or of another channel count, is encoded again: its longest side
/// becomes max_size, int(w r) x int(h r) with r = max_size / max(w, h). Others are copied as they are.
/// Masks: grey ones keep their codes with .filter = Filter::nearest; the codes of a palette are lost.
/// Returns false for a file that does not decode, which is left out.
/// @throws FileError when `dest` cannot be written; ValueError for bad options
bool resize_image(const std::string& file, const std::string& source, const ResizeImages& options);

/// Applies resize_image to every picture of a folder, on all threads; returns how many were written or
/// copied.
/// @throws FileError when the folder is missing or `dest` cannot be written, Interrupted after Ctrl-C: every
/// picture is then as it was or whole
int resize_images(const Path& folder, const ResizeImages& options);

}  // namespace fastcore
