// SPDX-License-Identifier: MIT
// How a struct or a lambda becomes a Transform: each type of value is tried against its overloads. Included
// by transform.h.
#pragma once
#include <functional>
#include <type_traits>
#include <utility>

namespace fastcore {
namespace detail {

template <class X, class... Types>
constexpr bool one_of(const std::variant<Types...>*) {
  return (std::is_same_v<X, Types> || ...);
}
template <class X>
concept Meaning = one_of<X>(static_cast<const Value*>(nullptr));

/// Stands for a value of type X and converts to nothing else, so that an overload for Path does not take a
/// text.
template <class X>
struct Exactly {
  X& value;
  operator X&&() const { return std::move(value); }
};
struct NoDraw {};

/// As in fastai, what takes a Tensor takes those with a meaning as well, and they keep it: pictures stay
/// pictures.
void through_tensor(Value& value, const std::function<void(Value&)>& change);

/// X as a value. Compiled once for each meaning, in transform.cpp: what makes a value and takes it apart
/// again if that fails would take each program a tenth of a second.
template <Meaning X>
Value value_of(X x);

template <class T, class X, class Draw>
concept EncodesWithDraw = requires(const T& t, Exactly<X> x, const Draw& draw) {
  t.encode(x, draw);
};
template <class T, class X>
concept EncodesInContext = requires(const T& t, Exactly<X> x, Context& context) {
  t.encode(x, context);
};
template <class T, class X>
concept Encodes = requires(const T& t, Exactly<X> x) {
  t.encode(x);
};
template <class T, class X>
concept Calls = requires(const T& t, Exactly<X> x) {
  t(x);
};
template <class T, class X>
concept Decodes = requires(const T& t, Exactly<X> x) {
  t.decode(x);
};
template <class T>
concept EncodesSample = requires(const T& t, Sample& sample, Context& context) {
  t.encode(sample, context);
};
template <class T>
concept DecodesSample = requires(const T& t, Sample& sample) {
  t.decode(sample);
};
template <class T>
concept Draws = requires(const T& t, const Sample& sample, Context& context) {
  t.draw(sample, context);
};

template <class T>
concept Learns = requires(T& t, const Sample& values) {
  t.setup(values);
};

template <class T>
struct DrawOf {
  using type = NoDraw;
};
template <Draws T>
struct DrawOf<T> {
  using type = std::decay_t<decltype(std::declval<const T&>().draw(std::declval<const Sample&>(),
                                                                   std::declval<Context&>()))>;
};

/// Whether t changes values of type X.
template <class T, class X>
concept TakesType =
    EncodesWithDraw<T, X, typename DrawOf<T>::type> || EncodesInContext<T, X> || Encodes<T, X> || Calls<T, X>;

/// Whether a transform would ever do anything: with its one function misspelt, or not const, it would not.
template <class T, class... Types>
constexpr bool does_something(const std::variant<Types...>*) {
  return EncodesSample<T> || DecodesSample<T> || Learns<T> ||
         ((TakesType<T, Types> || Decodes<T, Types>) || ...);
}

template <class T>
struct TransformOf final : TransformModel {
  using Draw = typename DrawOf<T>::type;

  explicit TransformOf(T transform) : t(std::move(transform)) {
    static_assert(
        does_something<T>(kMeanings),
        "this transform takes no type of Value, so it would change nothing: a struct has a member "
        "`Image encode(const Image& x) const` (not `encodes`, and const), a lambda is `[](const Image& x) "
        "{ ... }` (not mutable)");
    if constexpr (requires { std::string(T::name); }) name = T::name;
    else name = type_name(typeid(T));
    if constexpr (requires { double(T::order); }) order = T::order;
    if constexpr (requires { int(T::split); }) split = T::split;
  }

  /// Where the value is an X, it is replaced by what t makes of it. Only types that t takes leave any code:
  /// std::visit would make a function for each of the others too, which made builds twice as long.
  template <class X>
  bool encode_if(Value& value, const Draw& draw, Context& context) const {
    static_cast<void>(value), static_cast<void>(draw), static_cast<void>(context);
    if constexpr (TakesType<T, X>) {
      X* x = std::get_if<X>(&value);
      if (!x) return false;
      if constexpr (EncodesWithDraw<T, X, Draw>) value = to_value(t.encode(Exactly<X>{*x}, draw));
      else if constexpr (EncodesInContext<T, X>) value = to_value(t.encode(Exactly<X>{*x}, context));
      else if constexpr (Encodes<T, X>) value = to_value(t.encode(Exactly<X>{*x}));
      else value = to_value(t(Exactly<X>{*x}));
      return true;
    }
    return false;
  }
  template <class... Types>
  void encode_value(Value& value, const Draw& draw, Context& context, const std::variant<Types...>*) const {
    if ((encode_if<Types>(value, draw, context) || ...)) return;
    if constexpr (TakesType<T, minitorch::Tensor>)
      through_tensor(value, [&](Value& tensor) { encode_if<minitorch::Tensor>(tensor, draw, context); });
  }

