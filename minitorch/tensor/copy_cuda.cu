// SPDX-License-Identifier: MIT
// Copies with any strides and between types, fills and sequences. The kernels, which element a thread owns
// and what that costs: core/elementwise_cuda.h. An element is read once and written once, for a conversion at
// most. Where neighbours of one side are far apart on the other, as in a transposition, a warp's 32
// elements come from 32 sectors of 32 bytes, and the copy takes up to eight times as long.
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/tensor/convert.h"
#include "minitorch/tensor/copy_kernels.h"

namespace minitorch::MT_DEVICE {
namespace {

template <class From, class To>
struct Convert {
  __device__ To operator()(From x) const { return convert<To>(x); }
};
template <class T>
struct Constant {
  T value;
  __device__ T operator()() const { return value; }
};

// to[i] = start + i step. One thread an element; 8 or fewer bytes written each, for two operations.
template <class T>
__global__ void sequence(T* to, int64_t n, int64_t stride, double start, double step) {
  for (int64_t i = first_item(); i < n; i += item_step())
    to[i * stride] = convert<T>(start + static_cast<double>(i) * step);
}

}  // namespace

void copy_strided(AnyView from, AnyView to) {
  with_type(from.dtype, [&]<class From>(From) {
    with_type(to.dtype, [&]<class To>(To) { map<From, To>("copy", from, to, Convert<From, To>{}); });
  });
}

void fill_strided(AnyView to, double value) {
  with_type(to.dtype, [&]<class T>(T) { map<T>("fill", to, Constant<T>{convert<T>(value)}); });
}

void fill_sequence(AnyView to, double start, double step) {
  with_type(to.dtype, [&]<class T>(T) {
    check(launch(sequence<T>, blocks_for(to.size[0]), kElementwiseBlock, 0, current_stream(),
                 static_cast<T*>(to.data), to.size[0], to.stride[0], start, step),
          "arange");
  });
}

}  // namespace minitorch::MT_DEVICE
