// SPDX-License-Identifier: MIT
// numpy's files: .npy, one array, and .npz, a zip archive of those. Without the Tensor class; see io/io.h.
#pragma once
#include "minitorch/io/raw_tensor.h"

namespace minitorch::io {

/// An array of versions 1 to 3 of the format, in either byte order and either layout.
/// @throws FileError when it is damaged, or holds Python objects, records, texts, dates or complex numbers
RawTensor read_npy(const SourcePtr& source);
/// Every array of an archive, stored or deflated, by its name without ".npy", in the archive's order.
RawTensors read_npz(const SourcePtr& source);

/// Each tensor must be its whole storage, row by row.
/// @throws DtypeError for bfloat16, which numpy does not have, FileError when writing fails
void write_npy(const std::string& path, const RawTensor& tensor);
/// As numpy.savez. @throws ValueError when two arrays share a name
void write_npz(const std::string& path, const RawTensors& tensors);

}  // namespace minitorch::io
