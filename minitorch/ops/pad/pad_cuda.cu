// SPDX-License-Identifier: MIT
#include "minitorch/core/elementwise_cuda.h"
#include "minitorch/ops/pad/pad_kernels.h"
#include "minitorch/tensor/convert.h"

namespace minitorch::MT_DEVICE {
namespace {

// y[i, j, ...] = x[source(i), source(j), ...] or value. One thread an element of y, whose index it takes
// apart from the last axis on (a division an axis); a warp writes neighbours, and reads neighbours away from
// the borders. x is read and y written once, 8 bytes of floats: memory-bound from about 4 axes down.
template <class T>
__global__ void pad_items(const T* x, T* y, AnyView like_x, AnyView like_y, PadPlan plan, T value) {
  const int64_t total = like_y.numel();
  for (int64_t i = first_item(); i < total; i += item_step()) {
    int64_t rest = i, from = 0, step = 1;
    bool inside = true;
    for (int d = like_y.dims - 1; d >= 0; --d) {
      const int64_t at = pad_source(plan.mode, plan.axes[d], rest % like_y.size[d]);
      rest /= like_y.size[d];
      inside = inside && at >= 0;
      from += at * step;
      step *= like_x.size[d];
    }
    y[i] = inside ? x[from] : value;
  }
}

}  // namespace

void pad(AnyView x, AnyView y, PadPlan plan, double value) {
  if (y.numel() == 0) return;
  with_type(x.dtype, [&]<class T>(T) {
    check(launch(pad_items<T>, blocks_for(y.numel()), kElementwiseBlock, 0, current_stream(),
                 static_cast<const T*>(x.data), static_cast<T*>(y.data), x, y, plan, convert<T>(value)),
          "pad");
  });
}

}  // namespace minitorch::MT_DEVICE
