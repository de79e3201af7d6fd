// SPDX-License-Identifier: MIT
#include "minitorch/nn/containers.h"

#include <algorithm>

namespace minitorch::nn {

static ModulePtr child_at(const Module& module, int64_t index) {
  const auto n = static_cast<int64_t>(module.children().size()), i = index < 0 ? index + n : index;
  if (i < 0 || i >= n)
    throw IndexError(format("[%s] module %lld of %lld", module.type_name().c_str(),
                            static_cast<long long>(index), static_cast<long long>(n)));
  return module.children()[static_cast<std::size_t>(i)].second;
}

SequentialModule::SequentialModule(const std::vector<ModulePtr>& modules) {
  for (auto& m : modules) append(m);
}
SequentialModule& SequentialModule::append(ModulePtr module) {
  add(std::to_string(size()), std::move(module));
  return *this;
}
ModulePtr SequentialModule::operator[](int64_t index) const { return child_at(*this, index); }

Handle<SequentialModule> SequentialModule::slice(int64_t begin, int64_t end) const {
  const auto place = [this](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + size() : i, 0, size()); };
  std::vector<ModulePtr> part;
  for (int64_t i = place(begin); i < place(end); ++i) part.push_back(child_at(*this, i));
  return Handle<SequentialModule>(std::make_shared<SequentialModule>(part));
}

Tensor SequentialModule::forward(const Tensor& x) {
  Tensor y = x;
  for (auto& [name, child] : children()) y = (*child)(y);
  return y;
}

ModuleListModule& ModuleListModule::append(ModulePtr module) {
  add(std::to_string(size()), std::move(module));
  return *this;
}
ModulePtr ModuleListModule::operator[](int64_t index) const { return child_at(*this, index); }

}  // namespace minitorch::nn
