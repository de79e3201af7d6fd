// SPDX-License-Identifier: MIT
#include "minitorch/io/safetensors.h"

#include "tests/fuzz/reading.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](const minitorch::io::SourcePtr& source) {
    fuzz::read_elements(read_safetensors(source).tensors);
  });
}
