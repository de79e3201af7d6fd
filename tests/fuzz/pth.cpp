// SPDX-License-Identifier: MIT
// .pth files of the three generations, which their first bytes tell apart.
#include "minitorch/io/pth.h"

#include "tests/fuzz/reading.h"

namespace {

// Every tensor, wherever it lies. An object that is used in many places is visited in each, so visits are
// counted.
void collect(const minitorch::io::Object& object, minitorch::io::RawTensors& tensors, int& visits) {
  using minitorch::io::Object;
  if (--visits < 0) return;
  if (auto tensor = object.get_if<minitorch::io::RawTensor>()) tensors.emplace_back("", *tensor);
  if (auto list = object.get_if<Object::List>())
    for (const Object& item : *list) collect(item, tensors, visits);
  if (auto dict = object.get_if<Object::Dict>())
    for (const auto& item : *dict) collect(item.second, tensors, visits);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](const minitorch::io::SourcePtr& source) {
    minitorch::io::RawTensors tensors;
    int visits = 10000;
    const minitorch::io::Object object = read_pth(source);
    collect(object, tensors, visits);
    fuzz::read_elements(tensors);
    state_tensors("input", object);
  });
}
