// SPDX-License-Identifier: MIT
// Writing what a Source holds into a file that appears only when it is whole.
#pragma once
#include "minitorch/core/atomic_file.h"
#include "minitorch/io/source.h"

namespace minitorch::io {

using minitorch::AtomicFile;

/// @throws FileError when the source cannot be read, or the disk is full or fails
inline void write(AtomicFile& file, const Source& source) {
  each_chunk(source, [&](const uint8_t* bytes, uint64_t count) { file.write(bytes, count); });
}

}  // namespace minitorch::io