  template <class X>
  bool decode_if(Value& value) const {
    static_cast<void>(value);
    if constexpr (Decodes<T, X>) {
      X* x = std::get_if<X>(&value);
      if (x) value = to_value(t.decode(Exactly<X>{*x}));
      return x != nullptr;
    }
    return false;
  }
  template <class... Types>
  void decode_value(Value& value, const std::variant<Types...>*) const {
    if ((decode_if<Types>(value) || ...)) return;
    if constexpr (Decodes<T, minitorch::Tensor>)
      through_tensor(value, [&](Value& tensor) { decode_if<minitorch::Tensor>(tensor); });
  }

  template <class... Types>
  static bool takes_value(const Value& value, const std::variant<Types...>*) {
    constexpr bool taken[] = {TakesType<T, Types>...};
    if (TakesType<T, minitorch::Tensor> && tensor_of(value)) return true;
    return value.index() < sizeof...(Types) && taken[value.index()];
  }

  static constexpr const AnyMeaning* kMeanings = nullptr;  // its types are what counts

  void encode(Sample& sample, Context& context) const override {
    if constexpr (EncodesSample<T>) {
      t.encode(sample, context);
    } else {
      Draw draw = [&] {
        if constexpr (Draws<T>) return t.draw(static_cast<const Sample&>(sample), context);
        else return NoDraw{};
      }();
      for (Value& value : sample) encode_value(value, draw, context, kMeanings);
    }
  }

  void decode(Sample& sample) const override {
    if constexpr (DecodesSample<T>) {
      t.decode(sample);
    } else {
      for (Value& value : sample) decode_value(value, kMeanings);
    }
  }

  bool takes(const Value& value) const override { return EncodesSample<T> || takes_value(value, kMeanings); }

  std::shared_ptr<TransformModel> clone() const override { return std::make_shared<TransformOf>(*this); }

  bool needs_setup() const override {
    if constexpr (requires { bool(t.is_set_up()); }) return !t.is_set_up();
    else return Learns<T>;
  }
  void setup(const Sample& values) override {
    if constexpr (Learns<T>) t.setup(values);
    static_cast<void>(values);
  }
  bool has_fields() const override {
    return requires(T & x, Fields & f) { x.fields(f); };
  }
  void visit(Fields& fields) override {
    if constexpr (requires { t.fields(fields); }) t.fields(fields);
    static_cast<void>(fields);
  }
  std::optional<Targets> targets() const override {
    if constexpr (requires { t.targets(); }) return t.targets();
    else return {};
  }
  const std::type_info& type() const override { return typeid(T); }
  const void* function() const override {
    if constexpr (std::is_pointer_v<T>) return reinterpret_cast<const void*>(t);
    else return nullptr;
  }

  T t;
};

template <class T>
std::shared_ptr<TransformModel> transform_of(T transform) {
  return std::make_shared<TransformOf<T>>(std::move(transform));
}

}  // namespace detail

/// Beside a transform of the library: programs that use it need not compile its model again, which takes half
/// a second. The second stands in the .cpp.
#define FC_DECLARE_TRANSFORM(T) \
  extern template std::shared_ptr<detail::TransformModel> detail::transform_of<T>(T);
#define FC_COMPILE_TRANSFORM(T) template std::shared_ptr<detail::TransformModel> detail::transform_of<T>(T);

template <class R>
Value to_value(R&& result) {
  using X = std::decay_t<R>;
  if constexpr (std::is_same_v<X, Value>) {
    return std::forward<R>(result);
  } else if constexpr (detail::Meaning<X>) {
    return detail::value_of<X>(std::forward<R>(result));
  } else if constexpr (std::is_same_v<X, bool>) {
    return detail::value_of<std::string>(result ? "True" : "False");
  } else if constexpr (std::is_arithmetic_v<X>) {
    return detail::value_of(Numbers{{static_cast<double>(result)}});
  } else if constexpr (std::is_convertible_v<R, std::string>) {
    return detail::value_of<std::string>(std::forward<R>(result));
  } else if constexpr (detail::IsOptional<X>::value) {
    return result ? to_value(*std::forward<R>(result)) : Value();
  } else if constexpr (detail::Range<X> && (std::is_same_v<X, std::vector<bool>> ||
                                            std::is_arithmetic_v<std::decay_t<decltype(*result.begin())>>)) {
    Numbers numbers;
    for (const auto& x : result) numbers.values.push_back(static_cast<double>(x));
    return detail::value_of(std::move(numbers));
  } else {
    static_assert(detail::Range<X> && std::is_convertible_v<decltype(*result.begin()), std::string>,
                  "a transform returns a type of Value, a text, a number, or a list of those");
    MultiCategory labels;
    for (const auto& label : result) labels.labels.push_back(label);
    return detail::value_of(std::move(labels));
  }
}

}  // namespace fastcore
