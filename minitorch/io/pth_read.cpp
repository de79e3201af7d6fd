// SPDX-License-Identifier: MIT
// Tells the generations apart, and reads the zip form.
#include <map>

#include "minitorch/core/errors.h"
#include "minitorch/io/from_pickle.h"
#include "minitorch/io/pth.h"
#include "minitorch/io/zip.h"

namespace minitorch::io {
namespace {

// The records of one archive, under the folder that data.pkl lies in.
class ZipStorages {
 public:
  ZipStorages(const Source& source, const ZipReader& zip, std::string folder)
      : source_(source), zip_(zip), folder_(std::move(folder)) {}

  // The id is ("storage", class, key, location, number of elements).
  Persistent find(const Pickle& pickle, const PickleValue& id) {
    if (item(source_, pickle, id, 0).text != "storage")
      return {nullptr, 0, Object::Opaque{"persistent value"}};
    const Element element = element_of_class(source_, item(source_, pickle, id, 1));
    const std::string key = key_text(source_, item(source_, pickle, id, 2));
    const int64_t numel = integer(source_, item(source_, pickle, id, 4));
    auto& storage = storages_[key];
    if (!storage) storage = open(key, element, numel);
    if (storage->element != element || storage->numel != numel)
      refuse(source_, "describes the storage " + key + " in two ways");
    return {storage};
  }

 private:
  std::shared_ptr<const RawStorage> open(const std::string& key, Element element, int64_t numel) {
    const ZipReader::Member* member = zip_.find(folder_ + "data/" + key);
    if (!member) refuse(source_, "has no record data/" + key);
    const int64_t size = checked_product(source_, numel, info(element).size);
    if (member->size != static_cast<uint64_t>(size))
      refuse(source_,
             format("the record data/%s holds %llu bytes: expected %lld, for %lld of %s", key.c_str(),
                    static_cast<unsigned long long>(member->size), static_cast<long long>(size),
                    static_cast<long long>(numel), info(element).name));
    return std::make_shared<RawStorage>(RawStorage{element, numel, zip_.open(*member)});
  }

  const Source& source_;
  const ZipReader& zip_;
  std::string folder_;
  std::map<std::string, std::shared_ptr<const RawStorage>> storages_;
};

}  // namespace

Object read_pth_zip(const SourcePtr& source) {
  const ZipReader zip(source);
  const std::string kPickle = "data.pkl";
  for (const ZipReader::Member& member : zip.members()) {
    const auto slash = member.name.find('/');
    const std::string folder = slash == std::string::npos ? "" : member.name.substr(0, slash + 1);
    if (member.name != folder + kPickle) continue;
    if (const auto* order = zip.find(folder + "byteorder")) {
      Cursor cursor(zip.open(*order));
      if (order->size != 6 || cursor.text(6) != "little")
        refuse(*source, "was written on a big-endian machine", "save it again on a little-endian one");
    }
    Cursor cursor(zip.open(member));
    const Pickle pickle = read_pickle(cursor);
    ZipStorages storages(*source, zip, folder);
    return object_from_pickle(*source, pickle,
                              [&](const Pickle& p, const PickleValue& id) { return storages.find(p, id); });
  }
  refuse(*source, "is a zip archive, but no checkpoint: it has no data.pkl",
         "an .npz file is read by load_npz; an archive of files is to be unpacked first");
}

Object read_pth(const SourcePtr& source) {
  uint8_t first[4] = {};
  source->read(0, first, std::min<uint64_t>(source->size(), sizeof first));
  if (std::memcmp(first, "PK\x03\x04", 4) == 0) return read_pth_zip(source);
  if (first[0] == 0x80) return read_pth_stream(source);
  if (is_tar(*source)) return read_pth_tar(source);
  refuse(*source, "is no PyTorch checkpoint: expected a zip archive, a stream of pickles or a tar archive",
         first[0] == '<' ? "it looks like a web page: the download failed"
                         : "a safetensors file is read by load_safetensors");
}

// A sparse or quantised tensor is known by the function that rebuilds it. Left out, a weight would be missed
// later, or never.
static void refuse_other_tensor(const std::string& source, const std::string& name, const Object& value) {
  const auto* made = value.get_if<Object::Opaque>();
  if (!made || made->name.rfind("torch", 0) != 0 || made->name.find(" _rebuild_") == std::string::npos)
    return;
  const bool sparse = made->name.find("sparse") != std::string::npos;
  throw FileError("[load] " + source + ": the entry '" + name + "' is " +
                      (sparse ? "a sparse tensor" : "a tensor of a kind that is not read, of " + made->name),
                  sparse ? "save it as it is without gaps, value.to_dense()"
                         : "save it as a plain tensor; io::read_pth gives the rest");
}

RawTensors state_tensors(const std::string& source, const Object& checkpoint) {
  for (const char* key : {"model", "state_dict", "model_state_dict"})
    if (const Object* inner = checkpoint.find(key); inner && inner->get_if<Object::Dict>())
      return state_tensors(source, *inner);
  RawTensors tensors;
  if (auto items = checkpoint.get_if<Object::Dict>())
    for (const auto& [key, value] : *items)
      if (auto name = key.get_if<std::string>()) {
        refuse_other_tensor(source, *name, value);
        if (value.get_if<RawTensor>()) tensors.emplace_back(*name, value.tensor());
      }
  if (tensors.empty())
    throw FileError("[load] " + source + ": holds no state dict: it is " + checkpoint.kind(),
                    "save it by torch.save(model.state_dict(), path)");
  return tensors;
}

}  // namespace minitorch::io
