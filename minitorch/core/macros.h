// SPDX-License-Identifier: MIT
// The library's few macros. Light enough for kernel files.
#pragma once

#if defined(__CUDACC__)
#define MT_HD __host__ __device__ __forceinline__
#else
/// Host-and-device: the function runs in a CUDA thread, in the simulator and on the CPU alike.
#define MT_HD inline __attribute__((always_inline))
#endif

/// Declares the same kernel functions once for every kind of device: cpu::f, sim::f and cuda::f.
#define MT_EVERY_DEVICE(...) \
  namespace cpu {            \
  __VA_ARGS__                \
  }                          \
  namespace sim {            \
  __VA_ARGS__                \
  }                          \
  namespace cuda {           \
  __VA_ARGS__                \
  }

/// The namespace a .cu file defines its kernels in: `cuda` under nvcc, `sim` under the host compiler.
#if defined(__CUDACC__)
#define MT_DEVICE cuda
#elif !defined(MT_DEVICE)
#define MT_DEVICE sim
#endif
