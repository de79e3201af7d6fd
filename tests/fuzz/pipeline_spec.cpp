// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the bytes, the description of a pipeline is read or refused; what is read can be
// written and read again, and loaders made of it refuse only by the library's own errors.
#include "fastcore/data/pipeline_spec.h"

#include "minitorch/core/errors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  using namespace fastcore;
  try {
    const PipelineSpec spec = PipelineSpec::from_json({reinterpret_cast<const char*>(data), size});
    const std::string text = spec.to_json();
    if (PipelineSpec::from_json(text).to_json() != text) __builtin_trap();
    make_dataloaders(spec);
  } catch (const minitorch::Error&) {}
  return 0;
}
