// SPDX-License-Identifier: MIT
#include "minitorch/io/from_pickle.h"

#include "minitorch/core/errors.h"

namespace minitorch::io {
namespace {

using Kind = PickleValue::Kind;

class Builder {
 public:
  Builder(const Source& source, const Pickle& pickle, const FindPersistent& find)
      : source_(source),
        pickle_(pickle),
        find_(find),
        states_(pickle.values.size()),
        made_(pickle.values.size()) {}

  /// Each value is made once, however often it is used, so that work and memory stay in proportion to the
  /// file.
  Object object(int i) {
    if (states_[i] == kMade) return made_[i];
    if (states_[i] == kBusy) refuse(source_, "has a pickle whose values lie inside themselves");
    if (++depth_ > Object::kMaxDepth) refuse(source_, "has a pickle of more than 100 levels");
    states_[i] = kBusy;
    made_[i] = make(pickle_[i]);
    states_[i] = kMade;
    --depth_;
    return made_[i];
  }

 private:
  enum State : uint8_t { kNew, kBusy, kMade };

  Object make(const PickleValue& value);
  Object make_call(const std::string& name, const PickleValue& value);
  Object make_instance(const std::string& name, const PickleValue& value);
  Object tensor(const PickleValue& arguments, bool untyped);
  std::shared_ptr<const RawStorage> typed(const std::shared_ptr<const RawStorage>& bytes,
                                          const PickleValue& dtype);
  Object list(const PickleValue& value);
  Object dict(const PickleValue& value);
  Object ordered_dict(const PickleValue& value);
  std::vector<int64_t> integers(const PickleValue& value);

  const PickleValue& item(const PickleValue& value, std::size_t i) {
    return io::item(source_, pickle_, value, i);
  }

