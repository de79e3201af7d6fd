// SPDX-License-Identifier: MIT
// More kernels with one bug each: stray accesses to shared memory, copies in the background, fences, numbers
// of one byte, and what tensor cores ask of an address. A comment at the end of a line is its name in
// memory_bugs_test.cpp.
#include <map>

#include "minitorch/simt/async_copy.h"
#include "minitorch/simt/mma.h"
#include "minitorch/simt/wmma.h"
#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

// --- through a pointer the compiler knows no size ---

__device__ void fill(float* p, int from, int to) {
  for (int i = from + static_cast<int>(threadIdx.x); i < to; i += 32) p[i] = 1;  // fill
}
__global__ void shared_too_long(float* out) {
  __shared__ float first[32];
  __shared__ float second[32];
  fill(second, 0, 32);
  fill(first, 0, 33);
  __syncthreads();
  out[threadIdx.x] = first[threadIdx.x] + second[31 - threadIdx.x];
}
__global__ void shared_too_early(float* out) {
  __shared__ float first[32];
  __shared__ float second[32];
  fill(first, 0, 32);
  fill(second, -1, 31);
  __syncthreads();
  out[threadIdx.x] = first[threadIdx.x] + second[31 - threadIdx.x];
}
__global__ void shared_across_the_end(float* out) {
  __shared__ __align__(16) float tile[34];
  for (int i = threadIdx.x; i < 34; i += 32) tile[i] = 1;
  __syncthreads();
  const float* p = tile + 32 * (threadIdx.x / 31);
  out[threadIdx.x] = reinterpret_cast<const float4*>(p)->w;  // shared_across_the_end
}
__global__ void dynamic_too_early(float* out, int n) {
  float* tile = dynamic_shared<float>();
  tile[static_cast<int>(threadIdx.x) - n] = 1;  // dynamic_too_early
  *out = tile[0];
}
__global__ void keep_address(float** out) {
  __shared__ float kept[32];
  fill(kept, 0, 32);
  if (threadIdx.x == 0) *out = kept;
}
__global__ void through_pointer(float* const* p) {
  (*p)[threadIdx.x] = 1;  // through_pointer
}
__global__ void to_state(float* state, float* out) {
  __shared__ float tile[32];
  fill(tile, 0, 32);
  state[0] = 1;  // to_state
  out[threadIdx.x] = tile[0];
}

// --- copies in the background ---

// The loop of a product with two buffers. Copies are begun before the barrier that frees the buffer.
__global__ void copies_too_early(const float* in, float* out) {
  __shared__ float tile[2][64];
  async_copy<4>(&tile[0][threadIdx.x], &in[threadIdx.x]);
  async_commit();
  float sum = 0;
  for (int k = 0; k < 4; ++k) {
    const float* next = &in[(k + 1) * 64 + threadIdx.x];
    if (k < 3) async_copy<4>(&tile[(k + 1) % 2][threadIdx.x], next);  // copies_too_early copy
    async_commit();
    async_wait<1>();
    __syncthreads();
    for (int i = 0; i < 64; ++i) sum += tile[k % 2][i];  // copies_too_early read
  }
  out[threadIdx.x] = sum;
}
__global__ void own_copy_too_early(const float* in, float* out) {
  __shared__ float tile[64];
  async_copy<4>(&tile[threadIdx.x], &in[threadIdx.x]);  // own_copy_too_early copy
  async_commit();
  tile[threadIdx.x] += 1;  // own_copy_too_early change
  async_wait<0>();
  out[threadIdx.x] = tile[threadIdx.x];
}
__global__ void copy_without_barrier(const float* in, float* out) {
  __shared__ float tile[64];
  async_copy<4>(&tile[threadIdx.x], &in[threadIdx.x]);  // copy_without_barrier copy
  async_commit();
  async_wait<0>();
  out[threadIdx.x] = tile[63 - threadIdx.x];  // copy_without_barrier read
}
__global__ void copy_from_outside(const float* in, float* out) {
  __shared__ float tile[64];
  async_copy<4>(&tile[threadIdx.x], &in[193 + threadIdx.x]);  // copy_from_outside
  async_commit();
  async_wait<0>();
  out[threadIdx.x] = tile[threadIdx.x];
}
__global__ void copy_from_odd_address(const float* in, float* out) {
  __shared__ __align__(16) float tile[64];
  async_copy<16>(&tile[0], &in[1]);  // copy_from_odd_address
  async_commit();
  async_wait<0>();
  out[threadIdx.x] = tile[threadIdx.x % 4];
}

