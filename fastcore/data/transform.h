// SPDX-License-Identifier: MIT
// Transform: one step of a pipeline. It is any struct or lambda that says by its parameter types which values
// it changes; all others pass. The members that a struct may have, all optional:
//
//     struct Spin {
//       double max_deg = 10;
//       static constexpr double order = 1;             // where in a pipeline; default 0
//       static constexpr int split = 0;                // 0: in training only, 1: in validation only
//       double draw(const Sample& sample, Context& context) const;       // random numbers, once a sample
//       Image encode(const Image& image, double degrees) const;          // one overload for each type,
//       Mask encode(const Mask& mask, double degrees) const;             //   without `draw` f(image)
//       Image decode(const Image& image) const;        // the way back, for showing
//       void setup(const Sample& values);              // learns from the training values (a vocabulary)
//       bool is_set_up() const;                        // whether it need not
//       void fields(Fields& f) { f("max_deg", max_deg); }                // its settings: printed, exported
//       Targets targets() const;                       // what its results are, when they are targets
//     };
//
// The same holds for single items, whose values are Image, Mask, Category ..., and for whole batches, whose
// values are TensorImage (n, c, h, w), TensorMask (n, h, w), Points (n, k, 2) and Tensor. As in fastai, a
// transform of Tensor is given every one of these that it has no overload for, targets too: take TensorImage
// to change pictures alone. One that takes no type at all does not compile.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <vector>

#include "fastcore/data/dataloader.h"
#include "fastcore/data/fields.h"
#include "minitorch/core/python_random.h"

namespace fastcore {

/// One item, inputs first, then targets; or a batch in the same form.
using Sample = std::vector<Value>;

/// What a transform may ask while it works: the split, and random numbers.
class Context {
 public:
  /// Random numbers of Python's global generator, which fastai draws from too.
  explicit Context(int split) : split_(split) {}
  /// Random numbers of a stream of its own: an item's, whichever thread works on it.
  Context(int split, uint64_t seed) : split_(split), seed_(seed) {}

  int split() const { return split_; }  ///< 0 training, 1 validation
  bool training() const { return split_ == 0; }
  minitorch::python::Random& random() {
    if (!seed_) return minitorch::python::global();
    if (!own_) own_.emplace(*seed_);
    return *own_;
  }

 private:
  int split_;
  std::optional<uint64_t> seed_;
  std::optional<minitorch::python::Random> own_;
};

/// Thrown by an item's transform to leave the item out.
class SkipItem : public minitorch::Error {
 public:
  using minitorch::Error::Error;
};

/// Results of functions as values: texts, numbers (also truths: "True", "False"), lists of labels, and all
/// that Value holds.
template <class R>
Value to_value(R&& result);

namespace detail {

/// What a Transform points to.
struct TransformModel {
  virtual ~TransformModel() = default;
  virtual void encode(Sample& sample, Context& context) const = 0;
  virtual void decode(Sample& sample) const = 0;
  virtual bool takes(const Value& value) const = 0;
  virtual std::shared_ptr<TransformModel> clone() const = 0;
  virtual bool needs_setup() const = 0;
  virtual void setup(const Sample& values) = 0;
  virtual bool has_fields() const = 0;
  virtual void visit(Fields& fields) = 0;
  virtual std::optional<Targets> targets() const = 0;
  virtual const std::type_info& type() const = 0;
  /// The function, where that is all it is: functions of one form have one type.
  virtual const void* function() const = 0;

  std::string name;
  double order = 0;
  std::optional<int> split = {};
};

template <class T>
struct TransformOf;
/// The model of a struct or a lambda.
template <class T>
std::shared_ptr<TransformModel> transform_of(T transform);

/// Spin of fastcore::Spin; <lambda> and <function> of those.
std::string type_name(const std::type_info& type);

}  // namespace detail

/// A transform of any kind, as a value.
class Transform {
 public:
  /// None: changes nothing.
  Transform() = default;
  // Compiled once, in transform.cpp.
  Transform(const Transform&) noexcept;
  Transform(Transform&&) noexcept;
  Transform& operator=(const Transform&) noexcept;
  Transform& operator=(Transform&&) noexcept;
  ~Transform();
  template <class T>
  requires(!std::is_same_v<T, Transform> && !std::is_same_v<T, std::vector<Transform>>) Transform(T transform)
      : model_(detail::transform_of<T>(std::move(transform))) {}
  /// A function of a path: these two pick it where it is overloaded.
  Transform(std::string (*function)(const Path&));
  Transform(Path (*function)(const Path&));
  /// The same under another name, by which an export knows it. @see register_transform
  Transform named(const std::string& name) const;

