// SPDX-License-Identifier: MIT
#include "minitorch/io/io.h"

#include <set>

#include "minitorch/autograd/graph.h"
#include "minitorch/io/npy.h"
#include "minitorch/io/pth.h"
#include "minitorch/io/safetensors.h"

namespace minitorch::io {
namespace {

// The memory of a tensor on the CPU.
class TensorBytes : public Source {
 public:
  explicit TensorBytes(Tensor tensor)
      : Source("tensor", static_cast<uint64_t>(tensor.numel()) * item_size(tensor.dtype())),
        tensor_(std::move(tensor)) {}

 protected:
  void read_checked(uint64_t at, void* to, uint64_t count) const override {
    std::memcpy(to, static_cast<const char*>(tensor_.raw_data()) + at, count);
  }

 private:
  Tensor tensor_;
};

StateDict read_all(const RawTensors& raws) {
  TensorReader reader;
  StateDict tensors;
  for (const auto& [name, raw] : raws) tensors.emplace_back(name, reader.read(raw));
  return tensors;
}

RawTensors raw_all(const StateDict& tensors) {
  RawTensors raws;
  for (const auto& [name, tensor] : tensors) raws.emplace_back(name, raw(tensor));
  return raws;
}

}  // namespace

Tensor TensorReader::read(const RawTensor& raw) {
  const RawStorage& storage = *raw.storage;
  Tensor& whole = storages_[raw.storage];
  if (!whole.defined()) {
    Tensor made = empty({storage.numel}, {info(storage.element).dtype, Device::cpu()});
    storage.read(made.raw_data());
    whole = made;
  }
  const auto dims = static_cast<int>(raw.shape.size());
  Tensor x = as_strided(whole, Shape(raw.shape.data(), dims), Shape(raw.strides.data(), dims), raw.offset);
  x.impl().is_view = !(x.is_contiguous() && x.numel() == storage.numel);
  return x;
}

RawTensor raw(const Tensor& tensor) {
  const Tensor rows = tensor.detach().cpu().contiguous();
  auto bytes = std::make_shared<TensorBytes>(rows);
  auto storage =
      std::make_shared<RawStorage>(RawStorage{element_of(rows.dtype()), rows.numel(), std::move(bytes)});
  return contiguous_tensor(std::move(storage), {rows.shape().begin(), rows.shape().end()});
}

Safetensors load_safetensors(const std::string& path) {
  RawSafetensors read = read_safetensors(open_file(path));
  return {read_all(read.tensors), std::move(read.metadata)};
}

void save_safetensors(const std::string& path, const StateDict& tensors, const Metadata& metadata) {
  write_safetensors(path, raw_all(tensors), metadata);
}

StateDict load_pth(const std::string& path) {
  return read_all(state_tensors(path, read_pth(open_file(path))));
}

void save_pth(const std::string& path, const StateDict& tensors) {
  std::map<const void*, std::shared_ptr<const RawStorage>> written;  // by the address of the first element
  std::set<std::string> names;
  Object::Dict items;
  for (const auto& [name, tensor] : tensors) {
    if (!names.insert(name).second)
      throw ValueError("[save_pth] the name '" + name + "' is taken", "give every tensor a name of its own");
    RawTensor made = raw(tensor);
    if (auto& same = written[tensor.raw_data()]; tensor.is_contiguous() && tensor.numel() > 0) {
      if (same && same->numel == made.storage->numel && same->element == made.storage->element)
        made.storage = same;
      else same = made.storage;
    }
    items.emplace_back(name, std::move(made));
  }
  write_pth(path, std::move(items));
}

Tensor load_npy(const std::string& path) {
  return TensorReader().read(read_npy(open_file(path))).contiguous();
}

void save_npy(const std::string& path, const Tensor& tensor) { write_npy(path, raw(tensor)); }

StateDict load_npz(const std::string& path) {
  StateDict arrays = read_all(read_npz(open_file(path)));
  for (auto& [name, tensor] : arrays) tensor = tensor.contiguous();
  return arrays;
}

void save_npz(const std::string& path, const StateDict& tensors) { write_npz(path, raw_all(tensors)); }

}  // namespace minitorch::io
