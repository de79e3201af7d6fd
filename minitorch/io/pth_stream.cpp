// SPDX-License-Identifier: MIT
// The stream form: five pickles (a magic number, a version, facts about the writer, the object, and the keys
// of its storages), then every storage's number of elements and its data, in the order of the keys.
#include <map>

#include "minitorch/core/errors.h"
#include "minitorch/io/from_pickle.h"
#include "minitorch/io/pth.h"

namespace minitorch::io {
namespace {

using Kind = PickleValue::Kind;
using Storages = std::map<std::string, std::shared_ptr<const RawStorage>>;

void read_preamble(Cursor& cursor) {
  const Source& source = *cursor.source();
  static const char kMagic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";  // 119547037146038801333356
  if (const Pickle magic = read_pickle(cursor); magic.top().text != std::string(kMagic, 10))
    refuse(source, "is a pickle, but no checkpoint of PyTorch");
  if (const Pickle version = read_pickle(cursor); integer(source, version.top()) != 1001)
    refuse(source, "is a checkpoint of an unknown version: expected 1001");
  const Pickle facts = read_pickle(cursor);
  for (std::size_t i = 0; i + 1 < facts.top().items.size(); i += 2)
    if (facts[facts.top().items[i]].text == "little_endian" && facts[facts.top().items[i + 1]].integer == 0)
      refuse(source, "was written on a big-endian machine", "save it again on a little-endian one");
}

bool is_storage(const Source& source, const Pickle& pickle, const PickleValue& id) {
  return id.kind == Kind::tuple && !id.items.empty() && item(source, pickle, id, 0).text == "storage";
}

// Where each storage's data lie. The object says what each key holds: ("storage", class, key, location,
// number of elements, view).
Storages find_storages(Cursor& cursor, const Pickle& object) {
  const Source& source = *cursor.source();
  const Pickle keys = read_pickle(cursor);
  if (keys.top().kind != Kind::list) refuse(source, "has no list of storages");

  std::map<std::string, std::pair<Element, int64_t>> described;
  for (const PickleValue& value : object.values) {
    if (value.kind != Kind::persistent) continue;
    const PickleValue& id = object[value.arguments];
    if (!is_storage(source, object, id)) continue;
    const std::string key = key_text(source, item(source, object, id, 2));
    const std::pair facts(element_of_class(source, item(source, object, id, 1)),
                          integer(source, item(source, object, id, 4)));
    if (described.emplace(key, facts).first->second != facts)
      refuse(source, "describes the storage " + key + " in two ways");
  }

  Storages storages;
  for (int i : keys.top().items) {
    const std::string key = key_text(source, keys[i]);
    const auto found = described.find(key);
    if (found == described.end()) refuse(source, "lists the storage " + key + ", which no tensor uses");
    const auto [element, numel] = found->second;
    if (const auto count = cursor.number<int64_t>(); count != numel)
      refuse(source, format("the storage %s holds %lld elements: expected %lld", key.c_str(),
                            static_cast<long long>(count), static_cast<long long>(numel)));
    const auto size = static_cast<uint64_t>(checked_product(source, numel, info(element).size));
    SourcePtr bytes = part_of(cursor.source(), source.name(), cursor.position(), size);
    cursor.skip(size);
    storages[key] = std::make_shared<RawStorage>(RawStorage{element, numel, std::move(bytes)});
  }
  return storages;
}

}  // namespace

Object read_pth_stream(const SourcePtr& source) {
  Cursor cursor(source);
  read_preamble(cursor);
  const Pickle object = read_pickle(cursor);
  const Storages storages = find_storages(cursor, object);
  return object_from_pickle(*source, object, [&](const Pickle& pickle, const PickleValue& id) -> Persistent {
    if (!is_storage(*source, pickle, id)) return {nullptr, 0, Object::Opaque{"persistent value"}};
    const std::string key = key_text(*source, item(*source, pickle, id, 2));
    const auto found = storages.find(key);
    if (found == storages.end()) refuse(*source, "lacks the data of the storage " + key);
    if (id.items.size() < 6 || item(*source, pickle, id, 5).kind == Kind::none) return {found->second};
    const PickleValue& view = item(*source, pickle, id, 5);  // (key, offset, number of elements)
    return {found->second, integer(*source, item(*source, pickle, view, 1))};
  });
}

}  // namespace minitorch::io
