// SPDX-License-Identifier: MIT
#include <cstring>

#include "fastcore/image/chw.h"

namespace fastcore {
namespace {

// The channel count is a constant in each copy of the loop, so that the compiler can use vectors.
template <int kChannels>
void split(const uint8_t* from, int64_t n, uint8_t* to) {
  for (int64_t i = 0; i < n; ++i)
    for (int c = 0; c < kChannels; ++c) to[c * n + i] = from[i * kChannels + c];
}
template <int kChannels>
void join(const uint8_t* from, int64_t n, uint8_t* to) {
  for (int64_t i = 0; i < n; ++i)
    for (int c = 0; c < kChannels; ++c) to[i * kChannels + c] = from[c * n + i];
}

}  // namespace

void to_planes(const Image& image, uint8_t* planes) {
  const int64_t n = int64_t{image.height()} * image.width();
  if (image.channels() == 1) std::memcpy(planes, image.data(), static_cast<size_t>(n));
  else if (image.channels() == 3) split<3>(image.data(), n, planes);
  else split<4>(image.data(), n, planes);
}

Image from_planes(const uint8_t* planes, Size size, int channels) {
  Image image = Image::uninitialized(size, channels);
  const int64_t n = int64_t{size.height} * size.width;
  if (channels == 1) std::memcpy(image.data(), planes, static_cast<size_t>(n));
  else if (channels == 3) join<3>(planes, n, image.data());
  else join<4>(planes, n, image.data());
  return image;
}

}  // namespace fastcore
