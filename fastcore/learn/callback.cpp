// SPDX-License-Identifier: MIT
#include "fastcore/learn/callback.h"

#include <cxxabi.h>

#include <cstdlib>

#include "minitorch/nn/module.h"

namespace fastcore {

std::string Callback::name() const { return class_name(*this); }

std::string detail::readable_name(const char* type) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> readable(abi::__cxa_demangle(type, nullptr, nullptr, &status),
                                                  std::free);
  std::string name = status == 0 ? readable.get() : type;
  name = name.substr(0, name.find('<'));
  const auto at = name.rfind("::");
  return at == std::string::npos ? name : name.substr(at + 2);
}

Callbacks::Callbacks(const Callbacks&) = default;
Callbacks::Callbacks(Callbacks&&) noexcept = default;
Callbacks& Callbacks::operator=(const Callbacks&) = default;
Callbacks& Callbacks::operator=(Callbacks&&) noexcept = default;
Callbacks::~Callbacks() = default;
Callbacks::Callbacks(CallbackPtr callback) : list_{std::move(callback)} {}
Callbacks::Callbacks(std::initializer_list<Callbacks> several) {
  for (const Callbacks& one : several) append(one);
}
void Callbacks::append(const Callbacks& more) {
  list_.insert(list_.end(), more.list_.begin(), more.list_.end());
}

void reset_model(minitorch::nn::Module& model) {
  for (auto& [name, module] : model.named_modules())
    if (auto* resettable = dynamic_cast<Resettable*>(module)) resettable->reset();
}

}  // namespace fastcore
