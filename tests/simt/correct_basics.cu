// SPDX-License-Identifier: MIT
// Correct kernels: barriers, shared memory, atomics, vector loads. They must give the right result in any
// order of threads and blocks, without a report. Sizes are ragged on purpose.
#include <map>

#include "tests/simt/device_array.h"

namespace minitorch::MT_DEVICE {
namespace {

template <class T>
std::vector<T> some_numbers(std::size_t n, int modulus = 17) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<T>(static_cast<int>(i * 7 + 3) % modulus);
  return values;
}

// --- y = a + b, four numbers a thread, a grid that loops ---

__global__ void add_vectors(const float* a, const float* b, float* y, int n) {
  const int step = gridDim.x * blockDim.x * 4;
  for (int i = (blockIdx.x * blockDim.x + threadIdx.x) * 4; i < n; i += step) {
    if (i + 4 <= n) {
      const float4 u = __ldg(reinterpret_cast<const float4*>(a + i)),
                   v = *reinterpret_cast<const float4*>(b + i);
      *reinterpret_cast<float4*>(y + i) = make_float4(u.x + v.x, u.y + v.y, u.z + v.z, u.w + v.w);
    } else {
      for (int k = i; k < n; ++k) y[k] = a[k] + b[k];
    }
  }
}
std::string check_add_vectors() {
  const int n = 1003;
  const auto a = some_numbers<float>(n), b = some_numbers<float>(n, 5);
  const DeviceArray<float> da(a), db(b), dy(n);
  run(add_vectors, 3, 64, 0, da.data(), db.data(), dy.data(), n);
  std::vector<float> expected(n);
  for (int i = 0; i < n; ++i) expected[i] = a[i] + b[i];
  return first_difference(expected, dy.host());
}

// --- y = transpose of x through a shared tile ---

__global__ void transpose(const float* x, float* y, int rows, int columns) {
  __shared__ float tile[16][17];
  int r = blockIdx.y * 16 + threadIdx.y, c = blockIdx.x * 16 + threadIdx.x;
  if (r < rows && c < columns) tile[threadIdx.y][threadIdx.x] = x[r * columns + c];
  __syncthreads();
  r = blockIdx.x * 16 + threadIdx.y;
  c = blockIdx.y * 16 + threadIdx.x;
  if (r < columns && c < rows) y[r * rows + c] = tile[threadIdx.x][threadIdx.y];
}
std::string check_transpose() {
  const int rows = 37, columns = 21;
  const auto x = some_numbers<float>(rows * columns, 101);
  const DeviceArray<float> dx(x), dy(x.size());
  run(transpose, dim3(2, 3), dim3(16, 16), 0, dx.data(), dy.data(), rows, columns);
  std::vector<float> expected(x.size());
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) expected[c * rows + r] = x[r * columns + c];
  return first_difference(expected, dy.host());
}

// --- c = a b, shared tiles ---

