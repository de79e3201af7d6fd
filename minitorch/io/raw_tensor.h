// SPDX-License-Identifier: MIT
// Tensors as files hold them: a storage of elements, and shapes and strides over it. Nothing here knows the
// Tensor class, and no element is read before it is wanted.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "minitorch/core/dtype.h"
#include "minitorch/io/source.h"

namespace minitorch::io {

/// The element types that files use: more than the library computes with.
enum class Element : uint8_t {
  boolean,
  uint8,
  int8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float8_e4m3,
  float8_e5m2,
  float16,
  bfloat16,
  float32,
  float64
};

/// What one element type is called in each format, and what the library reads it as: float64 and the 8-bit
/// floats become float32, the other integers int64.
struct ElementInfo {
  Element element;
  int size;                 ///< bytes
  Dtype dtype;              ///< after reading
  const char* name;         ///< PyTorch's name, "int32"
  const char* storage;      ///< PyTorch's storage class, "IntStorage"; null where there is none
  const char* safetensors;  ///< "I32"
  const char* npy;          ///< "i4"; null where there is none
};
const ElementInfo& info(Element element);
/// The element type that is called `text` in the given column; null when there is none.
const ElementInfo* find_element(const char* ElementInfo::*column, const std::string& text);
/// The element type that a dtype of the library is written as.
Element element_of(Dtype dtype);

/// A run of elements that one tensor or several look at.
struct RawStorage {
  Element element;
  int64_t numel;
  SourcePtr bytes;          ///< exactly numel elements
  bool big_endian = false;  ///< only .npy files may be

  /// Reads all elements as info(element).dtype into `to`.
  /// @throws FileError when the source ends before, or a uint64 is beyond int64
  void read(void* to) const;
};

/// Element (i, j, …) is storage[offset + i·strides[0] + j·strides[1] + …].
struct RawTensor {
  std::shared_ptr<const RawStorage> storage;
  int64_t offset = 0;
  std::vector<int64_t> shape, strides;

  int64_t numel() const;
};

/// A tensor that is the whole storage, row by row. @throws FileError when sizes and storage disagree
RawTensor contiguous_tensor(std::shared_ptr<const RawStorage> storage, std::vector<int64_t> shape);

/// The same with the first axis running fastest, as Fortran and some .npy files lay arrays out.
RawTensor fortran_tensor(std::shared_ptr<const RawStorage> storage, std::vector<int64_t> shape);

/// Refuses negative sizes and strides, more than 8 axes, and views that leave their storage.
/// @throws FileError naming the source
void check(const RawTensor& tensor);

/// Names and tensors in the order of the file.
using RawTensors = std::vector<std::pair<std::string, RawTensor>>;
using Metadata = std::map<std::string, std::string>;

}  // namespace minitorch::io
