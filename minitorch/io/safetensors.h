// SPDX-License-Identifier: MIT
// safetensors files: a JSON header that says what lies where, then the bytes. Without the Tensor class; see
// io/io.h.
#pragma once
#include "minitorch/io/raw_tensor.h"

namespace minitorch::io {

struct RawSafetensors {
  RawTensors tensors;  ///< in the order of the header
  Metadata metadata;
};

/// @throws FileError when the header is damaged, longer than 100 MB, names a tensor twice, or when ranges do
/// not fit their shapes, overlap, leave holes or end beyond the file
RawSafetensors read_safetensors(const SourcePtr& source);

/// Each tensor must be its whole storage, row by row. Data lie in the order of falling item size, which keeps
/// every tensor aligned to its items.
/// @throws ValueError when two tensors share a name or one is called __metadata__, FileError when writing
/// fails
void write_safetensors(const std::string& path, const RawTensors& tensors, const Metadata& metadata = {});

}  // namespace minitorch::io
