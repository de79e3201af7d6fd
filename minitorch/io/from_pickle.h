// SPDX-License-Identifier: MIT
// From what a pickle program made to Objects: the few functions of PyTorch and numpy that checkpoints call
// are done here by name; all others stay opaque.
#pragma once
#include <functional>
#include <map>

#include "minitorch/io/object.h"
#include "minitorch/io/pickle.h"

namespace minitorch::io {

/// What lies outside of a pickle under an id: a storage, or (tar files) any object.
struct Persistent {
  std::shared_ptr<const RawStorage> storage;
  int64_t offset = 0;  ///< in elements, when it is a view that begins inside of the storage
  Object object = {};
};
/// Finds it; gets the pickle and the id's value.
using FindPersistent = std::function<Persistent(const Pickle&, const PickleValue& id)>;

/// The pickle's result. @throws FileError naming `source` when it does not add up, refers to itself, or lies
/// more than Object::kMaxDepth levels deep
Object object_from_pickle(const Source& source, const Pickle& pickle, const FindPersistent& find);

/// The element type of a storage class, given as a pickled global ("torch FloatStorage").
Element element_of_class(const Source& source, const PickleValue& value);

/// Item i of a tuple or list. @throws FileError naming `source` when there is none
const PickleValue& item(const Source& source, const Pickle& pickle, const PickleValue& value, std::size_t i);
/// @throws FileError unless it is an integer
int64_t integer(const Source& source, const PickleValue& value);
/// A text, or an integer as text: what storage keys are. @throws FileError when it is neither
std::string key_text(const Source& source, const PickleValue& value);

/// Storages made for numpy's arrays, by the index of the pickled bytes and the element type: many arrays may
/// be given the same bytes, and are not to take memory each.
using NumpyStorages = std::map<std::pair<int, std::string>, std::shared_ptr<const RawStorage>>;
/// Makes numpy's arrays and scalars; false when `call` makes something else.
bool numpy_object(const Source& source, const Pickle& pickle, const PickleValue& call,
                  NumpyStorages& storages, Object& made);

}  // namespace minitorch::io