template <int kTile>
__global__ void matmul_tiled(const float* a, const float* b, float* c, int m, int n, int k) {
  __shared__ float ta[kTile][kTile], tb[kTile][kTile];
  const int row = blockIdx.y * kTile + threadIdx.y, column = blockIdx.x * kTile + threadIdx.x;
  float sum = 0;
  for (int k0 = 0; k0 < k; k0 += kTile) {
    const int ka = k0 + threadIdx.x, kb = k0 + threadIdx.y;
    ta[threadIdx.y][threadIdx.x] = row < m && ka < k ? a[row * k + ka] : 0.0f;
    tb[threadIdx.y][threadIdx.x] = column < n && kb < k ? b[kb * n + column] : 0.0f;
    __syncthreads();
    for (int i = 0; i < kTile; ++i) sum += ta[threadIdx.y][i] * tb[i][threadIdx.x];
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}
std::string check_matmul() {
  const int m = 19, n = 23, k = 29;
  const auto a = some_numbers<float>(m * k, 7), b = some_numbers<float>(k * n, 5);
  const DeviceArray<float> da(a), db(b), dc(m * n);
  run(matmul_tiled<8>, dim3(3, 3), dim3(8, 8), 0, da.data(), db.data(), dc.data(), m, n, k);
  std::vector<float> expected(m * n);
  for (int r = 0; r < m; ++r)
    for (int c = 0; c < n; ++c)
      for (int i = 0; i < k; ++i) expected[r * n + c] += a[r * k + i] * b[i * n + c];
  return first_difference(expected, dc.host());
}

// --- counts of each value: shared bins per block, then atomics on the result ---

__global__ void histogram(const int* x, unsigned* counts, int n) {
  __shared__ unsigned bins[32];
  if (threadIdx.x < 32) bins[threadIdx.x] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(&bins[x[i]], 1u);
  __syncthreads();
  if (threadIdx.x < 32) atomicAdd(&counts[threadIdx.x], bins[threadIdx.x]);
}
std::string check_histogram() {
  const int n = 2001;
  const auto x = some_numbers<int>(n, 32);
  const DeviceArray<int> dx(x);
  const DeviceArray<unsigned> counts(32, 0u);
  run(histogram, 3, 96, 0, dx.data(), counts.data(), n);
  std::vector<unsigned> expected(32);
  for (int v : x) ++expected[v];
  return first_difference(expected, counts.host());
}

// --- inclusive prefix sums of a block in dynamic shared memory, two buffers ---

__global__ void scan(const float* x, float* y, int n) {
  float* buffers = dynamic_shared<float>();
  int from = 0;
  const int i = threadIdx.x;
  buffers[i] = i < n ? x[i] : 0.0f;
  __syncthreads();
  for (int step = 1; step < static_cast<int>(blockDim.x); step *= 2) {
    const float* a = buffers + from * blockDim.x;
    float* b = buffers + (1 - from) * blockDim.x;
    b[i] = a[i] + (i >= step ? a[i - step] : 0.0f);
    from = 1 - from;
    __syncthreads();
  }
  if (i < n) y[i] = buffers[from * blockDim.x + i];
}
std::string check_scan() {
  const int n = 333;
  const auto x = some_numbers<float>(n);
  const DeviceArray<float> dx(x), dy(n);
  run(scan, 1, 352, 2 * 352 * sizeof(float), dx.data(), dy.data(), n);
  std::vector<float> expected(n);
  float sum = 0;
  for (int i = 0; i < n; ++i) expected[i] = sum += x[i];
  return first_difference(expected, dy.host());
}

// --- every atomic, every type that CUDA has it for ---

template <class T>
__global__ void atomics(T* cells) {
  const T v = static_cast<T>(threadIdx.x % 40 + 1);
  atomicAdd(&cells[0], v);
  if constexpr (!std::is_same_v<T, double>) {
    if (threadIdx.x == 0 && blockIdx.x == 0) atomicExch(&cells[4], static_cast<T>(7));
  }
  if constexpr (std::is_integral_v<T>) {
    atomicMax(&cells[2], v);
    atomicMin(&cells[3], v);
    atomicCAS(&cells[5], static_cast<T>(100), v);  // nobody holds 100: stays
    atomicOr(&cells[6], static_cast<T>(1) << (threadIdx.x % 16));
    atomicAnd(&cells[7], static_cast<T>(0xf0));
    atomicXor(&cells[8], static_cast<T>(5));  // an even number of times
  }
  if constexpr (std::is_integral_v<T> && sizeof(T) == 4) atomicSub(&cells[1], v);
  if constexpr (std::is_same_v<T, unsigned>) {
    atomicInc(&cells[9], 9u);
    atomicDec(&cells[10], 9u);
  }
}
template <class T>
std::string check_atomics() {
  std::vector<T> expected = {0, 0, 0, 50, 0, 6, 0, 0xff, 0, 0, 0};
  const DeviceArray<T> cells(expected);
  run(atomics<T>, 3, 80, 0, cells.data());
  const T sum = 3 * 2 * 40 * 41 / 2;
  expected[0] = sum;
  if constexpr (!std::is_same_v<T, double>) expected[4] = 7;
  if constexpr (std::is_integral_v<T>)
    expected[2] = 40, expected[3] = 1, expected[6] = 0xffff, expected[7] = 0xf0;
  if constexpr (std::is_integral_v<T> && sizeof(T) == 4) expected[1] = static_cast<T>(-sum);
  return first_difference(expected, cells.host());
}

// --- threads of a block that wait for each other on atomics: legal since Volta ---

__global__ void spin_lock(int* lock, int* counter) {
  for (;;) {
    if (atomicCAS(lock, 0, 1) != 0) continue;
    atomicAdd(counter, 1);
    __threadfence();
    atomicExch(lock, 0);
    break;
  }
}
__global__ void spin_flag(int* flag, int* out) {
  if (threadIdx.x == 0) {
    while (atomicAdd(flag, 0) == 0) {}
    *out = 7;
  } else if (threadIdx.x == 40) {
    atomicExch(flag, 1);
  }
}
__global__ void spin_shared_flag(int* out) {
  __shared__ int flag, value;
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  if (threadIdx.x == 40) {
    value = 9;
    __threadfence_block();
    atomicExch(&flag, 1);
  } else if (threadIdx.x == 0) {
    while (atomicAdd(&flag, 0) == 0) {}
    __threadfence_block();
    out[blockIdx.x] = value;
  }
}
// Pairs of doubles want multiples of 8, not of 16.
struct Pair {
  double re, im;
};
__global__ void pairs_behind_a_double(double* out) {
  double* memory = dynamic_shared<double>();
  auto* pairs = reinterpret_cast<Pair*>(memory + 1);
  pairs[threadIdx.x] = Pair{1.0 * threadIdx.x, 2.0 * threadIdx.x};
  __syncthreads();
  const Pair other = pairs[31 - threadIdx.x];
  out[threadIdx.x] = other.re + other.im;
}
std::string check_pairs() {
  const DeviceArray<double> out(32);
  run(pairs_behind_a_double, 1, 32, 33 * 16, out.data());
  std::vector<double> expected(32);
  for (int i = 0; i < 32; ++i) expected[static_cast<std::size_t>(i)] = 3.0 * (31 - i);
  return first_difference(expected, out.host());
}
std::string check_spinning() {
  const DeviceArray<int> cells(6, 0);
  run(spin_lock, 8, 64, 0, cells.data(), cells.data() + 1);
  run(spin_flag, 1, 64, 0, cells.data() + 2, cells.data() + 3);
  run(spin_shared_flag, 2, 64, 0, cells.data() + 4);
  return first_difference(std::vector<int>{0, 512, 1, 7, 9, 9}, cells.host());
}

// --- barriers that count votes ---

__global__ void votes(int* out) {
  const int count = __syncthreads_count(threadIdx.x < 10);
  const int all = __syncthreads_and(threadIdx.x < 1000), none = __syncthreads_and(threadIdx.x != 3);
  const int any = __syncthreads_or(threadIdx.x == 3), nobody = __syncthreads_or(threadIdx.x > 1000);
  if (threadIdx.x == 5) out[0] = count, out[1] = all, out[2] = none, out[3] = any, out[4] = nobody;
}
std::string check_votes() {
  const DeviceArray<int> out(5);
  run(votes, 1, 70, 0, out.data());
  return first_difference(std::vector<int>{10, 1, 0, 1, 0}, out.host());
}

// --- constant memory and device variables ---

__constant__ float coefficients[3];
__device__ int kernel_calls;
__global__ void polynomial(const float* x, float* y, int n) {
  const int i = threadIdx.x;
  if (i < n) y[i] = coefficients[0] + x[i] * (coefficients[1] + x[i] * coefficients[2]);
  if (i == 0) atomicAdd(&kernel_calls, 1);
}
__global__ void plus_one_each(const float* x, float* y) { y[threadIdx.x] = x[threadIdx.x] + 1; }
std::string check_constants() {
  const float host[3] = {1, -2, 3};
  check(cudaMemcpyToSymbol(coefficients, host, sizeof host), "constants");
  const auto x = some_numbers<float>(50);
  const DeviceArray<float> dx(x), dy(50);
  int before = 0, after = 0;
  check(cudaMemcpyFromSymbol(&before, kernel_calls, sizeof before), "constants");
  run(polynomial, 1, 64, 0, dx.data(), dy.data(), 50);
  check(cudaMemcpyFromSymbol(&after, kernel_calls, sizeof after), "constants");
  if (after != before + 1) return "the device variable was not counted up";
  const DeviceArray<float> copied(3), plus_one(3);
  check(cudaMemcpyFromSymbol(copied.data(), coefficients, sizeof host, 0, cudaMemcpyDeviceToDevice),
        "constants");
  run(plus_one_each, 1, 3, copied.data(), plus_one.data());
  if (plus_one.host() != std::vector<float>{2, -1, 4}) return "a copy from a constant is wrong";
  std::vector<float> expected(50);
  for (int i = 0; i < 50; ++i) expected[i] = 1 - 2 * x[i] + 3 * x[i] * x[i];
  return first_difference(expected, dy.host());
}

// --- three-dimensional indices ---

__global__ void where_am_i(int* y) {
  const int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const int i = block * static_cast<int>(blockDim.x * blockDim.y * blockDim.z) + thread;
  y[i] = i;
}
std::string check_indices() {
  const DeviceArray<int> y(2 * 3 * 4 * 5 * 3 * 2);
  run(where_am_i, dim3(2, 3, 4), dim3(5, 3, 2), 0, y.data());
  std::vector<int> expected(720);
  for (int i = 0; i < 720; ++i) expected[i] = i;
  return first_difference(expected, y.host());
}

}  // namespace

std::vector<CorrectCase> correct_basics() {
  return {{"add_vectors", check_add_vectors},
          {"transpose", check_transpose},
          {"matmul_tiled", check_matmul},
          {"histogram", check_histogram},
          {"scan", check_scan},
          {"atomics of int", check_atomics<int>},
          {"atomics of unsigned", check_atomics<unsigned>},
          {"atomics of float", check_atomics<float>},
          {"atomics of double", check_atomics<double>},
          {"atomics of 64 bits", check_atomics<unsigned long long>},
          {"spinning", check_spinning},
          {"pairs", check_pairs},
          {"votes", check_votes},
          {"constants", check_constants},
          {"indices", check_indices}};
}

}  // namespace minitorch::MT_DEVICE