  const Source& source_;
  const Pickle& pickle_;
  const FindPersistent& find_;
  std::vector<State> states_;
  std::vector<Object> made_;
  NumpyStorages numpy_storages_;
  std::map<std::pair<std::shared_ptr<const RawStorage>, Element>, std::shared_ptr<const RawStorage>> typed_;
  int depth_ = 0;
  std::size_t given_ = 0;  // entries that OrderedDicts were given as arguments
};

Object Builder::make(const PickleValue& value) {
  switch (value.kind) {
    case Kind::none: return {};
    case Kind::boolean: return value.integer != 0;
    case Kind::integer: return value.integer;
    case Kind::real: return value.real;
    case Kind::text:
    case Kind::bytes: return value.text;
    case Kind::list:
    case Kind::tuple: return list(value);
    case Kind::dict: return dict(value);
    case Kind::global: return Object::Opaque{value.text};
    case Kind::persistent: {
      Persistent found = find_(pickle_, pickle_[value.arguments]);
      return found.storage ? Object(Object::Opaque{"storage"}) : found.object;
    }
    case Kind::call: {
      const PickleValue& callable = pickle_[value.callable];
      if (callable.kind != Kind::global) return Object::Opaque{"value made by a value"};
      return make_call(callable.text, value);
    }
  }
  return {};
}

Object Builder::make_call(const std::string& name, const PickleValue& value) {
  const PickleValue& arguments = pickle_[value.arguments];
  if (arguments.kind != Kind::tuple) refuse(source_, "has a pickle that calls " + name + " with no tuple");
  if (name == "torch._utils _rebuild_tensor_v2" || name == "torch._utils _rebuild_tensor")
    return tensor(arguments, false);
  if (name == "torch._utils _rebuild_tensor_v3") return tensor(arguments, true);
  if (name == "torch._utils _rebuild_parameter" || name == "torch._utils _rebuild_parameter_with_state") {
    item(arguments, 0);
    return object(arguments.items[0]);
  }
  // A subclass of Tensor, fastai's TensorImage for one: the function that makes the plain tensor, the class,
  // and the function's arguments.
  if (name == "torch._tensor _rebuild_from_type_v2" || name == "torch._tensor _rebuild_from_type") {
    const PickleValue& function = item(arguments, 0);
    item(arguments, 2);
    PickleValue inner;
    inner.kind = Kind::call;
    inner.callable = arguments.items[0];
    inner.arguments = arguments.items[2];
    if (function.text.rfind("torch._utils _rebuild_", 0) != 0) return object(value.callable);
    return make_call(function.text, inner);
  }
  if (name == "torch Size")
    return arguments.items.empty() ? Object(Object::List{}) : object(arguments.items[0]);
  if (Object made; numpy_object(source_, pickle_, value, numpy_storages_, made)) return made;
  return make_instance(name, value);
}

Object Builder::make_instance(const std::string& name, const PickleValue& value) {
  if (name == "collections OrderedDict" || name == "collections defaultdict") return ordered_dict(value);
  if (name == "fastcore.foundation L" && value.state >= 0 && pickle_[value.state].kind == Kind::dict) {
    const PickleValue& state = pickle_[value.state];
    for (std::size_t i = 0; i + 1 < state.items.size(); i += 2)
      if (pickle_[state.items[i]].text == "items") return object(state.items[i + 1]);
  }
  return object(value.callable);
}

// (storage, offset, sizes, strides, requires_grad, hooks), and, when the storage is untyped bytes, the dtype.
Object Builder::tensor(const PickleValue& arguments, bool untyped) {
  const PickleValue& id = item(arguments, 0);
  if (id.kind != Kind::persistent) refuse(source_, "has a tensor without a storage");
  Persistent found = find_(pickle_, pickle_[id.arguments]);
  if (!found.storage) refuse(source_, "has a tensor without a storage");
  if (untyped) found.storage = typed(found.storage, item(arguments, 6));
  RawTensor made{found.storage, integer(source_, item(arguments, 1)), integers(item(arguments, 2)),
                 integers(item(arguments, 3))};
  if (__builtin_add_overflow(made.offset, found.offset, &made.offset))
    refuse(source_, "has an impossible offset");
  check(made);
  return made;
}

// An untyped storage as one of elements; the same one each time that it is asked for.
std::shared_ptr<const RawStorage> Builder::typed(const std::shared_ptr<const RawStorage>& bytes,
                                                 const PickleValue& dtype) {
  const auto* type =
      dtype.text.rfind("torch ", 0) == 0 ? find_element(&ElementInfo::name, dtype.text.substr(6)) : nullptr;
  if (!type) refuse(source_, "has a tensor of the unknown type " + dtype.text);
  if (bytes->bytes->size() % type->size != 0)
    refuse(source_, "has a storage that is no whole number of elements");
  auto& made = typed_[{bytes, type->element}];
  if (!made)
    made = std::make_shared<RawStorage>(
        RawStorage{type->element, static_cast<int64_t>(bytes->bytes->size() / type->size), bytes->bytes});
  return made;
}

Object Builder::list(const PickleValue& value) {
  Object::List items;
  for (int i : value.items) items.push_back(object(i));
  return items;
}

Object Builder::dict(const PickleValue& value) {
  Object::Dict items;
  for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
    items.emplace_back(object(value.items[i]), object(value.items[i + 1]));
  return items;
}

// Python 3 adds the entries afterwards; Python 2 gives them as an argument, a list of pairs.
Object Builder::ordered_dict(const PickleValue& value) {
  const PickleValue& arguments = pickle_[value.arguments];
  Object::Dict items = dict(value).dict();
  if (arguments.items.empty() || pickle_[arguments.items[0]].kind != Kind::list) return items;
  const std::vector<int>& pairs = pickle_[arguments.items[0]].items;
  given_ += pairs.size();  // many dicts may be given the same list
  if (given_ > pickle_.values.size()) refuse(source_, "has a pickle that uses a list too often");
  for (int i : pairs) {
    item(pickle_[i], 1);
    items.emplace_back(object(pickle_[i].items[0]), object(pickle_[i].items[1]));
  }
  return items;
}

std::vector<int64_t> Builder::integers(const PickleValue& value) {
  if (value.kind == Kind::call) {  // torch.Size((2, 3))
    const PickleValue& arguments = pickle_[value.arguments];
    if (const PickleValue& inner = item(arguments, 0); inner.kind == Kind::tuple) return integers(inner);
  }
  if (value.kind != Kind::tuple && value.kind != Kind::list)
    refuse(source_, "has a tensor whose sizes are no tuple");
  if (value.items.size() > 64) refuse(source_, format("has a tensor of %zu axes", value.items.size()));
  std::vector<int64_t> numbers;
  for (int i : value.items) numbers.push_back(integer(source_, pickle_[i]));
  return numbers;
}

}  // namespace

Object object_from_pickle(const Source& source, const Pickle& pickle, const FindPersistent& find) {
  try {
    return Builder(source, pickle, find).object(pickle.result);
  } catch (const ValueError& error) { refuse(source, error.what()); }
}

Element element_of_class(const Source& source, const PickleValue& value) {
  if (value.text == "torch.storage UntypedStorage" || value.text == "torch UntypedStorage")
    return Element::uint8;
  const auto space = value.text.find(' ');
  const ElementInfo* type = nullptr;
  if (value.kind == Kind::global && value.text.rfind("torch", 0) == 0 && space != std::string::npos)
    type = find_element(&ElementInfo::storage, value.text.substr(space + 1));
  if (!type) refuse(source, "has a storage of the unknown class " + value.text);
  return type->element;
}

const PickleValue& item(const Source& source, const Pickle& pickle, const PickleValue& value, std::size_t i) {
  if ((value.kind != Kind::tuple && value.kind != Kind::list) || i >= value.items.size())
    refuse(source, format("has a pickle where item %zu of a tuple is missing", i));
  return pickle[value.items[i]];
}

int64_t integer(const Source& source, const PickleValue& value) {
  if (value.kind != Kind::integer) refuse(source, "has a pickle where an integer is missing");
  return value.integer;
}

std::string key_text(const Source& source, const PickleValue& value) {
  if (value.kind == Kind::text) return value.text;
  return std::to_string(integer(source, value));
}

}  // namespace minitorch::io
