// SPDX-License-Identifier: MIT
// What the picture tests share: pictures drawn from a formula, a hash, and the folder of test files.
#pragma once
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fastcore/image/image.h"
#include "minitorch/core/errors.h"
#include "tests/temp_folder.h"

namespace fastcore {

/// The same pixels as noise() of make_goldens.py.
inline Image noise(int height, int width, int channels) {
  Image image = Image::uninitialized({height, width}, channels);
  uint32_t state = 12345;
  for (int64_t i = 0; i < image.bytes(); ++i) {
    state = state * 1664525 + 1013904223;
    image.data()[i] = static_cast<uint8_t>((3 * (state >> 24) + (i * 7 & 255)) / 4);
  }
  return image;
}

/// A grey picture whose values are the codes of a mask, in no order.
inline Image few_codes() {
  constexpr uint8_t codes[] = {7, 7, 3, 0, 0, 12, 3, 7, 0, 12, 1, 1};
  return Image::create({2, 6}, 1, codes);
}

inline uint64_t fnv(const Image& image) {
  uint64_t value = 0xcbf29ce484222325;
  for (int64_t i = 0; i < image.bytes(); ++i) value = (value ^ image.data()[i]) * 0x100000001b3;
  return value;
}

/// A file of tests/image/data.
inline std::string test_file(const std::string& name) {
  std::string here = __FILE__;
  return here.substr(0, here.rfind('/')) + "/data/" + name;
}

inline std::vector<uint8_t> slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void spill(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// The error that `action` throws: "what | hint"; empty when it throws none.
template <class Error = minitorch::FileError, class Action>
std::string refusal(Action&& action) {
  try {
    action();
  } catch (const Error& error) { return std::string(error.what()) + " | " + error.hint(); }
  return "";
}

}  // namespace fastcore
