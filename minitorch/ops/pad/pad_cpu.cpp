// SPDX-License-Identifier: MIT
#include <cstring>

#include "minitorch/core/elementwise_cpu.h"
#include "minitorch/ops/pad/pad_kernels.h"
#include "minitorch/tensor/convert.h"

namespace minitorch::cpu {
namespace {

// The row of x that row `index` of y shows (its flat number among the rows), or -1.
int64_t source_row(const AnyView& x, const AnyView& y, const PadPlan& plan, int64_t index) {
  int64_t row = 0, step = 1;
  for (int d = y.dims - 2; d >= 0; --d) {
    const int64_t at = pad_source(plan.mode, plan.axes[d], index % y.size[d]);
    if (at < 0) return -1;
    row += at * step;
    step *= x.size[d];
    index /= y.size[d];
  }
  return row;
}

// A row: the part of y that shows x as it is, which is one copy, and the borders beside it, item by item.
template <class T>
void pad_typed(const AnyView& x, const AnyView& y, const PadPlan& plan, T value) {
  const int64_t width = y.size[y.dims - 1], n = x.size[x.dims - 1];
  const PadAxis last = plan.axes[y.dims - 1];
  const int64_t begin = std::clamp<int64_t>(last.before, 0, width),
                end = std::clamp<int64_t>(last.before + n, begin, width);
  auto* from = static_cast<const T*>(x.data);
  auto* to = static_cast<T*>(y.data);
  parallel_for(width ? y.numel() / width : 0, 1 + kGrain / (width + 16), [&](int64_t first, int64_t past) {
    for (int64_t r = first; r < past; ++r) {
      T* out = to + r * width;
      const int64_t row = source_row(x, y, plan, r);
      if (row < 0) {
        std::fill_n(out, width, value);
        continue;
      }
      const T* in = from + row * n;
      const auto item = [&](int64_t i) {
        const int64_t at = pad_source(plan.mode, last, i);
        return at < 0 ? value : in[at];
      };
      for (int64_t i = 0; i < begin; ++i) out[i] = item(i);
      if (end > begin) std::memcpy(out + begin, in + begin - last.before, (end - begin) * sizeof(T));
      for (int64_t i = end; i < width; ++i) out[i] = item(i);
    }
  });
}

}  // namespace

void pad(AnyView x, AnyView y, PadPlan plan, double value) {
  with_type(x.dtype, [&]<class T>(T) { pad_typed<T>(x, y, plan, convert<T>(value)); });
}

}  // namespace minitorch::cpu