  /// The same in one split only.
  Transform in_split(int split) const;

  explicit operator bool() const { return model_ != nullptr; }
  const std::string& name() const { return model_->name; }
  double order() const { return model_->order; }
  bool runs_in(int split) const { return model_->split.value_or(split) == split; }
  /// "Resize -- {'size': (192, 192), 'method': 'squish'}"; without settings the name alone.
  std::string repr() const;
  /// Whether a value of this type is changed.
  bool takes(const Value& value) const { return model_->takes(value); }
  /// Whether it is of the other's kind: a struct of the same type, the same function, the same lambda.
  bool is(const Transform& other) const;
  template <class T>
  bool is() const {
    return model_ && model_->type() == typeid(T);
  }
  /// The struct that this was made from, null when it was another type.
  template <class T>
  const T* get_if() const {
    return is<T>() ? &static_cast<const detail::TransformOf<T>&>(*model_).t : nullptr;
  }

  /// Changes every value whose type it takes.
  void encode(Sample& sample, Context& context) const { model_->encode(sample, context); }
  /// Undoes what can be undone.
  void decode(Sample& sample) const { model_->decode(sample); }
  /// One value through encode, as in validation.
  Value operator()(Value value) const;

  bool needs_setup() const { return model_->needs_setup(); }
  /// The same after it has seen all training values, or for a batch transform the first batch.
  Transform set_up(const Sample& values) const;
  bool has_fields() const { return model_->has_fields(); }
  Settings settings() const;
  Transform with_settings(const Settings& settings) const;
  std::optional<Targets> targets() const { return model_->targets(); }

 private:
  explicit Transform(std::shared_ptr<detail::TransformModel> model) : model_(std::move(model)) {}
  std::shared_ptr<detail::TransformModel> model_;
};

/// A list of transforms, or a single one: `.item_tfms = Resize{.size = 224}`, `.get_y = parent_label`. Lists
/// inside a list are joined: `.batch_tfms = {aug_transforms(), Normalize::from_stats(imagenet_stats)}`.
class Transforms {
 public:
  Transforms() = default;
  // Compiled once, in transform.cpp.
  Transforms(const Transforms&);
  Transforms(Transforms&&) noexcept;
  Transforms& operator=(const Transforms&);
  Transforms& operator=(Transforms&&) noexcept;
  ~Transforms();
  Transforms(std::vector<Transform> all);
  Transforms(std::initializer_list<Transforms> parts);
  template <class T>
  requires(!std::is_same_v<T, Transforms> && !std::is_same_v<T, std::vector<Transform>>) Transforms(T one)
      : Transforms(Transform(std::move(one))) {}
  Transforms(Transform one);
  Transforms(std::string (*one)(const Path&)) : Transforms(Transform(one)) {}
  Transforms(Path (*one)(const Path&)) : Transforms(Transform(one)) {}

  operator const std::vector<Transform>&() const { return all_; }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }
  int64_t size() const { return static_cast<int64_t>(all_.size()); }
  bool empty() const { return all_.empty(); }
  const Transform& operator[](int64_t i) const { return all_[static_cast<std::size_t>(i)]; }

 private:
  std::vector<Transform> all_;
};

/// Transforms one after the other, sorted by their order (equal ones stay as given).
class Pipeline {
 public:
  Pipeline() = default;
  Pipeline(std::vector<Transform> transforms);
  Pipeline(std::initializer_list<Transform> transforms) : Pipeline(std::vector<Transform>(transforms)) {}

  /// Applies those of the context's split in order.
  void encode(Sample& sample, Context& context) const;
  /// Undoes them in reverse order.
  void decode(Sample& sample) const;
  /// One value through all, as in validation.
  Value operator()(Value value) const;
  /// Adds one and sorts again.
  void add(Transform transform);
  const std::vector<Transform>& transforms() const { return transforms_; }
  bool empty() const { return transforms_.empty(); }
  /// "Resize -- {...} -> ToTensor".
  std::string repr() const;

 private:
  std::vector<Transform> transforms_;
};

/// Both lists in one; of several transforms of one kind (Transform::is) only the last stays.
std::vector<Transform> merge_transforms(const std::vector<Transform>& first,
                                        const std::vector<Transform>& then);

}  // namespace fastcore

#include "fastcore/data/transform_impl.h"
