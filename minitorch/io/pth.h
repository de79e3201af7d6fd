// SPDX-License-Identifier: MIT
// .pth files, what torch.save writes: as Objects, without the Tensor class. See io/io.h for tensors.
//
// Three generations: a zip archive (since PyTorch 1.6), a stream of pickles and data (0.1.10 to 1.5), and a
// tar archive (before). Each is read by a file of its own; only the zip form is written.
#pragma once
#include "minitorch/io/object.h"

namespace minitorch::io {

/// Everything that a checkpoint of any generation holds. Nothing in it is executed; tensors are not read yet.
/// @throws FileError when it is none, damaged, or hostile
Object read_pth(const SourcePtr& source);

/// One generation each.
Object read_pth_zip(const SourcePtr& source);
Object read_pth_stream(const SourcePtr& source);
Object read_pth_tar(const SourcePtr& source);
/// Whether the source begins with a tar header whose checksum is right.
bool is_tar(const Source& source);

/// Writes the zip form, which torch.load reads, with weights_only too. Storages that tensors share are
/// written once, and are shared again after loading. Dicts become OrderedDicts.
/// @throws ValueError for opaque values, DtypeError for elements that no storage class of PyTorch holds,
/// FileError when writing fails; what was at `path` before then stays
void write_pth(const std::string& path, const Object& object);

/// The tensors of a state dict: of `checkpoint` itself, or of its entry "model" (as fastai saves),
/// "state_dict" or "model_state_dict". Entries that are no tensors are left out.
/// @throws FileError naming `source` when there are none, or the entry that is a sparse or quantised tensor
RawTensors state_tensors(const std::string& source, const Object& checkpoint);

}  // namespace minitorch::io
