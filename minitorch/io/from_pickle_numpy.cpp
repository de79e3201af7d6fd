// SPDX-License-Identifier: MIT
// numpy inside a pickle. A scalar is scalar(dtype, bytes). An array is an empty one, made by _reconstruct,
// whose state is (version, shape, dtype, is_fortran, bytes). A dtype is dtype("f8", …) with its byte order in
// the state.
#include <algorithm>

#include "minitorch/core/errors.h"
#include "minitorch/io/from_pickle.h"

namespace minitorch::io {
namespace {

using Kind = PickleValue::Kind;

bool is_numpy(const Pickle& pickle, const PickleValue& call, const char* function) {
  if (call.kind != Kind::call || call.callable < 0 || pickle[call.callable].kind != Kind::global)
    return false;
  const std::string& name = pickle[call.callable].text;
  return name == std::string("numpy.core.multiarray ") + function ||
         name == std::string("numpy._core.multiarray ") + function ||
         name == std::string("numpy ") + function;
}

struct NumpyType {
  const ElementInfo* element;
  bool big_endian;
};

NumpyType numpy_type(const Source& source, const Pickle& pickle, const PickleValue& value) {
  const bool is_call = is_numpy(pickle, value, "dtype");
  const std::string name = is_call ? item(source, pickle, pickle[value.arguments], 0).text : "";
  const ElementInfo* type = find_element(&ElementInfo::npy, name);
  if (!type) refuse(source, "has a numpy array of the type '" + name + "', which is not known here");
  const bool big = value.state >= 0 && item(source, pickle, pickle[value.state], 1).text == ">";
  return {type, big && type->size > 1};
}

// Protocol 2 has no bytes: Python writes _codecs.encode(text, "latin1"), whose characters are the bytes.
std::vector<uint8_t> bytes_of(const Source& source, const Pickle& pickle, const PickleValue& value) {
  if (value.kind == Kind::bytes) return {value.text.begin(), value.text.end()};
  if (value.kind == Kind::text) return {value.text.begin(), value.text.end()};  // a string of Python 2
  if (value.kind != Kind::call || pickle[value.callable].text != "_codecs encode")
    refuse(source, "has a numpy array without its bytes");
  const std::string& text = item(source, pickle, pickle[value.arguments], 0).text;
  std::vector<uint8_t> bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c < 0x80) bytes.push_back(c);
    else if ((c == 0xc2 || c == 0xc3) && i + 1 < text.size())
      bytes.push_back(static_cast<uint8_t>(c << 6 | (text[++i] & 0x3f)));
    else refuse(source, "has a numpy array whose bytes are not latin1");
  }
  return bytes;
}

std::shared_ptr<const RawStorage> storage_of(const Source& source, NumpyType type,
                                             std::vector<uint8_t> bytes) {
  if (bytes.size() % type.element->size != 0)
    refuse(source, "has a numpy array that is no whole number of elements");
  const auto numel = static_cast<int64_t>(bytes.size() / type.element->size);
  return std::make_shared<RawStorage>(
      RawStorage{type.element->element, numel, over_bytes(source.name(), std::move(bytes)), type.big_endian});
}

Object scalar(const Source& source, std::shared_ptr<const RawStorage> storage) {
  const ElementInfo& type = info(storage->element);
  if (storage->numel != 1) refuse(source, "has a numpy scalar of several elements");
  if (type.element == Element::float64) {  // a double stays one
    uint64_t bits;
    storage->bytes->read(0, &bits, sizeof bits);
    if (storage->big_endian) bits = __builtin_bswap64(bits);
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  if (!is_floating(type.dtype)) {
    int64_t value = 0;  // booleans and uint8 fill the lowest byte only
    storage->read(&value);
    return type.element == Element::boolean ? Object(value != 0) : Object(value);
  }
  return contiguous_tensor(std::move(storage), {});
}

RawTensor array(std::shared_ptr<const RawStorage> storage, const Source& source, const Pickle& pickle,
                const PickleValue& state) {
  std::vector<int64_t> shape;
  for (int i : item(source, pickle, state, 1).items) shape.push_back(integer(source, pickle[i]));
  const bool fortran = item(source, pickle, state, 3).integer != 0;
  return fortran ? fortran_tensor(std::move(storage), std::move(shape))
                 : contiguous_tensor(std::move(storage), std::move(shape));
}

}  // namespace

bool numpy_object(const Source& source, const Pickle& pickle, const PickleValue& call,
                  NumpyStorages& storages, Object& made) {
  auto storage = [&](const PickleValue& values, std::size_t type_at, std::size_t bytes_at) {
    const NumpyType type = numpy_type(source, pickle, item(source, pickle, values, type_at));
    const PickleValue& raw = item(source, pickle, values, bytes_at);
    auto& kept =
        storages[{values.items[bytes_at], std::string(type.big_endian ? ">" : "<") + type.element->npy}];
    if (!kept) kept = storage_of(source, type, bytes_of(source, pickle, raw));
    return kept;
  };
  if (is_numpy(pickle, call, "scalar")) {
    made = scalar(source, storage(pickle[call.arguments], 0, 1));
    return true;
  }
  if (is_numpy(pickle, call, "_reconstruct") && call.state >= 0) {
    const PickleValue& state = pickle[call.state];
    made = array(storage(state, 2, 4), source, pickle, state);
    return true;
  }
  return false;
}

}  // namespace minitorch::io
