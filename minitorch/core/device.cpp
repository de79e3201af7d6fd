// SPDX-License-Identifier: MIT
#include "minitorch/core/device.h"

#include "minitorch/core/dispatch.h"
#include "minitorch/core/errors.h"
#include "minitorch/core/memory.h"

namespace minitorch {

static int cuda_count() {
#if defined(MT_WITH_CUDA)
  static const int count = cuda::device_count();
  return count;
#else
  return 0;
#endif
}

Device Device::parse(const std::string& text) {
  if (text == "cpu") return cpu();
  if (text == "sim") return sim();
  if (text == "cuda") return cuda();
  if (text.size() == 6 && text.rfind("cuda:", 0) == 0 && text[5] >= '0' && text[5] <= '9')
    return cuda(text[5] - '0');
  throw ValueError("device '" + text + "': expected cpu, sim, cuda or cuda:0 to cuda:9");
}

std::string to_string(Device device) {
  switch (device.type) {
    case Device::kCpu: return "cpu";
    case Device::kSim: return "sim";
    case Device::kCuda: return "cuda:" + std::to_string(device.index);
  }
  return "?";
}

std::vector<Device> available_devices() {
  std::vector<Device> devices = {Device::cpu(), Device::sim()};
  for (int i = 0; i < cuda_count(); ++i) devices.push_back(Device::cuda(i));
  return devices;
}

bool is_available(Device device) { return device.type != Device::kCuda || device.index < cuda_count(); }

void synchronize(Device device) { MT_ON_DEVICE(device, synchronize); }

void throw_no_cuda(const char* op) {
  throw DeviceError(
      format("[%s] this build has no CUDA kernels", op),
      "--device sim runs them on the CPU; where there is a GPU, ./course doctor says what is missing");
}

}  // namespace minitorch