// --- a fence orders what is before it, for those who then see the atomic ---

__global__ void written_after_the_fence(float* parts, unsigned* finished) {
  parts[blockIdx.x] = 1;
  __threadfence();
  parts[100] = blockIdx.x;  // written_after_the_fence
  atomicAdd(finished, 1u);
}
__global__ void read_without_atomic(float* parts, unsigned* finished) {
  if (blockIdx.x == 0) {
    parts[0] = 1;  // read_without_atomic write
    __threadfence();
    atomicAdd(finished, 1u);
  } else {
    parts[1] = parts[0];  // read_without_atomic read
  }
}
__global__ void fence_of_another_thread(float* parts, unsigned* finished) {
  __shared__ bool is_last;
  parts[blockIdx.x * 64 + threadIdx.x] = 1;  // fence_of_another_thread write
  if (threadIdx.x == 0) {                    // before the others of the block have written
    __threadfence();
    is_last = atomicAdd(finished, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (is_last) parts[128 + threadIdx.x] = parts[threadIdx.x];  // fence_of_another_thread read
}

// --- numbers of one byte: four threads have a word together ---

__global__ void bytes_not_ready(float* out) {
  __shared__ unsigned char tile[64];
  tile[threadIdx.x] = 1;                    // bytes_not_ready write
  if (threadIdx.x == 40) out[0] = tile[0];  // bytes_not_ready read
}
__global__ void bytes_read_meanwhile(float* out) {
  __shared__ unsigned char tile[64];
  tile[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x];  // bytes_read_meanwhile read
  if (threadIdx.x == 40) tile[0] = 2;    // bytes_read_meanwhile write
}

// --- tensor cores ---

__global__ void odd_rows(float* out) {
  __shared__ __align__(16) uint16_t tile[16][20];  // 40 bytes a row
  for (int i = threadIdx.x; i < 16 * 20; i += 32) tile[i / 20][i % 20] = 0;
  __syncwarp();
  uint32_t r[4];
  load_matrices<false>(r, &tile[threadIdx.x % 16][0]);  // odd_rows
  out[threadIdx.x] = static_cast<float>(r[0]);
}
__global__ void odd_matrix(const half* a, float* out, int first, unsigned stride) {
  using namespace nvcuda::wmma;
  fragment<matrix_a, 16, 16, 16, half, row_major> f;
  load_matrix_sync(f, a + first, stride);  // odd_matrix
  out[threadIdx.x] = __half2float(f.x[0]);
}

__global__ void half_a_warp(float* out) {
  using namespace nvcuda::wmma;
  fragment<matrix_a, 16, 16, 16, half, row_major> a;
  fragment<matrix_b, 16, 16, 16, half, row_major> b;
  fragment<accumulator, 16, 16, 16, float> c;
  fill_fragment(a, half(1.0f));
  fill_fragment(b, half(1.0f));
  fill_fragment(c, 0.0f);
  mma_sync(c, a, b, c);  // half_a_warp
  out[threadIdx.x] = c.x[0];
}
// What __syncwarp() is for: load_matrix_sync() does not order memory.
__global__ void matrix_too_soon(float* out) {
  using namespace nvcuda::wmma;
  __shared__ __align__(32) half tile[256];
  for (int i = threadIdx.x; i < 256; i += 32) tile[i] = half(1.0f);  // matrix_too_soon write
  fragment<matrix_a, 16, 16, 16, half, row_major> f;
  load_matrix_sync(f, tile, 16);  // matrix_too_soon read
  out[threadIdx.x] = __half2float(f.x[0]);
}
__global__ void block_fence_for_others(float* out) {
  int* flag = reinterpret_cast<int*>(out + 32);
  if (blockIdx.x == 0 && threadIdx.x == 0) {
    out[0] = 7;  // block_fence_for_others write
    __threadfence_block();
    atomicAdd(flag, 1);
  }
  if (blockIdx.x == 1 && threadIdx.x == 0) {
    atomicAdd(flag, 1);
    __threadfence_block();
    out[1] = out[0];  // block_fence_for_others read
  }
}

template <class... P, class... A>
cudaError_t run_kernel(void (*kernel)(P...), dim3 grid, dim3 block, std::size_t shared_bytes,
                       A... arguments) {
  const cudaError_t error = launch(kernel, grid, block, shared_bytes, nullptr, arguments...);
  return error ? error : cudaDeviceSynchronize();
}
using Fenced = void (*)(float*, unsigned*);
template <Fenced kKernel, int kThreads>
cudaError_t run_fenced(DeviceArray<float>&, DeviceArray<float>& out) {
  const DeviceArray<unsigned> finished(1, 0u);
  return run_kernel(kKernel, 2, kThreads, 0, out.data(), finished.data());
}
using Copying = void (*)(const float*, float*);
template <Copying kKernel>
cudaError_t run_copying(DeviceArray<float>& in, DeviceArray<float>& out) {
  return run_kernel(kKernel, 1, 64, 0, in.data(), out.data());
}
template <void (*kKernel)(float*), int kThreads>
cudaError_t run_alone(DeviceArray<float>&, DeviceArray<float>& out) {
  return run_kernel(kKernel, 1, kThreads, 0, out.data());
}
template <int kFirst, unsigned kStride>
cudaError_t run_odd_matrix(DeviceArray<float>&, DeviceArray<float>& out) {
  const DeviceArray<half> a(1024, half(1.0f));
  return run_kernel(odd_matrix, 1, 32, 0, a.data(), out.data(), kFirst, kStride);
}

}  // namespace

std::map<std::string, Bug> memory_bugs() {
  return {
      {"shared_too_long", run_alone<shared_too_long, 32>},
      {"shared_too_early", run_alone<shared_too_early, 32>},
      {"shared_across_the_end", run_alone<shared_across_the_end, 32>},
      {"dynamic_too_early",
       [](auto&, auto& out) { return run_kernel(dynamic_too_early, 1, 32, 256, out.data(), 100000); }},
      {"through_pointer",
       [](auto&, auto&) {
         const DeviceArray<float*> address(1);
         run_kernel(keep_address, 1, 32, 0, address.data());
         return run_kernel(through_pointer, 1, 32, 0, address.data());
       }},
      {"to_state",
       [](auto&, auto& out) {
         return run_kernel(to_state, 1, 32, 0, reinterpret_cast<float*>(&blockDim), out.data());
       }},
      {"copies_too_early", run_copying<copies_too_early>},
      {"own_copy_too_early", run_copying<own_copy_too_early>},
      {"copy_without_barrier", run_copying<copy_without_barrier>},
      {"copy_from_outside", run_copying<copy_from_outside>},
      {"copy_from_odd_address", run_copying<copy_from_odd_address>},
      {"written_after_the_fence", run_fenced<written_after_the_fence, 1>},
      {"read_without_atomic", run_fenced<read_without_atomic, 1>},
      {"fence_of_another_thread", run_fenced<fence_of_another_thread, 64>},
      {"bytes_not_ready", run_alone<bytes_not_ready, 64>},
      {"bytes_read_meanwhile", run_alone<bytes_read_meanwhile, 64>},
      {"odd_rows", run_alone<odd_rows, 32>},
      {"odd_address", run_odd_matrix<8, 16>},
      {"odd_stride", run_odd_matrix<0, 20>},
      {"half_a_warp", run_alone<half_a_warp, 16>},
      {"matrix_too_soon", run_alone<matrix_too_soon, 32>},
      {"block_fence_for_others",
       [](auto&, auto& out) { return run_kernel(block_fence_for_others, 2, 32, 0, out.data()); }},
  };
}

}  // namespace minitorch::MT_DEVICE
