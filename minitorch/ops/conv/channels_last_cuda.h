// SPDX-License-Identifier: MIT
// Tensors in the order that tensor cores are fed in: channels last, so that 16 bytes hold neighbouring
// channels of one pixel. The channels of each group are padded with zeros to a multiple of 16 bytes. For .cu
// files only.
#pragma once
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/core/scratch_cuda.h"
#include "minitorch/simt/cuda.h"

namespace minitorch::MT_DEVICE::conv {

template <class T>
MT_HD constexpr int padded(int channels) {
  constexpr int kVector = 16 / sizeof(T);
  return (channels + kVector - 1) / kVector * kVector;
}

/// to[group][n][pixel][channel] = from[n][group, channel][pixel]. A block turns a tile of 32 channels x 32
/// pixels in shared memory, so that both sides are read and written along memory: 2 sizeof(T) bytes an
/// element, memory-bound.
template <class T>
__global__ void put_channels_last(const T* from, T* to, int images, int groups, int channels, int pixels) {
  __shared__ T tile[32][33];  // a column lies in 32 different banks
  const int all = padded<T>(channels), tiles = (pixels + 31) / 32,
            image = static_cast<int>(blockIdx.x) / tiles, p0 = static_cast<int>(blockIdx.x) % tiles * 32,
            c0 = static_cast<int>(blockIdx.y) * 32, group = static_cast<int>(blockIdx.z);
  for (int r = static_cast<int>(threadIdx.y); r < 32; r += 8) {
    const int c = c0 + r, p = p0 + static_cast<int>(threadIdx.x);
    const bool inside = c < channels && p < pixels;
    tile[r][threadIdx.x] =
        inside ? from[(static_cast<int64_t>(image * groups + group) * channels + c) * pixels + p] : T{};
  }
  __syncthreads();
  for (int r = static_cast<int>(threadIdx.y); r < 32; r += 8) {
    const int p = p0 + r, c = c0 + static_cast<int>(threadIdx.x);
    if (p < pixels && c < all)
      to[(static_cast<int64_t>(group * images + image) * pixels + p) * all + c] = tile[threadIdx.x][r];
  }
}

/// Pictures (n, groups * channels, pixels), channels last, in memory of its own.
template <class T>
struct ChannelsLast {
  ChannelsLast(const T* from, int images, int groups, int channels, int pixels)
      : memory(int64_t{groups} * images * pixels * padded<T>(channels)) {
    const dim3 grid(static_cast<unsigned>((pixels + 31) / 32 * images),
                    static_cast<unsigned>((padded<T>(channels) + 31) / 32), static_cast<unsigned>(groups));
    check(launch(put_channels_last<T>, grid, dim3(32, 8), 0, current_stream(), from, memory.data(), images,
                 groups, channels, pixels),
          "conv2d");
  }
  const T* data() const { return memory.data(); }
  DeviceScratch<T> memory;
};

/// Weights (groups * outs, ins, taps) in the order [group][row][tap][depth, padded]: rows are the outs and
/// the depth the ins, or the other way round. A thread owns an element: 2 sizeof(T) bytes, read `taps` apart.
/// The weights are few.
template <class T>
__global__ void arrange_weights(const T* from, T* to, int groups, int rows, int deep, int taps, int row_step,
                                int depth_step) {
  const int all = padded<T>(deep);
  const int64_t count = static_cast<int64_t>(groups) * rows * taps * all,
                group_step = static_cast<int64_t>(rows) * deep * taps;
  for (int64_t at = first_item(); at < count; at += item_step()) {
    const int d = static_cast<int>(at % all), tap = static_cast<int>(at / all % taps),
              row = static_cast<int>(at / all / taps % rows);
    const int64_t group = at / all / taps / rows;
    to[at] = d < deep ? from[group * group_step + static_cast<int64_t>(row) * row_step +
                             static_cast<int64_t>(d) * depth_step + tap]
                      : T{};
  }
}

template <class T>
struct ArrangedWeights {
  ArrangedWeights(const T* w, int groups, int outs, int ins, int taps, bool rows_are_outs)
      : rows(rows_are_outs ? outs : ins),
        deep(padded<T>(rows_are_outs ? ins : outs) * taps),
        memory(int64_t{groups} * rows * deep) {
    check(launch(arrange_weights<T>, blocks_for(int64_t{groups} * rows * deep), kElementwiseBlock, 0,
                 current_stream(), w, memory.data(), groups, rows, rows_are_outs ? ins : outs, taps,
                 rows_are_outs ? ins * taps : taps, rows_are_outs ? taps : ins * taps),
          "conv2d");
  }
  const T* data() const { return memory.data(); }
  int rows, deep;
  DeviceScratch<T> memory;
};

/// dw (groups * outs, ins, taps) from [group][out][tap][in, padded]. A thread owns an element: 2 sizeof(T)
/// bytes. The weights are few.
template <class T>
__global__ void restore_weights(const T* from, T* to, int64_t outs, int ins, int taps) {
  const int all = padded<T>(ins);
  for (int64_t at = first_item(); at < outs * ins * taps; at += item_step()) {
    const int tap = static_cast<int>(at % taps), in = static_cast<int>(at / taps % ins);
    to[at] = from[(at / taps / ins * taps + tap) * all + in];
  }
}

}  // namespace minitorch::MT_DEVICE::conv
