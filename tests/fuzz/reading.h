// SPDX-License-Identifier: MIT
// What every fuzz target of a reader does: read a hostile file to the last element. The reader may refuse it
// by a FileError; whatever else happens (another exception, a report of a sanitizer, memory or time without
// bound) is found.
#pragma once
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "minitorch/core/errors.h"
#include "minitorch/io/raw_tensor.h"

namespace fuzz {

/// Reads every storage once, as loading does.
inline void read_elements(const minitorch::io::RawTensors& tensors) {
  std::set<const minitorch::io::RawStorage*> seen;
  for (const auto& [name, tensor] : tensors) {
    const minitorch::io::RawStorage& storage = *tensor.storage;
    check(tensor);
    if (!seen.insert(&storage).second) continue;
    std::vector<uint8_t> elements(storage.numel * item_size(info(storage.element).dtype));
    storage.read(elements.data());
  }
}

template <class Read>
int run(const uint8_t* data, std::size_t size, Read read) {
  try {
    read(minitorch::io::over_memory("input", data, size));
  } catch (const minitorch::FileError&) {  // refused, as it should be
  }
  return 0;
}

}  // namespace fuzz
