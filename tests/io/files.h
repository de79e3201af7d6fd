// SPDX-License-Identifier: MIT
// Files for the tests of this folder: the committed ones, and a folder for new ones that goes with its
// object.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "minitorch/io/io.h"
#include "tests/temp_folder.h"

namespace test_io {

/// A file of tests/io/golden, written by PyTorch, numpy or safetensors.
inline std::string golden(const std::string& name) {
  const std::string here = __FILE__;
  return here.substr(0, here.rfind('/')) + "/golden/" + name;
}

inline std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct TemporaryFolder : TempFolder {
  std::size_t files() const {
    return std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator());
  }
};

inline minitorch::Tensor find(const minitorch::io::StateDict& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  throw std::runtime_error("no tensor " + name);
}

}  // namespace test_io
