// SPDX-License-Identifier: MIT
// .npy and .npz files, and with the latter the zip reader, inflation included.
#include "minitorch/io/npy.h"

#include "tests/fuzz/reading.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [&](const minitorch::io::SourcePtr& source) {
    if (size > 0 && data[0] == 'P') fuzz::read_elements(read_npz(source));
    else fuzz::read_elements({{"array", read_npy(source)}});
  });
}
