// SPDX-License-Identifier: MIT
// Tensors in files: safetensors, PyTorch's .pth, numpy's .npy and .npz.
//
//     io::save_safetensors("model.safetensors", model.state_dict());
//     io::StateDict weights = io::load_pth("resnet18.pth");
//
// Files may come from anywhere: nothing in them is executed, sizes and offsets are checked before memory is
// taken, and what is damaged or hostile is refused by a FileError. A file being written appears under its
// name only when it is whole; what was there before stays until then.
//
// float64 and the 8-bit floats are read as float32, integers other than uint8 as int64; the rest stays as it
// is.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "minitorch/tensor/tensor.h"

namespace minitorch::io {

class Object;
struct RawTensor;
struct RawStorage;

/// Names and tensors, in order.
using StateDict = std::vector<std::pair<std::string, Tensor>>;
/// Texts kept beside the tensors.
using Metadata = std::map<std::string, std::string>;

/// The tensors of a safetensors file by name, and its metadata.
struct Safetensors {
  StateDict tensors;
  Metadata metadata;
};
/// @throws FileError when the file is missing, damaged or hostile, as all functions here
Safetensors load_safetensors(const std::string& path);
/// Tensors on any device, of any layout. @throws ValueError when two share a name, FileError when writing
/// fails
void save_safetensors(const std::string& path, const StateDict& tensors, const Metadata& metadata = {});

/// The weights in a checkpoint of any generation of PyTorch: a state dict itself, or the entry "model" (as
/// fastai saves), "state_dict" or "model_state_dict" of a larger one. Tensors that shared memory when they
/// were saved (tied weights, views) share it again. For everything else in a checkpoint see read_pth in
/// io/pth.h.
StateDict load_pth(const std::string& path);
/// Writes the form that torch.load reads. Tensors that are the same memory are written once.
/// @throws ValueError when two share a name, FileError when writing fails
void save_pth(const std::string& path, const StateDict& tensors);

/// One array; Fortran's layout is turned into rows.
Tensor load_npy(const std::string& path);
/// @throws DtypeError for bfloat16, which numpy does not have
void save_npy(const std::string& path, const Tensor& tensor);
/// The arrays of an archive by their names.
StateDict load_npz(const std::string& path);
void save_npz(const std::string& path, const StateDict& tensors);

/// Reads tensors of one file; those over one storage in the file share memory afterwards.
class TensorReader {
 public:
  Tensor read(const RawTensor& raw);

 private:
  std::map<std::shared_ptr<const RawStorage>, Tensor> storages_;
};
/// A tensor as a file is to hold it: its elements row by row, kept alive by the result.
RawTensor raw(const Tensor& tensor);

}  // namespace minitorch::io
