// SPDX-License-Identifier: MIT
#include "fastcore/data/transform.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>

namespace fastcore {

std::string detail::type_name(const std::type_info& type) {
  int status = 0;
  char* readable = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string name = status == 0 ? readable : type.name();
  std::free(readable);
  if (name.find("{lambda") != std::string::npos) return "<lambda>";
  if (name.find("(*)") != std::string::npos) return "<function>";
  name = name.substr(0, name.find('<'));
  const auto colon = name.rfind("::");
  return colon == std::string::npos ? name : name.substr(colon + 2);
}

void detail::through_tensor(Value& value, const std::function<void(Value&)>& change) {
  minitorch::Tensor* inside = tensor_of(value);
  if (!inside) return;
  Value tensor = *inside;
  change(tensor);
  if (const auto* changed = std::get_if<minitorch::Tensor>(&tensor)) *inside = *changed;
  else value = std::move(tensor);
}

template <detail::Meaning X>
Value detail::value_of(X x) {
  return Value(std::move(x));
}
template Value detail::value_of(std::monostate);
template Value detail::value_of(Path);
template Value detail::value_of(std::string);
template Value detail::value_of(Numbers);
template Value detail::value_of(Image);
template Value detail::value_of(Mask);
template Value detail::value_of(Category);
template Value detail::value_of(MultiCategory);
template Value detail::value_of(Points);
template Value detail::value_of(Row);
template Value detail::value_of(fastcore::Text);  // detail has a Text of its own
template Value detail::value_of(Sound);
template Value detail::value_of(TensorImage);
template Value detail::value_of(TensorMask);
template Value detail::value_of(minitorch::Tensor);
template Value detail::value_of(Tuple);

Transform::Transform(const Transform&) noexcept = default;
Transform::Transform(Transform&&) noexcept = default;
Transform& Transform::operator=(const Transform&) noexcept = default;
Transform& Transform::operator=(Transform&&) noexcept = default;
Transform::~Transform() = default;
Transform::Transform(std::string (*function)(const Path&))
    : model_(std::make_shared<detail::TransformOf<std::string (*)(const Path&)>>(function)) {}
Transform::Transform(Path (*function)(const Path&))
    : model_(std::make_shared<detail::TransformOf<Path (*)(const Path&)>>(function)) {}

Transform Transform::named(const std::string& name) const {
  auto copy = model_->clone();
  copy->name = name;
  return Transform(copy);
}

Transform Transform::in_split(int split) const {
  auto copy = model_->clone();
  copy->split = split;
  return Transform(copy);
}

// Lambdas that one line makes with other captures have one type, and so have all functions of one form.
bool Transform::is(const Transform& other) const {
  if (model_ == other.model_) return true;
  if (model_->type() != other.model_->type()) return false;
  if (model_->function()) return model_->function() == other.model_->function();
  const std::string type = detail::type_name(model_->type());
  return type != "<lambda>" && type != "function";  // std::function
}

std::string Transform::repr() const {
  if (!has_fields()) return name();
  try {
    return name() + " -- " + settings_repr(settings());
  } catch (const minitorch::ValueError&) { return name(); }  // with settings that cannot be written down
}

Value Transform::operator()(Value value) const {
  Sample sample{std::move(value)};
  Context context(1);
  encode(sample, context);
  return std::move(sample.front());
}

Transform Transform::set_up(const Sample& values) const {
  auto copy = model_->clone();
  copy->setup(values);
  return Transform(copy);
}

Settings Transform::settings() const {
  Fields fields;
  model_->clone()->visit(fields);
  return fields.collected();
}

Transform Transform::with_settings(const Settings& settings) const {
  auto copy = model_->clone();
  Fields fields(settings);
  copy->visit(fields);
  return Transform(copy);
}

Transforms::Transforms(const Transforms&) = default;
Transforms::Transforms(Transforms&&) noexcept = default;
Transforms& Transforms::operator=(const Transforms&) = default;
Transforms& Transforms::operator=(Transforms&&) noexcept = default;
Transforms::~Transforms() = default;
Transforms::Transforms(std::vector<Transform> all) : all_(std::move(all)) {}
Transforms::Transforms(Transform one) { all_.push_back(std::move(one)); }
Transforms::Transforms(std::initializer_list<Transforms> parts) {
  for (const Transforms& part : parts) all_.insert(all_.end(), part.all_.begin(), part.all_.end());
}

Pipeline::Pipeline(std::vector<Transform> transforms) : transforms_(std::move(transforms)) {
  std::erase_if(transforms_, [](const Transform& t) { return !t; });
  std::stable_sort(transforms_.begin(), transforms_.end(),
                   [](const Transform& a, const Transform& b) { return a.order() < b.order(); });
}

void Pipeline::encode(Sample& sample, Context& context) const {
  for (const Transform& transform : transforms_)
    if (transform.runs_in(context.split())) transform.encode(sample, context);
}

void Pipeline::decode(Sample& sample) const {
  for (auto at = transforms_.rbegin(); at != transforms_.rend(); ++at) at->decode(sample);
}

Value Pipeline::operator()(Value value) const {
  Sample sample{std::move(value)};
  Context context(1);
  encode(sample, context);
  return std::move(sample.front());
}

void Pipeline::add(Transform transform) {
  auto all = transforms_;
  all.push_back(std::move(transform));
  *this = Pipeline(std::move(all));
}

std::string Pipeline::repr() const {
  std::string text;
  for (const Transform& transform : transforms_) text += (text.empty() ? "" : " -> ") + transform.repr();
  return text;
}

std::vector<Transform> merge_transforms(const std::vector<Transform>& first,
                                        const std::vector<Transform>& then) {
  std::vector<Transform> all;
  for (const auto* list : {&first, &then})
    for (const Transform& transform : *list) {
      if (!transform) continue;
      std::erase_if(all, [&](const Transform& other) { return other.is(transform); });
      all.push_back(transform);
    }
  return all;
}

}  // namespace fastcore
