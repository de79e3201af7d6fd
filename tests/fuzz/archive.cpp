// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the bytes, the archive reader returns or refuses. Nothing is written.
#include <cstddef>
#include <cstdint>

#include "datasets/record.h"
#include "datasets/unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  try {
    datasets::unpack_memory(data, size, "", {.entries = 1000, .bytes = 1 << 20, .depth = 8});
  } catch (const datasets::RefusedArchive&) {}
  try {  // the record that verify() reads lies in a folder that others may write to
    datasets::read_record(std::string(reinterpret_cast<const char*>(data), size));
  } catch (const minitorch::FileError&) {}
  return 0;
}
