// SPDX-License-Identifier: MIT
// The tar form of PyTorch before 0.1.10: the member `storages` holds the data, `tensors` the shapes over
// them, and `pickle` the object, which names tensors by number.
#include <map>

#include "minitorch/core/errors.h"
#include "minitorch/io/from_pickle.h"
#include "minitorch/io/pth.h"

namespace minitorch::io {
namespace {

using Kind = PickleValue::Kind;
using TarStorages = std::map<std::string, Persistent>;
using Tensors = std::map<std::string, Object>;
constexpr uint64_t kBlock = 512;

// An octal number of a header, between blanks.
uint64_t octal(const char* field, int length) {
  uint64_t value = 0;
  for (int i = 0; i < length; ++i)
    if (field[i] >= '0' && field[i] <= '7') value = value * 8 + static_cast<uint64_t>(field[i] - '0');
    else if (field[i] != ' ') break;
  return value;
}

// The sum of the header's bytes, its own field counted as blanks.
bool checksum_fits(const char* header) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<uint8_t>(header[i]);
  return sum == octal(header + 148, 8);
}

std::map<std::string, SourcePtr> members_of(const SourcePtr& source) {
  std::map<std::string, SourcePtr> members;
  for (uint64_t at = 0; at + kBlock <= source->size();) {
    char header[kBlock];
    source->read(at, header, kBlock);
    if (header[0] == 0) break;  // empty blocks end the archive
    if (!checksum_fits(header)) refuse(*source, "has a damaged tar header");
    std::string name(header, strnlen(header, 100));
    if (name.rfind("./", 0) == 0) name.erase(0, 2);
    const uint64_t size = octal(header + 124, 12);
    SourcePtr bytes = part_of(source, source->name() + ": " + name, at + kBlock, size);
    const char type = header[156];
    if ((type == '0' || type == 0) && !members.emplace(name, std::move(bytes)).second)
      refuse(*source, "holds two members called " + name);
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  return members;
}

int64_t read_count(Cursor& cursor) { return integer(*cursor.source(), read_pickle(cursor).top()); }

// A count; per storage a pickle (key, location, class), the number of elements and the data; and the views: a
// list of (key, key of the viewed, offset, number of elements).
TarStorages read_storages(const SourcePtr& member) {
  const Source& source = *member;
  Cursor cursor(member);
  TarStorages storages;
  for (int64_t left = read_count(cursor); left > 0; --left) {
    const Pickle facts = read_pickle(cursor);
    const Element element = element_of_class(source, item(source, facts, facts.top(), 2));
    const auto numel = cursor.number<int64_t>();
    const int64_t size = checked_product(source, numel, info(element).size);
    SourcePtr bytes = part_of(member, source.name(), cursor.position(), size);
    cursor.skip(size);
    storages[key_text(source, item(source, facts, facts.top(), 0))].storage =
        std::make_shared<RawStorage>(RawStorage{element, numel, std::move(bytes)});
  }
  const Pickle views = read_pickle(cursor);
  for (int i : views.top().items) {
    const PickleValue& view = views[i];
    const auto root = storages.find(key_text(source, item(source, views, view, 1)));
    if (root == storages.end()) refuse(source, "has a view of a missing storage");
    Persistent viewed = root->second;
    if (__builtin_add_overflow(viewed.offset, integer(source, item(source, views, view, 2)), &viewed.offset))
      refuse(source, "has an impossible offset");
    storages[key_text(source, item(source, views, view, 0))] = viewed;
  }
  return storages;
}

// A count; per tensor a pickle (key, storage key, class), the number of axes, sizes, strides and the offset.
Tensors read_tensors(const SourcePtr& member, const TarStorages& storages) {
  const Source& source = *member;
  Cursor cursor(member);
  Tensors tensors;
  for (int64_t left = read_count(cursor); left > 0; --left) {
    const Pickle facts = read_pickle(cursor);
    const auto storage = storages.find(key_text(source, item(source, facts, facts.top(), 1)));
    if (storage == storages.end()) refuse(source, "has a tensor over a missing storage");
    RawTensor tensor{storage->second.storage, 0, {}, {}};
    const auto dims = cursor.number<int32_t>();
    cursor.skip(4);  // the upper half of what was once 8 bytes
    if (dims < 0 || dims > 64) refuse(source, format("has a tensor of %d axes", static_cast<int>(dims)));
    for (int i = 0; i < dims; ++i) tensor.shape.push_back(cursor.number<int64_t>());
    for (int i = 0; i < dims; ++i) tensor.strides.push_back(cursor.number<int64_t>());
    if (__builtin_add_overflow(cursor.number<int64_t>(), storage->second.offset, &tensor.offset))
      refuse(source, "has an impossible offset");
    if (dims == 0 && tensor.storage->numel == 0) {  // tensors without axes were empty then
      tensor.shape = {0};
      tensor.strides = {1};
    }
    check(tensor);
    tensors[key_text(source, item(source, facts, facts.top(), 0))] = std::move(tensor);
  }
  return tensors;
}

}  // namespace

bool is_tar(const Source& source) {
  char header[kBlock];
  if (source.size() < kBlock) return false;
  source.read(0, header, kBlock);
  return header[0] != 0 && checksum_fits(header);
}

Object read_pth_tar(const SourcePtr& source) {
  const std::map<std::string, SourcePtr> members = members_of(source);
  for (const char* name : {"storages", "tensors", "pickle"})
    if (!members.count(name))
      refuse(*source, std::string("is a tar archive, but no checkpoint: it has no member ") + name);
  const TarStorages storages = read_storages(members.at("storages"));
  const Tensors tensors = read_tensors(members.at("tensors"), storages);
  Cursor cursor(members.at("pickle"));
  const Pickle pickle = read_pickle(cursor);
  return object_from_pickle(*source, pickle, [&](const Pickle&, const PickleValue& id) -> Persistent {
    if (id.kind == Kind::tuple) return {nullptr, 0, Object::Opaque{"module"}};
    const std::string key = key_text(*source, id);
    if (auto storage = storages.find(key); storage != storages.end()) return storage->second;
    const auto tensor = tensors.find(key);
    if (tensor == tensors.end()) refuse(*source, "uses the tensor " + key + ", which it does not hold");
    return {nullptr, 0, tensor->second};
  });
}

}  // namespace minitorch::io
