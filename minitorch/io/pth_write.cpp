// SPDX-License-Identifier: MIT
#include <map>

#include "minitorch/core/errors.h"
#include "minitorch/io/pickle.h"
#include "minitorch/io/pth.h"
#include "minitorch/io/zip.h"

namespace minitorch::io {
namespace {

class PthWriter {
 public:
  void write(const Object& object);
  std::string finish() { return pickle_.finish(); }
  /// Storage i is to become the record data/i.
  const std::vector<std::shared_ptr<const RawStorage>>& storages() const { return storages_; }

 private:
  void write_dict(const Object::Dict& items);
  void write_tensor(const RawTensor& tensor);
  void write_storage(const std::shared_ptr<const RawStorage>& storage);
  void write_integers(const std::vector<int64_t>& numbers);

  PickleWriter pickle_;
  std::vector<std::shared_ptr<const RawStorage>> storages_;
  std::map<const RawStorage*, std::size_t> keys_;
};

void PthWriter::write(const Object& object) {
  if (object.is_none()) pickle_.none();
  else if (auto boolean = object.get_if<bool>()) pickle_.boolean(*boolean);
  else if (auto integer = object.get_if<int64_t>()) pickle_.integer(*integer);
  else if (auto real = object.get_if<double>()) pickle_.real(*real);
  else if (auto text = object.get_if<std::string>()) pickle_.text(*text);
  else if (auto tensor = object.get_if<RawTensor>()) write_tensor(*tensor);
  else if (auto dict = object.get_if<Object::Dict>()) write_dict(*dict);
  else if (auto list = object.get_if<Object::List>()) {
    pickle_.empty_list().mark();
    for (const Object& item : *list) write(item);
    pickle_.appends();
  } else {
    throw ValueError("[save_pth] cannot write " + object.kind(),
                     "leave it out: only plain values can be written");
  }
}

void PthWriter::write_dict(const Object::Dict& items) {
  pickle_.global("collections", "OrderedDict").empty_tuple().call().mark();
  for (const auto& [key, value] : items) {
    write(key);
    write(value);
  }
  pickle_.set_items();
}

void PthWriter::write_tensor(const RawTensor& tensor) {
  pickle_.global("torch._utils", "_rebuild_tensor_v2").mark();
  write_storage(tensor.storage);
  pickle_.integer(tensor.offset);
  write_integers(tensor.shape);
  write_integers(tensor.strides);
  pickle_.boolean(false);                                             // requires_grad
  pickle_.global("collections", "OrderedDict").empty_tuple().call();  // hooks
  pickle_.tuple().call();
}

void PthWriter::write_storage(const std::shared_ptr<const RawStorage>& storage) {
  const ElementInfo& type = info(storage->element);
  if (!type.storage)
    throw DtypeError(std::string("[save_pth] PyTorch has no storage class for ") + type.name,
                     "convert the tensor first, by x.to(kFloat32) or x.to(kInt64)");
  const auto [found, is_new] = keys_.emplace(storage.get(), storages_.size());
  if (is_new) storages_.push_back(storage);
  pickle_.mark()
      .text("storage")
      .global("torch", type.storage)
      .text(std::to_string(found->second))
      .text("cpu");
  pickle_.integer(storage->numel).tuple().persistent();
}

void PthWriter::write_integers(const std::vector<int64_t>& numbers) {
  pickle_.mark();
  for (int64_t number : numbers) pickle_.integer(number);
  pickle_.tuple();
}

// PyTorch names the top folder after the file.
std::string stem(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string stem = name.substr(0, name.rfind('.'));
  return stem.empty() ? "archive" : stem;
}

}  // namespace

void write_pth(const std::string& path, const Object& object) {
  PthWriter writer;
  writer.write(object);
  AtomicFile file(path);
  ZipWriter zip(file);
  const std::string folder = stem(path) + "/";
  const SourcePtr nothing = over_memory(path, nullptr, 0);
  zip.add(folder + "data.pkl", writer.finish(), *nothing);
  zip.add(folder + "byteorder", "little", *nothing);
  for (std::size_t i = 0; i < writer.storages().size(); ++i)
    zip.add(folder + "data/" + std::to_string(i), "", *writer.storages()[i]->bytes);
  zip.add(folder + "version", "3\n", *nothing);
  zip.finish();
  file.commit();
}

}  // namespace minitorch::io
