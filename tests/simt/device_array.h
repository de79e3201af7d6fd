// SPDX-License-Identifier: MIT
// For the simulator's tests: an array on the device, and what a test hands from a .cu file to Catch2.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE {

template <class T>
class DeviceArray {
 public:
  /// Uninitialised.
  explicit DeviceArray(std::size_t n) : n_(n) { check(cudaMalloc(&data_, n * sizeof(T)), "DeviceArray"); }
  explicit DeviceArray(const std::vector<T>& host) : DeviceArray(host.size()) {
    check(cudaMemcpy(data_, host.data(), n_ * sizeof(T), cudaMemcpyHostToDevice), "DeviceArray");
  }
  DeviceArray(std::size_t n, T value) : DeviceArray(std::vector<T>(n, value)) {}
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { cudaFree(data_); }

  T* data() const { return static_cast<T*>(data_); }
  operator T*() const { return data(); }
  std::vector<T> host() const {
    std::vector<T> values(n_);
    check(cudaMemcpy(values.data(), data_, n_ * sizeof(T), cudaMemcpyDeviceToHost), "host");
    return values;
  }

 private:
  std::size_t n_;
  void* data_ = nullptr;
};

/// Launches the kernel and waits for it.
template <class... P, class... A>
void run(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t shared_bytes,
         A... arguments) requires(sizeof...(P) == sizeof...(A)) {
  check(launch(kernel, grid, block, shared_bytes, nullptr, arguments...), "run");
  check(cudaDeviceSynchronize(), "run");
}
template <class... P, class... A>
void run(void (*kernel)(P...), dim3 grid, dim3 block, A... arguments) requires(sizeof...(P) == sizeof...(A)) {
  run(kernel, grid, block, std::size_t{0}, arguments...);
}

/// A kernel that must give the right result: `run` returns what is wrong, or nothing.
struct CorrectCase {
  const char* name;
  std::string (*run)();
};
std::vector<CorrectCase> correct_basics();
std::vector<CorrectCase> correct_warps();
std::vector<CorrectCase> correct_tensor_cores();
std::vector<CorrectCase> correct_half();
std::vector<CorrectCase> correct_groups();
std::vector<CorrectCase> correct_intrinsics();
/// By lane of one warp: even lanes in one branch, every fourth in another, the rest in none.
std::vector<int> sizes_of_coalesced_groups();

/// What is wrong, on 256 numbers each; returns what the launch, or the call, returned.
using Bug = cudaError_t (*)(DeviceArray<float>& in, DeviceArray<float>& out);
std::map<std::string, Bug> refused_calls();
std::map<std::string, Bug> memory_bugs();
std::map<std::string, Bug> access_bugs();

/// Runs the broken kernel, or the call that is refused, of that name.
cudaError_t run_bug(const std::string& name);
std::vector<float> last_bug_output();

/// "at 3: expected 6, got 5", or nothing.
template <class T, class U>
std::string first_difference(const std::vector<T>& expected, const std::vector<U>& got,
                             double tolerance = 0) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double want = static_cast<double>(expected[i]), have = static_cast<double>(got[i]);
    if (want != have && !(want - have <= tolerance && have - want <= tolerance))
      return "at " + std::to_string(i) + ": expected " + std::to_string(want) + ", got " +
             std::to_string(have);
  }
  return "";
}

}  // namespace minitorch::MT_DEVICE
